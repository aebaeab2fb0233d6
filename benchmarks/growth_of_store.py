"""`python -m benchmarks.growth_of_store [SIZE ...]`: maps from ten thousand keys to ten million.

Each map and size gets a process of its own. The keys are numbered pods; they are written in random
order, then read and overwritten by equal texts, as requests bring them, not by the same objects:
*any key* is cold, *hot* is one of 2,000. A page is let go before the next is read, or 200 of them
are kept. Processor time is measured, the best of several rounds, with the collector off. Bytes are
resident ones, without keys and values (the store's are with its entries and with the log of what
was written).

The table goes to the terminal, the figures to `docs/reference/store-growth.json` (those of sizes
not asked for stay), and with `--plot` the picture to `docs/reference/store-growth.png`. With
`--workloads` the pods have names as Deployments give them, long and alike, and the table is all.
"""

import gc
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from BTrees.OOBTree import OOBTree
from immutables import Map
from sortedcontainers import SortedDict

from benchmarks.memory_of_pods import resident_bytes
from kcore.machinery.names import SAFE_CHARACTERS
from kcore.printing.table import aligned
from kcore.runtime.choice import SeededSource
from kcore.store.mvcc import Store
from kcore.store.tree import new_tree

SIZES = (10_000, 100_000, 1_000_000)
HUGE = 10_000_000
COPIES = ("dict", "SortedDict", "OOBTree")
HUGE_FORMS = ("dict", "kcore tree", "kcore store")
SAMPLE_COUNT = 100_000
HOT_COUNT = 2_000
PAGE_COUNT = 500
PAGES_COUNT = 200
ROUNDS = 5
OUT = Path(__file__).parent.parent / "docs" / "reference"
FIGURES = {
    "get_hot_ns": "get, hot (ns)",
    "get_cold_ns": "get, any key (ns)",
    "put_ns": "overwrite any key (ns)",
    "page_ns": "500 in order (ns)",
    "snapshot_ns": "snapshot or fork (ns)",
    "bytes": "bytes an entry",
}
COLUMNS = {"insert_ns": "insert (ns)", **FIGURES, "kept_page_ns": "500, kept (ns)"}
WORKLOADS = "--workloads"


@dataclass(frozen=True, slots=True)
class Form:
    """How a map is read and written; None: it cannot, or only by reading everything."""

    get: Callable[[str], Any]
    put: Callable[[str, Any], Any]
    page: Callable[[str], list[Any]] | None
    snapshot: Callable[[], Any]


def dict_form() -> Form:
    """No order, no snapshots but copies."""
    plain: dict[str, Any] = {}
    return Form(plain.get, plain.__setitem__, None, plain.copy)


def sorted_dict_form() -> Form:
    """Order, snapshots by copying."""
    ordered = SortedDict()

    def page(start: str) -> list[Any]:
        return [ordered[key] for key in islice(ordered.irange(start), PAGE_COUNT)]

    return Form(ordered.get, ordered.__setitem__, page, lambda: SortedDict(ordered))


def oob_tree_form() -> Form:
    """Order, snapshots by copying."""
    tree = OOBTree()
    return Form(
        tree.get,
        tree.__setitem__,
        lambda start: list(islice(tree.values(start), PAGE_COUNT)),
        lambda: OOBTree(tree),
    )


def hamt_form() -> Form:
    """Snapshots for free, no order."""
    held = [Map()]

    def put(key: str, value: Any) -> None:
        held[0] = held[0].set(key, value)

    def get(key: str) -> Any:
        return held[0].get(key)

    return Form(get, put, None, lambda: held[0])


def tree_form() -> Form:
    """Order and snapshots, without versions."""
    tree: Any = new_tree()
    return Form(tree.get, tree.set, lambda start: tree.page(start, "", PAGE_COUNT), tree.copy)


def store_form() -> Form:
    """Order, snapshots, a revision for each write, its history and watches."""
    store = Store()
    store.declare("pods", {})

    def page(start: str) -> list[Any]:
        return store.view("pods").page(start, limit=PAGE_COUNT)

    return Form(
        partial(store.get, "pods"),
        partial(store.put, "pods"),
        page,
        store.fork,
    )


FORMS: dict[str, Callable[[], Form]] = {
    "kcore tree": tree_form,
    "kcore store": store_form,
    "dict": dict_form,
    "SortedDict": sorted_dict_form,
    "OOBTree": oob_tree_form,
    "immutables.Map": hamt_form,
}


def numbered_keys(size: int) -> list[str]:
    """Pods in namespaces of 500, in order."""
    return [f"ns-{number // 500:05d}/pod-{number:08d}" for number in range(size)]


