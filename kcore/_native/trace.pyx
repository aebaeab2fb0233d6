"""Actions in order and a running digest: the compiled kernel; `reference/trace.py` explains it.

Words are gathered in a buffer of a fixed size, which is hashed when the next do not fit.

Actions are kept as one row of fields after another: time, process, the two parts of the label, how
many writes; and of each write verb, topic, key, revision. A tuple for each action and write would
bring the next run of Python's garbage collector nearer every time, and a third of what a busy world
makes were such tuples. A row is one tuple that is filled from its start, so fields are put where
they stay. It holds texts and numbers: the collector, which would look at every field, does not
hear of it.
"""

from itertools import islice

from cpython.bytes cimport PyBytes_AS_STRING, PyBytes_GET_SIZE
from cpython.long cimport PyLong_AsLongLongAndOverflow
from cpython.mem cimport PyMem_Free, PyMem_Malloc
from cpython.memoryview cimport PyMemoryView_FromMemory
from cpython.buffer cimport PyBUF_READ
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF, Py_XDECREF
from cpython.tuple cimport PyTuple_GetSlice, PyTuple_New
from cpython.unicode cimport PyUnicode_AsUTF8AndSize
from libc.string cimport memcpy

cdef extern from "Python.h":
    void PyObject_GC_UnTrack(PyObject *)
    int _PyTuple_Resize(PyObject **, Py_ssize_t) except -1
    PyObject *PyTuple_GET_ITEM(PyObject *, Py_ssize_t)
    void SET_ITEM "PyTuple_SET_ITEM" (PyObject *, Py_ssize_t, PyObject *)

from xxhash import xxh3_128

cdef enum:
    GATHERED_SIZE_MAX = 8192
    MARKS_COUNT_MAX = 64  # More than two numbers and what stands between words.
    ROW_FIELDS_COUNT = 512
    ACTION_FIELDS_COUNT = 5
    WRITE_FIELDS_COUNT = 4


