"""A heap of values by key: the compiled kernel; `reference/keyed_heap.py` explains it.

Most values come in the order in which they go: orders begin with a time, and time rises. So whoever
does not come before the last one of the *line* goes to its end, and only others go into the heap.
What is next is the first of the line or of the heap, found without a way down through a heap.

An entry is its row: (order, sequence, value, key). It lives while its key's row is the same, or has
the same sequence: a key whose order stays is given another row, and keeps its place.
"""

from heapq import heapify, heappop, heappush

from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE
from cpython.object cimport Py_LT, PyObject_RichCompareBool
from cpython.tuple cimport PyTuple_GET_ITEM

cdef Py_ssize_t LITTER_COUNT_MIN = 64


cdef class KeyedHeap:
    """Values with comparable orders."""

    cdef list _entries, _line
    # The line begins here; what stood before is gone.
    cdef Py_ssize_t _start
    cdef readonly dict live
    cdef readonly long long popped_count
    cdef long long _sequence
    cdef bint _shared

    def __cinit__(self):
        self._entries, self._line, self._start = [], [], 0
        self.live = {}
        self._sequence = 0
        self.popped_count = 0
        self._shared = False

    def __len__(self):
        return len(self.live)

    def __contains__(self, key):
        return key in self.live

    def get(self, str key):
        """Return the value of `key`, or None. O(1)."""
        known = self.live.get(key)
        return None if known is None else (<tuple>known)[2]

    def set(self, str key, order, value):
        """Put a value in, or move it; a key whose order stays keeps its place. O(log n)."""
        self._put(key, order, value)

    cdef int _put(self, str key, object order, object value) except -1:
        if self._shared:
            self._own()
        known = self.live.get(key)
        if known is not None and (<tuple>known)[0] == order:
            self.live[key] = (order, (<tuple>known)[1], value, key)
            return 0
        cdef bint is_in_line = self._is_in_line(order)
        self._sequence += 1
        cdef tuple entry = (order, self._sequence, value, key)
        self.live[key] = entry
        if is_in_line:
            self._line.append(entry)
        else:
            heappush(self._entries, entry)
        self._sweep()
        return 0

    def discard(self, str key):
        """Take a key out wherever it is; return its value, or None. O(1) amortised."""
        if key not in self.live:
            return None
        if self._shared:
            self._own()
        value = (<tuple>self.live.pop(key))[2]
        self._sweep()
        return value

    def first(self):
        """Return the smallest order and its value, or None. O(1) amortised."""
        cdef tuple entry
        while self.live:
            entry = self._next()
            known = self._known(entry)
            if known is not None:
                return entry[0], (<tuple>known)[2]
            if self._shared:
                self._own()
            self._drop(entry)
        return None

    def pop(self):
        """Take the value with the smallest order out. O(log n) amortised."""
        cdef tuple entry
        if not self.live:
            return None
        if self._shared:
            self._own()
        while True:  # Until somebody surfaces who is alive.
            entry = self._next()
            self._drop(entry)
            known = self._known(entry)
            if known is not None:
                del self.live[entry[3]]
                self.popped_count += 1
                return (<tuple>known)[2]

    def values(self):
        """Return every value, in the order in which the keys came in. O(n)."""
        return [row[2] for row in self.live.values()]

    def clear(self):
        """Forget everything. O(1)."""
        self._entries, self._line, self._start = [], [], 0
        self.live, self._shared = {}, False

    def ordered(self):
        """Return every value by rising order, for inspection. O(n log n)."""
        return [row[2] for row in sorted(self.live.values(), key=_place)]

    def fork(self):
        """Return an independent heap with the same content. O(1); the first change copies."""
        cdef KeyedHeap twin = type(self)()
        twin._entries, twin._line, twin._start = self._entries, self._line, self._start
        twin.live, twin._sequence = self.live, self._sequence
        twin._shared = self._shared = True
        twin.popped_count = self.popped_count
        return twin

    def check_invariants(self):
        """Raise AssertionError unless all that lives is in a heap that is one. O(n)."""
        cdef Py_ssize_t place
        for place in range(1, len(self._entries)):
            assert self._entries[(place - 1) // 2] <= self._entries[place], "heap order"
        line = self._line[self._start:]
        for place in range(1, len(line)):
            assert line[place - 1] < line[place], "order of the line"
        places = {(key, row[0], row[1]) for key, row in self.live.items()}
        line += self._entries
        assert places <= {(row[3], row[0], row[1]) for row in line}, "a key was lost"

    cpdef _own(self):
        self._entries, self.live = list(self._entries), dict(self.live)
        self._line, self._start = self._line[self._start:], 0
        self._shared = False

    cdef bint _is_in_line(self, object order) except -1:
        """Whether the order is not before that of the last one in line."""
        cdef Py_ssize_t count = PyList_GET_SIZE(self._line)
        if count == self._start:
            return True
        cdef tuple last = <tuple>PyList_GET_ITEM(self._line, count - 1)
        return not PyObject_RichCompareBool(order, <object>PyTuple_GET_ITEM(last, 0), Py_LT)

    cdef tuple _next(self):
        """The first entry of all, dead or alive; there must be one."""
        if PyList_GET_SIZE(self._line) == self._start:
            return <tuple>self._entries[0]
        cdef tuple first = <tuple>PyList_GET_ITEM(self._line, self._start)
        if PyList_GET_SIZE(self._entries) and self._entries[0] < first:
            return <tuple>self._entries[0]
        return first

    cdef int _drop(self, tuple entry) except -1:
        """Take the first entry of all away."""
        if PyList_GET_SIZE(self._entries) and self._entries[0] is entry:
            heappop(self._entries)
            return 0
        self._line[self._start] = None
        self._start += 1
        # What is gone takes no more room than what is there, or than a few entries.
        if self._start == PyList_GET_SIZE(self._line):
            self._line.clear()
            self._start = 0
        elif self._start > LITTER_COUNT_MIN and 2 * self._start > PyList_GET_SIZE(self._line):
            del self._line[: self._start]
            self._start = 0
        return 0

    cdef object _known(self, tuple entry):
        """What lives at a place; None: the key is gone, or somewhere else."""
        known = self.live.get(entry[3])
        if known is entry or (known is not None and (<tuple>known)[1] == entry[1]):
            return known
        return None

    cdef int _sweep(self) except -1:
        cdef Py_ssize_t count = PyList_GET_SIZE(self._entries) + PyList_GET_SIZE(self._line)
        count -= self._start
        if count > LITTER_COUNT_MIN and count > 2 * len(self.live):
            self._line = [row for row in self._line[self._start:] if self._known(row) is not None]
            self._entries = [row for row in self._entries if self._known(row) is not None]
            self._start = 0
            heapify(self._entries)
        return 0


def holder(tuple heaps, str key):
    """Return the first of these heaps that holds the key, or None. O(heaps)."""
    for heap in heaps:
        if key in (<KeyedHeap?>heap).live:
            return heap
    return None


cpdef object take(tuple heaps, str key):
    """Take a key out of the first of these heaps that holds it; return its value, or None."""
    for heap in heaps:
        if key in (<KeyedHeap?>heap).live:
            return heap.discard(key)
    return None


def move(tuple heaps, KeyedHeap heap not None, str key, order, value):
    """Take a key out of the first of these heaps that holds it, and put it into `heap` anew."""
    take(heaps, key)
    if type(heap) is KeyedHeap:
        heap._put(key, order, value)
    else:  # A subclass does more.
        heap.set(key, order, value)


def _place(row):
    return row[:2]
