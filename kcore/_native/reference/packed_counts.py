"""Counts per row, their sums by id, and what moves them.

Many conditions count members of crowds, one crowd a row. A `RowCounts` is what one condition
counts; an `IdSums` adds rows up that have the same id. Both are repaired as members come and go,
one row and one id at a time:

    a crowd changes  ->  who left, who came  ->  counts that mean them  ->  the row, and its ids

Which counts mean a member depends on its kind alone, and is asked once for each: `MoveCounter` is
derived from, and `counts_of` says it of one that was not seen before.
"""

from collections.abc import Callable, Hashable
from typing import Any

import numpy


class IdSums:
    """A count per id: what the rows with that id have together."""

    __slots__ = ("counts", "is_stale", "places")

    def __init__(self) -> None:
        self.show(numpy.zeros(0, dtype=numpy.int32), numpy.zeros(0, dtype=numpy.int64))
        self.is_stale = True
        """Whether what was added up does not hold any more; it is not repaired then."""

    def show(self, places: Any, counts: Any) -> None:
        """Keep these sums; `places` says in which one a row counts, and is negative for none."""
        self.places, self.counts = places, counts
        self.is_stale = False

    def spoil(self) -> None:
        """What was added up does not hold any more. O(1)."""
        self.is_stale = True

    def _add(self, row: int, amount: int) -> None:
        if self.is_stale:
            return
        if row >= len(self.places):
            raise IndexError(f"no row {row}")
        place = int(self.places[row])
        if place >= len(self.counts):
            raise IndexError(f"no id {place}")
        if place >= 0:
            self.counts[place] += amount


class RowCounts:
    """A count per row, and all sums of it."""

    __slots__ = ("_sums", "per_row")

    def __init__(self, per_row: Any) -> None:
        self.per_row = per_row
        """The counts; whoever writes here must spoil the sums."""
        self._sums: list[IdSums] = []

    def keep(self, sums: IdSums) -> None:
        """Let these sums move with the counts from now on."""
        self._sums.append(sums)

    def add(self, row: int, amount: int) -> None:
        """Count so many more on a row. O(sums)."""
        if not 0 <= row < len(self.per_row):
            raise IndexError(f"no row {row}")
        self.per_row[row] += amount
        for one in self._sums:
            one._add(row, amount)


class MoveCounter:
    """Counts members that come to the crowd of a row and leave it."""

    def __init__(self, kind_of: Callable[[Any], Hashable]) -> None:
        self.known: dict[Any, Any] = {}
        """The counts that mean a member, by its kind: emptied when they may be others."""
        self._kind_of = kind_of

    def counts_of(self, member: Any) -> tuple[RowCounts, ...]:
        """The counts that a member is counted in; derived classes know."""
        raise NotImplementedError

    def crowd_changed(self, row: int, old: Any, new: Any) -> None:
        """The crowd that an item holds is another one, and nothing else. O(of its moves)."""
        self.moved(row, old.held, new.held)

    def moved(self, row: int, old: Any, new: Any) -> None:
        """Others are in the crowd of a row, or newer versions of them. O(of them)."""
        move = new.move_since(old)
        if move is None:
            self._moved_much(row, old, new)
            return
        # As nearly always: one came, or it was renewed, and then no count is another one, mostly.
        gone, came = move
        lost = () if gone is None else self._meant(gone)
        won = () if came is None else self._meant(came)
        if lost != won:
            for one in lost:
                one.add(row, -1)
            for one in won:
                one.add(row, 1)

    def _meant(self, member: Any) -> Any:
        kind = self._kind_of(member)
        found = self.known.get(kind)
        if found is None:
            found = self.known[kind] = self.counts_of(member)
        return found

    def _moved_much(self, row: int, old: Any, new: Any) -> None:
        amounts: dict[RowCounts, int] = {}
        for member, amount in new.changes_since(old):
            for one in self._meant(member):
                amounts[one] = amounts.get(one, 0) + amount
        for one, amount in amounts.items():
            if amount:
                one.add(row, amount)