cdef class ActionLog:
    """An append-only list of actions. Appending is O(1); a fork shares the past."""

    def __cinit__(self):
        self._hasher = xxh3_128()
        self._rows = []
        self.touched = []

    def __dealloc__(self):
        PyMem_Free(self._gathered)
        Py_XDECREF(self._row)

    @property
    def digest(self):
        """32 hexadecimal digits over everything so far, the action under way included."""
        self._hash()
        return self._hasher.hexdigest()

    def write(self, verb, topic, key, revision, bytes content not None):
        """Note one committed write of the action under way. O(len(content))."""
        _put_head(self, verb, topic, key, revision, PyBytes_GET_SIZE(content))
        self._put(PyBytes_AS_STRING(content), PyBytes_GET_SIZE(content))
        self._open(WRITE_FIELDS_COUNT)
        cdef Py_ssize_t place = self._field_count
        self._fill(place, verb)
        self._fill(place + 1, topic)
        self._fill(place + 2, key)
        self._fill(place + 3, revision)
        self._field_count = place + WRITE_FIELDS_COUNT
        if topic not in self.touched:
            self.touched.append(topic)

    def action(self, time_ns, process, label):
        """Close the action under way. O(1)."""
        self.close(time_ns, process, "", label)

    cdef int close(self, time_ns, process, str kind, rest) except -1:
        """`action`, of a label in two parts: nobody puts together what nobody may ever read."""
        if time_ns is not self._time or not self._time_size:  # Time stands still most of the time.
            self._time_size = _digits_of(time_ns, self._time_digits)
            self._time = time_ns
        if self._time_size:
            self._put(self._time_digits + DIGITS_COUNT_MAX - self._time_size, self._time_size)
        else:
            self._put_text(str(time_ns))
        self._put(b" ", 1)
        self._put_text(process)
        self._put(b" ", 1)
        self._put_text(kind)
        self._put_text(rest)
        self._put(b"\n", 1)
        self._open(0)
        cdef Py_ssize_t place = self._closed_count
        self._fill(place, time_ns)
        self._fill(place + 1, process)
        self._fill(place + 2, kind)
        self._fill(place + 3, rest)
        self._fill(place + 4, (self._field_count - place) // WRITE_FIELDS_COUNT - 1)
        self._closed_count = self._field_count
        self._count += 1
        return 0

    def take_touched(self):
        """The topics written to since last asked, in the order of their first writes."""
        if not self.touched:
            return ()
        touched = tuple(self.touched)
        self.touched.clear()
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
        rows = list(self._rows)
        if self._row is not NULL:
            rows.append(PyTuple_GetSlice(<object>self._row, 0, self._closed_count))
        return islice(_actions(rows), count)

    def fork(self, memo):
        """A log with the same past. O(1): the parent's list is shared up to here."""
        cdef ActionLog twin = type(self)()
        self._hash()
        twin._hasher = self._hasher.copy()
        twin._parent = self
        twin._parent_count = self._parent_count + self._count
        twin.touched = list(self.touched)
        return twin

    cdef int _open(self, Py_ssize_t more_count) except -1:
        """Begin an action unless one is under way, with room for so many fields of a write."""
        cdef bint is_new = self._field_count == self._closed_count
        if is_new:
            more_count += ACTION_FIELDS_COUNT
        if self._field_count + more_count > self._room_count:
            self._begin_row(self._field_count - self._closed_count + more_count)
        if is_new:
            self._field_count += ACTION_FIELDS_COUNT  # `close` fills them.
        return 0

    cdef int _begin_row(self, Py_ssize_t wanted) except -1:
        """Put the row by, without the action under way: that moves to the next."""
        cdef Py_ssize_t room_count = max(2 * wanted, <Py_ssize_t>ROW_FIELDS_COUNT)
        cdef Py_ssize_t closed_count = self._closed_count
        cdef Py_ssize_t moved_count = self._field_count - closed_count, place
        cdef PyObject *old = self._row
        new = PyTuple_New(room_count)
        PyObject_GC_UnTrack(<PyObject*>new)
        for place in range(moved_count):
            SET_ITEM(<PyObject*>new, place, PyTuple_GET_ITEM(old, closed_count + place))
            SET_ITEM(old, closed_count + place, NULL)
        Py_INCREF(new)
        self._row = <PyObject*>new
        self._room_count, self._field_count, self._closed_count = room_count, moved_count, 0
        if closed_count:
            _PyTuple_Resize(&old, closed_count)
            PyObject_GC_UnTrack(old)
            self._rows.append(<object>old)
        Py_XDECREF(old)
        return 0

    cdef inline void _fill(self, Py_ssize_t place, value) noexcept:
        Py_INCREF(value)
        SET_ITEM(self._row, place, <PyObject*>value)

    cdef inline int _put(self, const char* words, Py_ssize_t size) except -1:
        if self._gathered is NULL or size > GATHERED_SIZE_MAX - self._gathered_size:
            self._make_room()
            if size > GATHERED_SIZE_MAX:
                self._update(words, size)
                return 0
        memcpy(self._gathered + self._gathered_size, words, size)
        self._gathered_size += size
        return 0

    cdef inline int _put_text(self, text) except -1:
        cdef Py_ssize_t size
        cdef const char* words = PyUnicode_AsUTF8AndSize(text, &size)
        return self._put(words, size)

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


cdef inline Py_ssize_t _digits(unsigned long long rest, char* digits) noexcept:
    """How many digits a number has; the last ones of `digits`."""
    cdef Py_ssize_t place = DIGITS_COUNT_MAX
    while True:
        place -= 1
        digits[place] = <char>(48 + rest % 10)  # Without a sign that is a multiplication.
        rest //= 10
        if not rest:
            return DIGITS_COUNT_MAX - place


cdef Py_ssize_t _digits_of(number, char* digits) except -1:
    """Likewise; 0: it has a sign or too many."""
    cdef int overflow = 0
    cdef long long signed_number = PyLong_AsLongLongAndOverflow(number, &overflow)
    return 0 if overflow or signed_number < 0 else _digits(signed_number, digits)


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
    cdef Py_ssize_t count = _digits(rest, digits)
    return _copied(at, digits + DIGITS_COUNT_MAX - count, count, mark)


def _actions(rows):
    """The actions in rows of fields."""
    for row in rows:
        fields = iter(row)
        for time_ns in fields:
            process, label, writes = next(fields), next(fields) + next(fields), []
            for _ in range(next(fields)):
                writes.append((next(fields), next(fields), next(fields), next(fields)))
            yield time_ns, process, label, tuple(writes)
