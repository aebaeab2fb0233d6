"""The controller of the documentation: a class with one method, in a world that forks."""

import pytest

from kcore.errors import ApiError
from kcore.forking import ForkMemo
from kcore.machinery.resource import NamespacedName
from kcore.reconcile.controller import Controller
from kcore.reconcile.reconciler import DONE, Reconciler, Result, TerminalError
from kcore.reconcile.sources import For, Owns
from kcore.runtime.clock import SECOND_NS
from kcore.runtime.faults import Effect, Fault
from tests.controllers.hollow_world import HollowWorld


class LabelNodes(Reconciler):
    """Keeps a label on every Node."""

    def __init__(self, context):
        self._client = context.client
        self._nodes = context.lister("nodes")

    def reconcile(self, request: NamespacedName) -> Result:
        node = self._nodes.get(request.namespace, request.name)
        if node is None or node.at("metadata", "labels", "seen"):
            return DONE
        self._client.patch("nodes", request.name, {"metadata": {"labels": {"seen": "yes"}}})
        return DONE


def world_with(reconciler, sources):
    def build(context):
        return [Controller("mine", context, reconciler(context), sources)]

    return HollowWorld(nodes=2, build=build)


def labels(world):
    return [node.at("metadata", "labels", "seen") for node in world.objects("nodes")]


def test_every_object_is_reconciled():
    world = world_with(LabelNodes, [For("nodes")])
    world.settle()

    assert labels(world) == ["yes", "yes"]


def test_a_settled_world_is_reconciled_without_a_write():
    world = world_with(LabelNodes, [For("nodes")])
    world.settle()
    revision = world.store.revision
    world.controllers[0].queue.add("/n1")
    world.settle()

    assert world.store.revision == revision


def test_a_refused_request_is_tried_again_after_its_backoff():
    world = world_with(LabelNodes, [For("nodes")])
    refusal = ApiError(500, "InternalError", "no")
    calls = "kube-controller-manager/patch/nodes"
    world.faults.inject(Fault(calls, Effect.REFUSE, count=3, error=refusal))
    before_ns = world.clock.now_ns()
    world.settle()

    assert labels(world) == ["yes", "yes"]
    assert world.clock.now_ns() > before_ns


def test_a_crash_after_the_write_is_survived():
    world = world_with(LabelNodes, [For("nodes")])
    calls = "kube-controller-manager/patch/nodes"
    world.faults.inject(Fault(calls, Effect.CRASH, count=1))
    world.settle()

    assert labels(world) == ["yes", "yes"]


class GiveUp(Reconciler):
    def reconcile(self, request):
        raise TerminalError("cannot be done")


def test_a_terminal_error_is_not_tried_again():
    world = world_with(lambda _context: GiveUp(), [For("nodes")])
    world.settle()

    assert world.controllers[0].next_deadline_ns() is None


class Again(Reconciler):
    def __init__(self, context):
        self._client = context.client

    def reconcile(self, request):
        node = self._client.get("nodes", request.name)
        count = int(node.at("metadata", "annotations", "count", default="0"))
        if count == 3:
            return DONE
        patch = {"metadata": {"annotations": {"count": str(count + 1)}}}
        self._client.patch("nodes", request.name, patch)
        return Result(requeue_after_ns=10 * SECOND_NS)


def test_a_result_asks_to_be_called_again_later():
    world = world_with(Again, [])
    world.controllers[0].queue.add("/n1")
    begin_ns = world.clock.now_ns()
    world.settle(60)

    assert world.get("nodes", "n1", "").at("metadata", "annotations", "count") == "3"
    assert world.clock.now_ns() - begin_ns == 30 * SECOND_NS


def test_owners_are_asked_for_when_their_objects_change():
    source = Owns("pods", "ReplicaSet", "apps")
    world = world_with(lambda _context: GiveUp(), [source])
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": "u"}
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": "p",
            "namespace": "default",
            "ownerReferences": [{**owner, "controller": True}],
        },
        "spec": {"containers": [{"name": "c", "image": "i"}]},
    }
    world.client.create(pod)
    world.settle()
    labels = [action.label for action in world.trace if action.process == "mine"]

    assert "sync default/r: given up: cannot be done" in labels


class Forgetful(Reconciler):
    def __init__(self):
        self._seen = []


def test_state_that_cannot_fork_is_refused_by_name():
    with pytest.raises(TypeError, match=r"Forgetful\._seen is a list"):
        ForkMemo()(Forgetful())
