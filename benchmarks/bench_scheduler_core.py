"""The scheduler's arithmetic alone: deciding over columns, beside deciding over objects.

No API, no store: nodes and pods are in memory, and each decision counts for the next. Every
function of a group decides about the same pods; `DECISIONS` (or the number in the name) says how
many, so a median divided by it is the price of one.
"""

from collections.abc import Callable
from typing import Any

import numpy
import pytest

from kcore._native import packed_demand, packed_table
from kcore._native.reference import packed_demand as demand_twin
from kcore._native.reference import packed_table as table_twin
from kcore.machinery.frozen import freeze
from kcore.runtime.choice import FairSource
from kcore.scheduler.attempt import Attempt, Found, Search
from kcore.scheduler.builtin import DEFAULT_PROFILE
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.packed.engine import PackedEngine
from kcore.scheduler.packed.filling import Filling
from kcore.scheduler.pod_info import PodInfos
from kcore.scheduler.sampling import TieRule
from tests.conformance.scheduler.world import World

DECISIONS = 10_000
MIB = 2**20
ZONE = "topology.kubernetes.io/zone"


def filled_table(module: Any, count: int) -> Any:
    """Nodes of three sizes, a few pods on each."""
    table = module.Table(3)
    table.rearrange(numpy.full(count, -1))
    for row in range(count):
        pods = row % 9
        table.set(
            row,
            (110, pods),
            (
                (8000 + row % 7 * 100, pods * 250),
                (32 * 1024 * MIB + row % 13 * MIB, pods * 256 * MIB),
                (0, 0),
            ),
            (pods * 250, pods * 256 * MIB),
        )
    return table


def demand(module: Any, cpu: int, memory: int, count: int) -> Any:
    """LeastAllocated and BalancedAllocation for a pod of one size."""
    made = module.Demand(
        [(0, cpu), (1, memory)],
        [(0, 1, cpu), (1, 1, memory)],
        (cpu, memory),
        (1, 1),
        ([(0, cpu), (1, memory)], (cpu, memory)),
    )
    made.rearrange(numpy.full(count, -1))
    return made


def kinds(module: Any, kinds_count: int, count: int) -> list[Any]:
    """Demands of different sizes; a single one is of a common size."""
    if kinds_count == 1:
        return [demand(module, 250, 256 * MIB, count)]
    return [
        demand(module, 100 + 50 * kind, 128 * MIB * (1 + kind % 16), count)
        for kind in range(kinds_count)
    ]


def turns(kinds_count: int, decisions: int) -> Any:
    """Which kind comes when: mixed, the same in every run."""
    return numpy.random.default_rng(1).integers(0, kinds_count, decisions).astype(numpy.int32)


def placing(
    kinds_count: int, count: int
) -> Callable[[], tuple[tuple[Any, Any, Any], dict[Any, Any]]]:
    """Fresh columns for each round."""
    table = filled_table(packed_table, count)
    demands = kinds(packed_demand, kinds_count, count)
    for one in demands:
        one.refresh(table)
    # The trees of maxima are part of what is kept.
    packed_demand.place(table, demands, numpy.arange(kinds_count, dtype=numpy.int32))
    sequence = turns(kinds_count, DECISIONS)

    def setup() -> tuple[tuple[Any, Any, Any], dict[Any, Any]]:
        fresh = table.copy()
        mine = [one.copy() for one in demands]
        packed_demand.place(fresh, mine, numpy.arange(kinds_count, dtype=numpy.int32))
        return (fresh, mine, sequence), {}

    return setup


@pytest.mark.benchmark(group="10,000 identical pods, all nodes")
@pytest.mark.parametrize("count", [100, 1000, 5000, 10_000, 100_000, 1_000_000])
def test_identical(benchmark: Any, count: int) -> None:
    """One kind of pod: a placement repairs one row, a tree of maxima finds the next."""
    benchmark.pedantic(packed_demand.place, setup=placing(1, count), rounds=15)


@pytest.mark.benchmark(group="10,000 pods of 100 kinds in turn, all nodes")
@pytest.mark.parametrize("count", [5000, 100_000])
def test_interleaved(benchmark: Any, count: int) -> None:
    """Each placement repairs one row for each kind."""
    benchmark.pedantic(packed_demand.place, setup=placing(100, count), rounds=7)


@pytest.mark.benchmark(group="1 pod of a kind never seen, all nodes")
@pytest.mark.parametrize("count", [5000, 100_000])
def test_full_rescore(benchmark: Any, count: int) -> None:
    """Filter and score every row, and find the best."""
    table = filled_table(packed_table, count)
    fresh = [demand(packed_demand, 100 + number, 500 * MIB, count) for number in range(4000)][
        : 4000 if count < 100_000 else 200
    ]
    unused = iter(fresh * 50)

    def rescore(one: Any) -> int:
        one.refresh(table)
        return int(one.marks.argmax())

    benchmark.pedantic(rescore, setup=lambda: ((next(unused).copy(),), {}), rounds=200)


@pytest.mark.benchmark(group="1 pod of a kind never seen, all nodes")
@pytest.mark.parametrize("count", [5000, 100_000])
def test_full_rescore_numpy(benchmark: Any, count: int) -> None:
    """The same in numpy: the readable twin of the kernel."""
    table = filled_table(table_twin, count)
    one = demand(demand_twin, 100, 500 * MIB, count)

    def rescore() -> int:
        one.rearrange(numpy.arange(count))
        one.refresh(table)
        return int(one.marks.argmax())

    benchmark.pedantic(rescore, rounds=5)


