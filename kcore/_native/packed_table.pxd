"""What the kernel of demands sees of a table."""

from libc.stdint cimport int32_t, uint8_t


cdef class Table:
    cdef readonly Py_ssize_t row_count
    cdef readonly Py_ssize_t resource_count
    cdef readonly Py_ssize_t odd_count
    cdef readonly long long arrangement
    cdef object _arrays
    cdef double[:, ::1] _capacity, _used, _weighed, _inverse
    cdef int32_t[::1] _slots, _count
    cdef int32_t[:, ::1] _narrow
    cdef uint8_t[::1] _before, _odd, _apart
    cdef int32_t[::1] _log
    cdef Py_ssize_t _log_count
    cdef long long _log_start

    cdef _show(self, arrays)
    cdef void measure(self, Py_ssize_t row) noexcept nogil
    cdef note(self, Py_ssize_t row)
