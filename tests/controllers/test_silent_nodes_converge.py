"""Kubelets that stop and come back, with both node controllers and a fleet."""

import pytest

from kcore.client.event_recorder import EventRecorder
from kcore.controllers.catalog import build_node_controllers
from kcore.reconcile.controller import ControllerContext
from kcore.runtime.faults import Effect, Fault
from tests.kubelet.fleet_world import FleetWorld


class NodeWorld(FleetWorld):
    def __init__(self, nodes="abc", faults=()):
        super().__init__(nodes, faults=faults)
        client, informers = self.actor("kube-controller-manager")
        recorder = EventRecorder(client, self.clock, client.actor)
        context = ControllerContext(client, informers, self.clock, self.choices, recorder)
        controllers = build_node_controllers(context)
        self.loop.add(*informers.informers, *controllers)

    def taints(self, name="a"):
        rows = self.user.get("nodes", name).at("spec", "taints", default=())
        return [(row.key.partition("/")[2], row.effect) for row in rows]

    def ready(self, name="web"):
        rows = self.pod(name).status.conditions
        return next(row.status for row in rows if row.type == "Ready")

    def taint(self, *taints):
        self.user.patch("nodes", "a", {"spec": {"taints": list(taints)}})


UNREACHABLE = [("unreachable", "NoSchedule"), ("unreachable", "NoExecute")]
BAD = {"key": "bad", "effect": "NoExecute"}
TOLERATES_20_S = {**BAD, "operator": "Exists", "tolerationSeconds": 20}


def test_a_living_cluster_is_left_in_peace():
    world = NodeWorld()
    world.create_pod()
    world.settle()
    world.run(600)

    assert [world.taints(name) for name in "abc"] == [[], [], []]
    assert world.ready() == "True"


def test_silence_is_noticed_after_the_grace_period():
    world = NodeWorld()
    world.create_pod()
    world.settle()
    world.fleet.stop_node("a")

    world.run(45)
    assert (world.taints(), world.ready()) == ([], "True")
    world.run(20)

    assert (world.taints(), world.ready()) == (UNREACHABLE, "False")
    assert ("NodeNotReady", "Node is not ready") in world.events()
    assert ("NodeNotReady", "Node a status is now: NodeNotReady") in world.events("a")
    assert world.taints("b") == []


def test_pods_are_deleted_when_their_tolerance_ends_and_gone_when_the_kubelet_is_back():
    world = NodeWorld()
    world.create_pod()
    world.create_pod("loyal", tolerations=[{"operator": "Exists"}])
    world.settle()
    world.fleet.stop_node("a")

    world.run(340)
    assert world.pod().metadata.deletionTimestamp is None
    world.run(30)
    assert world.pod().metadata.deletionTimestamp is not None
    assert world.pod("loyal").metadata.deletionTimestamp is None
    assert ("TaintManagerEviction", "Marking for deletion Pod default/web") in world.events()

    world.fleet.start_node("a")
    world.run(20)

    assert world.pods() == ["loyal"]
    assert (world.taints(), world.ready("loyal")) == ([], "True")


def test_a_kubelet_that_comes_back_in_time_keeps_its_pods():
    world = NodeWorld()
    world.create_pod()
    world.settle()
    world.fleet.stop_node("a")
    world.run(120)

    world.fleet.start_node("a")
    world.run(600)

    assert (world.taints(), world.ready()) == ([], "True")
    assert ("TaintManagerEviction", "Cancelling deletion of Pod default/web") in world.events()


def test_when_everything_is_silent_nobody_is_evicted():
    world = NodeWorld()
    world.create_pod()
    world.settle()
    for name in "abc":
        world.fleet.stop_node(name)

    world.run(900)

    assert world.taints() == UNREACHABLE[:1]
    assert world.pod().metadata.deletionTimestamp is None


def test_a_zone_loses_one_node_every_ten_seconds():
    world = NodeWorld("abcdefg")
    world.settle()
    for name in "ab":
        world.fleet.stop_node(name)

    world.run(60)
    assert sorted(UNREACHABLE[1] in world.taints(name) for name in "ab") == [False, True]
    world.run(10)
    assert [world.taints(name) for name in "ab"] == [UNREACHABLE] * 2


@pytest.mark.parametrize(
    ("tolerations", "gone_after_s"),
    [([], 0), ([TOLERATES_20_S], 20)],
)
def test_a_taint_by_hand(tolerations, gone_after_s):
    world = NodeWorld()
    world.create_pod(tolerations=tolerations)
    world.settle()

    world.taint(BAD)
    if gone_after_s:
        world.run(gone_after_s - 1)
        assert world.pods() == ["web"]
        assert world.pod().metadata.deletionTimestamp is None
    world.run(3)

    assert world.pods() == []


def test_a_taint_that_goes_in_time_evicts_nobody():
    world = NodeWorld()
    world.create_pod(tolerations=[TOLERATES_20_S])
    world.settle()
    world.taint(BAD)
    world.run(10)

    world.taint()
    world.run(60)

    assert world.pod().metadata.deletionTimestamp is None
    assert ("TaintManagerEviction", "Cancelling deletion of Pod default/web") in world.events()


@pytest.mark.parametrize("first", range(1, 8))
@pytest.mark.parametrize("effect", list(Effect))
def test_no_lost_write_or_crash_changes_the_end(effect, first):
    calls = "kube-controller-manager/[cupd]*/*"
    world = NodeWorld(faults=[Fault(calls, effect, first=first)])
    world.create_pod(tolerations=[TOLERATES_20_S])
    world.run(5)
    world.taint(BAD)
    world.run(60)
    assert world.pods() == []

    world.fleet.stop_node("a")
    world.run(80)

    assert ("unreachable", "NoExecute") in world.taints()


def test_a_fork_goes_on_alone():
    world = NodeWorld()
    world.create_pod()
    world.settle()
    world.fleet.stop_node("a")
    world.run(70)
    digest = world.trace.digest

    twin = world.fork()
    twin.run(300)
    assert world.trace.digest == digest
    world.run(300)

    assert twin.trace.digest == world.trace.digest
