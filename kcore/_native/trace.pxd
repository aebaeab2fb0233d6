"""What the kernel of turns sees of a log of actions."""

from cpython.object cimport PyObject

cdef enum:
    DIGITS_COUNT_MAX = 20


cdef class ActionLog:
    cdef object _hasher
    cdef ActionLog _parent
    cdef Py_ssize_t _parent_count
    cdef Py_ssize_t _count  # Actions of its own.
    cdef list _rows
    cdef PyObject *_row  # A tuple whose last fields are not there yet; NULL before the first.
    cdef Py_ssize_t _room_count  # Fields that the row can have,
    cdef Py_ssize_t _field_count  # that it has, those of the action under way included,
    cdef Py_ssize_t _closed_count  # and those of actions that are over.
    cdef list touched  # Topics, each once; between two turns there are a few.
    cdef char *_gathered  # Not there before the first word: many forks never act.
    cdef Py_ssize_t _gathered_size
    cdef object _time  # Of the action before, with its digits.
    cdef char _time_digits[DIGITS_COUNT_MAX]
    cdef Py_ssize_t _time_size

    cdef int close(self, time_ns, process, str kind, rest) except -1
    cdef int _open(self, Py_ssize_t more_count) except -1
    cdef int _begin_row(self, Py_ssize_t wanted) except -1
    cdef void _fill(self, Py_ssize_t place, value) noexcept
    cdef int _put(self, const char *words, Py_ssize_t size) except -1
    cdef int _put_text(self, text) except -1
    cdef int _make_room(self) except -1
    cdef int _hash(self) except -1
    cdef int _update(self, const char *words, Py_ssize_t size) except -1
