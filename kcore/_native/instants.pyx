"""Instants told apart: the compiled kernel; `reference/instants.py` explains it."""

from libc.limits cimport LLONG_MAX
from libc.string cimport memcpy

cdef extern from "Python.h":
    bint PyUnicode_IS_ASCII(object)
    void* PyUnicode_DATA(object)
    str PyUnicode_New(Py_ssize_t, Py_UCS4)

cdef const char* DIGITS = b"0123456789abcdef"

cdef enum:
    DIGITS_COUNT_MAX = 16


cdef class Instants:
    """Instants of 64 bits, told apart where time stands still: each is later than the last."""

    cdef long long _last_ns

    def name(self, str prefix not None, long long now_ns):
        """`prefix.` and the hexadecimal text of `now_ns`, or of what comes after the last one.

        O(len(prefix)).
        """
        cdef char digits[DIGITS_COUNT_MAX]
        cdef int place = DIGITS_COUNT_MAX
        if self._last_ns == LLONG_MAX:
            raise OverflowError("an instant must fit 64 bits")
        self._last_ns = max(now_ns, self._last_ns + 1)
        cdef unsigned long long rest = self._last_ns  # More than 0.
        while rest:
            place -= 1
            digits[place] = DIGITS[rest & 15]
            rest >>= 4
        return _joined(prefix, digits + place, DIGITS_COUNT_MAX - place)

    def copy(self):
        """Another that goes on from the last one. O(1)."""
        cdef Instants twin = Instants()
        twin._last_ns = self._last_ns
        return twin


cdef str _joined(str prefix, const char* digits, Py_ssize_t count):
    """`prefix.digits`"""
    cdef Py_ssize_t size = len(prefix)
    if not PyUnicode_IS_ASCII(prefix):
        return f"{prefix}.{digits[:count].decode('ascii')}"
    cdef str joined = PyUnicode_New(size + 1 + count, 127)
    cdef char* text = <char*>PyUnicode_DATA(joined)
    memcpy(text, PyUnicode_DATA(prefix), size)
    text[size] = b"."
    memcpy(text + size + 1, digits, count)
    return joined
