"""Adopting what nobody controls, releasing what no longer matches, once and only for the living."""

import pytest

from kcore.machinery.frozen import freeze
from kcore.machinery.labels import from_label_selector
from kcore.reconcile.ownership import AdoptionRefusedError, Claims, Strays, controller_uid
from tests.controllers.hollow_world import HollowWorld, replica_set


def pod(name, labels, **metadata):
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "namespace": "default", "labels": labels, **metadata},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
    }


@pytest.fixture
def world():
    return HollowWorld(nodes=0, build=lambda _context: [])


@pytest.fixture
def owner(world):
    return world.client.create(replica_set("r"))


def claims(world, owner):
    selector = from_label_selector(owner["spec"]["selector"])
    return Claims(world.client, owner, "replicasets.apps", "pods", selector)


def test_a_matching_stray_is_adopted(world, owner):
    stray = world.client.create(pod("p", {"app": "r"}))

    assert claims(world, owner).claim([stray]) == [stray]
    adopted = world.get("pods", "p")
    assert controller_uid(adopted) == owner["metadata"]["uid"]


def test_a_stranger_and_somebody_elses_pod_are_left_alone(world, owner):
    reference = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "x", "uid": "other"}
    stranger = world.client.create(pod("p1", {"app": "x"}))
    taken = pod("p2", {"app": "r"}, ownerReferences=[{**reference, "controller": True}])
    taken = world.client.create(taken)
    revision = world.store.revision

    assert claims(world, owner).claim([stranger, taken]) == []
    assert world.store.revision == revision


def test_an_own_pod_that_no_longer_matches_is_released(world, owner):
    stray = world.client.create(pod("p", {"app": "r"}))
    claims(world, owner).claim([stray])
    patch = {"metadata": {"labels": {"app": "debug"}}}
    relabelled = world.client.patch("pods", "p", patch, "default")

    assert claims(world, owner).claim([relabelled]) == []
    assert controller_uid(world.get("pods", "p")) == ""


def test_an_owner_that_is_going_adopts_nothing(world, owner):
    stray = world.client.create(pod("p", {"app": "r"}))
    patch = {"metadata": {"finalizers": ["example.com/hold"]}}
    stale = world.client.patch("replicasets.apps", "r", patch, "default")
    world.client.delete("replicasets.apps", "r", "default")

    with pytest.raises(AdoptionRefusedError, match="default/r has just been deleted"):
        claims(world, stale).claim([stray])


def test_strays_are_those_nobody_controls():
    strays = Strays()
    free = freeze(pod("p", {}))
    reference = {"kind": "ReplicaSet", "name": "r", "uid": "u", "controller": True}
    strays.see(free)
    twin = strays.fork(None)
    strays.see(free.set(("metadata", "ownerReferences"), [reference]))

    assert strays.names("default") == ()
    assert twin.names("default") == ("p",)
