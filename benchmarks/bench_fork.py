"""Forking a settled cluster, beside copying its objects."""

import copy
from typing import Any

import pytest

import kcore
from kcore.machinery.frozen import thaw

SIZES = [100, 1000]


@pytest.mark.benchmark(group="fork a cluster")
@pytest.mark.parametrize("count", SIZES)
def test_fork(benchmark: Any, settled_crowds: dict[int, kcore.Cluster], count: int) -> None:
    """API server, store, controllers, scheduler, kubelets: everything."""
    benchmark(settled_crowds[count].fork)


@pytest.mark.benchmark(group="fork a cluster")
@pytest.mark.parametrize("count", SIZES)
def test_copy_objects(benchmark: Any, settled_crowds: dict[int, kcore.Cluster], count: int) -> None:
    """Deep copies of the objects alone, as dicts."""
    objects = [thaw(obj) for obj in settled_crowds[count].objects()]
    benchmark.pedantic(lambda: copy.deepcopy(objects), rounds=5)


@pytest.mark.benchmark(group="fork a cluster and delete a pod in it")
@pytest.mark.parametrize("count", SIZES)
def test_fork_and_repair(
    benchmark: Any, settled_crowds: dict[int, kcore.Cluster], count: int
) -> None:
    """What a what-if question costs: fork, delete, settle."""
    parent = settled_crowds[count]
    name = parent.client.list("pods", "default")[0].metadata.name

    def ask() -> None:
        child = parent.fork()
        child.client.delete("pods", name, "default")
        assert child.settle()

    benchmark.pedantic(ask, rounds=5)
