"""The client reads and writes classes of the Kubernetes packages as it does typed views."""

import importlib

import pytest

from kcore.errors import ApiError
from tests.api import foreign_classes as foreign


def config_map(**data):
    return foreign.V1ConfigMap(metadata=foreign.V1ObjectMeta(name="settings"), data=data)


def test_a_class_names_what_is_read(api):
    api.client.create(config_map(k="v"), "default")

    found = api.client.get(foreign.V1ConfigMap, "settings", "default")

    assert type(found) is foreign.V1ConfigMap
    assert found.data == {"k": "v"}
    listed = api.client.list(foreign.V1ConfigMap, "default")
    assert "settings" in [one.metadata.name for one in listed]


def test_a_typed_client_goes_both_ways(api):
    typed = api.client.typed(foreign.V1ConfigMap)

    stored = typed.create(config_map(k="v"))
    stored.data = {"k": "w"}

    assert typed.update(stored).data == {"k": "w"}
    assert typed.patch("settings", {"data": {"l": "x"}}).data == {"k": "w", "l": "x"}
    assert typed.get("settings").kind == "ConfigMap"


def test_a_class_of_a_resource(api):
    labels = {"app": "d"}
    template = {
        "metadata": {"labels": labels},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
    }
    spec = {"selector": {"matchLabels": labels}, "template": template}
    typed = api.client.typed(foreign.LightDeployment)

    assert typed.create(foreign.LightDeployment({"name": "d"}, spec)).spec["replicas"] == 1


def test_a_class_without_a_kind_is_refused(api):
    with pytest.raises(TypeError, match="V1Nobody does not say which kind of API object"):
        api.client.get(foreign.V1Nobody, "a")
    with pytest.raises(TypeError, match="str does not say"):
        api.client.list(str)


def test_a_kind_that_is_not_served(api):
    class Gone(foreign.LightDeployment):
        class _api_info:  # noqa: N801 - the package's name
            class resource:  # noqa: N801
                group, version, kind = "apps", "v9", "Deployment"

    with pytest.raises(ApiError, match=r"Deployment \(apps/v9\)"):
        api.client.get(Gone, "a")


def test_the_real_package(api):
    pytest.importorskip("kubernetes", reason="kubernetes is not installed")
    client = importlib.import_module("kubernetes.client")
    obj = client.V1ConfigMap(metadata=client.V1ObjectMeta(name="real"), data={"k": "v"})
    typed = api.client.typed(client.V1ConfigMap)

    stored = typed.create(obj)

    assert stored.metadata.creation_timestamp.tzinfo is not None
    stored.data["k"] = "w"
    assert typed.update(stored).data == {"k": "w"}
