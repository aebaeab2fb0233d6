"""Background, foreground and orphan deletion; owners that never were."""

import pytest

from kcore.controllers.garbage_collector.graph import Owner, classify, judge
from kcore.machinery.frozen import freeze
from kcore.machinery.request import DeleteOptions
from tests.controllers.hollow_world import HollowWorld, deployment


def config_map(name, *owners, namespace="default", finalizers=()):
    metadata = {"name": name, "namespace": namespace, "ownerReferences": list(owners)}
    if finalizers:
        metadata["finalizers"] = list(finalizers)
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata}


def reference(obj, **fields):
    metadata = obj["metadata"]
    return {
        "apiVersion": obj["apiVersion"],
        "kind": obj["kind"],
        "name": metadata["name"],
        "uid": metadata["uid"],
        **fields,
    }


@pytest.fixture
def world():
    world = HollowWorld(nodes=0)
    world.settle()
    return world


def names(world):
    every = (obj["metadata"]["name"] for obj in world.objects("configmaps", "default"))
    return [name for name in every if name != "kube-root-ca.crt"]


def delete(world, name, policy):
    options = DeleteOptions(propagation_policy=policy)
    world.client.delete("configmaps", name, "default", options)
    world.settle()


def chain(world, **fields):
    top = world.client.create(config_map("top"))
    middle = world.client.create(config_map("middle", reference(top, **fields)))
    world.client.create(config_map("leaf", reference(middle, **fields)))
    world.settle()


@pytest.mark.parametrize(
    ("policy", "left"),
    [("Background", []), ("Foreground", []), ("Orphan", ["leaf", "middle"])],
)
def test_what_a_deletion_leaves_of_a_chain(world, policy, left):
    chain(world, blockOwnerDeletion=True)
    delete(world, "top", policy)

    assert names(world) == left


def test_foreground_waits_for_what_blocks(world):
    top = world.client.create(config_map("top"))
    blocking = reference(top, blockOwnerDeletion=True)
    held = config_map("held", blocking, finalizers=["example.com/x"])
    world.client.create(held)
    world.settle()
    delete(world, "top", "Foreground")
    assert names(world) == ["held", "top"]
    patch = {"metadata": {"finalizers": None}}
    world.client.patch("configmaps", "held", patch, "default")
    world.settle()

    assert names(world) == []


def test_one_live_owner_is_enough_and_the_dead_one_is_forgotten(world):
    first, second = world.client.create(config_map("a")), world.client.create(config_map("b"))
    world.client.create(config_map("c", reference(first), reference(second)))
    world.settle()
    delete(world, "a", "Background")

    references = world.get("configmaps", "c")["metadata"]["ownerReferences"]
    assert [entry["name"] for entry in references] == ["b"]
    delete(world, "b", "Background")
    assert names(world) == []


def test_an_owner_counts_by_uid_not_by_name(world):
    owner = world.client.create(config_map("owner"))
    world.client.create(config_map("child", {**reference(owner), "uid": "0" * 8}))
    world.settle()

    assert names(world) == ["owner"]


def test_an_owner_in_another_namespace_does_not_count_and_is_reported(world):
    metadata = {"name": "other"}
    world.client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": metadata})
    owner = world.client.create(config_map("owner", namespace="other"))
    world.settle()
    world.client.create(config_map("child", reference(owner)))
    world.settle()

    assert names(world) == []
    reasons = [event["reason"] for event in world.objects("events")]
    assert "OwnerRefInvalidNamespace" in reasons


def test_an_owner_of_unknown_kind_is_left_undecided_and_the_world_settles(world):
    owner = {"apiVersion": "example.com/v1", "kind": "Widget", "name": "w", "uid": "1"}
    world.client.create(config_map("child", owner))
    world.settle()

    assert names(world) == ["child"]
    assert world.loop.next_deadline_ns() is None


def test_a_deployment_takes_everything_with_it():
    world = HollowWorld()
    world.settle()
    world.client.create(deployment())
    world.settle()
    world.client.delete("deployments.apps", "web", "default")
    world.settle()

    assert world.objects("replicasets.apps") == []
    assert world.objects("pods") == []


def test_a_crash_in_the_middle_loses_no_dependent_and_leaves_none(world):
    chain(world)
    world.controllers[-1].restart()
    delete(world, "top", "Background")
    world.controllers[-1].restart()
    world.settle()

    assert names(world) == []


def test_a_waiting_owner_is_one_that_is_deleted_in_the_foreground():
    metadata = {"uid": "u", "deletionTimestamp": "2026-01-01T00:00:00Z"}
    owner = freeze({"metadata": {**metadata, "finalizers": ["foregroundDeletion"]}})

    assert classify(owner, "u") is Owner.WAITING
    assert classify(owner, "other") is Owner.DANGLING
    assert classify(freeze({"metadata": {"uid": "u"}}), "u") is Owner.SOLID


def test_no_owners_means_no_verdict():
    assert judge(freeze({"metadata": {}}), [], list).delete is None
