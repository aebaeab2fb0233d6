"""Going through the nodes that hold choosy pods shows each node as it is now."""

from kcore.machinery.frozen import freeze
from kcore.scheduler.cache import SchedulerCache
from kcore.scheduler.pod_info import PodInfo

TERM = {"topologyKey": "rack", "labelSelector": {}}


def node(rack):
    return freeze({"metadata": {"name": "n", "labels": {"rack": rack}}})


def choosy(name):
    anti_affinity = {"requiredDuringSchedulingIgnoredDuringExecution": [TERM]}
    spec = {"nodeName": "n", "affinity": {"podAntiAffinity": anti_affinity}}
    return PodInfo(freeze({"metadata": {"name": name, "uid": name}, "spec": spec}))


def racks(nodes):
    return [one.labels["rack"] for one in nodes]


def test_a_node_that_moves_takes_its_choosy_pods_along():
    cache = SchedulerCache()
    cache.set_node(node("a"))
    cache.set_pod(choosy("p"))
    snapshot = cache.refresh()
    assert racks(snapshot.nodes_with_affinity) == ["a"]
    assert racks(snapshot.nodes_with_required_anti_affinity) == ["a"]

    cache.set_node(node("b"))
    cache.refresh()

    assert racks(snapshot.nodes_with_affinity) == ["b"]
    assert racks(snapshot.nodes_with_required_anti_affinity) == ["b"]


def test_a_pod_that_leaves_is_not_met():
    cache = SchedulerCache()
    cache.set_node(node("a"))
    cache.set_pod(choosy("p"))
    cache.set_pod(choosy("q"))
    cache.refresh()

    cache.remove_pod("p")
    snapshot = cache.refresh()
    assert [one.name for one in snapshot.nodes[0].pods_with_affinity] == ["q"]

    cache.remove_pod("q")
    cache.refresh()
    assert not snapshot.nodes_with_affinity
    assert not snapshot.nodes_with_required_anti_affinity
