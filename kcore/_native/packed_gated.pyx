# cython: binding=False
"""The best of the first open rows that counts let pass: the compiled kernel.

`reference/packed_gated.py` explains it. Ids and counts are held from one search to the next, since
a memory view takes longer to make than many a walk.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t
from libc.stdlib cimport free, malloc

cdef enum:
    GATES_MAX = 32

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


cdef class GatedPeak:
    """The passing rows with the greatest mark among the first that a walk meets."""

    cdef Gate _gates[GATES_MAX]
    cdef Py_ssize_t _gates_count, _size
    cdef list _held
    cdef object _owner
    cdef const uint8_t[::1] _marks
    cdef int32_t *_best
    cdef readonly Py_ssize_t count, visited, next_start
    cdef Py_ssize_t _ties

    def __init__(self, Py_ssize_t size, gates, levels=()):
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

    def __dealloc__(self):
        free(self._best)

    cdef void _forget(self) noexcept:
        self._gates_count = self._ties = self.count = self.visited = self.next_start = 0
        self._held = []
        free(self._best)
        self._best = NULL

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

    def row(self, Py_ssize_t turn):
        """The row of the `turn`-th of those with the greatest mark, in the order of the walk."""
        if not 0 <= turn < self._ties:
            raise IndexError("no such row")
        return self._best[turn]


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
