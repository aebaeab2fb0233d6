# distutils: extra_compile_args = -ffp-contract=off -fno-trapping-math -fno-math-errno
"""Finding and scoring candidates among marked rows: the compiled kernel.

`reference/packed_search.py` explains it. A search keeps its buffers from one use to the next.
"""

from libc.math cimport fabs, floor
from libc.stdint cimport int32_t, int64_t, uint8_t

import numpy

cdef enum:
    SCORE_MAX = 100
    GATES_MAX = 32

cdef struct Gate:
    const int32_t *ids
    const int64_t *counts
    Py_ssize_t counts_size
    int64_t low
    int64_t high
    bint absent_passes


cdef class Search:
    """Candidates among rows, in the order in which they were met, and their scores."""

    cdef readonly Py_ssize_t count
    cdef readonly Py_ssize_t visited
    cdef object _rows_array, _totals_array, _raw_array, _part_array, _ignored_array, _stamps_array
    cdef int32_t[::1] _rows
    cdef int64_t[::1] _totals, _raw, _part
    cdef uint8_t[::1] _ignored
    cdef int64_t[::1] _stamps
    cdef int64_t _stamp

    def __cinit__(self):
        self._reserve(64)
        self._stamps_array = numpy.zeros(64, dtype=numpy.int64)
        self._stamps = self._stamps_array

    cdef _reserve(self, Py_ssize_t size):
        self._rows_array = numpy.zeros(size, dtype=numpy.int32)
        self._totals_array = numpy.zeros(size, dtype=numpy.int64)
        self._raw_array = numpy.zeros(size, dtype=numpy.int64)
        self._part_array = numpy.zeros(size, dtype=numpy.int64)
        self._ignored_array = numpy.zeros(size, dtype=numpy.uint8)
        self._rows, self._totals = self._rows_array, self._totals_array
        self._raw, self._part = self._raw_array, self._part_array
        self._ignored = self._ignored_array

    @property
    def rows(self):
        """The candidates' rows, in order."""
        return self._rows_array[: self.count].copy()

    @property
    def totals(self):
        """The candidates' totals."""
        return self._totals_array[: self.count].copy()

    @property
    def raw(self):
        """What the last scoring step saw."""
        return self._raw_array[: self.count].copy()

    @property
    def part(self):
        """What the last scoring step added, times its weight."""
        return self._part_array[: self.count].copy()

    def find(self, const uint8_t[::1] marks, gates, Py_ssize_t start, Py_ssize_t wanted):
        """Meet rows from `start` on, once round; returns how many open ones pass all gates.

        Stops before the candidate that would be one too many; `visited` says how far it came.
        """
        cdef Gate packed[GATES_MAX]
        cdef Py_ssize_t size = marks.shape[0]
        cdef list kept = []
        cdef Py_ssize_t index = 0
        cdef Py_ssize_t gates_count = len(gates)
        if gates_count > GATES_MAX:
            raise OverflowError(f"a search has at most {GATES_MAX} gates")
        if size and not 0 <= start < size:
            raise IndexError(f"no row {start}")
        if wanted < 0:
            raise ValueError("a negative number of candidates")
        for index in range(gates_count):
            _pack(&packed[index], gates[index], size, kept)
        if self._rows.shape[0] < min(wanted, size):
            self._reserve(2 * min(wanted, size))
        self._find(marks, packed, gates_count, start, wanted)
        return self.count

    cdef void _find(
        self,
        const uint8_t[::1] marks,
        const Gate *gates,
        Py_ssize_t gates_count,
        Py_ssize_t start,
        Py_ssize_t wanted,
    ) noexcept nogil:
        cdef Py_ssize_t size = marks.shape[0]
        cdef Py_ssize_t count = 0
        cdef Py_ssize_t row = start
        cdef Py_ssize_t offset, index
        cdef bint passes
        self.visited = size
        for offset in range(size):
            if marks[row]:
                passes = True
                for index in range(gates_count):
                    if not _passes(&gates[index], row):
                        passes = False
                        break
                if passes:
                    if count == wanted:
                        self.visited = offset
                        break
                    self._rows[count] = <int32_t>row
                    count += 1
            row += 1
            if row == size:
                row = 0
        self.count = count

    def take(self, rows):
        """Make these rows the candidates."""
        chosen = numpy.asarray(rows, dtype=numpy.int32)
        if len(chosen) > self._rows.shape[0]:
            self._reserve(2 * len(chosen))
        self.count = len(chosen)
        self._rows_array[: self.count] = chosen

    def begin(self, const uint8_t[::1] marks, const int32_t[::1] worth=None):
        """Start totals with the worth of each candidate."""
        cdef Py_ssize_t index, row
        cdef bint is_wide = worth is not None
        for index in range(self.count):
            row = self._rows[index]
            self._totals[index] = worth[row] if is_wide else marks[row] - 1
            self._ignored[index] = 0

    def add_scaled(self, const int32_t[::1] column, long long weight, bint reverse=False):
        """Add a column scaled so that its greatest becomes 100; `reverse` turns it round."""
        cdef Py_ssize_t index
        cdef int64_t highest = 0
        cdef int64_t score
        for index in range(self.count):
            self._raw[index] = score = column[self._rows[index]]
            highest = score if score > highest else highest
        for index in range(self.count):
            score = self._raw[index]
            if highest:
                score = score * SCORE_MAX // highest
                self._part[index] = SCORE_MAX - score if reverse else score
            else:
                self._part[index] = SCORE_MAX if reverse else score
        self._add(weight)

    def add_sums(self, sums, long long weight):
        """Add sums of counts by domain, stretched to 0..100.

        `sums` are (ids, counts, factor): a candidate gets factor * counts[id] of each that it has.
        """
        cdef Py_ssize_t index
        cdef int64_t lowest, highest, score
        cdef double spread
        cdef const int32_t[::1] ids
        cdef const int64_t[::1] counts
        cdef int64_t factor
        cdef int32_t one
        self._raw_array[: self.count] = 0
        for ids, counts, factor in sums:
            for index in range(self.count):
                one = ids[self._rows[index]]
                if 0 <= one < counts.shape[0]:
                    self._raw[index] += factor * counts[one]
        lowest = highest = self._raw[0] if self.count else 0
        for index in range(self.count):
            score = self._raw[index]
            lowest = score if score < lowest else lowest
            highest = score if score > highest else highest
        spread = <double>(highest - lowest)
        for index in range(self.count):
            if spread > 0:
                score = self._raw[index] - lowest
                self._part[index] = <int64_t>(<double>SCORE_MAX * (<double>score / spread))
            else:
                self._part[index] = 0
        self._add(weight)

    def ignore_without(self, columns):
        """Leave candidates out of `distinct` and `add_spread` that lack an id in some column."""
        cdef Py_ssize_t index
        cdef Py_ssize_t count = 0
        cdef const int32_t[::1] ids
        for ids in columns:
            for index in range(self.count):
                if ids[self._rows[index]] < 0:
                    self._ignored[index] = 1
        for index in range(self.count):
            count += 1 - self._ignored[index]
        return count

    def distinct(self, const int32_t[::1] ids, Py_ssize_t ids_count):
        """How many ids the candidates that count have; no id counts as id 0."""
        cdef Py_ssize_t index
        cdef Py_ssize_t count = 0
        cdef int32_t one
        if self._stamps.shape[0] < ids_count + 1:
            self._stamps_array = numpy.zeros(2 * ids_count + 1, dtype=numpy.int64)
            self._stamps = self._stamps_array
        self._stamp += 1
        for index in range(self.count):
            one = ids[self._rows[index]]
            one = one if one > 0 else 0
            if not self._ignored[index] and self._stamps[one] != self._stamp:
                self._stamps[one] = self._stamp
                count += 1
        return count

    def add_spread(self, wishes, long long weight):
        """Add weighted counts, the fewer the better; ignored candidates get nothing.

        `wishes` are (ids, counts, factor, offset): count * factor + offset for each id that a
        candidate has; counts are by id, or by row where `by_row` follows as true.
        """
        cdef Py_ssize_t index
        cdef const int32_t[::1] ids
        cdef const int64_t[::1] counts
        cdef double factor, offset, value
        cdef bint by_row
        cdef int32_t one
        cdef int64_t count
        cdef double[::1] sums = numpy.zeros(max(self.count, 1))
        for ids, counts, factor, offset, by_row in wishes:
            for index in range(self.count):
                one = ids[self._rows[index]]
                if one < 0:
                    continue
                if by_row:
                    one = self._rows[index]
                count = counts[one] if one < counts.shape[0] else 0
                value = <double>count * factor
                sums[index] += value + offset
        for index in range(self.count):
            self._raw[index] = 0 if self._ignored[index] else _rounded(sums[index])
        self._turn_round()
        self._add(weight)

    cdef void _turn_round(self) noexcept nogil:
        cdef Py_ssize_t index
        cdef int64_t lowest = 0
        cdef int64_t highest = 0
        cdef int64_t score
        cdef bint is_first = True
        for index in range(self.count):
            if self._ignored[index]:
                continue
            score = self._raw[index]
            if is_first or score < lowest:
                lowest = score
            if is_first or score > highest:
                highest = score
            is_first = False
        for index in range(self.count):
            if self._ignored[index]:
                self._part[index] = 0
            elif highest == 0:
                self._part[index] = SCORE_MAX
            else:
                self._part[index] = SCORE_MAX * (highest + lowest - self._raw[index]) // highest

    def add(self, scores, long long weight):
        """Add scores that somebody else computed, in the order of the candidates."""
        self._part_array[: self.count] = scores
        self._add(weight)

    cdef void _add(self, int64_t weight) noexcept nogil:
        cdef Py_ssize_t index
        for index in range(self.count):
            self._part[index] *= weight
            self._totals[index] += self._part[index]

    def ties_count(self):
        """How many candidates have the greatest total."""
        cdef Py_ssize_t index
        cdef Py_ssize_t count = 0
        cdef int64_t best = self._best()
        for index in range(self.count):
            count += self._totals[index] == best
        return count

    def tie(self, Py_ssize_t turn):
        """The position of the `turn`-th of the candidates with the greatest total."""
        cdef Py_ssize_t index
        cdef int64_t best = self._best()
        if turn >= 0:
            for index in range(self.count):
                if self._totals[index] == best:
                    if turn == 0:
                        return index
                    turn -= 1
        raise IndexError("no such candidate")

    cdef int64_t _best(self) noexcept nogil:
        cdef Py_ssize_t index
        cdef int64_t best = self._totals[0]
        for index in range(self.count):
            best = self._totals[index] if self._totals[index] > best else best
        return best

    def heap_top(self):
        """The position that a max-heap built over the totals has on top.

        The first maximum in pre-order of the implicit tree: its ancestors are all less.
        """
        cdef Py_ssize_t index
        cdef Py_ssize_t chosen = -1
        cdef int64_t best = self._best()
        if self.count == 0:
            raise IndexError("no candidates")
        for index in range(self.count):
            if self._totals[index] == best and (chosen < 0 or _comes_first(index, chosen)):
                chosen = index
        return chosen

    def row(self, Py_ssize_t position):
        """The row of a candidate."""
        if not 0 <= position < self.count:
            raise IndexError(f"no candidate {position}")
        return self._rows[position]


