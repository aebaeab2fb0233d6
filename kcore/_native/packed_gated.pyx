# distutils: extra_compile_args = -ffp-contract=off -fno-trapping-math -fno-math-errno
"""The best of the first open rows that counts let pass: the compiled kernel.

`reference/packed_gated.py` explains it. Ids and counts are held from one search to the next, since
a memory view takes longer to make than many a walk.
"""

from libc.math cimport fabs
from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport calloc, free, malloc

cdef enum:
    GATES_MAX = 32
    SCORE_MAX = 100
    PARTS_MAX = 256

cdef int64_t ANY_LEAST = -(1 << 62)

cdef struct Gate:
    const int32_t *ids
    const int64_t *counts
    const int64_t *present  # NULL where the bounds are fixed.
    Py_ssize_t counts_size
    int64_t low
    int64_t high
    int64_t slack
    int64_t fewest
    bint absent_passes

cdef struct Wish:
    const int32_t *ids
    const int64_t *counts
    Py_ssize_t counts_size
    Py_ssize_t ids_count
    double offset
    double factor
    Py_ssize_t weighed  # How many ids the factor is for; -1 before the first.
    bint by_row


cdef class GatedPeak:
    """The passing rows with the greatest mark among the first that a walk meets."""

    cdef Gate _gates[GATES_MAX]
    cdef Py_ssize_t _gates_count, _size
    cdef list _held
    cdef object _owner
    cdef const uint8_t[::1] _marks
    cdef int32_t *_best
    # With wishes: what rows must have an id in, and what is known of each candidate.
    cdef Wish *_wishes
    cdef const int32_t **_needed
    cdef Py_ssize_t _wishes_count, _needed_count
    cdef int32_t *_met
    cdef int64_t *_raw
    cdef uint8_t *_ignored
    cdef int64_t *_stamps
    cdef int64_t _stamp, _weight
    cdef object _weigh
    cdef readonly Py_ssize_t count, visited, next_start
    cdef Py_ssize_t _ties

    def __init__(self, Py_ssize_t size, gates, levels=(), wishes=None):
        cdef Gate *gate
        if len(gates) + len(levels) > GATES_MAX:
            raise OverflowError(f"a search has at most {GATES_MAX} gates")
        if size < 0:
            raise ValueError("a negative number of rows")
        self._forget()
        self._size = size
        for ids, counts, low, high, absent_passes in gates:
            gate = &self._gates[self._gates_count]
            self._hold(gate, ids, counts, None)
            gate.low, gate.high, gate.absent_passes = low, high, absent_passes
            self._gates_count += 1
        for ids, counts, present, slack, fewest in levels:
            gate = &self._gates[self._gates_count]
            self._hold(gate, ids, counts, present)
            gate.slack, gate.fewest = slack, fewest
            gate.low, gate.absent_passes = ANY_LEAST, False
            self._gates_count += 1
        self._best = <int32_t *>malloc((size + 1) * sizeof(int32_t))
        if self._best is NULL:
            raise MemoryError
        if wishes is not None:
            needed, parts, weight, weigh = wishes
            self._wish(needed, parts, weight, weigh)

    def __dealloc__(self):
        self._forget()

    cdef void _forget(self) noexcept:
        self._gates_count = self._ties = self.count = self.visited = self.next_start = 0
        self._wishes_count = self._needed_count = 0
        self._held = []
        free(self._best)
        free(self._wishes)
        free(self._needed)
        free(self._met)
        free(self._raw)
        free(self._ignored)
        free(self._stamps)
        self._best = self._met = NULL
        self._wishes, self._needed = NULL, NULL
        self._raw = self._stamps = NULL
        self._ignored = NULL

    cdef int _wish(self, tuple needed, tuple wishes, int64_t weight, weigh) except -1:
        """Hold what grades rows, and make room for candidates."""
        cdef Py_ssize_t size = self._size + 1
        cdef Py_ssize_t ids_count = 0
        cdef Wish *wish
        cdef const int32_t[::1] ids
        cdef const int64_t[::1] counts
        self._wishes = <Wish *>calloc(len(wishes) + 1, sizeof(Wish))
        self._needed = <const int32_t **>calloc(len(needed) + 1, sizeof(int32_t *))
        self._met = <int32_t *>malloc(size * sizeof(int32_t))
        self._raw = <int64_t *>malloc(size * sizeof(int64_t))
        self._ignored = <uint8_t *>malloc(size)
        if not (self._wishes and self._needed and self._met and self._raw and self._ignored):
            raise MemoryError
        for ids in needed:
            self._needed[self._needed_count] = self._rows_of(ids)
            self._needed_count += 1
        for ids, counts, one, offset, by_row in wishes:
            wish = &self._wishes[self._wishes_count]
            wish.ids, wish.ids_count = self._rows_of(ids), one
            wish.counts = &counts[0] if counts.shape[0] else NULL
            wish.counts_size, wish.by_row = counts.shape[0], by_row
            wish.offset, wish.weighed = offset, -1
            self._held.append(counts)
            self._wishes_count += 1
            ids_count = max(ids_count, one)
        self._stamps = <int64_t *>calloc(ids_count + 1, sizeof(int64_t))
        if self._stamps is NULL:
            raise MemoryError
        self._stamp, self._weight, self._weigh = 0, weight, weigh
        return 0

    cdef const int32_t *_rows_of(self, const int32_t[::1] ids) except? NULL:
        if ids.shape[0] != self._size:
            raise ValueError("a wish of another size")
        self._held.append(ids)
        return &ids[0] if self._size else NULL

    cdef int _hold(self, Gate *gate, ids_array, counts_array, present_array) except -1:
        cdef const int32_t[::1] ids = ids_array
        cdef const int64_t[::1] counts = counts_array
        cdef const int64_t[::1] present
        if ids.shape[0] != self._size:
            raise ValueError("a gate of another size")
        gate.ids = &ids[0] if self._size else NULL
        gate.counts_size = counts.shape[0]
        gate.counts = &counts[0] if counts.shape[0] else NULL
        gate.present = NULL
        self._held.append((ids, counts))
        if present_array is not None:
            present = present_array
            if present.shape[0] != counts.shape[0]:
                raise ValueError("one count per id")
            # Where there are no ids, nothing is read.
            gate.present = &present[0] if counts.shape[0] else <const int64_t *>&gate.slack
            self._held.append(present)
        return 0

    def find(self, marks, Py_ssize_t start, Py_ssize_t wanted):
        """Meet rows from `start` on, once round; returns how many share the greatest mark.

        Stops before the passing row that would be one more than `wanted`; `visited` says how far
        it came.
        """
        self._ties = 0
        if marks is not self._owner:
            self._show(marks)
        if self._size and not 0 <= start < self._size:
            raise IndexError(f"no row {start}")
        if wanted < 0:
            raise ValueError("a negative number of candidates")
        if self._size:
            self._walk(&self._marks[0], start, wanted)
            self.next_start = (start + self.visited) % self._size
            if self._wishes_count and self.count > 1:
                self._grade()
        return self._ties

    cdef int _show(self, marks) except -1:
        """Hold these marks, and let go of those before."""
        cdef const uint8_t[::1] shown = marks
        if shown.shape[0] != self._size:
            raise ValueError("one mark per row")
        self._marks, self._owner = shown, marks
        return 0

    cdef void _walk(self, const uint8_t *marks, Py_ssize_t start, Py_ssize_t wanted) noexcept nogil:
        cdef Py_ssize_t row = start
        cdef Py_ssize_t offset, index
        cdef Py_ssize_t count = 0
        cdef Py_ssize_t ties = 0
        cdef uint8_t mark
        cdef uint8_t best = 0
        for index in range(self._gates_count):
            if self._gates[index].present is not NULL:
                _level(&self._gates[index])
        self.visited = self._size
        for offset in range(self._size):
            mark = marks[row]
            if mark and self._passes(row):
                if count == wanted:
                    self.visited = offset
                    break
                if self._wishes_count:
                    self._met[count] = <int32_t>row
                count += 1
                if mark > best:
                    best = mark
                    ties = 0
                if mark == best:
                    self._best[ties] = <int32_t>row
                    ties += 1
            row += 1
            if row == self._size:
                row = 0
        self.count, self._ties = count, ties

    cdef inline bint _passes(self, Py_ssize_t row) noexcept nogil:
        cdef Py_ssize_t index
        cdef const Gate *gate
        cdef int32_t one
        cdef int64_t count
        for index in range(self._gates_count):
            gate = &self._gates[index]
            one = gate.ids[row]
            if one < 0:
                if gate.absent_passes:
                    continue
                return False
            count = gate.counts[one] if one < gate.counts_size else 0
            if not gate.low <= count <= gate.high:
                return False
        return True

    cdef int _grade(self) except -1:
        """Choose the best candidates by marks and wishes together."""
        cdef Py_ssize_t index, number
        cdef Py_ssize_t taking_part = self._ignore()
        cdef Wish *wish
        for index in range(self._wishes_count):
            wish = &self._wishes[index]
            number = taking_part if wish.by_row else self._distinct(wish)
            if number != wish.weighed:
                wish.factor = self._weigh(number)
                wish.weighed = number
        self._choose()
        return 0

    cdef Py_ssize_t _ignore(self) noexcept nogil:
        """Leave candidates out that lack an id they need; how many are not left out."""
        cdef Py_ssize_t index, column
        cdef Py_ssize_t count = 0
        cdef uint8_t ignored
        for index in range(self.count):
            ignored = 0
            for column in range(self._needed_count):
                ignored |= self._needed[column][self._met[index]] < 0
            self._ignored[index] = ignored
            count += 1 - ignored
        return count

    cdef Py_ssize_t _distinct(self, const Wish *wish) noexcept nogil:
        """How many ids the candidates that count have; no id counts as id 0."""
        cdef Py_ssize_t index
        cdef Py_ssize_t count = 0
        cdef int32_t one
        self._stamp += 1
        for index in range(self.count):
            one = wish.ids[self._met[index]]
            one = one if one > 0 else 0
            if not self._ignored[index] and self._stamps[one] != self._stamp:
                self._stamps[one] = self._stamp
                count += 1
        return count

    cdef void _choose(self) noexcept:
        cdef Py_ssize_t index
        cdef Py_ssize_t ties = 0
        cdef int64_t lowest, highest, raw, part, total
        cdef int64_t best = 0
        cdef int64_t parts[PARTS_MAX]
        self._measure(&lowest, &highest)
        cdef bint is_narrow = highest - lowest < PARTS_MAX
        if is_narrow:  # A division takes longer than all the rest: one for each number.
            for index in range(highest - lowest + 1):
                parts[index] = _turned_round(lowest + index, lowest, highest)
        for index in range(self.count):
            total = self._marks[self._met[index]] - 1
            if not self._ignored[index]:
                raw = self._raw[index]
                part = parts[raw - lowest] if is_narrow else _turned_round(raw, lowest, highest)
                total += part * self._weight
            if index == 0 or total > best:
                best = total
                ties = 0
            if total == best:
                self._best[ties] = self._met[index]
                ties += 1
        self._ties = ties

    cdef void _measure(self, int64_t *lowest, int64_t *highest) noexcept nogil:
        """Work out raw scores of candidates, and the least and greatest of those that count."""
        cdef Py_ssize_t index
        cdef int64_t raw
        cdef bint is_first = True
        lowest[0] = highest[0] = 0
        for index in range(self.count):
            if self._ignored[index]:
                continue
            raw = self._raw_score(self._met[index])
            self._raw[index] = raw
            if is_first or raw < lowest[0]:
                lowest[0] = raw
            if is_first or raw > highest[0]:
                highest[0] = raw
            is_first = False

    cdef inline int64_t _raw_score(self, Py_ssize_t row) noexcept nogil:
        cdef Py_ssize_t index
        cdef const Wish *wish
        cdef int64_t one, count
        cdef double value
        cdef double total = 0
        for index in range(self._wishes_count):
            wish = &self._wishes[index]
            one = wish.ids[row]
            if one < 0:
                continue
            if wish.by_row:
                one = row
            count = wish.counts[one] if one < wish.counts_size else 0
            value = <double>count * wish.factor
            total += value + wish.offset
        return _rounded(total)

    def row(self, Py_ssize_t turn):
        """The row of the `turn`-th of those with the greatest mark, in the order of the walk."""
        if not 0 <= turn < self._ties:
            raise IndexError("no such row")
        return self._best[turn]


cdef int64_t _turned_round(int64_t raw, int64_t lowest, int64_t highest) noexcept:
    return SCORE_MAX * (highest + lowest - raw) // highest if highest else SCORE_MAX


cdef inline int64_t _rounded(double value) noexcept nogil:
    """To the nearest whole number; halves go away from zero."""
    cdef double magnitude = fabs(value)
    cdef int64_t whole = <int64_t>magnitude
    if magnitude - <double>whole >= 0.5:
        whole += 1
    return -whole if value < 0 else whole


cdef void _level(Gate *gate) noexcept nogil:
    """Let ids pass whose counts exceed the least one by no more than the slack."""
    cdef Py_ssize_t index
    cdef Py_ssize_t number = 0
    cdef int64_t least = 0
    for index in range(gate.counts_size):
        if gate.present[index]:
            if number == 0 or gate.counts[index] < least:
                least = gate.counts[index]
            number += 1
    gate.high = gate.slack + (least if number >= gate.fewest else 0)
