"""The best of the first open rows that counts let pass.

A `GatedPeak` is to a whole search what `packed_peak` is: how many candidates share the greatest
mark, and which row one of them is, where nothing is added to marks. Its gates are made once for
many searches and read counts as they are at each: whoever holds counts may change them, but neither
which row has which id nor how many ids there are.

A gate is that of `packed_search`: (ids, counts, low, high, absent_passes). A level is (ids, counts,
present, slack, fewest): a row passes when its count exceeds the least one among the ids that are
present (not 0) by no more than `slack`; where fewer than `fewest` ids are present, by that much
above nothing. A row without an id does not pass.

Wishes let counts have a say in which candidate is best, besides marks: they are (needed, parts,
weight, weigh), and add what `Search.add_spread` does. A part is (ids, counts, ids count, offset,
by row); its factor is `weigh` of how many ids the candidates have, or how many candidates there
are, those apart that have no id in one of the columns `needed`.
"""

from collections.abc import Callable, Sequence
from typing import Any

from kcore._native.reference.packed_search import GATES_MAX, Gate, Search, lowest

ANY_LEAST = -(2**62)

Level = tuple[Any, Any, Any, int, int]
WishPart = tuple[Any, Any, int, float, bool]
Wishes = tuple[tuple[Any, ...], tuple[WishPart, ...], int, Callable[[int], float]]


class GatedPeak:
    """The passing rows with the greatest mark among the first that a walk meets."""

    def __init__(
        self,
        size: int,
        gates: Sequence[Gate],
        levels: Sequence[Level] = (),
        wishes: Wishes | None = None,
    ) -> None:
        if len(gates) + len(levels) > GATES_MAX:
            raise OverflowError(f"a search has at most {GATES_MAX} gates")
        if size < 0:
            raise ValueError("a negative number of rows")
        for gate in (*gates, *levels):
            if len(gate[0]) != size:
                raise ValueError("a gate of another size")
        for level in levels:
            if len(level[1]) != len(level[2]):
                raise ValueError("one count per id")
        if wishes is not None:
            for ids in (*wishes[0], *(part[0] for part in wishes[1])):
                if len(ids) != size:
                    raise ValueError("a wish of another size")
        self._size, self._gates, self._levels = size, tuple(gates), tuple(levels)
        self._wishes = wishes
        self._search = Search()
        self.count = 0
        """How many passing rows were met."""
        self.visited = 0
        """How many rows were met."""
        self.next_start = 0
        """The row that a walk which goes on from there meets first; 0 where there are no rows."""

    def find(self, marks: Any, start: int, wanted: int) -> int:
        """Meet rows from `start` on, once round; returns how many share the greatest mark.

        Stops before the passing row that would be one more than `wanted`; `visited` says how far
        it came. O(rows met + ids of levels).
        """
        if len(marks) != self._size:
            raise ValueError("one mark per row")
        gates = (*self._gates, *map(_gate, self._levels))
        self.count = self._search.find(marks, gates, start, wanted)
        self.visited = self._search.visited
        self.next_start = (start + self.visited) % self._size if self._size else 0
        self._search.begin(marks)
        if self._wishes is not None and self._wishes[1] and self.count > 1:
            self._add_wishes(*self._wishes)
        return self._search.ties_count()

    def row(self, turn: int) -> int:
        """The row of the `turn`-th of those with the greatest mark, in the order of the walk."""
        try:
            return self._search.row(self._search.tie(turn))
        except IndexError as error:
            raise IndexError("no such row") from error

    def _add_wishes(
        self,
        needed: tuple[Any, ...],
        parts: tuple[WishPart, ...],
        weight: int,
        weigh: Callable[[int], float],
    ) -> None:
        taking_part_count = self._search.ignore_without(needed)
        added = []
        for ids, counts, ids_count, offset, by_row in parts:
            number = taking_part_count if by_row else self._search.distinct(ids, ids_count)
            added.append((ids, counts, weigh(number), offset, by_row))
        self._search.add_spread(added, weight)


def _gate(level: Level) -> Gate:
    ids, counts, present, slack, fewest = level
    number, least = lowest(counts, present)
    return ids, counts, ANY_LEAST, slack + (least if number >= fewest else 0), False
