"""The client takes typed views, and gives them to who asks with their class."""

import pytest
from pydantic import BaseModel, Field

import kcore
from kcore import ApiError, FrozenMap, ManifestError
from kcore.api.apps_v1 import Deployment
from kcore.api.core_v1 import ConfigMap, Container, Namespace, Pod, PodList, PodSpec
from kcore.api.meta_v1 import ObjectMeta
from kcore.client.client import to_value
from kcore.machinery.model import KindModel


@pytest.fixture
def cluster():
    return kcore.Cluster(nodes=1, seed=1)


def pod(name="web"):
    return Pod(
        metadata=ObjectMeta(name=name, labels={"app": name}),
        spec=PodSpec(containers=[Container(name="main", image="nginx")]),
    )


def test_a_view_goes_in_and_a_value_comes_out(cluster):
    created = cluster.client.create(pod(), "default")

    assert isinstance(created, FrozenMap)
    assert created.spec.containers[0].image == "nginx"


def test_a_class_asks_for_views(cluster):
    created = cluster.client.create(pod())
    cluster.client.create(pod("other"))

    view = cluster.client.get(Pod, "web", namespace="default")
    views = cluster.client.list(Pod, "default", label_selector="app=other")

    assert isinstance(view, Pod)
    assert view.to_frozen() == created
    assert [one.metadata.name for one in views] == ["other"]
    assert all(isinstance(one, Pod) for one in views)


def test_apply_takes_views(cluster):
    cluster.apply(pod())
    cluster.settle()

    assert cluster.client.get(Pod, "web", "default").status.phase == "Running"


def test_typed_clients_return_views_from_every_call(cluster):
    configs = cluster.client.typed(ConfigMap)

    created = configs.create(ConfigMap(metadata=ObjectMeta(name="settings"), data={"a": "1"}))
    created.data["b"] = "2"
    updated = configs.update(created)
    patched = configs.patch("settings", {"data": {"a": None}})

    assert updated.data == {"a": "1", "b": "2"}
    assert patched.data == {"b": "2"}
    assert configs.get("settings") == patched
    assert patched in configs.list()
    configs.delete("settings")
    with pytest.raises(ApiError, match='configmaps "settings" not found'):
        configs.get("settings")


def test_typed_clients_write_status_and_namespaces(cluster):
    pods = cluster.client.typed(Pod)
    cluster.client.create(Namespace(metadata=ObjectMeta(name="shop")))
    there = pods.namespace("shop")

    created = there.create(pod())
    created.status.phase = "Failed"
    there.update_status(created)

    assert [one.metadata.namespace for one in pods.namespace("").list()] == ["shop"]
    assert there.get("web").status.phase == "Failed"
    assert cluster.client.typed(Namespace).get("shop").metadata.name == "shop"


def test_an_object_in_another_namespace_is_created_there(cluster):
    cluster.client.create(Namespace(metadata=ObjectMeta(name="shop")))
    view = pod()
    view.metadata.namespace = "shop"

    assert cluster.client.typed(Pod).create(view).metadata.namespace == "shop"


def test_clearing_a_field_clears_it_in_the_api(cluster):
    configs = cluster.client.typed(ConfigMap)
    view = configs.create(ConfigMap(metadata=ObjectMeta(name="settings"), data={"a": "1"}))

    view.data = None

    assert configs.update(view).data is None


def test_the_kind_of_a_custom_view_must_be_served(cluster):
    class Database(KindModel):
        api_version: str = "example.com/v1"
        kind: str = "Database"

    with pytest.raises(ApiError, match=r"Database \(example.com/v1\)") as caught:
        cluster.client.get(Database, "main", "default")
    assert caught.value.code == 404
    with pytest.raises(ApiError, match="PodList"):
        cluster.client.list(PodList)


def test_values_of_another_kind_do_not_become_views(cluster):
    value = cluster.client.create(pod())

    with pytest.raises(ManifestError, match="v1 Pod is no apps/v1 Deployment"):
        Deployment.from_frozen(value)


def test_other_pydantic_objects_leave_out_what_is_none():
    class Meta(BaseModel):
        name: str
        generate_name: str | None = Field(default=None, alias="generateName")

    assert to_value(Meta(name="web")) == kcore.freeze({"name": "web"})