def world(count: int) -> World:
    """Empty nodes in three zones."""
    nodes = [
        {
            "metadata": {
                "name": f"node-{number}",
                "labels": {"kubernetes.io/hostname": f"node-{number}", ZONE: f"z{number % 3}"},
            },
            "status": {"allocatable": {"cpu": "4", "memory": "32Gi", "pods": "110"}},
        }
        for number in range(count)
    ]
    made = World({"nodes": nodes})
    made.choices = FairSource()
    return made


def pods(kind: str, count: int) -> list[Any]:
    """Pods of upstream's default size, one template."""
    labels = {"app": kind}
    spec: dict[str, Any] = {
        "containers": [{"name": "c", "resources": {"requests": {"cpu": "100m", "memory": "500Mi"}}}]
    }
    selector = {"matchLabels": labels}
    if kind == "spread":
        spec["topologySpreadConstraints"] = [
            {
                "topologyKey": ZONE,
                "maxSkew": 1,
                "whenUnsatisfiable": "DoNotSchedule",
                "labelSelector": selector,
            }
        ]
    if kind == "affinity":
        term = {"labelSelector": selector, "topologyKey": ZONE}
        required = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
        spec["affinity"] = {"podAffinity": required}
    template = freeze({"metadata": {"name": "p", "namespace": "d", "labels": labels}, "spec": spec})
    return [template.set(("metadata", "name"), f"p{number}") for number in range(count)]


def attempts(
    kind: str, count: int, decisions: int, engine: str, percentage: int
) -> Callable[[], int]:
    """Search and assume, one pod after the other; the nodes stay as full as they got."""
    here = world(count)
    runner = here.runner_of(DEFAULT_PROFILE)
    packed = PackedEngine({runner.scheduler_name: runner})
    infos, state = PodInfos(), {"start": 0, "round": 0}
    templates = pods(kind, decisions)

    def run() -> int:
        state["round"] += 1
        for pod in templates:
            named = pod.set(("metadata", "uid"), f"{pod.metadata.name}-{state['round']}")
            info = infos.of(named)
            snapshot = here.cache.refresh()
            search = Search(percentage, state["start"], TieRule.RANDOM)
            cycle = CycleState(here)
            if engine == "packed":
                found = packed.find(runner, cycle, info, snapshot, search)
            else:
                found = Attempt(runner, cycle, snapshot, search).find(info, here.choices)
            assert isinstance(found, Found)
            state["start"] = found.next_start_index
            here.cache.assume(info.on_node(found.node_name))
        return state["start"]

    run()
    return run


@pytest.mark.benchmark(group="100 attempts, sampled as upstream")
@pytest.mark.parametrize("count", [1000, 5000])
def test_packed(benchmark: Any, count: int) -> None:
    """Attempts through the engine, with upstream's adaptive share of nodes."""
    benchmark.pedantic(attempts("plain", count, 100, "packed", 0), rounds=10)


@pytest.mark.benchmark(group="100 attempts, sampled as upstream")
@pytest.mark.parametrize("count", [1000])
def test_readable(benchmark: Any, count: int) -> None:
    """The same attempts with the plugins as they are written."""
    benchmark.pedantic(attempts("plain", count, 100, "readable", 0), rounds=2)


@pytest.mark.benchmark(group="50 attempts, all nodes")
@pytest.mark.parametrize("count", [1000, 5000, 100_000])
def test_packed_all(benchmark: Any, count: int) -> None:
    """Every node is a candidate."""
    benchmark.pedantic(attempts("plain", count, 50, "packed", 100), rounds=5)


@pytest.mark.benchmark(group="50 attempts, all nodes")
@pytest.mark.parametrize("count", [1000])
def test_readable_all(benchmark: Any, count: int) -> None:
    """The same with the plugins as they are written."""
    benchmark.pedantic(attempts("plain", count, 50, "readable", 100), rounds=1)


@pytest.mark.benchmark(group="50 attempts with spread, then with affinity")
@pytest.mark.parametrize("count", [1000, 5000])
def test_relations_packed(benchmark: Any, count: int) -> None:
    """Counts per domain, kept."""
    spread = attempts("spread", count, 25, "packed", 0)
    affinity = attempts("affinity", count, 25, "packed", 0)
    benchmark.pedantic(lambda: (spread(), affinity()), rounds=5)


@pytest.mark.benchmark(group="50 attempts with spread, then with affinity")
@pytest.mark.parametrize("count", [1000])
def test_relations_readable(benchmark: Any, count: int) -> None:
    """Counts per domain, counted each time."""
    spread = attempts("spread", count, 25, "readable", 0)
    affinity = attempts("affinity", count, 25, "readable", 0)
    benchmark.pedantic(lambda: (spread(), affinity()), rounds=1)


@pytest.mark.benchmark(group="fill nodes with as many pods, from objects to names")
@pytest.mark.parametrize("count", [10_000, 100_000])
def test_fill(benchmark: Any, count: int) -> None:
    """Columns from a snapshot, then every pod."""
    here = world(count)
    runner = here.runner_of(DEFAULT_PROFILE)
    infos = PodInfos()
    listed = [infos.of(pod) for pod in pods("plain", count)]
    snapshot = here.cache.refresh()
    benchmark.pedantic(lambda: Filling(runner, here, snapshot).place(listed), rounds=2)
