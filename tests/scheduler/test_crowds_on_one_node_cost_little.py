"""Pods that come to one crowded node: what a change costs does not grow with the crowd."""

import pytest

from kcore.machinery.frozen import freeze
from kcore.scheduler import node_info
from kcore.scheduler.cache import SchedulerCache
from kcore.scheduler.node_pods import NodePods
from kcore.scheduler.packed.packed_state import PackedState
from kcore.scheduler.pod_info import PodInfos

CROWD_COUNT = 20_000
NOTHING = (0, 0, 0, 0, 0)


@pytest.fixture
def listed(monkeypatch):
    """How many pods each new list had."""
    counts = []

    class Counted(NodePods):
        __slots__ = ()

        def read(self):
            if self.changes_count:
                counts.append(self.size)
            return super().read()

    monkeypatch.setattr(node_info, "NO_CROWD", Counted((), node_info.NO_CROWD.sums))
    return counts


def pod(number):
    container = {"name": "c", "resources": {"requests": {"cpu": "1m"}}}
    return freeze(
        {
            "metadata": {"name": f"p{number}", "namespace": "ns", "uid": f"u{number}"},
            "spec": {"containers": [container], "priority": 1},
        }
    )


def test_few_lists_are_made_while_nobody_reads(listed):
    infos = PodInfos()
    cache, packed = SchedulerCache(), PackedState()
    room = {"cpu": "64", "pods": str(CROWD_COUNT)}
    cache.set_node(freeze({"metadata": {"name": "n"}, "status": {"allocatable": room}}))
    for number in range(CROWD_COUNT):
        placed = infos.of(pod(number)).on_node("n")
        cache.assume(placed)
        packed.follow(cache.refresh())
        cache.set_pod(placed.later(placed.pod.set(("status", "phase"), "Running")))
        if number % 10 == 9:
            cache.remove_pod(f"u{number // 2}")
    changes_count = 2 * CROWD_COUNT + CROWD_COUNT // 10

    assert sum(listed) < 2 * changes_count
    packed.follow(cache.refresh())
    packed.check_invariants(cache.snapshot)


def test_versions_of_a_full_list_are_not_listed_one_by_one(listed):
    """Preemption thinks many times from the same node."""
    infos = PodInfos()
    held = node_info.NO_CROWD
    for number in range(2_000):
        held = held.plus(infos.of(pod(number)), NOTHING)
    before = len(listed)

    for one in held.read():
        held.minus(one, NOTHING)
    for number in range(2_000):
        held.plus(infos.of(pod(number)), NOTHING)

    assert len(listed) <= before + 1
