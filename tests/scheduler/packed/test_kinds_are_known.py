"""What a search ran over serves the next pod of its kind, until what it follows from changes."""

import gc
import weakref

import pytest

from kcore.machinery.frozen import freeze
from tests.scheduler.packed import worlds

ROOM = {"cpu": "4", "memory": "8Gi", "pods": "110"}
NODES = [
    {"labels": {worlds.ZONE: zone}, "taints": [], "cordoned": False, "room": ROOM, "images": []}
    for zone in ("z1", "z1", "z2")
]
POD = {
    "cpu": "50m",
    "memory": "64Mi",
    "gpu": None,
    "storage": None,
    "port": 0,
    "image": "i:1",
    "labels": {"app": "b"},
    "namespace": "default",
    "priority": 0,
    "tolerations": [],
    "nodeSelector": None,
}


@pytest.fixture
def placing():
    return worlds.Placing(NODES, tie_rule=worlds.TieRule.FIRST)


def columns(placing, number, fields=POD):
    """What a search for such a pod runs over, after it was placed."""
    obj = worlds.make_pod(number, fields)
    assert placing.place(obj) is not None
    return placing.engine.prepare(*placing.arguments(placing.infos.of(obj))).columns


def test_pods_of_a_kind_share_columns(placing):
    first = columns(placing, 0)
    assert first.is_plain
    assert columns(placing, 1) is first
    assert columns(placing, 2, {**POD, "labels": {"app": "c"}}) is not first
    assert columns(placing, 3) is first


def test_a_service_that_comes_ties_pods(placing):
    first = columns(placing, 0)
    services = placing.world.listers["services"]
    key, spec = ("default", "s"), {"selector": {"app": "b"}}
    services.objects = services.view = {
        key: freeze({"metadata": {"name": "s", "namespace": "default"}, "spec": spec})
    }
    second = columns(placing, 1)
    assert second is not first
    assert first.relation.wishes_nothing
    assert not second.relation.wishes_nothing


def test_an_owner_that_comes_ties_pods(placing):
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "r", "uid": "r"}
    path = ("metadata", "ownerReferences")
    owned = worlds.make_pod(0, POD).set(path, freeze([{**owner, "controller": True}]))
    infos = placing.infos
    first = placing.engine.prepare(*placing.arguments(infos.of(owned))).columns
    assert placing.engine.prepare(*placing.arguments(infos.of(owned))).columns is first
    assert first.relation.wishes_nothing
    spec = {"selector": {"matchLabels": {"app": "b"}}}
    meta = {"name": "r", "namespace": "default"}
    placing.world.listers["replicasets.apps"].objects["default", "r"] = freeze(
        {"metadata": meta, "spec": spec}
    )
    second = placing.engine.prepare(*placing.arguments(infos.of(owned))).columns
    assert not second.relation.wishes_nothing


@pytest.mark.parametrize("change", ["taint", "new node"])
def test_nodes_that_change_are_asked_again(placing, change):
    first = columns(placing, 0)
    fields = {**NODES[0], "taints": [{"key": "k", "effect": "PreferNoSchedule"}]}
    number = 0 if change == "taint" else 7
    placing.world.cache.set_node(freeze(worlds.node(number, fields)))
    second = columns(placing, 1)
    assert second is not first
    assert first.is_plain
    assert not second.is_plain


def test_terms_that_pods_hold_tie_others(placing):
    first = columns(placing, 0)
    term = {"labelSelector": {"matchLabels": {"app": "b"}}, "topologyKey": worlds.HOST}
    away = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
    lonely = {**POD, "labels": {}, "podAntiAffinity": away}
    known = columns(placing, 1, {**lonely, "labels": {"app": "c"}})
    assert not columns(placing, 2).relation.closes_nothing
    assert first.relation.closes_nothing
    assert known.relation is not first.relation


def _spread(rule):
    selector = {"matchLabels": {"app": "b"}}
    zones = {"topologyKey": worlds.ZONE, "maxSkew": 1, "whenUnsatisfiable": rule}
    return {**POD, "spread": [{**zones, "labelSelector": selector}]}


@pytest.mark.parametrize("rule", ["DoNotSchedule", "ScheduleAnyway"])
def test_pods_that_spread_are_placed_by_counts_of_now(placing, rule):
    zones, fields = {"n0": "z1", "n1": "z1", "n2": "z2"}, _spread(rule)
    first = columns(placing, 0, fields)
    peak, placed = first.peak, []
    assert first.is_barred
    for number in range(1, 9):
        placed.append(zones[placing.place(worlds.make_pod(number, fields))])
        # A look at everything leaves what searches hold as it is.
        placing.engine.check_invariants(placing.world.cache.refresh())
    assert first.peak is peak
    assert placed == ["z2", "z1"] * 4


def test_a_fork_keeps_no_other_world_alive():
    placing = worlds.Placing(NODES)
    columns(placing, 0)
    twin = placing.engine.fork()
    world = weakref.ref(placing.world)
    del placing
    gc.collect()
    assert world() is None
    assert twin.searches_count


def test_what_a_kind_of_pods_is_refused_for_is_asked_again_when_nodes_changed(placing):
    """The paranoid engine compares what plugins left for PostFilter, whoever asked them when."""
    term = {"labelSelector": {"matchLabels": {"app": "b"}}, "topologyKey": worlds.ZONE}
    rules = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
    huge = {**POD, "cpu": "9", "labels": {}, "podAntiAffinity": rules}

    for number in range(0, 9, 3):
        assert placing.place(worlds.make_pod(number, huge)) is None
        assert placing.place(worlds.make_pod(number + 1, huge)) is None
        assert placing.place(worlds.make_pod(number + 2, POD)) is not None
    placing.world.cache.remove_pod("u2")
    assert placing.place(worlds.make_pod(9, huge)) is None
