"""What a placement costs against the number of nodes, from a hundred to a million.

    python -m benchmarks.growth_of_scheduler [--plot] [--million]

Lines: pods of one kind and of a hundred kinds placed in turn over columns, a pod of a kind never
seen (every row is scored), and whole attempts of the packed engine and of the readable path with
upstream's adaptive sampling. `--million` fills a million nodes with a million pods of a hundred
kinds, from Node and Pod objects to node names, and tells time and peak memory.

Times are processor time of this process, the least of several rounds: what others do on the machine
counts as little as possible. The figures go to `docs/reference/scheduler-growth.json`, and with
`--plot` the picture to `docs/reference/scheduler-growth.png`.
"""

import argparse
import gc
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy

from benchmarks.bench_scheduler_core import (
    DECISIONS,
    MIB,
    ZONE,
    attempts,
    demand,
    filled_table,
    placing,
)
from benchmarks.harness import machine_facts
from kcore._native import packed_demand, packed_table
from kcore.machinery.frozen import freeze
from kcore.scheduler.builtin import DEFAULT_PROFILE
from kcore.scheduler.packed.filling import NOWHERE, Filling
from kcore.scheduler.pod_info import PodInfos
from tests.conformance.scheduler.world import World

OUT = Path(__file__).parent.parent / "docs" / "reference"
SIZES = (100, 1000, 10_000, 100_000, 1_000_000)
ROUNDS = 7


def least(run: Callable[[], Any], decisions: int, rounds: int = ROUNDS) -> float:
    """Processor time per decision in nanoseconds: the least of several rounds."""
    best = float("inf")
    for _ in range(rounds):
        start = time.process_time_ns()
        run()
        best = min(best, time.process_time_ns() - start)
    return best / decisions


def in_turn(kinds_count: int, count: int) -> float:
    """Pods of so many kinds, mixed."""
    setup = placing(kinds_count, count)
    best = float("inf")
    for _ in range(ROUNDS):
        arguments, _ = setup()
        start = time.process_time_ns()
        packed_demand.place(*arguments)
        best = min(best, time.process_time_ns() - start)
    return best / DECISIONS


def never_seen(count: int) -> float:
    """Score every row and find the best."""
    table = filled_table(packed_table, count)
    fresh = demand(packed_demand, 100, 500 * MIB, count)
    everything = numpy.arange(count)

    def rescore() -> None:
        fresh.refresh(table)
        fresh.marks.argmax()

    best = float("inf")
    for _ in range(40 if count < SIZES[-1] else 10):
        # A new arrangement makes every mark stale, as those of a new kind are.
        fresh.rearrange(everything)
        start = time.process_time_ns()
        rescore()
        best = min(best, time.process_time_ns() - start)
    return best


def by_attempts(engine: str, count: int) -> float:
    """Whole attempts, snapshot and assumption included."""
    decisions = 200 if engine == "packed" else 20
    return least(attempts("plain", count, decisions, engine, 0), decisions, rounds=5)


LINES: dict[str, tuple[Callable[[int], float], int]] = {
    "one kind in turn": (lambda count: in_turn(1, count), SIZES[-1]),
    "100 kinds in turn": (lambda count: in_turn(100, count), SIZES[-1]),
    "a kind never seen": (never_seen, SIZES[-1]),
    "attempts, packed": (lambda count: by_attempts("packed", count), 100_000),
    "attempts, readable": (lambda count: by_attempts("readable", count), 10_000),
}


def measure() -> dict[str, dict[str, float]]:
    """Nanoseconds per pod, by line and number of nodes."""
    results: dict[str, dict[str, float]] = {}
    for line, (run, largest) in LINES.items():
        results[line] = {}
        for count in SIZES:
            if count <= largest:
                results[line][str(count)] = round(run(count), 1)
        row = "  ".join(f"{int(count):>9,}: {ns:>12,.0f}" for count, ns in results[line].items())
        print(f"{line:20} {row}")
    return results


def plot(results: dict[str, dict[str, float]], path: Path) -> None:
    """Both axes logarithmic."""
    from matplotlib.figure import Figure  # noqa: PLC0415 - only who plots needs it

    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    for line, points in results.items():
        axes.loglog([int(count) for count in points], list(points.values()), "o-", label=line)
    axes.set_xlabel("nodes")
    axes.set_ylabel("nanoseconds a pod")
    axes.grid(visible=True, which="major", alpha=0.3)
    axes.legend()
    figure.savefig(path, dpi=110)


def million(count: int) -> dict[str, Any]:
    """As many pods of a hundred kinds as nodes of four sizes, from objects to names."""
    gc.disable()
    parts: dict[str, float] = {}
    clock = time.process_time()
    wall = time.perf_counter()

    def lap(part: str) -> None:
        nonlocal clock
        parts[part] = round(time.process_time() - clock, 2)
        clock = time.process_time()

    nodes = [_node(kind) for kind in range(12)]
    named = [nodes[n % 12].set(("metadata", "name"), f"node-{n}") for n in range(count)]
    kinds = [_pod(kind) for kind in range(100)]
    pods = [kinds[n % 100].set(("metadata", "name"), f"pod-{n}") for n in range(count)]
    lap("objects")
    world = World()
    for node in named:
        world.cache.set_node(node)
    snapshot = world.cache.refresh()
    lap("cache and snapshot")
    filling = Filling(world.runner_of(DEFAULT_PROFILE), world, snapshot)
    lap("columns")
    infos = PodInfos()
    places = filling.place([infos.of(pod) for pod in pods])
    lap("decisions")
    gc.enable()
    return {
        "nodes": count,
        "pods": count,
        "placed": count - places.count(NOWHERE),
        "processor_s": parts,
        "processor_total_s": round(sum(parts.values()), 1),
        "wall_s": round(time.perf_counter() - wall, 1),
        "peak_memory_bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }


def _node(kind: int) -> Any:
    size = 1 + kind % 4
    allocatable = {"cpu": str(4 * size), "memory": f"{32 * size}Gi", "pods": "110"}
    labels = {ZONE: f"z{kind % 3}"}
    return freeze(
        {"metadata": {"name": "n", "labels": labels}, "status": {"allocatable": allocatable}}
    )


def _pod(kind: int) -> Any:
    requests = {"cpu": f"{100 + 50 * kind}m", "memory": f"{128 * (1 + kind % 16)}Mi"}
    container = {"name": "c", "image": "i", "resources": {"requests": requests}}
    return freeze(
        {"metadata": {"name": "p", "namespace": "d"}, "spec": {"containers": [container]}}
    )


def main() -> int:
    """Measure, print, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plot", action="store_true", help="draw the lines")
    parser.add_argument("--million", type=int, nargs="?", const=SIZES[-1], help="fill so many")
    options = parser.parse_args()
    path = OUT / "scheduler-growth.json"
    known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if options.million:
        known["million"] = million(options.million)
        print(json.dumps(known["million"], indent=1))
    else:
        known |= {"machine": machine_facts(), "ns_per_pod": measure()}
    path.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    if options.plot and "ns_per_pod" in known:
        plot(known["ns_per_pod"], OUT / "scheduler-growth.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
