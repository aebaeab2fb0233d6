"""Nodes are tried zone by zone in turn; the list is rebuilt only when names come or go."""

from kcore.machinery.frozen import freeze
from kcore.scheduler.cache import SchedulerCache


def node(name, zone=""):
    labels = {"topology.kubernetes.io/zone": zone} if zone else {}
    return freeze({"metadata": {"name": name, "labels": labels}})


def names(cache):
    return [info.name for info in cache.refresh()]


def filled(*pairs):
    cache = SchedulerCache()
    for name, zone in pairs:
        cache.set_node(node(name, zone))
    return cache


def test_one_node_of_each_zone_in_turn():
    cache = filled(("a1", "a"), ("a2", "a"), ("b1", "b"), ("a3", "a"), ("c1", "c"))

    assert names(cache) == ["a1", "b1", "c1", "a2", "a3"]


def test_a_node_that_moves_keeps_its_place_until_somebody_comes():
    cache = filled(("a1", "a"), ("a2", "a"), ("b1", "b"))
    assert names(cache) == ["a1", "b1", "a2"]

    cache.set_node(node("a1", "b"))
    assert names(cache) == ["a1", "b1", "a2"]

    cache.set_node(node("d1", "d"))
    assert names(cache) == ["a2", "b1", "d1", "a1"]


def test_an_emptied_zone_goes_to_the_end_when_it_returns():
    cache = filled(("a1", "a"), ("b1", "b"))
    cache.remove_node("a1")
    assert names(cache) == ["b1"]

    cache.set_node(node("a1", "a"))

    assert names(cache) == ["b1", "a1"]


def test_a_fork_does_not_see_what_its_parent_does():
    parent = filled(("a1", "a"), ("b1", "b"))
    parent.refresh()
    fork = parent.fork(None)

    parent.remove_node("a1")
    fork.set_node(node("c1", "c"))

    assert names(parent) == ["b1"]
    assert names(fork) == ["a1", "b1", "c1"]
