"""A heap of values by key: the compiled kernel; `reference/keyed_heap.py` explains it."""

from heapq import heapify, heappop, heappush

cdef Py_ssize_t LITTER_COUNT_MIN = 64


cdef class KeyedHeap:
    """Values with comparable orders."""

    cdef list _entries
    cdef readonly dict live
    cdef readonly long long popped_count
    cdef long long _sequence
    cdef bint _shared

    def __cinit__(self):
        self._entries = []
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
            self.live[key] = (order, (<tuple>known)[1], value)
            return 0
        self._sequence += 1
        cdef object sequence = self._sequence
        self.live[key] = (order, sequence, value)
        heappush(self._entries, (order, sequence, key))
        if len(self._entries) > LITTER_COUNT_MIN:
            self._sweep()
        return 0

    def discard(self, str key):
        """Take a key out wherever it is; return its value, or None. O(1) amortised."""
        if key not in self.live:
            return None
        if self._shared:
            self._own()
        value = (<tuple>self.live.pop(key))[2]
        if len(self._entries) > LITTER_COUNT_MIN:
            self._sweep()
        return value

    def first(self):
        """Return the smallest order and its value, or None. O(1) amortised."""
        cdef tuple entry
        while self.live:
            entry = <tuple>self._entries[0]
            known = self._known(entry)
            if known is not None:
                return entry[0], (<tuple>known)[2]
            if self._shared:
                self._own()
            heappop(self._entries)
        return None

    def pop(self):
        """Take the value with the smallest order out. O(log n) amortised."""
        cdef tuple entry
        if not self.live:
            return None
        if self._shared:
            self._own()
        while True:  # Until somebody surfaces who is alive.
            entry = <tuple>heappop(self._entries)
            known = self._known(entry)
            if known is not None:
                del self.live[entry[2]]
                self.popped_count += 1
                return (<tuple>known)[2]

    def values(self):
        """Return every value, in the order in which the keys came in. O(n)."""
        return [row[2] for row in self.live.values()]

    def clear(self):
        """Forget everything. O(1)."""
        self._entries, self.live, self._shared = [], {}, False

    def ordered(self):
        """Return every value by rising order, for inspection. O(n log n)."""
        return [row[2] for row in sorted(self.live.values(), key=_place)]

    def fork(self):
        """Return an independent heap with the same content. O(1); the first change copies."""
        cdef KeyedHeap twin = type(self)()
        twin._entries, twin.live, twin._sequence = self._entries, self.live, self._sequence
        twin._shared = self._shared = True
        twin.popped_count = self.popped_count
        return twin

    def check_invariants(self):
        """Raise AssertionError unless all that lives is in a heap that is one. O(n)."""
        cdef Py_ssize_t place
        for place in range(1, len(self._entries)):
            assert self._entries[(place - 1) // 2] <= self._entries[place], "heap order"
        places = {(key, row[0], row[1]) for key, row in self.live.items()}
        assert places <= {(row[2], row[0], row[1]) for row in self._entries}, "a key was lost"

    cpdef _own(self):
        self._entries, self.live = list(self._entries), dict(self.live)
        self._shared = False

    cdef object _known(self, tuple entry):
        """What lives at a place of the heap; None: the key is gone, or somewhere else."""
        known = self.live.get(entry[2])
        return known if known is not None and (<tuple>known)[1] == entry[1] else None

    cdef void _sweep(self) except *:
        if len(self._entries) > 2 * len(self.live):
            self._entries = [(row[0], row[1], key) for key, row in self.live.items()]
            heapify(self._entries)


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
