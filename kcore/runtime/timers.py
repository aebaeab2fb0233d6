"""Deadlines by key: the one door to the deadline heap."""

from typing import Self

from kcore import _native
from kcore.forking import ForkMemo

DeadlineHeap = _native.heap.DeadlineHeap


class Timers:
    """At most one deadline per key; equal deadlines fire in the order in which they were set."""

    __slots__ = ("heap",)

    def __init__(self) -> None:
        self.heap = DeadlineHeap()
        """Empty or not, for those who ask at every turn of the loop; always the same one."""

    def __len__(self) -> int:
        """Return how many keys wait. O(1)."""
        return len(self.heap)

    def get(self, key: str) -> int | None:
        """Return when `key` fires, or None. O(1)."""
        return self.heap.get(key)

    def set(self, key: str, deadline_ns: int) -> None:
        """Let `key` fire at `deadline_ns`, instead of when it would have. O(log n)."""
        self.heap.set(key, deadline_ns)

    def set_earlier(self, key: str, deadline_ns: int) -> None:
        """Let `key` fire at `deadline_ns`, unless it fires before that anyway. O(log n)."""
        known_ns = self.heap.get(key)
        if known_ns is None or deadline_ns < known_ns:
            self.heap.set(key, deadline_ns)

    def discard(self, key: str) -> None:
        """Forget `key`. O(log n)."""
        self.heap.discard(key)

    def clear(self) -> None:
        """Forget every key. O(n log n)."""
        while self.heap:
            self.heap.pop()

    def next_deadline_ns(self) -> int | None:
        """Return the earliest deadline, or None. O(1)."""
        first = self.heap.first()
        return None if first is None else first[0]

    def pop_due(self, now_ns: int) -> str | None:
        """Take out the key that is due first, or return None. O(log n)."""
        first = self.heap.first()
        if first is None or first[0] > now_ns:
            return None
        return self.heap.pop()[1]

    def check_invariants(self) -> None:
        """Raise AssertionError when the heap is broken. O(n)."""
        self.heap.check_invariants()

    def fork(self, memo: ForkMemo) -> Self:
        """Independent timers with the same deadlines. O(1); the first change copies O(n)."""
        twin = type(self)()
        twin.heap = self.heap.copy()
        return twin
