"""Selectors over many objects, beside reading all of them and beside compressed bitmaps in C++.

The objects are those of a large cluster: about six labels each, 25,000 distinct pairs, values as
unequal as real ones, replicas of an app created together. `pyroaring` takes part where it is
installed (`pip install kcore[bench]`); it is given its sets ready made.
"""

from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Any

import numpy as np
import pytest

from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.labels import Selector, SelectorIndex, parse_selector
from kcore.machinery.postings import Bitmap
from kcore.store.mvcc import Store
from kcore.store.selection import Answer, Facets, Selected, SelectionIndex
from kcore.store.snapshot import BucketView

SIZES = [100_000, 1_000_000]
BATCH = 1000
SELECTOR_COUNT = 5000
ASKED_COUNT = 20

SELECTORS = {
    "env=prod,tier=web": "env=prod,tier=web",
    "app=app-0042": "app=app-0042",
    "app,env,version": "app=app-0001,env=prod,version=version-0003",
    "env in, tier notin": "env in (prod,staging),tier notin (db,cache)",
    "gpu": "gpu",
    "!canary": "!canary",
    "app in 20, env, !canary": "app in ("
    + ",".join(f"app-{number:04d}" for number in range(100, 120))
    + "),env=prod,!canary",
}

# Key, values with their shares (a number: so many, as unequal as Zipf's law), share that has it.
Shape = tuple[str, int | dict[str, float], float]
SHAPES: list[Shape] = [
    ("app", 5000, 1.0),
    ("env", {"prod": 0.5, "staging": 0.2, "dev": 0.15, "qa": 0.1, "perf": 0.05}, 1.0),
    ("tier", {"web": 0.4, "api": 0.3, "db": 0.2, "cache": 0.1}, 0.9),
    ("version", {f"version-{number:04d}": 0.02 for number in range(50)}, 0.8),
    ("team", 200, 0.8),
    ("gpu", {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}, 0.03),
    ("canary", {"true": 1.0}, 0.05),
    ("zone", {"z1": 1 / 3, "z2": 1 / 3, "z3": 1 / 3}, 0.4),
]


def labels_of(value: FrozenMap) -> Any:
    """Where the benchmark's objects keep their labels."""
    return value["labels"]


FACETS = Facets(labels_of, {})


@dataclass(frozen=True, slots=True)
class Crowd:
    """Objects, their index and their numbers per pair, as different tools want them."""

    labels: list[FrozenMap]
    view: BucketView
    index: SelectionIndex
    columns: dict[str, tuple[list[str], Any]]


def zipf(rng: Any, values_count: int, count: int) -> Any:
    """Choices among values, the first the most frequent."""
    shares = 1 / np.arange(1, values_count + 1) ** 1.1
    return rng.choice(values_count, count, p=shares / shares.sum())


def columns_of(count: int) -> dict[str, tuple[list[str], Any]]:
    """Per key its values, and for each object the place of its value, -1 for none."""
    rng = np.random.default_rng(3)
    columns = {}
    for key, values, share in SHAPES:
        if isinstance(values, dict):
            names = list(values)
            chosen = rng.choice(len(names), count, p=np.array(list(values.values())))
        else:
            names = [f"{key}-{number:04d}" for number in range(values)]
            chosen = zipf(rng, values, count)
        if key == "app":
            hashes = chosen * 4 + rng.integers(0, 4, count)
            hash_names = [f"hash-{number:05d}" for number in range(4 * len(names))]
            columns["pod-template-hash"] = (hash_names, present(rng, hashes, 0.95))
        columns[key] = (names, present(rng, chosen, share))
    return columns


def present(rng: Any, chosen: Any, share: float) -> Any:
    """The choices of those that have the label at all."""
    return np.where(rng.random(len(chosen)) < share, chosen, -1)


@cache
def crowd(count: int) -> Crowd:
    """So many objects in a store, with an index."""
    columns = columns_of(count)
    names = [(key, values) for key, (values, _) in columns.items()]
    rows = zip(*(chosen.tolist() for _, chosen in columns.values()), strict=True)
    labels = [
        freeze({key: values[at] for (key, values), at in zip(names, row, strict=True) if at >= 0})
        for row in rows
    ]
    store = Store(2)
    for number, one in enumerate(labels):
        store.put("pods", f"ns-{number % 50:02d}/pod-{number:07d}", freeze({"labels": one}))
    view = store.view("pods")
    # Objects got their numbers as they came, not in key order.
    index = SelectionIndex(FACETS)
    for number, one in enumerate(labels):
        index.ids.take(f"ns-{number % 50:02d}/pod-{number:07d}")
        index.labels.add(number, one)
    return Crowd(labels, view, index, columns)


