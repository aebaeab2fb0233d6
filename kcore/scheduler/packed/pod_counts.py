"""How many pods are meant, per row, and added up per domain of a label.

A `PodCounts` counts the pods that some condition means: a namespace and a selector, or all terms of
an affinity. Its `DomainSums` add rows up by the value of one label, over the rows that take part.
A pod that comes or goes changes one row and the sums over it; a node that changes its labels makes
sums stale, and they are added up again when somebody asks.

To tell which conditions mean a pod, each condition names one label that it insists on, if it does:
only conditions under one of the pod's own labels, and those without any, are tried.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy

from kcore.machinery.labels import Selector
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.node_pods import NodePods
from kcore.scheduler.packed.kernels import Counts, Ids
from kcore.scheduler.packed.node_rows import NodeRows, rearranged
from kcore.scheduler.pod_info import PodInfo

# Kinds of pods whose counts are remembered before the memory is emptied.
KNOWN_KINDS_COUNT_MAX: Final = 20_000

# Counts may take about this many bytes; beyond, all are given up and those needed counted anew.
COUNTS_BYTES_MAX: Final = 512 * 1024 * 1024
COUNTS_COUNT_MIN: Final = 64
_ROW_BYTES: Final = 8

Condition = Callable[[PodInfo], bool]
Anchor = tuple[str, str]
"""A label (key, value) that every meant pod has."""


@dataclass(frozen=True, slots=True)
class TakingPart:
    """Which rows count for sums: those with all of these labels, and for which `test` holds."""

    key: Any
    label_keys: tuple[str, ...] = ()
    test: Callable[[NodeInfo], bool] | None = None

    def includes(self, info: NodeInfo) -> bool:
        """Whether the row of a node takes part."""
        labels = info.labels
        if not all(key in labels for key in self.label_keys):
            return False
        return self.test is None or self.test(info)


EVERYWHERE: Final = TakingPart(None)


class DomainSums:
    """Counts added up by domain, over the rows that take part.

    With `absent_is_empty` a row without the label belongs to the domain of the empty value.
    """

    __slots__ = (
        "_absent_is_empty",
        "_part",
        "_places",
        "counts",
        "ids",
        "is_stale",
        "label_key",
        "present",
    )

    def __init__(self, label_key: str, part: TakingPart, *, absent_is_empty: bool) -> None:
        self.label_key = label_key
        self._part = part
        self._absent_is_empty = absent_is_empty
        self.is_stale = True
        """Whether nodes changed since the counts were added up."""
        self.ids: Ids = numpy.zeros(0, dtype=numpy.int32)
        """The domain of each row, whether it takes part or not; -1 where it is in none."""
        # In which domain each row counts; -1 where it does in none.
        self._places: Ids = self.ids
        self.counts: Counts = numpy.zeros(0, dtype=numpy.int64)
        self.present: Counts = self.counts
        """How many rows that take part lie in each domain."""

    def refresh(self, rows: NodeRows, per_row: Counts) -> None:
        """Add up again if nodes changed. O(rows) then, else O(1)."""
        if not self.is_stale:
            return
        domains = rows.domains_of(self.label_key)
        size = len(domains.values)
        self.ids = domains.ids
        ids = numpy.maximum(domains.ids, 0) if self._absent_is_empty else domains.ids
        chosen = ids >= 0
        if self._part is not EVERYWHERE:
            includes = self._part.includes
            chosen &= numpy.fromiter(map(includes, rows.infos), dtype=bool, count=len(rows))
        self._places = numpy.where(chosen, ids, numpy.int32(-1))
        # Exact: the counts are small and whole.
        weighed = numpy.bincount(ids[chosen], weights=per_row[chosen], minlength=size)
        self.counts = weighed.astype(numpy.int64)
        self.present = numpy.bincount(ids[chosen], minlength=size).astype(numpy.int64)
        self.is_stale = False

    def spoil(self) -> None:
        """Nodes changed: add up again before the next use."""
        self.is_stale = True

    def add(self, row: int, amount: int) -> None:
        """The count of a row changed. O(1)."""
        if not self.is_stale:
            place = self._places[row]
            if place >= 0:
                self.counts[place] += amount

    @property
    def is_empty(self) -> bool:
        """Whether no domain has anything counted."""
        return not self.counts.any()

    def copy(self, rows: NodeRows) -> "DomainSums":
        """Independent sums with the same content, over rows with the same content."""
        twin = DomainSums(self.label_key, self._part, absent_is_empty=self._absent_is_empty)
        twin.is_stale, twin._places = self.is_stale, self._places
        if not self.is_stale:
            twin.ids = rows.domains_of(self.label_key).ids
        twin.counts, twin.present = self.counts.copy(), self.present
        return twin


class PodCounts:
    """How many pods a condition means, per row."""

    __slots__ = ("_sums", "anchor", "key", "means", "per_row")

    def __init__(self, key: Any, means: Condition, anchor: Anchor | None, per_row: Counts) -> None:
        self.key = key
        self.means = means
        self.anchor = anchor
        self.per_row = per_row
        self._sums: dict[Any, DomainSums] = {}

    def sums(
        self, label_key: str, part: TakingPart = EVERYWHERE, *, absent_is_empty: bool = False
    ) -> DomainSums:
        """The counts by domain of a label; refresh them before use."""
        key = (label_key, part.key, part.label_keys, absent_is_empty)
        found = self._sums.get(key)
        if found is None:
            found = DomainSums(label_key, part, absent_is_empty=absent_is_empty)
            self._sums[key] = found
        return found

    def add(self, row: int, amount: int) -> None:
        """So many meant pods more on a row."""
        self.per_row[row] += amount
        for sums in self._sums.values():
            sums.add(row, amount)

    def spoil(self) -> None:
        """Nodes changed."""
        for sums in self._sums.values():
            sums.spoil()

    def copy(self, rows: NodeRows) -> "PodCounts":
        """Independent counts with the same content, over rows with the same content."""
        twin = PodCounts(self.key, self.means, self.anchor, self.per_row.copy())
        twin._sums = {key: one.copy(rows) for key, one in self._sums.items()}
        return twin


class MovesCounter(ABC):
    """Counts pods that come to a row and leave it, where they are meant."""

    def moved(self, row: int, old: NodePods, new: NodePods) -> None:
        """Other pods are on a row, or newer versions of them. O(of them)."""
        move = new.move_since(old)
        if move is None:
            self._moved_much(row, old, new)
            return
        # As nearly always: a pod came, or it was renewed, and then no count is another one, mostly.
        gone, came = move
        lost = () if gone is None else self._meaning(gone)
        won = () if came is None else self._meaning(came)
        if lost != won:
            for one in lost:
                one.add(row, -1)
            for one in won:
                one.add(row, 1)

    @abstractmethod
    def _meaning(self, pod: PodInfo) -> tuple[PodCounts, ...]:
        """The counts that a pod is counted in."""

    def _moved_much(self, row: int, old: NodePods, new: NodePods) -> None:
        amounts: dict[PodCounts, int] = {}
        for pod, amount in new.changes_since(old):
            for one in self._meaning(pod):
                amounts[one] = amounts.get(one, 0) + amount
        for one, amount in amounts.items():
            if amount:
                one.add(row, amount)


class PodCountsBook(MovesCounter):
    """All counts that are kept, by what they count."""

    def __init__(self, rows: NodeRows) -> None:
        self._rows = rows
        self._counts: dict[Any, PodCounts] = {}
        self._anchored: dict[Anchor, list[PodCounts]] = {}
        self._free: list[PodCounts] = []
        self._known: dict[Any, tuple[PodCounts, ...]] = {}
        self.is_used = False
        """Whether anything is counted."""
        self.version = 0
        """Changes when counts are given up: whoever holds some must ask again."""

    def __len__(self) -> int:
        """Return how many conditions are counted."""
        return len(self._counts)

    def of(self, key: Any, means: Condition, anchor: Anchor | None) -> PodCounts:
        """The counts under `key`; when there are none yet, every pod is looked at. O(pods) then."""
        found = self._counts.get(key)
        if found is None:
            self._give_up_if_many()
            per_row = numpy.fromiter(
                (sum(map(means, info.pods)) for info in self._rows.infos),
                dtype=numpy.int64,
                count=len(self._rows),
            )
            found = PodCounts(key, means, anchor, per_row)
            self._enter(found)
        return found

    def rearrange(self, sources: Any) -> None:
        """Follow the rows. O(conditions * rows)."""
        for one in self._counts.values():
            one.per_row = rearranged(one.per_row, sources, 0)
            one.spoil()

    def row_changed(self, row: int, old: NodeInfo, new: NodeInfo) -> None:
        """Count pods that came and went. O(pods that did)."""
        if not self.is_used:
            return
        if old.facts is not new.facts:
            for one in self._counts.values():
                one.spoil()
        if old.held is not new.held:
            self.moved(row, old.held, new.held)

    def crowd_changed(self, row: int, old: NodeInfo, new: NodeInfo) -> None:
        """Count pods that came, went or were renewed, where nothing else of the node is another."""
        self.moved(row, old.held, new.held)

    def copy(self, rows: NodeRows) -> "PodCountsBook":
        """Independent counts over independent rows."""
        twin = PodCountsBook(rows)
        for one in self._counts.values():
            twin._enter(one.copy(rows))
        return twin

    def check_invariants(self) -> None:
        """Raise AssertionError unless counts are those of the pods. O(conditions * pods)."""
        for key, one in self._counts.items():
            for row, info in enumerate(self._rows.infos):
                counted = sum(map(one.means, info.pods))
                assert one.per_row[row] == counted, f"{info.name}: {key}"
            for sums in one._sums.values():
                before = sums.copy(self._rows)
                sums.spoil()
                sums.refresh(self._rows, one.per_row)
                if not before.is_stale:
                    size = len(before.counts)
                    assert (before.counts == sums.counts[:size]).all(), f"{sums.label_key}: {key}"
                    assert (before._places == sums._places).all(), f"{sums.label_key}: {key}"

    def _give_up_if_many(self) -> None:
        count_max = max(COUNTS_COUNT_MIN, COUNTS_BYTES_MAX // (_ROW_BYTES * (len(self._rows) + 64)))
        if len(self._counts) >= count_max:
            self._counts, self._anchored, self._free, self._known = {}, {}, [], {}
            self.version += 1

    def _enter(self, counts: PodCounts) -> None:
        self._counts[counts.key] = counts
        self.is_used = True
        self._known = {}
        if counts.anchor is None:
            self._free.append(counts)
        else:
            self._anchored.setdefault(counts.anchor, []).append(counts)

    def _meaning(self, pod: PodInfo) -> tuple[PodCounts, ...]:
        kind = (pod.namespace, pod.labels, pod.is_terminating)
        found = self._known.get(kind)
        if found is None:
            near = list(self._free)
            for anchor in pod.labels.items():
                near.extend(self._anchored.get(anchor, ()))
            found = tuple(one for one in near if one.means(pod))
            if len(self._known) >= KNOWN_KINDS_COUNT_MAX:
                self._known = {}
            self._known[kind] = found
        return found


def anchor_of(selector: Selector) -> Anchor | None:
    """A label that a selector insists on, or None."""
    for one in selector.requirements:
        if len(one.values) == 1 and one.operator in ("=", "==", "in"):
            return one.key, one.values[0]
    return None
