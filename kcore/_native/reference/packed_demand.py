"""How good each row of a table is for a demand.

A `Demand` asks for amounts and marks each row of a table with a byte:

    0              closed: for a reason of the caller's, no free slot, or too little of something
    1 + worth      open; worth is at most 254

    worth = room_weight * room + balance_weight * balance + extra
    room     weighted mean over resources of the share that stays free (`most`: that is taken), in
             whole per cent rounded down; a resource of which a row has none does not count
    balance  50 + half of (50 + evenness after - evenness now), rounded towards 0
    evenness (1 - half the difference of the used shares of the first two resources) per cent

Where a worth may be greater, marks are 0 or 1 and the `worth` column has the numbers.

The compiled kernel keeps a tree of maxima for `place`; here the greatest mark is looked for.
"""

from collections.abc import Sequence
from typing import Any, Self

import numpy

from kcore._native.reference.packed_table import RESOURCES_MAX, Pairs, Table, taken

MARK_MAX = 254
LOOP = "numpy"


class Demand:
    """What is asked of a row, and a mark for each row of a table.

    `needs` are (resource, amount) that must be free; `scored` are (resource, weight, amount) for
    room; `balanced` are the two amounts for balance, or None without it; `weights` are those of
    room and balance; `adds` is what a placement uses: (resource, amount) pairs, and two weighed
    amounts.
    """

    def __init__(
        self,
        needs: Pairs,
        scored: Sequence[tuple[int, int, int]],
        balanced: tuple[int, int] | None,
        weights: tuple[int, int],
        adds: tuple[Pairs, tuple[int, int]],
        most: bool = False,
    ) -> None:
        if max(len(needs), len(scored), len(adds[0])) > RESOURCES_MAX:
            raise OverflowError(f"a demand names at most {RESOURCES_MAX} resources")
        self._shape = (needs, scored, balanced, weights, adds, most)
        self._needs, self._scored, self._balanced = needs, scored, balanced
        self._room_weight, self._balance_weight = weights
        if balanced is None:
            self._balance_weight = 0
        self.adds = adds
        self._most = most
        self._closed = numpy.zeros(0, dtype=numpy.uint8)
        self._extra: Any = None
        self._marks = numpy.zeros(0, dtype=numpy.uint8)
        self._worth: Any = None
        self._pending: list[int] = []
        self._seen, self._arrangement = 0, -1

    @property
    def is_wide(self) -> bool:
        """Whether worth does not fit a byte, so that `worth` holds it and marks are 0 or 1."""
        return (
            100 * (self._room_weight + self._balance_weight) > MARK_MAX or self._extra is not None
        )

    @property
    def marks(self) -> Any:
        """One byte per row, as of the last `refresh`; do not write."""
        return self._marks

    @property
    def closures(self) -> Any:
        """The reasons why rows are closed, one byte per row; do not write."""
        return self._closed

    @property
    def worth(self) -> Any:
        """Worth per open row where it is wide, else None; do not write."""
        return self._worth

    def rearrange(self, sources: Any) -> None:
        """Follow `Table.rearrange`; new rows are not closed and have no extra. O(rows)."""
        order = numpy.asarray(sources, dtype=numpy.int64)
        extra = self._extra
        self._show(taken(self._closed, order), None if extra is None else taken(extra, order))

    def close(self, row: int, reasons: int, extra: int = 0) -> None:
        """Close a row for reasons of one's own (not 0) or not (0); `extra` adds to its worth."""
        before = self.closed(row)
        if extra and self._extra is None:
            self._show(self._closed, numpy.zeros(len(self._closed), dtype=numpy.int32))
        if before != reasons or (self._extra is not None and self._extra[row] != extra):
            self._closed[row] = reasons
            if self._extra is not None:
                self._extra[row] = extra
            self._pending.append(row)

    def close_all(self, reasons: Any, extra: Any = None) -> None:
        """`close` for every row at once, from arrays. O(rows)."""
        if len(reasons) != len(self._closed):
            raise ValueError("one reason per row")
        own = numpy.array(reasons, dtype=numpy.uint8)
        self._show(own, None if extra is None else numpy.array(extra, dtype=numpy.int32))

    def closed(self, row: int) -> int:
        """The reasons why a row is closed."""
        if not 0 <= row < len(self._closed):
            raise IndexError(f"no row {row}")
        return int(self._closed[row])

    def refresh(self, table: Table) -> Any:
        """Bring the marks up to date, and return them.

        O(rows changed since), or O(rows) when that is less.
        """
        if table.row_count != len(self._closed):
            raise ValueError("a table and a demand of different sizes")
        rows = table.changed_since(self._seen)
        if rows is None or self._arrangement != table.arrangement:
            self._mark(table, numpy.arange(table.row_count))
        elif rows or self._pending:
            self._mark(table, numpy.array([*rows, *self._pending]))
        self._pending = []
        self._seen, self._arrangement = table.change_count, table.arrangement
        return self._marks

    def is_open(self, table: Table, row: int) -> bool:
        """Bring the marks up to date; whether a row is open. O(rows changed since)."""
        marks = self.refresh(table)
        if not 0 <= row < len(marks):
            raise IndexError(f"no row {row}")
        return bool(marks[row])

    def copy(self) -> Self:
        """An independent demand with the same marks. O(rows)."""
        twin = type(self)(*self._shape)
        twin._closed, twin._marks = self._closed.copy(), self._marks.copy()
        twin._extra = None if self._extra is None else self._extra.copy()
        twin._worth = None if self._worth is None else self._worth.copy()
        twin._pending = list(self._pending)
        twin._seen, twin._arrangement = self._seen, self._arrangement
        return twin

    def _show(self, closed: Any, extra: Any) -> None:
        self._closed, self._extra = closed, extra
        self._marks, self._worth = numpy.zeros(len(closed), dtype=numpy.uint8), None
        self._pending, self._arrangement = [], -1

    def _mark(self, table: Table, rows: Any) -> None:
        capacity, used = table.array("capacity")[:, rows], table.array("used")[:, rows]
        is_open = (self._closed[rows] == 0) & (table.array("count") < table.array("slots"))[rows]
        for index, amount in self._needs:
            is_open &= amount <= capacity[index] - used[index]
        worth = self._room_weight * self._room(table, rows)
        if self._balance_weight:
            worth += self._balance_weight * self._balance(table, rows)
        if self._extra is not None:
            worth += self._extra[rows]
        if not self.is_wide:
            self._marks[rows] = numpy.where(is_open, 1 + worth, 0)
            return
        if self._worth is None:
            self._worth = numpy.zeros(table.row_count, dtype=numpy.int32)
        self._marks[rows] = is_open
        self._worth[rows] = numpy.where(is_open, worth, -1)

    def _room(self, table: Table, rows: Any) -> Any:
        total = numpy.zeros(len(rows), dtype=numpy.int64)
        weights = numpy.zeros(len(rows), dtype=numpy.int64)
        for index, weight, wanted in self._scored:
            capacity = table.array("capacity")[index, rows]
            amount = wanted + table.array("weighed" if index < 2 else "used")[index, rows]
            rest = numpy.minimum(amount, capacity) if self._most else capacity - amount
            share = numpy.maximum(rest, 0) * 100 // numpy.maximum(capacity, 1)
            total += numpy.where(capacity == 0, 0, share * weight)
            weights += numpy.where(capacity == 0, 0, weight)
        return total // numpy.maximum(weights, 1)

    def _balance(self, table: Table, rows: Any) -> Any:
        capacity, used = table.array("capacity")[:2, rows], table.array("used")[:2, rows]
        wanted = numpy.array(self._balanced or (0, 0))[:, None]
        change = 50 + _evenness(used + wanted, capacity) - _evenness(used, capacity)
        return 50 + numpy.where(change >= 0, change // 2, -(-change // 2))


def place(table: Table, demands: Sequence[Demand], sequence: Any) -> Any:
    """Place demands one after the other, each on the first row of the greatest mark.

    `sequence` are positions in `demands`. Returns a row for each, or -1 where none was open.
    """
    if any(demand.is_wide for demand in demands):
        raise ValueError("a demand of this weight cannot be placed in a row of others")
    rows = numpy.full(len(sequence), -1, dtype=numpy.int32)
    for turn, position in enumerate(sequence):
        if not 0 <= position < len(demands):
            raise IndexError(f"no demand {position}")
        demand = demands[position]
        demand.refresh(table)
        row = int(demand.marks.argmax()) if len(demand.marks) else 0
        if len(demand.marks) and demand.marks[row]:
            rows[turn] = row
            table.take(row, *demand.adds)
    return rows


def _evenness(used: Any, capacity: Any) -> Any:
    shares = numpy.minimum(used / numpy.maximum(capacity, 1), 1.0)
    # A resource of which there is none has no share, and one share alone is even.
    difference = numpy.where((capacity == 0).any(axis=0), 0.0, numpy.abs(shares[0] - shares[1]) / 2)
    return ((1.0 - difference) * 100).astype(numpy.int64)
