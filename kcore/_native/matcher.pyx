# distutils: include_dirs = kcore/_native
# distutils: depends = kcore/_native/frozen.h
"""Conditions on a map of texts: the compiled kernel; `reference/matcher.py` explains them.

A condition is made once and holds interned, exact texts. Keys of compiled maps are interned too, so
a small one is searched by pointer in its own slots (`frozen.h`); a large one and a plain dict are
asked through the C API, so that an absent key costs no exception; others through their `get`.
"""

cimport cython
from cpython.object cimport PyObject
from libc.stdint cimport INT64_MAX, int64_t, uint32_t, uint64_t

from sys import intern

from kcore._native.reference import matcher as _twin

try:
    from kcore._native.frozen import FrozenMap as _compiled_map
except ImportError:  # Only some kernels were built: no map of this kind can come.
    _compiled_map = None

cdef extern from "frozen.h":
    ctypedef struct Shape:
        Py_ssize_t key_count
        uint32_t *table
        PyObject **keys

    ctypedef struct Node:
        Shape *shape
        PyObject **slots

cdef extern from "Python.h":
    bint PyUnicode_Check(object value)
    bint PyUnicode_CheckExact(object value)
    bint PyUnicode_IS_COMPACT_ASCII(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    const unsigned char *PyUnicode_1BYTE_DATA(object text)
    object PyUnicode_FromObject(object text)
    int PySequence_Contains(object mapping, object key) except -1
    object PyObject_GetItem(object mapping, object key)
    PyObject *PyDict_GetItemWithError(object mapping, object key) except? NULL

ANY_OF = _twin.ANY_OF
NONE_OF = _twin.NONE_OF
PRESENT = _twin.PRESENT
ABSENT = _twin.ABSENT
ABOVE = _twin.ABOVE
BELOW = _twin.BELOW

cdef enum Operator:
    OP_ANY_OF = 0
    OP_NONE_OF = 1
    OP_PRESENT = 2
    OP_ABSENT = 3
    OP_ABOVE = 4
    OP_BELOW = 5

cdef enum:
    SCAN_COUNT_MAX = 4  # Up to here comparing texts beats hashing.

cdef object _fast_map = _compiled_map


@cython.final
@cython.auto_pickle(False)
cdef class _Condition:
    cdef str key
    cdef int relation
    cdef str only  # The single value, or None.
    cdef tuple values
    cdef frozenset many  # The values, where they are many.
    cdef bint has_bound
    cdef int64_t bound


cdef _Condition _condition(key, int relation, tuple values):
    cdef _Condition made = _Condition.__new__(_Condition)
    if relation < 0 or relation > <int>OP_BELOW:
        raise ValueError(f"no operator has the number {relation}")
    made.key = _exact(key)
    made.relation = relation
    made.values = tuple([_exact(value) for value in values])
    if len(made.values) == 1:
        made.only = made.values[0]
        made.has_bound = _integer(made.only, &made.bound)
    elif len(made.values) > SCAN_COUNT_MAX:
        made.many = frozenset(made.values)
    return made


cdef str _exact(text):
    """The same text, exact and interned."""
    if not PyUnicode_Check(text):
        raise TypeError("keys and values must be str")
    return intern(PyUnicode_FromObject(text))


cdef class Matcher:
    """All conditions must hold. Immutable; asked often."""

    cdef tuple _conditions

    def __init__(self, conditions):
        if self._conditions is not None:
            raise TypeError("a matcher is immutable")
        self._conditions = tuple(
            [_condition(key, relation, tuple(values)) for key, relation, values in conditions]
        )

    def matches(self, labels, /):
        """Whether the map `labels` (None: empty) meets all conditions. O(conditions)."""
        cdef tuple conditions = self._conditions
        cdef object found
        cdef _Condition condition
        cdef Py_ssize_t index
        if conditions is None:
            raise TypeError("a matcher without conditions: __init__ was not called")
        for index in range(len(conditions)):
            condition = <_Condition>conditions[index]
            found = _find(labels, condition.key)
            if found is None:
                if condition.relation != OP_NONE_OF and condition.relation != OP_ABSENT:
                    return False
            elif not _holds(condition, found):
                return False
        return True


cdef inline object _find(object labels, str key):
    """The value of `key`, or None."""
    cdef PyObject *known
    cdef Shape *shape
    cdef Py_ssize_t index
    if type(labels) is _fast_map:
        shape = (<Node *>labels).shape
        if shape.table is not NULL:
            return PyObject_GetItem(labels, key) if PySequence_Contains(labels, key) else None
        for index in range(shape.key_count):
            if shape.keys[index] == <PyObject *>key:
                return <object>(<Node *>labels).slots[index]
        return None
    if labels is None:
        return None
    if type(labels) is dict:
        known = PyDict_GetItemWithError(labels, key)
        return None if known is NULL else <object>known
    return labels.get(key)


cdef inline bint _holds(_Condition condition, object found) except -1:
    """Whether a label that is there meets the condition."""
    cdef int relation = condition.relation
    if relation == OP_ANY_OF:
        return _is_among(condition, found)
    if relation == OP_NONE_OF:
        return not _is_among(condition, found)
    if relation == OP_PRESENT:
        return True
    if relation == OP_ABSENT:
        return False
    return _compares(condition, found)


cdef inline bint _is_among(_Condition condition, object found) except -1:
    cdef str text
    cdef Py_ssize_t index
    if PyUnicode_CheckExact(found):
        text = <str>found
    elif PyUnicode_Check(found):
        text = PyUnicode_FromObject(found)
    else:
        return False
    if condition.only is not None:
        return condition.only == text
    if condition.many is not None:
        return text in condition.many
    for index in range(len(condition.values)):
        if <str>condition.values[index] == text:
            return True
    return False


cdef bint _compares(_Condition condition, object found) except -1:
    cdef int64_t actual = 0
    if not condition.has_bound or not PyUnicode_Check(found):
        return False
    if not _integer(PyUnicode_FromObject(found), &actual):
        return False
    return (
        actual > condition.bound if condition.relation == OP_ABOVE else actual < condition.bound
    )


cdef bint _integer(str text, int64_t *result) noexcept:
    """Whether the text is [+-]digits in the range of int64."""
    if not PyUnicode_IS_COMPACT_ASCII(text):
        return False
    cdef Py_ssize_t index = 0
    cdef Py_ssize_t count = PyUnicode_GET_LENGTH(text)
    cdef const unsigned char *data = PyUnicode_1BYTE_DATA(text)
    cdef uint64_t limit = INT64_MAX
    cdef uint64_t number = 0
    cdef unsigned int digit
    cdef bint negative = data[0] == c'-'
    if negative or data[0] == c'+':
        index = 1
    if negative:
        limit += 1
    if index == count:
        return False
    while index < count:
        digit = data[index] - 48
        if digit > 9 or number > (limit - digit) // 10:
            return False
        number = number * 10 + digit
        index += 1
    # Negate without leaving int64 on the way.
    if negative and number:
        result[0] = -<int64_t>(number - 1) - 1
    else:
        result[0] = <int64_t>number
    return True
