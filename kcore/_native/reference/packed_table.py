"""Rows with capacities and used amounts.

A row has slots, and capacities and used amounts of numbered resources. Amounts of the first two
resources are counted twice: as `used`, and as `weighed` (what is used when everybody counts for
something).

A placement changes one row, so what follows from rows is repaired and not recomputed: the table
writes down which rows changed, in order, and each reader remembers how far it has read. Whoever
keeps an item per row lets the table follow the items: most are replaced because of their crowds.
`rearrange` gives rows other places, and starts the list anew.
"""

from collections.abc import Sequence
from typing import Any, Protocol, Self, TypeVar

import numpy

from kcore._native.reference.shelf import Shelf

RESOURCES_MAX = 32
EXACT = 2**53

Pairs = Sequence[tuple[int, int]]


class Sums(Protocol):
    """A crowd in a row: how many, and what they use together, as `Table.use` takes it."""

    @property
    def size(self) -> int:
        """How many slots it takes."""

    @property
    def sums(self) -> tuple[int, ...]:
        """The same object while nobody comes or goes."""


class Item(Protocol):
    """One version of what stands in a row."""

    @property
    def frame(self) -> object:
        """All that it is but its crowd: the same object where nothing of that is another."""

    @property
    def held(self) -> Sums:
        """Its crowd."""


V = TypeVar("V", bound=Item)
V_contra = TypeVar("V_contra", contravariant=True)


class CrowdObserver(Protocol[V_contra]):
    """Is told when a crowd changes."""

    def crowd_changed(self, row: int, old: V_contra, new: V_contra) -> None:
        """Nothing else about the item in this row did."""


