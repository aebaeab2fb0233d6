# distutils: include_dirs = kcore/_native
# distutils: depends = kcore/_native/packed_peak.h
"""The best of the first open rows, where marks alone decide: the compiled kernel.

`reference/packed_peak.py` explains it. Marks are read a block at a time, see `packed_peak.h`.
"""

from cpython.buffer cimport PyBUF_SIMPLE, PyBuffer_Release, PyObject_GetBuffer
from libc.stdint cimport int64_t, uint8_t

cdef extern from "packed_peak.h" nogil:
    ctypedef struct PeakWalk:
        int64_t count
        int64_t visited
        int64_t ties

    PeakWalk peak_walk(
        const uint8_t *marks, int64_t size, int64_t start, int64_t wanted
    ) noexcept
    int64_t peak_row(
        const uint8_t *marks, int64_t size, int64_t start, const PeakWalk *walk, int64_t turn
    ) noexcept


cdef class PeakSearch:
    """The open rows with the greatest mark among the first that a walk meets."""

    # A memory view takes longer to make than the walk.
    cdef Py_buffer _marks
    cdef object _owner
    cdef PeakWalk _walk
    cdef Py_ssize_t _start

    def __dealloc__(self):
        PyBuffer_Release(&self._marks)

    @property
    def count(self):
        """How many open rows were met."""
        return self._walk.count

    @property
    def visited(self):
        """How many rows were met."""
        return self._walk.visited

    @property
    def next_start(self):
        """The row that a walk which goes on from there meets first; 0 where there are no rows."""
        if not self._marks.len:
            return 0
        return (self._start + self._walk.visited) % self._marks.len

    def find(self, marks, Py_ssize_t start, Py_ssize_t wanted):
        """Meet rows from `start` on, once round; returns how many share the greatest mark.

        Stops before the open row that would be one more than `wanted`; `visited` says how far it
        came. The marks must stay as they are until the last call of `row`.
        """
        self._walk.ties = 0
        if marks is not self._owner:
            self._show(marks)
        if self._marks.len and not 0 <= start < self._marks.len:
            raise IndexError(f"no row {start}")
        if wanted < 0:
            raise ValueError("a negative number of candidates")
        self._start = start
        self._walk = peak_walk(<const uint8_t *>self._marks.buf, self._marks.len, start, wanted)
        return self._walk.ties

    cdef _show(self, marks):
        """Hold these marks, and let go of those before."""
        self._owner = None
        PyBuffer_Release(&self._marks)
        PyObject_GetBuffer(marks, &self._marks, PyBUF_SIMPLE)
        if self._marks.itemsize != 1:
            raise ValueError("marks are bytes")
        self._owner = marks

    def row(self, Py_ssize_t turn):
        """The row of the `turn`-th of those with the greatest mark, in the order of the walk."""
        if not 0 <= turn < self._walk.ties:
            raise IndexError("no such row")
        return peak_row(
            <const uint8_t *>self._marks.buf, self._marks.len, self._start, &self._walk, turn
        )
