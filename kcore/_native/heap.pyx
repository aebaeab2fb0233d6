"""A stable heap of deadlines by key: the compiled kernel; `reference/heap.py` explains it.

Here the heap is indexed: `_slots` maps a key to its node, and each node knows its place, so that
replacing and discarding take effect at once and there is no litter. The answers are the same.
"""

cdef class _Node:
    cdef long long deadline
    cdef long long sequence
    cdef Py_ssize_t place
    cdef str key


cdef inline bint _before(_Node a, _Node b) noexcept:
    return a.deadline < b.deadline or (a.deadline == b.deadline and a.sequence < b.sequence)


cdef class DeadlineHeap:
    """Keys with deadlines (int64); the earliest first."""

    cdef list _heap
    cdef dict _slots
    cdef long long _sequence
    cdef bint _shared

    def __cinit__(self):
        self._heap = []
        self._slots = {}
        self._sequence = 0
        self._shared = False

    def __len__(self):
        return len(self._heap)

    cpdef object get(self, str key):
        """Return the deadline of `key`, or None. O(1)."""
        node = self._slots.get(key)
        return None if node is None else (<_Node>node).deadline

    cpdef void set(self, str key, deadline) except *:
        """Give `key` this deadline, replacing the one it had. O(log n)."""
        cdef long long at
        if key is None:
            raise TypeError("a key must be str")
        try:
            at = deadline
        except OverflowError:
            raise OverflowError("a deadline must fit 64 bits") from None
        self._own()
        self._sequence += 1
        cdef object known = self._slots.get(key)
        cdef _Node node
        if known is None:
            node = _Node()
            node.key = key
            node.place = len(self._heap)
            self._slots[key] = node
            self._heap.append(node)
        else:
            node = <_Node>known
        node.deadline = at
        node.sequence = self._sequence
        self._sift_up(node.place)
        self._sift_down(node.place)

    cpdef void discard(self, str key) except *:
        """Forget `key`; nothing happens when it has no deadline. O(log n)."""
        if key in self._slots:
            self._own()
            self._take((<_Node>self._slots[key]).place)

    cpdef object first(self):
        """Return the earliest deadline and its key, or None. O(1)."""
        if not self._heap:
            return None
        cdef _Node node = <_Node>self._heap[0]
        return node.deadline, node.key

    cpdef object pop(self):
        """Take the earliest deadline and its key out. O(log n)."""
        if not self._heap:
            raise IndexError("pop from an empty heap")
        self._own()
        cdef _Node node = <_Node>self._heap[0]
        self._take(0)
        return node.deadline, node.key

    cpdef DeadlineHeap copy(self):
        """Return an independent heap with the same content. O(1); the first write copies O(n)."""
        cdef DeadlineHeap twin = DeadlineHeap()
        twin._heap = self._heap
        twin._slots = self._slots
        twin._sequence = self._sequence
        twin._shared = self._shared = True
        return twin

    def check_invariants(self):
        """Raise AssertionError unless heap order and places hold. O(n)."""
        cdef Py_ssize_t index
        assert len(self._heap) == len(self._slots), "sizes differ"
        for index in range(len(self._heap)):
            node = <_Node>self._heap[index]
            assert (<_Node>node).place == index, "place"
            assert self._slots[(<_Node>node).key] is node, "slot"
            if index:
                assert _before(<_Node>self._heap[(index - 1) // 2], <_Node>node), "heap order"

    cdef void _own(self) except *:
        if not self._shared:
            return
        cdef list heap = []
        cdef dict slots = {}
        cdef _Node old
        cdef _Node node
        for item in self._heap:
            old = <_Node>item
            node = _Node()
            node.deadline = old.deadline
            node.sequence = old.sequence
            node.place = old.place
            node.key = old.key
            heap.append(node)
            slots[node.key] = node
        self._heap = heap
        self._slots = slots
        self._shared = False

    cdef void _take(self, Py_ssize_t place) except *:
        cdef _Node node = <_Node>self._heap[place]
        cdef _Node last = <_Node>self._heap.pop()
        del self._slots[node.key]
        if last is not node:
            self._heap[place] = last
            last.place = place
            self._sift_up(place)
            self._sift_down(last.place)

    cdef void _sift_up(self, Py_ssize_t place) except *:
        cdef _Node node = <_Node>self._heap[place]
        cdef _Node parent
        while place > 0:
            parent = <_Node>self._heap[(place - 1) // 2]
            if _before(parent, node):
                break
            self._heap[place] = parent
            parent.place = place
            place = (place - 1) // 2
        self._heap[place] = node
        node.place = place

    cdef void _sift_down(self, Py_ssize_t place) except *:
        cdef Py_ssize_t count = len(self._heap)
        cdef _Node node = <_Node>self._heap[place]
        cdef _Node child
        cdef Py_ssize_t lower
        while True:
            lower = 2 * place + 1
            if lower >= count:
                break
            child = <_Node>self._heap[lower]
            if lower + 1 < count and _before(<_Node>self._heap[lower + 1], child):
                lower += 1
                child = <_Node>self._heap[lower]
            if _before(node, child):
                break
            self._heap[place] = child
            child.place = place
            place = lower
        self._heap[place] = node
        node.place = place