class Table:
    """Rows with slots, capacities and used amounts; remembers in which order rows changed."""

    def __init__(self, resource_count: int = 3) -> None:
        if not 2 <= resource_count <= RESOURCES_MAX:
            raise ValueError(f"a table has 2 to {RESOURCES_MAX} resources")
        self.resource_count = resource_count
        self.arrangement = 0
        self._arrays: dict[str, Any] = {
            "capacity": numpy.zeros((resource_count, 0), dtype=numpy.int64),
            "used": numpy.zeros((resource_count, 0), dtype=numpy.int64),
            "weighed": numpy.zeros((2, 0), dtype=numpy.int64),
            "slots": numpy.zeros(0, dtype=numpy.int32),
            "count": numpy.zeros(0, dtype=numpy.int32),
        }
        self._log: list[int] = []
        self._log_start = 0

    @property
    def row_count(self) -> int:
        """How many rows there are."""
        return len(self._arrays["slots"])

    @property
    def change_count(self) -> int:
        """How many changes of rows there were in this arrangement."""
        return self._log_start + len(self._log)

    def add_resource(self, capacity: Sequence[int], used: Sequence[int]) -> int:
        """Make room for another resource, with these amounts per row; returns its index.

        Raises:
            OverflowError: there is no room, or an amount is not below 2**53.
        """
        if self.resource_count >= RESOURCES_MAX:
            raise OverflowError(f"a table has at most {RESOURCES_MAX} resources")
        columns = []
        for amounts in (capacity, used):
            if len(amounts) != self.row_count:
                raise ValueError("one amount per row")
            columns.append(numpy.array([[_exact(one) for one in amounts]], dtype=numpy.int64))
        for name, column in zip(("capacity", "used"), columns, strict=True):
            self._arrays[name] = numpy.concatenate([self._arrays[name], column])
        self.resource_count += 1
        return self.resource_count - 1

    def rearrange(self, sources: Any) -> None:
        """Row i becomes what row `sources[i]` was, or an empty row where that is -1. O(rows)."""
        order = numpy.asarray(sources, dtype=numpy.int64)
        self._arrays = {name: taken(array, order) for name, array in self._arrays.items()}
        self.arrangement += 1
        self._log, self._log_start = [], 0

    def set(
        self, row: int, slots: tuple[int, int], amounts: Pairs, weighed: tuple[int, int]
    ) -> None:
        """Give a row (slots, taken slots), (capacity, used) per resource, and two weighed amounts.

        What is the same as before is no change.

        Raises:
            OverflowError: an amount is not below 2**53.
        """
        before = self.row(row)
        arrays = self._arrays
        arrays["slots"][row], arrays["count"][row] = slots
        for index in range(self.resource_count):
            for name, amount in zip(("capacity", "used"), amounts[index], strict=True):
                arrays[name][index, row] = _exact(amount)
        for index in range(2):
            arrays["weighed"][index, row] = _exact(weighed[index])
        if self.row(row) != before:
            self.note(row)

    def set_all(
        self,
        rows: list[int],
        capacities: list[tuple[int, ...]],
        taken: list[int],
        sums: list[tuple[int, ...]],
    ) -> None:
        """`set` for many rows at once. O(rows * resources).

        For each its slots with all capacities, its taken slots, and what is used of all resources
        with the two weighed amounts.

        Raises:
            OverflowError: an amount is not below 2**53.
        """
        for row, has, count, uses in zip(rows, capacities, taken, sums, strict=True):
            if len(has) != self.resource_count + 1 or len(uses) != self.resource_count + 2:
                raise ValueError("an amount for each resource, and two weighed ones")
            pairs = list(zip(has[1:], uses[:-2], strict=True))
            self.set(row, (has[0], count), pairs, (uses[-2], uses[-1]))

    def use(self, row: int, taken: int, sums: tuple[int, ...]) -> None:
        """Say anew how much of a row is used: of the first resources, and then the weighed two.

        Capacities stay, and what `sums` leaves out. What is the same as before is no change.

        Raises:
            OverflowError: an amount is not below 2**53.
        """
        used_count = len(sums) - 2
        if not 0 <= used_count <= self.resource_count:
            raise ValueError("more amounts than resources")
        (slots, _), amounts, _ = self.row(row)
        kept = [capacity_and_used[1] for capacity_and_used in amounts[used_count:]]
        capacities = [capacity_and_used[0] for capacity_and_used in amounts]
        pairs = list(zip(capacities, (*sums[:used_count], *kept), strict=True))
        self.set(row, (slots, taken), pairs, (sums[used_count], sums[used_count + 1]))

    def follow(
        self, items: list[V], shelf: Shelf[V], observers: Sequence[CrowdObserver[V]]
    ) -> list[int] | None:
        """Put newer items into their rows where nothing but their crowds is another.

        `items` are those of the rows, and are written; newer ones stand on the shelf, which is
        asked for its changes. Observers are told of each change. Returns None, or the rows where
        more is another, in order: whoever calls deals with those. No row at all is named where any
        may be another, because the shelf is. O(changes).

        Raises:
            OverflowError: an amount is not below 2**53.
        """
        newer, rows = shelf.items, shelf.take_changes()
        if len(items) != self.row_count:
            raise ValueError("one item per row")
        if rows is None or len(newer) != self.row_count:
            return []
        others = []
        for row in rows:
            self._check_row(row)
            old, new = items[row], newer[row]
            if old is new:
                continue
            if old.frame is not new.frame:
                others.append(row)
                continue
            items[row] = new
            # Whoever comes or goes makes new sums; one that is renewed does not.
            if new.held.sums is not old.held.sums:
                self.use(row, new.held.size, new.held.sums)
            for observer in observers:
                observer.crowd_changed(row, old, new)
        return others or None

    def row(self, row: int) -> tuple[tuple[int, int], tuple[tuple[int, int], ...], tuple[int, int]]:
        """What `set` was told of a row."""
        self._check_row(row)
        arrays = self._arrays
        amounts = tuple(
            (int(arrays["capacity"][index, row]), int(arrays["used"][index, row]))
            for index in range(self.resource_count)
        )
        weighed = arrays["weighed"]
        slots = int(arrays["slots"][row]), int(arrays["count"][row])
        return slots, amounts, (int(weighed[0, row]), int(weighed[1, row]))

    def column(self, name: str, index: int) -> Any:
        """A copy of one column of amounts (`capacity`, `used`, `weighed`), as doubles."""
        return self._arrays[name][index].astype(numpy.float64)

    def counts(self) -> tuple[Any, Any]:
        """A copy of the columns (slots, taken slots)."""
        return self._arrays["slots"].copy(), self._arrays["count"].copy()

    def copy(self) -> Self:
        """An independent table with the same content. O(rows)."""
        twin = type(self)(self.resource_count)
        twin.arrangement = self.arrangement
        twin._arrays = {name: array.copy() for name, array in self._arrays.items()}
        twin._log, twin._log_start = list(self._log), self._log_start
        return twin

    def array(self, name: str) -> Any:
        """The column itself; for `Demand`."""
        return self._arrays[name]

    def changed_since(self, seen: int) -> list[int] | None:
        """The rows that changed, in order; None when it is quicker to look at every row."""
        if seen < self._log_start or (self.change_count - seen) * 4 > self.row_count + 256:
            return None
        return self._log[seen - self._log_start :]

    def take(self, row: int, adds: Pairs, weighed: tuple[int, int]) -> None:
        """Use amounts and a slot of a row."""
        for index, amount in adds:
            self._arrays["used"][index, row] += amount
        for index in range(2):
            self._arrays["weighed"][index, row] += weighed[index]
        self._arrays["count"][row] += 1
        self.note(row)

    def note(self, row: int) -> None:
        """Write down that a row changed."""
        if len(self._log) > 2 * self.row_count + 1024:
            self._log_start += len(self._log)
            self._log = []
        self._log.append(row)

    def _check_row(self, row: int) -> None:
        if not 0 <= row < self.row_count:
            raise IndexError(f"no row {row}")


def taken(array: Any, order: Any) -> Any:
    """`array` with its rows (the last axis) in a new order; 0 where there was nothing."""
    if array.shape[-1] == 0:
        return numpy.zeros((*array.shape[:-1], len(order)), dtype=array.dtype)
    result = array[..., numpy.where(order < 0, 0, order)]
    result[..., order < 0] = 0
    return result


def _exact(amount: int) -> int:
    if not -EXACT < amount < EXACT:
        raise OverflowError("an amount must be below 2**53")
    return amount
