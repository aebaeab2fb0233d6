"""What a pod waits for when a ConfigMap or a Secret is missing, and that it goes on by itself."""

import pytest

from kcore.kubelet.config_refs import config_error, mount_error
from kcore.machinery.frozen import freeze
from tests.kubelet.fleet_world import FleetWorld
from tests.kubelet.life import Life, a_pod

OBJECTS = {
    ("configmap", "cm"): freeze({"data": {"k": "v"}, "binaryData": {"b": ""}}),
    ("secret", "s"): freeze({"data": {"k": "dg=="}}),
}


def look_up(kind, name):
    return OBJECTS.get((kind, name))


def key_ref(field, name, key="k", **extra):
    return {"name": "E", "valueFrom": {field: {"name": name, "key": key, **extra}}}


@pytest.mark.parametrize(
    ("container", "error"),
    [
        ({"env": [{"name": "E", "value": "x"}]}, ""),
        ({"env": [key_ref("configMapKeyRef", "cm")]}, ""),
        ({"env": [key_ref("configMapKeyRef", "cm", "b")]}, ""),
        ({"env": [key_ref("configMapKeyRef", "no")]}, 'configmap "no" not found'),
        ({"env": [key_ref("configMapKeyRef", "no", optional=True)]}, ""),
        (
            {"env": [key_ref("configMapKeyRef", "cm", "x")]},
            "couldn't find key x in ConfigMap default/cm",
        ),
        ({"env": [key_ref("configMapKeyRef", "cm", "x", optional=True)]}, ""),
        ({"env": [key_ref("secretKeyRef", "no")]}, 'secret "no" not found'),
        ({"env": [key_ref("secretKeyRef", "s", "x")]}, "couldn't find key x in Secret default/s"),
        ({"envFrom": [{"configMapRef": {"name": "no"}}]}, 'configmap "no" not found'),
        ({"envFrom": [{"secretRef": {"name": "no"}}]}, 'secret "no" not found'),
        ({"envFrom": [{"secretRef": {"name": "no", "optional": True}}]}, ""),
        ({"envFrom": [{"secretRef": {"name": "s"}}]}, ""),
    ],
)
def test_environment(container, error):
    assert config_error(freeze({"name": "app", **container}), "default", look_up) == error


SETUP = 'MountVolume.SetUp failed for volume "v" : '


@pytest.mark.parametrize(
    ("volume", "error"),
    [
        ({"emptyDir": {}}, ""),
        ({"configMap": {"name": "cm"}}, ""),
        ({"configMap": {"name": "no"}}, SETUP + 'configmap "no" not found'),
        ({"configMap": {"name": "no", "optional": True}}, ""),
        ({"secret": {"secretName": "no"}}, SETUP + 'secret "no" not found'),
        (
            {"configMap": {"name": "cm", "items": [{"key": "x", "path": "x"}]}},
            SETUP + "configmap references non-existent config key: x",
        ),
        (
            {"secret": {"secretName": "s", "items": [{"key": "x", "path": "x"}]}},
            SETUP + "references non-existent secret key: x",
        ),
        (
            {"projected": {"sources": [{"secret": {"name": "s"}}, {"configMap": {"name": "no"}}]}},
            SETUP + 'configmap "no" not found',
        ),
        ({"projected": {"sources": [{"configMap": {"name": "kube-root-ca.crt"}}]}}, ""),
    ],
)
def test_volumes(volume, error):
    pod = a_pod(volumes=[{"name": "v", **volume}])

    assert mount_error(pod, look_up) == error


def test_a_container_without_its_configuration_waits_and_says_so():
    life = Life(a_pod(), config_errors={"app": 'configmap "no" not found'}).settle()

    assert life.pod.status.containerStatuses[0].state.waiting == {
        "reason": "CreateContainerConfigError",
        "message": 'configmap "no" not found',
    }
    assert life.remarks[-1] == ("Failed", 'Error: configmap "no" not found')
    assert life.wake_ns is None
    life.sync()
    assert life.reasons().count("Failed") == 1

    life.config_errors = {}
    life.sync()
    assert life.phase == "Running"


def test_a_pod_without_its_volume_creates_no_container():
    life = Life(a_pod(), mount_error=SETUP + 'secret "no" not found')

    assert life.state() == ("waiting", "ContainerCreating", False, 0)
    assert life.condition("PodReadyToStartContainers")[0] == "False"
    assert life.pod.status.podIP is None
    assert life.remarks == [("FailedMount", SETUP + 'secret "no" not found')]
    life.sync()
    assert len(life.remarks) == 1


@pytest.mark.parametrize("kind", ["ConfigMap", "Secret"])
def test_the_pod_goes_on_when_the_missing_object_appears(kind):
    field = "configMapRef" if kind == "ConfigMap" else "secretRef"
    world = FleetWorld()
    container = {"name": "web", "image": "app:1", "envFrom": [{field: {"name": "late"}}]}
    world.create_pod(containers=[container])
    world.settle()
    waiting = world.pod().status.containerStatuses[0].state.waiting
    assert waiting.reason == "CreateContainerConfigError"
    assert ("Failed", f'Error: {kind.lower()} "late" not found') in world.events()

    world.user.create({"apiVersion": "v1", "kind": kind, "metadata": {"name": "late"}})
    world.settle()

    assert world.pod().status.phase == "Running"
