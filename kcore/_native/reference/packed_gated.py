"""The best of the first open rows that counts let pass.

A `GatedPeak` is to a whole search what `packed_peak` is: how many candidates share the greatest
mark, and which row one of them is, where nothing is added to marks. Its gates are made once for
many searches and read counts as they are at each: whoever holds counts may change them, but neither
which row has which id nor how many ids there are.

A gate is that of `packed_search`: (ids, counts, low, high, absent_passes). A level is (ids, counts,
present, slack, fewest): a row passes when its count exceeds the least one among the ids that are
present (not 0) by no more than `slack`; where fewer than `fewest` ids are present, by that much
above nothing. A row without an id does not pass.
"""

from collections.abc import Sequence
from typing import Any

from kcore._native.reference.packed_peak import PeakSearch
from kcore._native.reference.packed_search import GATES_MAX, Gate, Search, lowest

ANY_LEAST = -(2**62)

Level = tuple[Any, Any, Any, int, int]


class GatedPeak:
    """The passing rows with the greatest mark among the first that a walk meets."""

    def __init__(self, size: int, gates: Sequence[Gate], levels: Sequence[Level] = ()) -> None:
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
        self._size, self._gates, self._levels = size, tuple(gates), tuple(levels)
        self._search, self._peak = Search(), PeakSearch()
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
        passing = [0] * self._size
        for row in self._search.rows:
            passing[row] = marks[row]
        return self._peak.find(passing, start, self._size)

    def row(self, turn: int) -> int:
        """The row of the `turn`-th of those with the greatest mark, in the order of the walk."""
        return self._peak.row(turn)


def _gate(level: Level) -> Gate:
    ids, counts, present, slack, fewest = level
    number, least = lowest(counts, present)
    return ids, counts, ANY_LEAST, slack + (least if number >= fewest else 0), False
