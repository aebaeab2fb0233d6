"""Whole runs: from manifest to quiescence, beside the least that any engine must do.

The floor is what remains when nothing is decided: every object version that the run committed
is written once into a dict, as JSON text.
"""

import json
from typing import Any

import pytest

import kcore
from benchmarks.worlds import BOOKSHOP, SEED, deployment
from kcore.machinery.frozen import thaw


def versions(cluster: kcore.Cluster) -> list[tuple[str, Any]]:
    """As many (key, object) pairs as the run made writes."""
    by_key = {
        f"{obj.kind}/{obj.at('metadata', 'namespace', default='')}/{obj.metadata.name}": thaw(obj)
        for obj in cluster.objects()
    }
    pairs = list(by_key.items())
    count = sum(len(action.writes) for action in cluster.trace)
    return [pairs[number % len(pairs)] for number in range(count)]


def write_all(pairs: list[tuple[str, Any]]) -> None:
    """The floor."""
    store: dict[str, str] = {}
    for key, obj in pairs:
        store[key] = json.dumps(obj)


def run(manifest: Any, nodes: int) -> kcore.Cluster:
    """Ours."""
    cluster = kcore.Cluster(nodes=nodes, seed=SEED)
    cluster.apply(manifest)
    result = cluster.settle()
    assert result.settled, result.unmet
    return cluster


@pytest.mark.benchmark(group="settle the bookshop on 5 nodes")
def test_settle_bookshop(benchmark: Any) -> None:
    """A dozen Deployments with probes, init containers, affinity, tolerations."""
    benchmark.pedantic(lambda: run(BOOKSHOP, 5), rounds=5, warmup_rounds=1)


@pytest.mark.benchmark(group="settle the bookshop on 5 nodes")
def test_floor_of_bookshop(benchmark: Any, settled_bookshop: kcore.Cluster) -> None:
    """Its writes, as JSON into a dict."""
    pairs = versions(settled_bookshop)
    benchmark(write_all, pairs)


@pytest.mark.benchmark(group="settle a Deployment, ten pods a node")
@pytest.mark.parametrize("count", [100, 1000])
def test_settle_replicas(benchmark: Any, count: int) -> None:
    """One Deployment of `count` replicas."""
    benchmark.pedantic(lambda: run(deployment("crowd", count), count // 10), rounds=2)


@pytest.mark.benchmark(group="settle a Deployment, ten pods a node")
@pytest.mark.parametrize("count", [100, 1000])
def test_floor_of_replicas(
    benchmark: Any, settled_crowds: dict[int, kcore.Cluster], count: int
) -> None:
    """Its writes, as JSON into a dict."""
    pairs = versions(settled_crowds[count])
    benchmark.pedantic(lambda: write_all(pairs), rounds=3)
