"""Pods carry the zone and region of their node, however they got there."""

import pytest

ZONE, REGION = "topology.kubernetes.io/zone", "topology.kubernetes.io/region"


@pytest.fixture
def node(door):
    labels = {ZONE: "z1", REGION: "r1", "disk": "ssd"}
    body = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1", "labels": labels}}
    return door.create("nodes", body)


def bind(door, target, **metadata):
    body = {
        "apiVersion": "v1",
        "kind": "Binding",
        "metadata": {"name": "p", **metadata},
        "target": target,
    }
    door.create("pods", body, name="p", subresource="binding")
    return door.get("pods", "p")["metadata"].get("labels")


def test_a_binding_brings_them(door, make, node):
    door.create("pods", make.pod("p", labels={"app": "web", ZONE: "wrong"}))

    labels = bind(door, {"kind": "Node", "name": "n1"}, labels={"extra": "1"})

    assert labels == {"app": "web", "extra": "1", ZONE: "z1", REGION: "r1"}


def test_a_pod_born_with_a_node_has_them(door, make, node):
    pod = door.create("pods", make.pod("p", node="n1"))

    assert pod["metadata"]["labels"] == {ZONE: "z1", REGION: "r1"}


def test_a_pod_without_node_keeps_its_own(door, make, node):
    pod = door.create("pods", make.pod("p", labels={ZONE: "mine"}))

    assert pod["metadata"]["labels"] == {ZONE: "mine"}


@pytest.mark.parametrize(
    "target", [{"kind": "Node", "name": "gone"}, {"name": "n1"}], ids=["no node", "no kind"]
)
def test_other_targets_bring_nothing(door, make, node, target):
    door.create("pods", make.pod("p"))

    assert bind(door, target) is None


def test_later_changes_of_the_node_do_not_reach_the_pod(door, make, node):
    door.create("pods", make.pod("p"))
    bind(door, {"kind": "Node", "name": "n1"})
    door.update("nodes", door.get("nodes", "n1").set(("metadata", "labels", ZONE), "z2"))

    assert door.get("pods", "p")["metadata"]["labels"][ZONE] == "z1"
