"""The best of the first open rows, where marks alone decide.

`packed_search` keeps every candidate, since scores may still be added to each. Where nothing is
added, what is asked is how many candidates share the greatest mark, and which row one of them is.
"""

from typing import Any


class PeakSearch:
    """The open rows with the greatest mark among the first that a walk meets."""

    def __init__(self) -> None:
        self._count = 0
        self._visited = 0
        self._next_start = 0
        self._best: list[int] = []

    @property
    def count(self) -> int:
        """How many open rows were met."""
        return self._count

    @property
    def visited(self) -> int:
        """How many rows were met."""
        return self._visited

    @property
    def next_start(self) -> int:
        """The row that a walk which goes on from there meets first; 0 where there are no rows."""
        return self._next_start

    def find(self, marks: Any, start: int, wanted: int) -> int:
        """Meet rows from `start` on, once round; returns how many share the greatest mark.

        Stops before the open row that would be one more than `wanted`; `visited` says how far it
        came. The marks must stay as they are until the last call of `row`. O(rows).
        """
        size = len(marks)
        if size and not 0 <= start < size:
            raise IndexError(f"no row {start}")
        if wanted < 0:
            raise ValueError("a negative number of candidates")
        met: list[int] = []
        self._visited = size
        for offset in range(size):
            row = (start + offset) % size
            if not marks[row]:
                continue
            if len(met) == wanted:
                self._visited = offset
                break
            met.append(row)
        self._next_start = (start + self._visited) % size if size else 0
        greatest = max((marks[row] for row in met), default=0)
        self._count = len(met)
        self._best = [row for row in met if marks[row] == greatest]
        return len(self._best)

    def row(self, turn: int) -> int:
        """The row of the `turn`-th of those with the greatest mark, in the order of the walk."""
        if not 0 <= turn < len(self._best):
            raise IndexError("no such row")
        return self._best[turn]
