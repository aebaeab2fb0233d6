"""Finding and scoring candidates among marked rows.

A `Search` meets rows from a start on, once round, and keeps those that are open (a mark that is not
0) and pass all gates, until it has enough. Then it adds up scores: each `add_*` step computes a raw
score per candidate, brings it to 0..100 in its own way, multiplies it by a weight and adds it to
the totals. Halves, truncation and the order of operations are those of the rules it implements.

A gate is (ids, counts, low, high, absent_passes): each row has an id (a domain), each id a count,
and a row passes when low <= counts[id] <= high; a row without an id (negative) when
`absent_passes`. Ids beyond the end of `counts` have none counted.
"""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy

SCORE_MAX = 100
GATES_MAX = 32

Gate = tuple[Any, Any, int, int, bool]


class Search:
    """Candidates among rows, in the order in which they were met, and their scores."""

    def __init__(self) -> None:
        self.count = 0
        self.visited = 0
        self._rows: list[int] = []
        self._totals: list[int] = []
        self._raw: list[int] = []
        self._part: list[int] = []
        self._ignored: list[bool] = []

    @property
    def rows(self) -> Any:
        """The candidates' rows, in order."""
        return numpy.array(self._rows, dtype=numpy.int32)

    @property
    def totals(self) -> Any:
        """The candidates' totals."""
        return numpy.array(self._totals, dtype=numpy.int64)

    @property
    def raw(self) -> Any:
        """What the last scoring step saw."""
        return numpy.array(self._raw, dtype=numpy.int64)

    @property
    def part(self) -> Any:
        """What the last scoring step added, times its weight."""
        return numpy.array(self._part, dtype=numpy.int64)

    def find(self, marks: Any, gates: Sequence[Gate], start: int, wanted: int) -> int:
        """Meet rows from `start` on, once round; returns how many open ones pass all gates.

        Stops before the candidate that would be one too many; `visited` says how far it came.
        """
        size = len(marks)
        if len(gates) > GATES_MAX:
            raise OverflowError(f"a search has at most {GATES_MAX} gates")
        if size and not 0 <= start < size:
            raise IndexError(f"no row {start}")
        if wanted < 0:
            raise ValueError("a negative number of candidates")
        for gate in gates:
            if len(gate[0]) != size:
                raise ValueError("a gate of another size")
        found: list[int] = []
        self.visited = size
        for offset in range(size):
            row = (start + offset) % size
            if not marks[row] or not all(_passes(gate, row) for gate in gates):
                continue
            if len(found) == wanted:
                self.visited = offset
                break
            found.append(row)
        self.take(found)
        return self.count

    def take(self, rows: Any) -> None:
        """Make these rows the candidates."""
        self._rows = [int(row) for row in rows]
        self.count = len(self._rows)

    def begin(self, marks: Any, worth: Any = None) -> None:
        """Start totals with the worth of each candidate."""
        if worth is None:
            self._totals = [int(marks[row]) - 1 for row in self._rows]
        else:
            self._totals = [int(worth[row]) for row in self._rows]
        self._ignored = [False] * self.count

    def add_scaled(self, column: Any, weight: int, reverse: bool = False) -> None:
        """Add a column scaled so that its greatest becomes 100; `reverse` turns it round."""
        self._raw = [int(column[row]) for row in self._rows]
        highest = max(self._raw, default=0)
        scaled = [score * SCORE_MAX // highest if highest > 0 else score for score in self._raw]
        self._add([SCORE_MAX - score if reverse else score for score in scaled], weight)

    def add_sums(self, sums: Iterable[tuple[Any, Any, int]], weight: int) -> None:
        """Add sums of counts by domain, stretched to 0..100.

        `sums` are (ids, counts, factor): a candidate gets factor * counts[id] of each that it has.
        """
        self._raw = [0] * self.count
        for ids, counts, factor in sums:
            for index, row in enumerate(self._rows):
                self._raw[index] += factor * _count(ids[row], counts)
        lowest, highest = min(self._raw, default=0), max(self._raw, default=0)
        spread = float(highest - lowest)
        self._add(
            [
                int(float(SCORE_MAX) * (float(score - lowest) / spread)) if spread > 0 else 0
                for score in self._raw
            ],
            weight,
        )

    def ignore_without(self, columns: Iterable[Any]) -> int:
        """Leave candidates out of `distinct` and `add_spread` that lack an id in some column.

        Returns how many are not left out.
        """
        for ids in columns:
            for index, row in enumerate(self._rows):
                self._ignored[index] |= bool(ids[row] < 0)
        return self._ignored.count(False)

    def distinct(self, ids: Any, ids_count: int) -> int:
        """How many ids the candidates that count have; no id counts as id 0."""
        pairs = zip(self._rows, self._ignored, strict=True)
        return len({max(int(ids[row]), 0) for row, ignored in pairs if not ignored})

    def add_spread(
        self, wishes: Iterable[tuple[Any, Any, float, float, bool]], weight: int
    ) -> None:
        """Add weighted counts, the fewer the better; ignored candidates get nothing.

        `wishes` are (ids, counts, factor, offset, by_row): count * factor + offset for each id that
        a candidate has; counts are by id, or by row.
        """
        sums = [0.0] * self.count
        for ids, counts, factor, offset, by_row in wishes:
            for index, row in enumerate(self._rows):
                if ids[row] >= 0:
                    sums[index] += (
                        float(_count(row if by_row else ids[row], counts)) * factor + offset
                    )
        self._raw = [
            0 if ignored else _rounded(total)
            for total, ignored in zip(sums, self._ignored, strict=True)
        ]
        counted = [
            score for score, ignored in zip(self._raw, self._ignored, strict=True) if not ignored
        ]
        lowest, highest = min(counted, default=0), max(counted, default=0)
        self._add(
            [
                0 if ignored else _turned_round(score, lowest, highest)
                for score, ignored in zip(self._raw, self._ignored, strict=True)
            ],
            weight,
        )

    def add(self, scores: Iterable[int], weight: int) -> None:
        """Add scores that somebody else computed, in the order of the candidates."""
        self._add([int(score) for score in scores], weight)

    def ties_count(self) -> int:
        """How many candidates have the greatest total."""
        return self._totals.count(max(self._totals, default=0))

    def tie(self, turn: int) -> int:
        """The position of the `turn`-th of the candidates with the greatest total."""
        best = max(self._totals, default=0)
        ties = [index for index, total in enumerate(self._totals) if total == best]
        if not 0 <= turn < len(ties):
            raise IndexError("no such candidate")
        return ties[turn]

    def heap_top(self) -> int:
        """The position that a max-heap built over the totals has on top.

        The first maximum in pre-order of the implicit tree: its ancestors are all less.
        """
        if not self.count:
            raise IndexError("no candidates")
        best = max(self._totals)
        stack = [0]
        while self._totals[stack[-1]] != best:
            index = stack.pop()
            stack.extend(child for child in (2 * index + 2, 2 * index + 1) if child < self.count)
        return stack[-1]

    def row(self, position: int) -> int:
        """The row of a candidate."""
        if not 0 <= position < self.count:
            raise IndexError(f"no candidate {position}")
        return self._rows[position]

    def _add(self, part: list[int], weight: int) -> None:
        self._part = [score * weight for score in part]
        self._totals = [
            total + score for total, score in zip(self._totals, self._part, strict=True)
        ]


def _passes(gate: Gate, row: int) -> bool:
    ids, counts, low, high, absent_passes = gate
    if ids[row] < 0:
        return absent_passes
    return low <= _count(ids[row], counts) <= high


def _count(one: Any, counts: Any) -> int:
    return int(counts[one]) if 0 <= one < len(counts) else 0


def _rounded(value: float) -> int:
    """To the nearest whole number; halves go away from zero."""
    magnitude = math.floor(abs(value))
    if abs(value) - magnitude >= 0.5:
        magnitude += 1
    return -magnitude if value < 0 else magnitude


def _turned_round(score: int, lowest: int, highest: int) -> int:
    if highest == 0:
        return SCORE_MAX
    return SCORE_MAX * (highest + lowest - score) // highest


def lowest(counts: Any, present: Any) -> tuple[int, int]:
    """How many ids are present (not 0), and the least count of those; 0 when there are none."""
    if len(counts) != len(present):
        raise ValueError("one count per id")
    found = [int(count) for count, there in zip(counts, present, strict=True) if there]
    return len(found), min(found, default=0)
