"""A node checks again what it is given."""

import pytest

from kcore.kubelet.admission import refuse
from kcore.kubelet.node_shapes import NodeShape, Registration
from kcore.machinery.frozen import freeze
from kcore.runtime.clock import EPOCH_NS
from tests.kubelet.fleet_world import FleetWorld
from tests.kubelet.life import a_pod

SHAPE = NodeShape("tiny", "2", "1Gi", pods_count=3, extended={"example.com/gpu": "1"})
NODE = Registration("a", SHAPE, "172.16.0.1", zone="z").node_object(EPOCH_NS)


def asking(**requests):
    return a_pod([{"name": "app", "image": "app:1", "resources": {"requests": requests}}])


def on_port(port, host_ip=None):
    ports = [{"containerPort": 80, "hostPort": port, **({"hostIP": host_ip} if host_ip else {})}]
    return a_pod([{"name": "app", "image": "app:1", "ports": ports}])


@pytest.mark.parametrize(
    ("pod", "active", "reason", "message"),
    [
        (
            asking(cpu="1500m"),
            [asking(cpu="600m")],
            "OutOfcpu",
            "Node didn't have enough resource: cpu, requested: 1500, used: 600, capacity: 2000",
        ),
        (
            asking(memory="1Gi"),
            [],
            "OutOfmemory",
            "Node didn't have enough resource: memory, requested: 1073741824, used: 0, "
            "capacity: 968884224",
        ),
        (
            asking(),
            [asking()] * 3,
            "OutOfpods",
            "Node didn't have enough resource: pods, requested: 1, used: 3, capacity: 3",
        ),
        (
            asking(**{"example.com/fpga": "1"}),
            [],
            "OutOfexample.com/fpga",
            "Node didn't have enough resource: example.com/fpga, requested: 1, used: 0, "
            "capacity: 0",
        ),
        (
            a_pod(nodeSelector={"disk": "ssd"}),
            [],
            "NodeAffinity",
            "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
        ),
        (
            on_port(8080),
            [on_port(8080, "10.0.0.1")],
            "NodePorts",
            "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod "
            "ports",
        ),
    ],
)
def test_refusals(pod, active, reason, message):
    refusal = refuse(pod, NODE, active)

    assert (refusal.reason, refusal.message) == (reason, message)


@pytest.mark.parametrize(
    ("pod", "active"),
    [
        (asking(cpu="2"), []),
        (asking(cpu="1"), [asking(cpu="1")]),
        (asking(**{"example.com/gpu": "1"}), [asking(cpu="1")]),
        (a_pod(nodeSelector={"topology.kubernetes.io/zone": "z"}), []),
        (on_port(8080, "10.0.0.2"), [on_port(8080, "10.0.0.1")]),
        (on_port(8081), [on_port(8080)]),
    ],
)
def test_what_fits_is_taken(pod, active):
    assert refuse(pod, NODE, active) is None


@pytest.mark.parametrize(
    ("effect", "tolerations", "refused"),
    [
        ("NoExecute", [], True),
        ("NoSchedule", [], False),
        ("NoExecute", [{"operator": "Exists"}], False),
    ],
)
def test_only_taints_that_evict_count(effect, tolerations, refused):
    node = NODE.set(("spec", "taints"), freeze([{"key": "t", "effect": effect}]))

    assert (refuse(a_pod(tolerations=tolerations), node, []) is not None) is refused


def test_a_refused_pod_fails_for_good():
    world = FleetWorld()
    world.create_pod(nodeSelector={"disk": "ssd"})

    status = world.settle().pod().status

    assert (status.phase, status.reason) == ("Failed", "NodeAffinity")
    assert status.message.startswith("Pod was rejected: Predicate NodeAffinity failed")
    assert status.containerStatuses is None
    world.user.delete("pods", "web", "default")
    assert world.settle().pods() == []


def test_refused_and_ended_pods_take_no_room():
    world = FleetWorld()
    requests = {"cpu": "3"}
    world.create_pod("batch", restartPolicy="Never", requests=requests)
    world.settle()
    world.create_pod("first", requests=requests)
    world.settle()
    world.create_pod("second", requests=requests)
    world.settle()
    world.user.delete("pods", "first", "default")
    world.settle()
    world.create_pod("third", requests=requests)
    world.settle()

    assert [world.pod(name).status.phase for name in ("batch", "second", "third")] == [
        "Succeeded",
        "Failed",
        "Running",
    ]
    assert world.pod("second").status.reason == "OutOfcpu"
