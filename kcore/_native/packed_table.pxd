"""What the kernel of demands sees of a table."""

from libc.stdint cimport int32_t, int64_t, uint8_t

cdef extern from "packed_marks.h" nogil:
    ctypedef struct MarkColumns:
        const double *capacity[2]
        const double *inverse
        const double *used[2]
        const double *weighed[2]
        const float *rough_inverse
        const int32_t *slots
        const int32_t *count
        int32_t *narrow[3]
        uint8_t *before
        uint8_t *apart
        int64_t row_count

    void marks_measure(const MarkColumns *, int64_t row) noexcept
    void marks_part(const MarkColumns *, int64_t block) noexcept


cdef class Table:
    cdef readonly Py_ssize_t row_count
    cdef readonly Py_ssize_t resource_count
    cdef readonly Py_ssize_t odd_count
    cdef readonly long long arrangement
    cdef object _arrays
    cdef MarkColumns columns  # Valid while there are rows.
    cdef double[:, ::1] _capacity, _used, _weighed
    cdef double[::1] _inverse
    cdef float[::1] _rough_inverse
    cdef int32_t[::1] _slots, _count
    cdef int32_t[:, ::1] _narrow
    cdef uint8_t[::1] _before, _odd, _apart
    cdef int32_t[::1] _log
    cdef Py_ssize_t _log_count
    cdef long long _log_start

    cdef _show(self, arrays)
    cdef void _point(self) noexcept
    cdef int _write(
        self, Py_ssize_t row, tuple capacities, int32_t taken, tuple sums
    ) except -1
    cdef int _use(self, Py_ssize_t row, int taken, tuple sums) except -1
    cdef void _invert(self, Py_ssize_t index, Py_ssize_t row, double capacity) noexcept
    cdef void _measure(self, Py_ssize_t row) noexcept
    cdef note(self, Py_ssize_t row)
