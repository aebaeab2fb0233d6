"""Room promised to pods that have no node yet, as columns: an entry per promise.

Which promises count depends on who looks for a node (`counts_for`), so a search picks its entries
and adds them up per row: its guests. O(promises + rows) a search, a few nanoseconds each.

    entries   row       2   0   2          guests of a pod of priority 5    row      0   1   2
              priority  5   9   0    ->                                     count    1   0   1
              cpu      10  20  30                                           cpu     20   0  10
"""

from collections.abc import Sequence
from typing import Final

import numpy

from kcore.scheduler.framework.handle import NominatedPods
from kcore.scheduler.framework.promised import with_guests
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.packed.kernels import Counts
from kcore.scheduler.packed.node_rows import NodeRows
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.snapshot import Snapshot

NOBODY: Final = -1
"""The row of an entry that is not in use."""
AMOUNT_MAX: Final = 2**53
"""Sums of a resource stay below it, so that doubles hold them exactly."""
_ENTRIES_COUNT_MIN: Final = 16


class Guests:
    """Who counts on which rows for one pod, beside the pods that are there."""

    __slots__ = ("_amounts", "_entries", "_nominated", "_of", "_pod", "_promises", "counts")

    def __init__(
        self, promises: "Promises", entries: Counts, nominated: NominatedPods, pod: PodInfo
    ) -> None:
        self._promises, self._entries = promises, entries
        self._nominated, self._pod = nominated, pod
        self._of = promises.rows_of(entries)
        self.counts: Counts = numpy.bincount(self._of, minlength=promises.rows_count)
        """How many, by row."""
        self._amounts: dict[str, Counts] = {}

    @property
    def rows(self) -> Counts:
        """Rows where somebody counts, in order. O(rows)."""
        return numpy.flatnonzero(self.counts)

    def amounts(self, resource: str) -> Counts:
        """How much they ask for, by row. O(rows) the first time.

        Raises:
            OverflowError: it is too much for columns.
        """
        known = self._amounts.get(resource)
        if known is None:
            known = self._amounts[resource] = self._summed(self._promises.amounts(resource))
        return known

    @property
    def claims(self) -> Counts:
        """How many volumes of theirs stand for claims, by row. O(rows)."""
        return self._summed(self._promises.claims)

    def node(self, info: NodeInfo) -> NodeInfo:
        """A node as if all who count on it were there."""
        return with_guests(self._nominated, self._pod, info)

    def _summed(self, column: Counts) -> Counts:
        entries, count = self._entries, len(self.counts)
        return numpy.bincount(self._of, column[entries], minlength=count).astype(numpy.int64)


