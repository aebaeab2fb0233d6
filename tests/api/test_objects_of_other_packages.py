"""Objects of the kubernetes, kubernetes_asyncio and lightkube packages, as values and as views."""

import datetime
import gzip
import importlib
from pathlib import Path

import pytest

from kcore.api.apps_v1 import Deployment
from kcore.api.core_v1 import ConfigMap
from kcore.errors import ManifestError
from kcore.machinery.foreign_objects import object_of, time_text, value_of
from kcore.machinery.frozen import ABSENT, diff, freeze, loads, thaw
from kcore.machinery.schema import decode
from tests.api import foreign_classes as foreign

EVERY_FIELD = Path(__file__).parent / "data" / "every_field.jsonl.gz"
VALUE = freeze(
    {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {
            "name": "a",
            "labels": {"app": "web"},
            "creationTimestamp": "2026-01-01T12:00:00Z",
            "ownerReferences": [
                {
                    "apiVersion": "v1",
                    "kind": "Node",
                    "name": "o",
                    "uid": "u",
                    "blockOwnerDeletion": False,
                }
            ],
        },
        "data": {"k": "v"},
    }
)


def config_map():
    owner = foreign.V1OwnerReference(
        api_version="v1", kind="Node", name="o", uid="u", block_owner_deletion=False
    )
    metadata = foreign.V1ObjectMeta(
        name="a",
        labels={"app": "web"},
        creation_timestamp=foreign.NOON,
        owner_references=[owner],
    )
    return foreign.V1ConfigMap(metadata=metadata, data={"k": "v"})


def test_what_is_not_set_is_left_out_and_the_kind_is_known():
    assert value_of(config_map()) == VALUE
    assert value_of(foreign.V1Nobody()) == {}


def test_a_class_that_says_its_kind_is_believed():
    other = foreign.V1ConfigMap(api_version="v2", kind="Other")

    assert value_of(other) == {"apiVersion": "v2", "kind": "Other"}


def test_a_value_becomes_an_object_with_all_inside_it():
    obj = object_of(VALUE, foreign.V1ConfigMap)

    assert obj.kind == "ConfigMap"
    assert obj.metadata.creation_timestamp == foreign.NOON
    assert obj.metadata.owner_references[0].block_owner_deletion is False
    assert type(obj.data) is dict
    assert obj.immutable is None
    assert value_of(obj) == VALUE


def test_what_a_class_does_not_know_is_left_out():
    assert object_of(VALUE.set("later", 1), foreign.V1ConfigMap).data == {"k": "v"}


def test_a_field_that_the_package_would_miss_is_not_missed():
    odd = VALUE.set(("metadata", "ownerReferences"), [{"blockOwnerDeletion": True}])

    assert object_of(odd, foreign.V1ConfigMap).metadata.owner_references[0].name is None


def test_any_json_stays_what_it_is():
    value = freeze({"extra": {"b": [1, None, {"c": 1.5}]}})

    assert object_of(value, foreign.V1Nobody).extra == thaw(value.extra)
    assert value_of(object_of(value, foreign.V1Nobody)) == value


def test_objects_inside_mappings_are_found():
    mixed = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": config_map().metadata}

    assert value_of(mixed).metadata == VALUE.metadata


def test_classes_that_read_dicts():
    deployment = foreign.LightDeployment({"name": "d"}, {"replicas": 2})
    value = value_of(deployment)

    assert thaw(value) == {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "d"},
        "spec": {"replicas": 2},
    }
    assert object_of(value, foreign.LightDeployment).spec == {"replicas": 2}
    assert object_of(value, dict) == thaw(value)


def test_typed_views_read_them_and_become_them():
    view = ConfigMap.from_object(config_map())

    assert view.metadata.labels == {"app": "web"}
    assert view.to_frozen() == VALUE
    assert value_of(view.to_object(foreign.V1ConfigMap)) == VALUE
    assert value_of(view) == VALUE
    assert object_of(VALUE, ConfigMap) == view
    assert ConfigMap.from_object({"data": {"k": "v"}}).data == {"k": "v"}


def test_an_object_of_another_kind_is_refused():
    with pytest.raises(ManifestError, match="v1 ConfigMap is no apps/v1 Deployment"):
        Deployment.from_object(config_map())


@pytest.mark.parametrize("nothing", [object(), 3, "text", ["list"], None])
def test_what_is_no_object_is_refused(nothing):
    with pytest.raises(TypeError, match="API object"):
        value_of(nothing)


def test_a_class_that_nothing_can_be_made_into_is_refused():
    with pytest.raises(TypeError, match="int cannot be made from an API object"):
        object_of(VALUE, int)


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (foreign.NOON, "2026-01-01T12:00:00Z"),
        (foreign.NOON.replace(microsecond=5), "2026-01-01T12:00:00.000005Z"),
        (foreign.NOON.replace(tzinfo=None), "2026-01-01T12:00:00Z"),
        (
            foreign.NOON.astimezone(datetime.timezone(datetime.timedelta(hours=2))),
            "2026-01-01T12:00:00Z",
        ),
        (datetime.date(2026, 1, 2), "2026-01-02T00:00:00Z"),
    ],
)
def test_times(moment, text):
    assert time_text(moment) == text


@pytest.mark.parametrize(
    ("package", "module", "name"),
    [
        ("kubernetes", "kubernetes.client", "V1{kind}"),
        ("kubernetes_asyncio", "kubernetes_asyncio.client", "V1{kind}"),
        ("lightkube", "lightkube.resources.{group}_v1", "{kind}"),
    ],
)
@pytest.mark.parametrize(
    ("group", "kind"),
    [("core", "ConfigMap"), ("core", "Service"), ("apps", "StatefulSet"), ("batch", "CronJob")],
)
def test_the_real_packages(package, module, name, group, kind):
    pytest.importorskip(package, reason=f"{package} is not installed")
    found = importlib.import_module(module.format(group=group))
    values = map(loads, gzip.decompress(EVERY_FIELD.read_bytes()).decode().splitlines())
    value = next(one for one in values if one.kind == kind)

    obj = object_of(value, getattr(found, name.format(kind=kind)))
    back = value_of(obj)

    assert obj.metadata.name == value.metadata.name
    # A package of another release lacks fields, or says kinds that are clear: it changes nothing.
    differences = diff(value, decode(back, value.apiVersion, kind).object)
    assert [one for one in differences if ABSENT not in one[1:]] == []
    assert back.spec is None or len(back.spec) >= len(value.spec) - 1
