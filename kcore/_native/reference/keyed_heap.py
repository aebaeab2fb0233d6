"""A heap of values by key, smallest order first: the readable twin of the `keyed_heap` kernel.

Each key is in it at most once, and it is cheap to fork. Replaced and discarded entries stay inside
until they surface, and the heap is rebuilt when most of it is such litter: every operation is
O(log n) amortised. Equal orders come out in the order in which they went in.
"""

import heapq
from typing import Any, Final, Generic, Self, TypeVar

V = TypeVar("V")

LITTER_COUNT_MIN: Final = 64


class KeyedHeap(Generic[V]):
    """Values with comparable orders."""

    __slots__ = ("_entries", "_sequence", "_shared", "live", "popped_count")

    def __init__(self) -> None:
        self._entries: list[tuple[Any, int, str]] = []
        self.live: dict[str, tuple[Any, int, V]] = {}
        """Order, sequence and value by key; for others to look into without a call."""
        self.popped_count = 0
        """How many values `pop` has taken out, in this heap and those it was forked from."""
        self._sequence = 0
        self._shared = False

    def __len__(self) -> int:
        """Return how many keys there are. O(1)."""
        return len(self.live)

    def __contains__(self, key: str) -> bool:
        return key in self.live

    def get(self, key: str) -> V | None:
        """The value of `key`, or None. O(1)."""
        known = self.live.get(key)
        return None if known is None else known[2]

    def set(self, key: str, order: Any, value: V) -> None:
        """Put a value in, or move it; a key whose order stays keeps its place. O(log n)."""
        if self._shared:
            self._own()
        known = self.live.get(key)
        if known is not None and known[0] == order:
            self.live[key] = (order, known[1], value)
            return
        self._sequence += 1
        self.live[key] = (order, self._sequence, value)
        heapq.heappush(self._entries, (order, self._sequence, key))
        if len(self._entries) > LITTER_COUNT_MIN:
            self._sweep()

    def discard(self, key: str) -> V | None:
        """Take a key out wherever it is; returns its value, or None. O(1) amortised."""
        if key not in self.live:
            return None
        if self._shared:
            self._own()
        value = self.live.pop(key)[2]
        if len(self._entries) > LITTER_COUNT_MIN:
            self._sweep()
        return value

    def first(self) -> tuple[Any, V] | None:
        """The smallest order and its value, or None. O(1) amortised."""
        while self.live:
            order, sequence, key = self._entries[0]
            known = self.live.get(key)
            if known is not None and known[1] == sequence:
                return order, known[2]
            if self._shared:
                self._own()
            heapq.heappop(self._entries)
        return None

    def pop(self) -> V | None:
        """Take the value with the smallest order out. O(log n) amortised."""
        if not self.live:
            return None
        if self._shared:
            self._own()
        entries, live = self._entries, self.live
        while True:  # Until somebody surfaces who is alive.
            _, sequence, key = heapq.heappop(entries)
            known = live.get(key)
            if known is not None and known[1] == sequence:
                del live[key]
                self.popped_count += 1
                return known[2]

    def values(self) -> list[V]:
        """Every value, in the order in which the keys came in. O(n)."""
        return [row[2] for row in self.live.values()]

    def clear(self) -> None:
        """Forget everything. O(1)."""
        self._entries, self.live, self._shared = [], {}, False

    def ordered(self) -> list[V]:
        """Every value by rising order, for inspection. O(n log n)."""
        return [value for _, _, value in sorted(self.live.values(), key=lambda row: row[:2])]

    def fork(self) -> Self:
        """An independent heap with the same content. O(1); the first change copies."""
        twin = type(self)()
        twin._entries, twin.live, twin._sequence = self._entries, self.live, self._sequence
        twin._shared = self._shared = True
        twin.popped_count = self.popped_count
        return twin

    def check_invariants(self) -> None:
        """Raise AssertionError unless all that lives is in a heap that is one. O(n)."""
        for place in range(1, len(self._entries)):
            assert self._entries[(place - 1) // 2] <= self._entries[place], "heap order"
        places = {(key, row[0], row[1]) for key, row in self.live.items()}
        assert places <= {(row[2], row[0], row[1]) for row in self._entries}, "a key was lost"

    def _own(self) -> None:
        self._entries, self.live = list(self._entries), dict(self.live)
        self._shared = False

    def _sweep(self) -> None:
        if len(self._entries) > 2 * len(self.live):
            self._entries = [(row[0], row[1], key) for key, row in self.live.items()]
            heapq.heapify(self._entries)


def holder(heaps: tuple[KeyedHeap[V], ...], key: str) -> KeyedHeap[V] | None:
    """The first of these heaps that holds the key, or None. O(heaps)."""
    for heap in heaps:
        if key in heap.live:
            return heap
    return None


def take(heaps: tuple[KeyedHeap[V], ...], key: str) -> V | None:
    """Take a key out of the first of these heaps that holds it; its value, or None. O(heaps)."""
    heap = holder(heaps, key)
    return None if heap is None else heap.discard(key)


def move(
    heaps: tuple[KeyedHeap[V], ...], heap: KeyedHeap[V], key: str, order: Any, value: V
) -> None:
    """Take a key out of the first of these heaps that holds it, and put it into `heap` anew.

    O(heaps + log n): a key that is in one of the heaps before is in `heap` alone afterwards.
    """
    take(heaps, key)
    heap.set(key, order, value)
