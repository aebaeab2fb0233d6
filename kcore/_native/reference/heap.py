"""A stable heap of deadlines by key: the readable twin of the `heap` kernel.

Each key has at most one deadline. Equal deadlines come out in the order in which they were set,
so that no run depends on hashing. Replaced and discarded entries stay in the heap until they
surface (lazy deletion); the heap is rebuilt when more than half of it is such litter, so every
operation is O(log n) amortised and memory is O(live keys).
"""

import heapq
from typing import Final, Self

LITTER_COUNT_MIN: Final = 64


class DeadlineHeap:
    """Keys with deadlines (int64); the earliest first."""

    __slots__ = ("_entries", "_live", "_sequence", "_shared")

    def __init__(self) -> None:
        self._entries: list[tuple[int, int, str]] = []
        self._live: dict[str, tuple[int, int]] = {}
        self._sequence = 0
        self._shared = False

    def __len__(self) -> int:
        """Return how many keys have a deadline. O(1)."""
        return len(self._live)

    def get(self, key: str) -> int | None:
        """Return the deadline of `key`, or None. O(1)."""
        known = self._live.get(key)
        return None if known is None else known[0]

    def set(self, key: str, deadline: int) -> None:
        """Give `key` this deadline, replacing the one it had. O(log n).

        Raises:
            OverflowError: the deadline does not fit 64 bits.
        """
        if not -(2**63) <= deadline < 2**63:
            raise OverflowError("a deadline must fit 64 bits")
        self._own()
        self._sequence += 1
        self._live[key] = (deadline, self._sequence)
        heapq.heappush(self._entries, (deadline, self._sequence, key))
        self._sweep()

    def discard(self, key: str) -> None:
        """Forget `key`; nothing happens when it has no deadline. O(1) amortised."""
        if key in self._live:
            self._own()
            del self._live[key]
            self._sweep()

    def first(self) -> tuple[int, str] | None:
        """Return the earliest deadline and its key, or None. O(1) amortised."""
        while self._entries:
            deadline, sequence, key = self._entries[0]
            if self._live.get(key) == (deadline, sequence):
                return deadline, key
            self._own()
            heapq.heappop(self._entries)
        return None

    def pop(self) -> tuple[int, str]:
        """Take the earliest deadline and its key out. O(log n).

        Raises:
            IndexError: the heap is empty.
        """
        first = self.first()
        if first is None:
            raise IndexError("pop from an empty heap")
        self._own()
        heapq.heappop(self._entries)
        del self._live[first[1]]
        return first

    def copy(self) -> Self:
        """Return an independent heap with the same content. O(1); the first write copies O(n)."""
        twin = type(self)()
        twin._entries, twin._live, twin._sequence = self._entries, self._live, self._sequence
        twin._shared = self._shared = True
        return twin

    def check_invariants(self) -> None:
        """Raise AssertionError unless heap order holds and every live key is in the heap. O(n)."""
        entries = self._entries
        for index in range(1, len(entries)):
            assert entries[(index - 1) // 2] <= entries[index], "heap order"
        present = {(deadline, sequence, key) for deadline, sequence, key in entries}
        for key, (deadline, sequence) in self._live.items():
            assert (deadline, sequence, key) in present, f"{key} is not in the heap"

    def _own(self) -> None:
        if self._shared:
            self._entries, self._live = list(self._entries), dict(self._live)
            self._shared = False

    def _sweep(self) -> None:
        if len(self._entries) > LITTER_COUNT_MIN and len(self._entries) > 2 * len(self._live):
            self._entries = [(at, sequence, key) for key, (at, sequence) in self._live.items()]
            heapq.heapify(self._entries)
