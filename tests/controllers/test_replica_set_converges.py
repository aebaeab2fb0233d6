"""As many pods as asked for, whatever happens to them."""

import pytest

from kcore.errors import ApiError
from kcore.machinery.frozen import EMPTY_LIST
from kcore.runtime.faults import Effect, Fault
from tests.controllers.hollow_world import HollowWorld, replica_set


def world_with(*objects, seed=0):
    world = HollowWorld(seed=seed)
    world.settle()
    for obj in objects:
        world.client.create(obj)
    world.settle()
    return world


def scale(world, replicas, name="r"):
    patch = {"spec": {"replicas": replicas}}
    world.client.patch("replicasets.apps", name, patch, "default", subresource="scale")
    world.settle()


def status(world):
    return world.get("replicasets.apps", "r")["status"]


def messages(world, reason):
    return [e["message"] for e in world.objects("events") if e["reason"] == reason]


def test_pods_are_created_named_owned_and_counted():
    world = world_with(replica_set(replicas=3))
    pods = world.objects("pods")

    assert len(pods) == 3
    owner = world.get("replicasets.apps", "r")["metadata"]["uid"]
    assert {p["metadata"]["ownerReferences"][0]["uid"] for p in pods} == {owner}
    assert all(p["metadata"]["generateName"] == "r-" for p in pods)
    assert status(world)["availableReplicas"] == 3
    names = sorted(p["metadata"]["name"] for p in pods)
    assert sorted(messages(world, "SuccessfulCreate")) == [f"Created pod: {n}" for n in names]


def test_scaling_down_deletes_and_a_deleted_or_failed_pod_is_replaced():
    world = world_with(replica_set(replicas=4))
    scale(world, 2)
    assert len(world.objects("pods")) == 2
    world.client.delete("pods", world.objects("pods")[0]["metadata"]["name"], "default")
    world.settle()
    assert len(world.objects("pods")) == 2
    world.kubelet.finish(world.objects("pods")[0], "Failed", 1)
    world.settle()

    phases = sorted(p["status"]["phase"] for p in world.objects("pods"))
    assert phases == ["Failed", "Running", "Running"]
    assert status(world)["replicas"] == 2


def test_a_stale_pod_cache_does_not_make_it_create_twice():
    world = HollowWorld()
    world.settle()
    world.faults.hold("kube-controller-manager/watch/pods")
    world.client.create(replica_set(replicas=3))
    world.settle()
    world.client.patch("replicasets.apps", "r", {"metadata": {"labels": {"x": "y"}}}, "default")
    world.settle()
    assert len(world.objects("pods")) == 3
    world.faults.release("kube-controller-manager/watch/pods")
    world.settle()

    assert len(world.objects("pods")) == 3
    assert status(world)["readyReplicas"] == 3


@pytest.mark.parametrize("call", range(1, 12))
def test_a_crash_after_any_write_neither_loses_nor_doubles_a_pod(call):
    world = HollowWorld(seed=call)
    world.settle()
    world.faults.inject(Fault("kube-controller-manager/*", Effect.CRASH, first=call))
    world.client.create(replica_set(replicas=3))
    world.settle()

    assert len(world.objects("pods")) == 3
    assert status(world)["availableReplicas"] == 3


def test_refused_creations_are_told_and_tried_again():
    world = HollowWorld()
    world.settle()
    refusal = ApiError(403, "Forbidden", 'pods "r-" is forbidden: exceeded quota')
    calls = "kube-controller-manager/create/pods"
    world.faults.inject(Fault(calls, Effect.REFUSE, count=2, error=refusal))
    world.client.create(replica_set(replicas=3))
    world.settle(0)

    conditions = status(world).get("conditions", EMPTY_LIST)
    assert [(c["type"], c["reason"]) for c in conditions] == [("ReplicaFailure", "FailedCreate")]
    assert messages(world, "FailedCreate") == [f"Error creating: {refusal}"]
    world.settle()
    assert status(world)["replicas"] == 3
    assert "conditions" not in status(world)


def test_a_pod_counts_as_available_once_it_has_been_ready_for_long_enough():
    world = world_with()
    world.client.create(replica_set(replicas=2, minReadySeconds=30))
    world.settle(5)
    assert status(world)["readyReplicas"] == 2
    assert "availableReplicas" not in status(world)
    world.settle()

    assert status(world)["availableReplicas"] == 2


def test_strays_are_adopted_and_strangers_released():
    stray = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "stray", "namespace": "default", "labels": {"app": "r"}},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
    }
    world = world_with(stray, replica_set(replicas=2))
    assert len(world.objects("pods")) == 2
    owner = world.get("replicasets.apps", "r")["metadata"]["uid"]
    assert world.get("pods", "stray")["metadata"]["ownerReferences"][0]["uid"] == owner
    patch = {"metadata": {"labels": {"app": "debug"}}}
    world.client.patch("pods", "stray", patch, "default")
    world.settle()

    assert "ownerReferences" not in world.get("pods", "stray")["metadata"]
    assert len(world.objects("pods")) == 3
