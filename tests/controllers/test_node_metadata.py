"""Nodes carry the old label names and say how long kubelets may cache."""

import pytest

from kcore.controllers.node_metadata import TTL, ttl_s
from tests.controllers.hollow_world import HollowWorld, node


def metadata(world, name):
    return world.client.get("nodes", name)["metadata"]


@pytest.fixture
def world():
    world = HollowWorld(nodes=0, prompt=True)
    world.client.create(
        node("n1", labels={"kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"})
    )
    world.settle()
    return world


def test_old_labels_follow_the_new_ones(world):
    labels = metadata(world, "n1")["labels"]
    assert labels["beta.kubernetes.io/os"] == "linux"
    assert labels["beta.kubernetes.io/arch"] == "amd64"

    world.client.patch("nodes", "n1", {"metadata": {"labels": {"kubernetes.io/arch": "arm64"}}})
    world.settle()

    assert metadata(world, "n1")["labels"]["beta.kubernetes.io/arch"] == "arm64"


def test_a_node_without_them_gets_none(world):
    world.client.create(node("n2"))
    world.settle()

    assert set(metadata(world, "n2")["labels"]) == {"kubernetes.io/hostname"}


def test_a_removed_annotation_comes_back_and_nothing_else_is_written(world):
    assert metadata(world, "n1")["annotations"] == {TTL: "0"}
    revision = world.store.revision
    world.settle()
    assert world.store.revision == revision

    world.client.patch("nodes", "n1", {"metadata": {"annotations": {TTL: None}}})
    world.settle()

    assert metadata(world, "n1")["annotations"] == {TTL: "0"}
    assert world.store.revision == revision + 2


@pytest.mark.parametrize(
    ("count", "seconds"),
    [(1, 0), (100, 0), (101, 15), (501, 30), (1001, 60), (2001, 300), (10_001, 600)],
)
def test_bigger_clusters_cache_longer(count, seconds):
    assert ttl_s(count) == seconds
