"""One search after the other by one scheduler: what is taken for granted then is still true."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.scheduler.attempt import Attempt, Found, Search
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.packed.engine import PackedEngine
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.sampling import TieRule
from tests.scheduler.packed import worlds
from tests.scheduler.packed.test_churn_is_repaired import Churning, steps


class Repeating(Churning):
    """Searches with one engine and one `Search`, as a scheduler does, and compares each time."""

    def __init__(self, nodes):
        super().__init__(nodes)
        self.engine = PackedEngine({self.runner.scheduler_name: self.runner})
        self.search = Search(self.percentage, 0, TieRule.FIRST)

    def find(self, pod):
        """One search by each engine."""
        self.search.start_index = self.start
        snapshot, choices = self.world.cache.refresh(), self.world.choices
        search = Search(self.percentage, self.start, TieRule.FIRST)
        state = CycleState(self.world)
        readable = Attempt(self.runner, state, snapshot, search).find(pod, choices)
        found = self._found(pod, snapshot)
        assert type(found) is type(readable)
        assert found.next_start_index == readable.next_start_index
        if isinstance(found, Found):
            assert found.node_name == readable.node_name
        else:
            assert found.diagnosis.message == readable.diagnosis.message
        self.engine.check_invariants(snapshot)
        self.start = found.next_start_index
        return found

    def _found(self, pod, snapshot):
        """As a scheduler asks: what was known of the last of its like, or all."""
        engine, search, world = self.engine, self.search, self.world
        if not world.nominated.promised:
            spot = engine.find_again(pod, snapshot, search, world)
            if spot is not None:
                return Found(spot[0], (), {}, spot[1])
        return engine.find(self.runner, CycleState(world), pod, snapshot, search)


@settings(max_examples=40, deadline=None)
@given(
    nodes=st.lists(worlds.nodes, min_size=1, max_size=6),
    history=st.lists(steps, min_size=1, max_size=25),
)
def test_any_history(nodes, history):
    world = Repeating(nodes)
    for kind, what in history:
        world.apply(kind, what)


ROOM = {"cpu": "4", "memory": "8Gi", "pods": "110"}
NODES = [{"labels": {}, "taints": [], "cordoned": False, "room": ROOM, "images": []}] * 4
POD = {
    "cpu": "500m", "memory": None, "gpu": None, "storage": None, "port": 0, "image": "i",
    "labels": {}, "namespace": "other", "priority": 0, "tolerations": [], "nodeSelector": None,
}  # fmt: skip


@pytest.fixture
def long_ways(monkeypatch):
    """Searches that took nothing for granted."""
    found = []
    find = PackedEngine.find

    def counted(self, runner, state, pod, snapshot, search):
        found.append(pod.name)
        return find(self, runner, state, pod, snapshot, search)

    monkeypatch.setattr(PackedEngine, "find", counted)
    return found


def test_the_like_of_a_pod_is_placed_on_the_short_way(long_ways):
    world = Repeating(NODES)
    for _ in range(6):
        world.apply("place", POD)
    assert long_ways == ["p1"]
    world.apply("set node", (1, {**NODES[0], "cordoned": True}))
    world.apply("place", POD)
    world.apply("place", POD)
    assert long_ways == ["p1", "p7"]
    world.apply("place promised", (POD, 2))
    assert long_ways == ["p1", "p7", "p9"]
    world.apply("fork", False)
    world.apply("place", POD)
    world.apply("place", POD)
    assert long_ways == ["p1", "p7", "p9", "p10"]
    world.world.nominated.nominate(PodInfo(worlds.make_pod(99, {**POD, "priority": 9})), "n0")
    world.apply("place", POD)
    assert long_ways == ["p1", "p7", "p9", "p10", "p12"]


def test_one_whose_amounts_became_too_great_is_searched_for_over_nodes(long_ways):
    world = Repeating(NODES)
    world.apply("place", POD)
    world.apply("place", POD)
    world.apply("set node", (3, {**NODES[0], "room": {**ROOM, "memory": "8Ei"}}))
    for _ in range(3):
        world.apply("place", POD)
    assert long_ways == ["p1", "p3", "p4", "p5"]
    assert sum(world.engine.fallbacks.values()) == 3


def test_pods_that_name_a_node_take_the_long_way(long_ways):
    world = Repeating(NODES)
    world.apply("place", POD)
    info = world.infos.of(worlds.make_pod(7, POD))
    assert world.find(info).node_name
    assert world.find(info.on_node("n2")).node_name == "n2"
    assert long_ways == ["p1", "p7"]
