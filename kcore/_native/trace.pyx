"""Actions in order and a running digest: the compiled kernel; `reference/trace.py` explains it.

Words are gathered in a buffer of a fixed size, which is hashed when the next do not fit.

Actions are kept as one row of fields after another: time, process, label, how many writes; and of
each write verb, topic, key, revision. Closed rows are tuples of texts and numbers, so they are taken
off the list of Python's garbage collector, which would look at every field. A tuple for each action
and write would bring its next run nearer every time, and a third of what a busy world makes were such
tuples.
"""

from itertools import islice

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.long cimport PyLong_AsLongLongAndOverflow
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.memoryview cimport PyMemoryView_FromMemory
from cpython.buffer cimport PyBUF_READ
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.string cimport memcpy

cdef extern from "Python.h":
    void PyObject_GC_UnTrack(object)

from xxhash import xxh3_128

cdef enum:
    GATHERED_SIZE_MAX = 8192
    ROW_FIELDS_COUNT_MAX = 512
    DIGITS_COUNT_MAX = 20
    MARKS_COUNT_MAX = 64  # More than two numbers and what stands between words.


cdef class ActionLog:
    """An append-only list of actions. Appending is O(1); a fork shares the past."""

    cdef object _hasher
    cdef ActionLog _parent
    cdef Py_ssize_t _parent_count
    cdef Py_ssize_t _count  # Actions of its own.
    cdef list _rows
    cdef list _row
    cdef list _writes
    cdef dict _touched
    cdef char* _gathered  # Not there before the first word: many forks never act.
    cdef Py_ssize_t _gathered_size

    def __cinit__(self):
        self._hasher = xxh3_128()
        self._rows = []
        self._row = []
        self._writes = []
        self._touched = {}

    def __dealloc__(self):
        PyMem_Free(self._gathered)

    @property
    def digest(self):
        """32 hexadecimal digits over everything so far, the action under way included."""
        self._hash()
        return self._hasher.hexdigest()

    def write(self, verb, topic, key, revision, bytes content not None):
        """Note one committed write of the action under way. O(len(content))."""
        _put_head(self, verb, topic, key, revision, PyBytes_GET_SIZE(content))
        self._put(PyBytes_AS_STRING(content), PyBytes_GET_SIZE(content))
        self._writes.append(verb)
        self._writes.append(topic)
        self._writes.append(key)
        self._writes.append(revision)
        self._touched[topic] = None

    def action(self, time_ns, process, label):
        """Close the action under way. O(1)."""
        self._put_number(time_ns)
        self._put(b" ", 1)
        self._put_text(process)
        self._put(b" ", 1)
        self._put_text(label)
        self._put(b"\n", 1)
        self._row.append(time_ns)
        self._row.append(process)
        self._row.append(label)
        self._row.append(len(self._writes) // 4)
        if self._writes:
            self._row.extend(self._writes)
            self._writes.clear()
        self._count += 1
        if len(self._row) >= ROW_FIELDS_COUNT_MAX:
            row = tuple(self._row)
            PyObject_GC_UnTrack(row)
            self._rows.append(row)
            self._row.clear()

    def take_touched(self):
        """The topics written to since last asked, in the order of their first writes."""
        if not self._touched:
            return ()
        touched = tuple(self._touched)
        self._touched.clear()
        return touched

    def __len__(self):
        return self._parent_count + self._count

    def plain(self):
        """Every closed action, oldest first."""
        cdef ActionLog log = self
        chain = [self._own(self._count)]
        while log._parent is not None:
            count = log._parent_count - log._parent._parent_count
            log = log._parent
            chain.append(log._own(count))
        for actions in reversed(chain):
            yield from actions

    def _own(self, count):
        """The first actions of this log alone."""
        return islice(_actions([*self._rows, tuple(self._row)]), count)

    def fork(self, memo):
        """A log with the same past. O(1): the parent's list is shared up to here."""
        cdef ActionLog twin = type(self)()
        self._hash()
        twin._hasher = self._hasher.copy()
        twin._parent = self
        twin._parent_count = self._parent_count + self._count
        twin._touched = self._touched.copy()
        return twin

    cdef int _put(self, const char* words, Py_ssize_t size) except -1:
        if self._gathered is NULL or size > GATHERED_SIZE_MAX - self._gathered_size:
            self._make_room()
            if size > GATHERED_SIZE_MAX:
                self._update(words, size)
                return 0
        memcpy(self._gathered + self._gathered_size, words, size)
        self._gathered_size += size
        return 0

    cdef int _put_text(self, text) except -1:
        cdef Py_ssize_t size
        cdef const char* words = PyUnicode_AsUTF8AndSize(text, &size)
        return self._put(words, size)

    cdef int _put_number(self, number) except -1:
        cdef char digits[DIGITS_COUNT_MAX]
        cdef int place = DIGITS_COUNT_MAX, overflow = 0
        cdef long long signed_number = PyLong_AsLongLongAndOverflow(number, &overflow)
        if overflow or signed_number < 0:
            return self._put_text(str(number))
        # Without a sign a division by ten is a multiplication.
        cdef unsigned long long rest = signed_number
        while True:
            place -= 1
            digits[place] = <char>(48 + rest % 10)
            rest //= 10
            if not rest:
                return self._put(digits + place, DIGITS_COUNT_MAX - place)

    cdef int _make_room(self) except -1:
        if self._gathered is NULL:
            self._gathered = <char*>PyMem_Malloc(GATHERED_SIZE_MAX)
            if self._gathered is NULL:
                raise MemoryError
        return self._hash()

    cdef int _hash(self) except -1:
        if self._gathered_size:
            self._update(self._gathered, self._gathered_size)
            self._gathered_size = 0
        return 0

    cdef int _update(self, const char* words, Py_ssize_t size) except -1:
        self._hasher.update(PyMemoryView_FromMemory(<char*>words, size, PyBUF_READ))
        return 0


cdef int _put_head(ActionLog log, verb, topic, key, revision, Py_ssize_t content_size) except -1:
    """The first line of a write. Mostly there is room for all of it, which is asked once then."""
    cdef Py_ssize_t verb_size, topic_size, key_size
    cdef const char* verb_text = PyUnicode_AsUTF8AndSize(verb, &verb_size)
    cdef const char* topic_text = PyUnicode_AsUTF8AndSize(topic, &topic_size)
    cdef const char* key_text = PyUnicode_AsUTF8AndSize(key, &key_size)
    cdef int overflow = 0
    cdef long long number = PyLong_AsLongLongAndOverflow(revision, &overflow)
    cdef Py_ssize_t room = GATHERED_SIZE_MAX - log._gathered_size - MARKS_COUNT_MAX
    cdef bint is_long = verb_size > room or topic_size > room or key_size > room
    if is_long or verb_size + topic_size + key_size > room or log._gathered is NULL or overflow \
            or number < 0:
        for word in (verb, " ", topic, "/", key, f" {revision} {content_size}\n"):
            log._put_text(word)
        return 0
    cdef char* start = log._gathered + log._gathered_size
    cdef char* at = _copied(start, verb_text, verb_size, b" ")
    at = _copied(at, topic_text, topic_size, b"/")
    at = _copied(at, key_text, key_size, b" ")
    at = _copied_number(at, number, b" ")
    at = _copied_number(at, content_size, b"\n")
    log._gathered_size += at - start
    return 0


cdef inline char* _copied(char* at, const char* words, Py_ssize_t size, char mark) noexcept:
    memcpy(at, words, size)
    at[size] = mark
    return at + size + 1


cdef inline char* _copied_number(char* at, unsigned long long rest, char mark) noexcept:
    cdef char digits[DIGITS_COUNT_MAX]
    cdef int place = DIGITS_COUNT_MAX
    while True:
        place -= 1
        digits[place] = <char>(48 + rest % 10)  # Without a sign that is a multiplication.
        rest //= 10
        if not rest:
            return _copied(at, digits + place, DIGITS_COUNT_MAX - place, mark)


def _actions(rows):
    """The actions in rows of fields."""
    for row in rows:
        fields = iter(row)
        for time_ns in fields:
            process, label, writes = next(fields), next(fields), []
            for _ in range(next(fields)):
                writes.append((next(fields), next(fields), next(fields), next(fields)))
            yield time_ns, process, label, tuple(writes)
