"""A GPU cluster filled under placement policies: one run of a synthetic trace of openb's size.

The peer of FGD is the policy that only draws at random, which shows what the scoring costs.
"""

from typing import Any

import pytest

from kcore.replay.experiment import Workload, replay
from kcore.replay.openb import PodKind, Trace, TraceNode
from kcore.runtime.choice import SeededSource

NODES_COUNT = 1_200
PODS_COUNT = 8_000


@pytest.fixture(scope="module")
def workload() -> Workload:
    """Nodes with two to eight GPUs, and a hundred kinds of pods."""
    nodes = tuple(
        TraceNode(f"node-{number}", 96_000, 400_000, (2, 4, 8, 8)[number % 4], f"M{number % 3}")
        for number in range(NODES_COUNT)
    )
    kinds = [
        PodKind(
            1000 * (1 + number % 16),
            2048 * (1 + number % 8),
            1 if number % 5 else (0, 2, 4, 8)[number // 5 % 4],
            0 if not number % 20 else (1000, 810, 470, 320, 230)[number % 5],
            (),
        )
        for number in range(100)
    ]
    return Workload.of(Trace(nodes, tuple(kinds[n * n % 100] for n in range(PODS_COUNT))))


@pytest.mark.benchmark(group="replay a trace")
@pytest.mark.parametrize("policy", ["FGD", "BestFit", "Random"])
def test_replay(benchmark: Any, workload: Workload, policy: str) -> None:
    """Every pod placed or dropped, and a reading at each percent of load."""
    run = benchmark.pedantic(lambda: replay(workload, policy, SeededSource(1)), rounds=3)
    assert run.placed > 0