cdef int _pack(Gate *gate, one, Py_ssize_t size, list kept) except -1:
    cdef const int32_t[::1] ids
    cdef const int64_t[::1] counts
    ids, counts, gate.low, gate.high, gate.absent_passes = one
    if ids.shape[0] != size:
        raise ValueError("a gate of another size")
    kept.append((ids, counts))
    gate.ids = &ids[0] if size else NULL
    gate.counts_size = counts.shape[0]
    gate.counts = &counts[0] if counts.shape[0] else NULL
    return 0


cdef inline bint _passes(const Gate *gate, Py_ssize_t row) noexcept nogil:
    cdef int32_t one = gate.ids[row]
    cdef int64_t count
    if one < 0:
        return gate.absent_passes
    count = gate.counts[one] if one < gate.counts_size else 0
    return gate.low <= count <= gate.high


cdef inline bint _comes_first(Py_ssize_t left, Py_ssize_t right) noexcept nogil:
    """Whether position `left` stands before `right` in pre-order of the implicit binary tree."""
    cdef Py_ssize_t a = left + 1
    cdef Py_ssize_t b = right + 1
    cdef int depth = _depth(a) - _depth(b)
    # On one level the left one comes first; an ancestor comes before what is under it.
    if depth > 0:
        return (a >> depth) < b
    return a <= (b >> -depth)


cdef inline int _depth(Py_ssize_t number) noexcept nogil:
    cdef int depth = 0
    while number > 1:
        number >>= 1
        depth += 1
    return depth


cdef inline int64_t _rounded(double value) noexcept nogil:
    """To the nearest whole number; halves go away from zero."""
    cdef double magnitude = floor(fabs(value))
    if fabs(value) - magnitude >= 0.5:
        magnitude += 1
    return <int64_t>(-magnitude if value < 0 else magnitude)


def lowest(const int64_t[::1] counts, const int64_t[::1] present):
    """How many ids are present (not 0), and the least count of those; 0 when there are none."""
    cdef Py_ssize_t index
    cdef Py_ssize_t number = 0
    cdef int64_t least = 0
    if counts.shape[0] != present.shape[0]:
        raise ValueError("one count per id")
    for index in range(counts.shape[0]):
        if present[index]:
            if number == 0 or counts[index] < least:
                least = counts[index]
            number += 1
    return number, least