class Promises:
    """All promises; follows the nominator and the rows."""

    def __init__(self, rows: NodeRows) -> None:
        self._nodes = rows
        self._nominated: NominatedPods | None = None
        self._seen = 0
        self._log: list[int] = []
        self._log_start = 0
        self._forget()

    def follow(self, nominated: NominatedPods, snapshot: Snapshot) -> None:
        """Bring entries up to date. O(changes), O(promises) when rows were rearranged.

        Raises:
            OverflowError: amounts are too great for columns.
        """
        if self._arrangement != self._nodes.table.arrangement:
            self._forget()
        changed = None
        if nominated is self._nominated:
            changed = nominated.changed_since(self._seen)
        if changed is None:
            changed = [*self._known, *nominated.by_node]
        self._nominated, self._seen = nominated, nominated.change_count
        # All that ends ends first: a pod may have moved from one node to another.
        names = list(dict.fromkeys(changed))
        for name in names:
            self._end(name)
        for name in names:
            pods = nominated.pods_on(name)
            if pods:
                self._begin(name, pods, snapshot.position(name))

    def let_go(self) -> None:
        """Follow nobody any more; nothing is lost but time."""
        self._nominated = None

    def guests(self, nominated: NominatedPods, pod: PodInfo) -> Guests | None:
        """Who counts for `pod`; None when nobody does. O(promises)."""
        counts = (self._rows >= 0) & (self._priorities >= pod.priority)
        own = self._entry_of.get(pod.uid)
        if own is not None:
            counts[own] = False
        entries = numpy.flatnonzero(counts)
        return Guests(self, entries, nominated, pod) if len(entries) else None

    @property
    def rows_count(self) -> int:
        """How many rows there are."""
        return len(self._nodes)

    def row_of(self, uid: str) -> int | None:
        """Where a pod was promised room, if anywhere. O(1)."""
        entry = self._entry_of.get(uid)
        return None if entry is None else int(self._rows[entry])

    @property
    def change_count(self) -> int:
        """How many changes of rows there were."""
        return self._log_start + len(self._log)

    def changed_since(self, seen: int) -> Sequence[int] | None:
        """Rows where promises changed since so many changes; None: any."""
        return None if seen < self._log_start else self._log[seen - self._log_start :]

    @property
    def claims(self) -> Counts:
        """Volumes that stand for claims, by entry."""
        return self._claims

    def rows_of(self, entries: Counts) -> Counts:
        """The rows of entries."""
        rows: Counts = self._rows[entries]
        return rows

    def amounts(self, resource: str) -> Counts:
        """How much of a resource is asked for, by entry. O(promises) for a new one.

        Raises:
            OverflowError: it is too much for columns.
        """
        column = self._amounts.get(resource)
        if column is None:
            column = numpy.zeros(len(self._rows), dtype=numpy.int64)
            self._totals[resource] = 0
            for uid, entry in self._entry_of.items():
                column[entry] = self._taken(resource, self._pods[uid])
            self._amounts[resource] = column
        return column

    def check_invariants(self, nominated: NominatedPods, snapshot: Snapshot) -> None:
        """Raise AssertionError unless entries are the promises. O(promises)."""
        listed = {
            one.uid: (position, one.priority, one.claims_count)
            for name, pods in nominated.by_node.items()
            if (position := snapshot.position(name)) is not None
            for one in pods
        }
        kept = {
            uid: (self._rows[entry], self._priorities[entry], self._claims[entry])
            for uid, entry in self._entry_of.items()
        }
        assert kept == listed, "entries are not the promises"
        assert int((self._rows >= 0).sum()) == len(listed), "there are more entries than promises"
        for resource, column in self._amounts.items():
            for uid, entry in self._entry_of.items():
                amount = self._pods[uid].requests.requested.get(resource)
                assert column[entry] == amount, f"{uid}: {resource}"

    def _forget(self) -> None:
        self._arrangement: int = self._nodes.table.arrangement
        self._nominated = None
        self._seen = 0
        self._known: dict[str, tuple[PodInfo, ...]] = {}
        self._pods: dict[str, PodInfo] = {}
        self._entry_of: dict[str, int] = {}
        self._free: list[int] = []
        self._rows: Counts = numpy.zeros(0, dtype=numpy.int64)
        self._priorities: Counts = numpy.zeros(0, dtype=numpy.int64)
        self._claims: Counts = numpy.zeros(0, dtype=numpy.int64)
        self._amounts: dict[str, Counts] = {}
        self._totals: dict[str, int] = {}
        # Who follows changes may have missed any.
        self._log_start += len(self._log) + 1
        self._log = []

    def _begin(self, name: str, pods: Sequence[PodInfo], row: int | None) -> None:
        self._known[name] = pods = tuple(pods)
        if row is None:
            return
        self._note(row)
        for one in pods:
            if not self._free:
                self._grow()
            entry = self._free.pop()
            self._entry_of[one.uid], self._pods[one.uid] = entry, one
            self._rows[entry], self._priorities[entry] = row, one.priority
            self._claims[entry] = one.claims_count
            for resource, column in self._amounts.items():
                column[entry] = self._taken(resource, one)

    def _end(self, name: str) -> None:
        for one in self._known.pop(name, ()):
            entry = self._entry_of.pop(one.uid, None)
            if entry is None:
                continue  # Its node is in no row.
            del self._pods[one.uid]
            self._note(int(self._rows[entry]))
            self._rows[entry] = NOBODY
            self._free.append(entry)
            for resource in self._totals:
                self._totals[resource] -= one.requests.requested.get(resource)

    def _taken(self, resource: str, pod: PodInfo) -> int:
        amount = pod.requests.requested.get(resource)
        self._totals[resource] += amount
        if self._totals[resource] >= AMOUNT_MAX:
            self._forget()
            raise OverflowError(f"more {resource} is promised than columns hold")
        return amount

    def _note(self, row: int) -> None:
        """Write down that promises of a row changed."""
        log = self._log
        if len(log) > 2 * len(self._nodes) + 1024:
            self._log_start += len(log)
            log = self._log = []
        log.append(row)

    def _grow(self) -> None:
        before = len(self._rows)
        count = max(_ENTRIES_COUNT_MIN, 2 * before)
        self._rows = _longer(self._rows, count, NOBODY)
        self._priorities = _longer(self._priorities, count, 0)
        self._claims = _longer(self._claims, count, 0)
        self._amounts = {name: _longer(one, count, 0) for name, one in self._amounts.items()}
        self._free = list(range(before, count))


def _longer(column: Counts, count: int, blank: int) -> Counts:
    result = numpy.full(count, blank, dtype=numpy.int64)
    result[: len(column)] = column
    return result