class Roaring:
    """The same selectors over pyroaring's bitmaps, asked in the same order."""

    def __init__(self, held: Crowd) -> None:
        self.roaring = pytest.importorskip("pyroaring").BitMap
        self.columns = held.columns
        self.everything = self.roaring(range(len(held.labels)))

    def get(self, key: str, value: str) -> Any:
        """Who has the pair."""
        values, chosen = self.columns[key]
        return self.roaring(np.flatnonzero(chosen == values.index(value)).astype(np.uint32))

    def present(self, key: str) -> Any:
        """Who has the key."""
        return self.roaring(np.flatnonzero(self.columns[key][1] >= 0).astype(np.uint32))

    def prepared(self, selector: Selector) -> tuple[list[list[Any]], list[Any]]:
        """The sets to intersect, each perhaps of several to unite, and those to take away."""
        wanted: list[list[Any]] = []
        unwanted = []
        for one in selector.requirements:
            values = [self.get(one.key, value) for value in one.values]
            if one.operator == "!":
                unwanted.append(self.present(one.key))
            elif one.operator == "notin":
                unwanted += values
            else:
                wanted.append(values or [self.present(one.key)])
        return wanted, unwanted

    def run(self, wanted: list[list[Any]], unwanted: list[Any]) -> Any:
        """Unite, intersect from the smallest, take away."""
        sets = [one[0] if len(one) == 1 else self.roaring.union(*one) for one in wanted]
        sets.sort(key=len)
        if len(sets) > 1:
            found = self.roaring.intersection(*sets)
        else:
            found = sets[0] if sets else self.everything
        for one in unwanted:
            found = found - one
        return found


def selecting(function: Any) -> Any:
    """Run a benchmark for every selector and size; each selector is a group."""
    by_selector = pytest.mark.parametrize("selector", SELECTORS)
    return pytest.mark.parametrize("count", SIZES)(by_selector(function))


@selecting
def test_postings(benchmark: Any, selector: str, count: int) -> None:
    """Ours: plan and set algebra, to a bitmap."""
    benchmark.group = f"select {selector}"
    held, parsed = crowd(count), parse_selector(SELECTORS[selector])
    found = benchmark(held.index.bitmap, parsed)
    assert len(found) == sum(map(parsed.matches, held.labels))


@selecting
def test_reading_all(benchmark: Any, selector: str, count: int) -> None:
    """Every object is asked by the compiled matcher."""
    benchmark.group = f"select {selector}"
    held, matches = crowd(count), parse_selector(SELECTORS[selector]).matches
    benchmark.pedantic(
        lambda: [number for number, one in enumerate(held.labels) if matches(one)], rounds=3
    )


@selecting
def test_roaring(benchmark: Any, selector: str, count: int) -> None:
    """pyroaring, without a plan to make."""
    benchmark.group = f"select {selector}"
    held = crowd(count)
    peer = roaring(count)
    wanted, unwanted = peer.prepared(parse_selector(SELECTORS[selector]))
    found = benchmark(peer.run, wanted, unwanted)
    assert list(found) == held.index.bitmap(parse_selector(SELECTORS[selector])).ids()


@cache
def roaring(count: int) -> Roaring:
    """The peer over one crowd."""
    return Roaring(crowd(count))


@pytest.mark.benchmark(group="first page of 500 in key order: app=app-0042")
@pytest.mark.parametrize("count", SIZES)
def test_page(benchmark: Any, count: int) -> None:
    """Ours, from the selector to the entries."""
    held, selector = crowd(count), parse_selector("app=app-0042")

    def page() -> list[Any]:
        index = held.index
        return Selected(held.view, Answer(index.ids, index.bitmap(selector), True)).page(limit=500)

    found = benchmark(page)
    assert [entry.key for entry in found] == sorted(entry.key for entry in found)


@pytest.mark.benchmark(group="first page of 500 in key order: app=app-0042")
@pytest.mark.parametrize("count", SIZES)
def test_page_by_reading(benchmark: Any, count: int) -> None:
    """Objects are read in key order until there are 500."""
    held, matches = crowd(count), parse_selector("app=app-0042").matches

    def page() -> list[Any]:
        entries = (entry for entry in held.view.range() if matches(labels_of(entry.value)))
        return list(islice(entries, 500))

    benchmark.pedantic(page, rounds=3)


