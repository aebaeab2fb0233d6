"""How many pods are meant, per row, and added up per domain of a label.

A `PodCounts` counts the pods that some condition means: a namespace and a selector, or all terms of
an affinity. Its `DomainSums` add rows up by the value of one label, over the rows that take part.
A pod that comes or goes changes one row and the sums over it; a node that changes its labels makes
sums stale, and they are added up again when somebody asks.

To tell which conditions mean a pod, each condition names one label that it insists on, if it does:
only conditions under one of the pod's own labels, and those without any, are tried.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Final

import numpy

from kcore.machinery.labels import Selector
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.packed.kernels import Counts, Ids, IdSums, MoveCounter, RowCounts
from kcore.scheduler.packed.node_rows import NodeRows, RowChange, rearranged
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


class DomainSums(IdSums):
    """Counts added up by domain, over the rows that take part.

    With `absent_is_empty` a row without the label belongs to the domain of the empty value.
    """

    __slots__ = (
        "_absent_is_empty",
        "_part",
        "ids",
        "label_key",
        "present",
    )

    def __init__(self, label_key: str, part: TakingPart, *, absent_is_empty: bool) -> None:
        super().__init__()
        self.label_key = label_key
        self._part = part
        self._absent_is_empty = absent_is_empty
        self.ids: Ids = numpy.zeros(0, dtype=numpy.int32)
        """The domain of each row, whether it takes part or not; -1 where it is in none."""
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
        # Exact: the counts are small and whole.
        weighed = numpy.bincount(ids[chosen], weights=per_row[chosen], minlength=size)
        self.present = numpy.bincount(ids[chosen], minlength=size).astype(numpy.int64)
        self.show(numpy.where(chosen, ids, numpy.int32(-1)), weighed.astype(numpy.int64))

    @property
    def is_empty(self) -> bool:
        """Whether no domain has anything counted."""
        return not self.counts.any()

    def copy(self, rows: NodeRows) -> "DomainSums":
        """Independent sums with the same content, over rows with the same content."""
        twin = DomainSums(self.label_key, self._part, absent_is_empty=self._absent_is_empty)
        if not self.is_stale:
            twin.ids = rows.domains_of(self.label_key).ids
            twin.present = self.present
            twin.show(self.places, self.counts.copy())
        return twin


class PodCounts(RowCounts):
    """How many pods a condition means, per row."""

    __slots__ = ("_by_key", "anchor", "key", "means")

    def __init__(self, key: Any, means: Condition, anchor: Anchor | None, per_row: Counts) -> None:
        super().__init__(per_row)
        self.key = key
        self.means = means
        self.anchor = anchor
        self._by_key: dict[Any, DomainSums] = {}

    def sums(
        self, label_key: str, part: TakingPart = EVERYWHERE, *, absent_is_empty: bool = False
    ) -> DomainSums:
        """The counts by domain of a label; refresh them before use."""
        key = (label_key, part.key, part.label_keys, absent_is_empty)
        found = self._by_key.get(key)
        if found is None:
            found = DomainSums(label_key, part, absent_is_empty=absent_is_empty)
            self._enter(key, found)
        return found

    def spoil(self) -> None:
        """Nodes changed."""
        for sums in self._by_key.values():
            sums.spoil()

    def copy(self, rows: NodeRows) -> "PodCounts":
        """Independent counts with the same content, over rows with the same content."""
        twin = PodCounts(self.key, self.means, self.anchor, self.per_row.copy())
        for key, one in self._by_key.items():
            twin._enter(key, one.copy(rows))
        return twin

    def _enter(self, key: Any, sums: DomainSums) -> None:
        self._by_key[key] = sums
        self.keep(sums)


class PodCountsBook(MoveCounter):
    """All counts that are kept, by what they count."""

    def __init__(self, rows: NodeRows) -> None:
        super().__init__(attrgetter("namespace", "labels", "is_terminating"))
        self._rows = rows
        self._counts: dict[Any, PodCounts] = {}
        self._anchored: dict[Anchor, list[PodCounts]] = {}
        self._free: list[PodCounts] = []
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

    def rows_changed(self, changes: Sequence[RowChange], others: Sequence[RowChange]) -> None:
        """Count pods that came and went. O(changes + pods that did)."""
        if others:
            for one in self._counts.values():
                one.spoil()
        for row, old, new in changes:
            if old.held is not new.held:
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
            for sums in one._by_key.values():
                # Not those themselves: searches hold the arrays of sums that are not stale.
                anew = sums.copy(self._rows)
                anew.spoil()
                anew.refresh(self._rows, one.per_row)
                if not sums.is_stale:
                    size = len(sums.counts)
                    assert (sums.counts == anew.counts[:size]).all(), f"{sums.label_key}: {key}"
                    assert (sums.places == anew.places).all(), f"{sums.label_key}: {key}"

    def _give_up_if_many(self) -> None:
        count_max = max(COUNTS_COUNT_MIN, COUNTS_BYTES_MAX // (_ROW_BYTES * (len(self._rows) + 64)))
        if len(self._counts) >= count_max:
            self._counts, self._anchored, self._free, self.known = {}, {}, [], {}
            self.version += 1

    def _enter(self, counts: PodCounts) -> None:
        self._counts[counts.key] = counts
        self.is_used = True
        self.known = {}
        if counts.anchor is None:
            self._free.append(counts)
        else:
            self._anchored.setdefault(counts.anchor, []).append(counts)

    def counts_of(self, member: PodInfo) -> tuple[PodCounts, ...]:
        """The counts that a pod is counted in."""
        near = list(self._free)
        for anchor in member.labels.items():
            near.extend(self._anchored.get(anchor, ()))
        if len(self.known) >= KNOWN_KINDS_COUNT_MAX:
            self.known = {}
        return tuple(one for one in near if one.means(member))


def anchor_of(selector: Selector) -> Anchor | None:
    """A label that a selector insists on, or None."""
    for one in selector.requirements:
        if len(one.values) == 1 and one.operator in ("=", "==", "in"):
            return one.key, one.values[0]
    return None