def workload_keys(size: int) -> list[str]:
    """Pods as Deployments name them: 50 in each, 20 Deployments in a namespace."""
    source = SeededSource(1)

    def letters(count: int) -> str:
        return source.word("names", SAFE_CHARACTERS, count)

    keys = []
    for namespace in range(-(-size // 1000)):
        for workload in range(20):
            owner = f"team-{namespace % 40}-{namespace:05d}/web-{workload}-{letters(10)}"
            keys += [f"{owner}-{letters(5)}" for _ in range(50)]
    return keys[:size]


def shuffled(keys: list[str]) -> list[str]:
    """Neighbours become strangers, the same way each time."""
    count, stride = len(keys), 7_919
    return [keys[number * stride % count] for number in range(count)]


def best_ns(run: Callable[[], Any], count: int) -> float:
    """Processor time of one of `count` operations, in the best round."""
    best = float("inf")
    for _ in range(ROUNDS):
        start = time.process_time_ns()
        run()
        best = min(best, time.process_time_ns() - start)
    return best / count


def page_figures(page: Callable[[str], Any], starts: list[str]) -> dict[str, float]:
    """What a page costs, its end included."""

    def let_go() -> None:
        for start in starts:
            page(start)

    return {
        "page_ns": best_ns(let_go, len(starts)),
        "kept_page_ns": best_ns(lambda: [page(start) for start in starts], len(starts)),
    }


def measure(name: str, keys: list[str]) -> dict[str, float]:
    """All figures of one map with these keys, written in their order."""
    size = len(keys)
    # An object for each key, as it is in life: reading one costs a miss of its own.
    values = [float(number) for number in range(size)]
    gc.disable()
    form = FORMS[name]()
    before = resident_bytes()
    start = time.process_time_ns()
    for key, value in zip(keys, values, strict=True):
        form.put(key, value)
    insert_ns = (time.process_time_ns() - start) / size
    entry_bytes = (resident_bytes() - before) / size
    sample = [key.encode().decode() for key in shuffled(keys)[:SAMPLE_COUNT]]
    hot = shuffled(sample[:HOT_COUNT] * 50)
    get, put, page = form.get, form.put, form.page

    def read(some: list[str]) -> None:
        for key in some:
            get(key)

    def write() -> None:
        for key, value in zip(sample, values, strict=False):
            put(key, value)

    snapshots = 1 if name in COPIES else 10_000
    return {
        "insert_ns": insert_ns,
        "bytes": entry_bytes,
        "get_cold_ns": best_ns(lambda: read(sample), len(sample)),
        "get_hot_ns": best_ns(lambda: read(hot), len(hot)),
        "put_ns": best_ns(write, len(sample)),
        **({} if page is None else page_figures(page, sample[:PAGES_COUNT])),
        "snapshot_ns": best_ns(lambda: [form.snapshot() for _ in range(snapshots)], snapshots),
    }


def runs(sizes: list[int]) -> Iterator[tuple[str, int]]:
    """What is measured, in order."""
    for size in sizes:
        for name in FORMS:
            if size < HUGE or name in HUGE_FORMS:
                yield name, size


def main() -> int:
    """Measure each map in its own process; 0."""
    arguments = sys.argv[1:]
    sizes = [int(one) for one in arguments if one.isdigit()] or list(SIZES)
    has_workloads = WORKLOADS in arguments
    if arguments and arguments[0] in FORMS:
        keys = workload_keys(sizes[0]) if has_workloads else numbered_keys(sizes[0])
        print(json.dumps(measure(arguments[0], shuffled(keys))))
        return 0
    figures = OUT / "store-growth.json"
    results: dict[str, dict[str, dict[str, float]]] = {}
    if not has_workloads and figures.exists():
        results = json.loads(figures.read_text(encoding="utf-8"))
    for name, size in runs(sizes):
        command = [sys.executable, "-m", "benchmarks.growth_of_store", name, str(size)]
        command += [WORKLOADS] if has_workloads else []
        output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        results.setdefault(name, {})[str(size)] = json.loads(output)
        print(f"measured {name} with {size} keys", file=sys.stderr)
    print(table(results))
    if has_workloads:
        return 0
    figures.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    if "--plot" in arguments:
        plot(results, OUT / "store-growth.png")
    return 0


def table(results: dict[str, dict[str, dict[str, float]]]) -> str:
    """A row per map and size."""
    rows = [["MAP", "KEYS", *COLUMNS.values()]]
    for name, by_size in results.items():
        for size, figures in by_size.items():
            cells = [figures.get(one) for one in COLUMNS]
            rows.append([name, size, *("" if one is None else f"{one:.0f}" for one in cells)])
    return aligned(rows)


def plot(results: dict[str, dict[str, dict[str, float]]], path: Path) -> None:
    """One panel per figure, sizes to the right, both axes logarithmic."""
    from matplotlib import pyplot as plt  # noqa: PLC0415  # not needed by those who only measure

    figure, axes = plt.subplots(2, 3, figsize=(13, 7.5), constrained_layout=True)
    for panel, (key, title) in zip(axes.flat, FIGURES.items(), strict=True):
        for number, (name, by_size) in enumerate(results.items()):
            points = [(int(size), row[key]) for size, row in by_size.items() if key in row]
            if points:
                style = "o-" if name.startswith("kcore") else "o--"
                line = panel.plot(*zip(*points, strict=True), style, label=name, linewidth=1.6)
                line[0].set_color(f"C{number}")
        panel.set(xscale="log", title=title, xlabel="keys")
        panel.set_yscale("linear" if key == "bytes" else "log")
        panel.grid(alpha=0.3)
    figure.legend(*axes.flat[0].get_legend_handles_labels(), loc="outside upper center", ncols=6)
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    sys.exit(main())