@pytest.mark.benchmark(group="first page of 500 in key order: env=prod,tier=web")
@pytest.mark.parametrize("count", SIZES)
def test_dense_page(benchmark: Any, count: int) -> None:
    """Ours, where the walk meets many."""
    held, selector = crowd(count), parse_selector("env=prod,tier=web")

    def page() -> list[Any]:
        index = held.index
        return Selected(held.view, Answer(index.ids, index.bitmap(selector), True)).page(limit=500)

    assert len(benchmark(page)) == 500


@pytest.mark.benchmark(group="index 1000 more objects of six labels")
@pytest.mark.parametrize("count", SIZES)
def test_index_more(benchmark: Any, count: int) -> None:
    """Ours: label postings alone, on a copy, and back."""
    held = crowd(count)
    postings = held.index.labels.copy()
    batch = list(enumerate(held.labels[:BATCH], count))

    def forget() -> None:
        for number, one in batch:
            postings.discard(number, one)

    def more() -> None:
        for number, one in batch:
            postings.add(number, one)

    more()
    benchmark.pedantic(more, setup=forget, rounds=50)


@pytest.mark.benchmark(group="index 1000 more objects of six labels")
@pytest.mark.parametrize("count", SIZES)
def test_index_more_in_sets(benchmark: Any, count: int) -> None:
    """A dict of Python sets, as an informer's indexer keeps them."""
    sets: dict[Any, set[int]] = {}
    batch = list(enumerate(crowd(count).labels[:BATCH], count))

    def more() -> None:
        for number, one in batch:
            for key, value in one.items():
                sets.setdefault((key, value), set()).add(number)
                sets.setdefault(key, set()).add(number)

    def forget() -> None:
        for number, one in batch:
            for key, value in one.items():
                sets[key, value].discard(number)
                sets[key].discard(number)

    more()
    benchmark.pedantic(more, setup=forget, rounds=50)


@pytest.mark.benchmark(group="copy an index and change one object in it")
@pytest.mark.parametrize("count", SIZES)
def test_copy_and_change(benchmark: Any, count: int) -> None:
    """Ours: what a fork or an old revision costs."""
    held = crowd(count)
    before, after = freeze({"labels": held.labels[0]}), freeze({"labels": held.labels[1]})
    key = "ns-00/pod-0000000"

    def change() -> None:
        held.index.copy().replace(key, before, after)

    benchmark(change)


@cache
def services() -> tuple[list[tuple[str, Selector]], SelectorIndex]:
    """Named selectors, a third of them with a second requirement."""
    named = [
        (
            f"s{number:04d}",
            parse_selector(f"app=app-{number:04d}{',env=prod' if number % 3 == 0 else ''}"),
        )
        for number in range(SELECTOR_COUNT)
    ]
    index = SelectorIndex()
    for name, selector in named:
        index.set(name, selector)
    return named, index


@pytest.mark.benchmark(group="which of 5000 selectors select each of 20 objects")
def test_inverse(benchmark: Any) -> None:
    """Ours."""
    index, batch = services()[1], crowd(SIZES[0]).labels[:ASKED_COUNT]

    def ask() -> None:
        for one in batch:
            index.matching(one)

    benchmark(ask)


@pytest.mark.benchmark(group="which of 5000 selectors select each of 20 objects")
def test_inverse_by_asking_each(benchmark: Any) -> None:
    """Every selector is asked."""
    named, index = services()
    batch = crowd(SIZES[0]).labels[:ASKED_COUNT]

    def ask() -> list[list[str]]:
        return [[name for name, selector in named if selector.matches(one)] for one in batch]

    found = benchmark.pedantic(ask, rounds=3)
    assert found == [index.matching(one) for one in batch]


@pytest.mark.benchmark(group="intersect two halves of a million")
def test_intersect(benchmark: Any) -> None:
    """Ours."""
    a, b = Bitmap(range(0, 1_000_000, 2)), Bitmap(range(0, 1_000_000, 3))
    benchmark(lambda: a & b)


@pytest.mark.benchmark(group="intersect two halves of a million")
def test_intersect_int(benchmark: Any) -> None:
    """Python's integers as sets of bits."""
    a = sum(1 << number for number in range(0, 8, 2)) * ((1 << 1_000_000) // 255)
    b = a >> 3
    benchmark(lambda: a & b)
