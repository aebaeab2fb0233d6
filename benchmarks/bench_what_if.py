"""What-if drains: where the pods of a node would go, each question on a fork of its own.

`all_nodes` is 1,000 single-node drains of a cluster with 1,000 nodes and 30,000 pods; its peer is
one drain of the same cluster, as a reminder that questions do not disturb each other.
"""

from typing import Any

import pytest

from benchmarks.worlds import filled_scheduler
from kcore.scheduler.scheduler import Scheduler
from kcore.scheduler.what_if import plan_drain

NODES_COUNT = 1_000
PODS_PER_NODE_COUNT = 30


@pytest.fixture(scope="module")
def scheduler() -> Scheduler:
    """A scheduler that knows the full cluster."""
    return filled_scheduler(NODES_COUNT, PODS_PER_NODE_COUNT)


@pytest.mark.benchmark(group="1,000 drains")
def test_all_nodes(benchmark: Any, scheduler: Scheduler) -> None:
    """A drain of every node; every pod fits somewhere else."""
    names = [node.name for node in scheduler.world.cache.refresh().nodes]

    def ask() -> int:
        return sum(len(plan_drain(scheduler, name).moves) for name in names)

    moved = benchmark.pedantic(ask, rounds=1)
    assert moved == NODES_COUNT * PODS_PER_NODE_COUNT


@pytest.mark.benchmark(group="one drain")
def test_one_node(benchmark: Any, scheduler: Scheduler) -> None:
    """A single question."""
    name = scheduler.world.cache.refresh().nodes[0].name
    plan = benchmark(plan_drain, scheduler, name)
    assert len(plan.moves) == PODS_PER_NODE_COUNT
