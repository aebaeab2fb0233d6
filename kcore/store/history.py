"""What happened in one bucket: an append-only list that forgets its oldest part.

Events are numbered from 0 by their place (their *sequence*); a cursor is such a number. They are
kept in chunks of `CHUNK_COUNT`, so that a fork copies a short table and the last chunk, and
shares the rest. Of what is older than the list the last revision is remembered: states before it
cannot be rebuilt.
"""

from collections.abc import Iterator
from typing import Final, Self

from kcore.errors import InvariantError
from kcore.limits import HISTORY_EVENTS_COUNT_MAX
from kcore.store.revision import Event

CHUNK_COUNT: Final = 512


class History:
    """Events of one bucket, oldest first."""

    __slots__ = ("_base", "_chunks", "_count_max", "dropped_revision", "end", "first")

    def __init__(self, count_max: int = HISTORY_EVENTS_COUNT_MAX) -> None:
        self._count_max = count_max
        self._chunks: list[list[Event]] = [[]]
        self._base = 0
        self.first = 0
        """Sequence of the oldest event kept."""
        self.end = 0
        """Sequence of the next event."""
        self.dropped_revision = 0
        """Revision of the youngest forgotten event; 0 when nothing was forgotten."""

    def __len__(self) -> int:
        """Return how many events are kept. O(1)."""
        return self.end - self.first

    def copy(self) -> Self:
        """An independent list with the same past. O(chunks), a few hundred pointers at most."""
        twin = object.__new__(type(self))
        twin._count_max = self._count_max
        twin._chunks = self._chunks.copy()
        twin._chunks[-1] = self._chunks[-1].copy()
        twin._base = self._base
        twin.first = self.first
        twin.end = self.end
        twin.dropped_revision = self.dropped_revision
        return twin

    def append(self, event: Event) -> None:
        """Add the youngest event; when full, forget the oldest. O(1) amortised."""
        if len(self._chunks[-1]) == CHUNK_COUNT:
            self._chunks.append([])
        self._chunks[-1].append(event)
        self.end += 1
        if self.end - self.first > self._count_max:
            self._drop_to(self.first + 1)

    def get(self, sequence: int) -> Event:
        """The event at `sequence`. O(1).

        Raises:
            InvariantError: it is not (or no longer) kept.
        """
        if not self.first <= sequence < self.end:
            raise InvariantError(f"event {sequence} is not in [{self.first}, {self.end})")
        chunk, index = divmod(sequence - self._base, CHUNK_COUNT)
        return self._chunks[chunk][index]

    def since(self, sequence: int) -> Iterator[Event]:
        """Events from `sequence` on, oldest first. O(m)."""
        for position in range(max(sequence, self.first), self.end):
            yield self.get(position)

    def back_to(self, sequence: int) -> Iterator[Event]:
        """Events down to and with `sequence`, youngest first. O(m)."""
        for position in range(self.end - 1, max(sequence, self.first) - 1, -1):
            yield self.get(position)

    def sequence_after(self, revision: int) -> int:
        """How many events ever had a revision up to `revision`. O(log n), O(1) at the head.

        Meaningless below `dropped_revision`.
        """
        if self.end == self.first or self.get(self.end - 1).revision <= revision:
            return self.end
        low, high = self.first, self.end - 1
        while low < high:
            middle = (low + high) // 2
            if self.get(middle).revision <= revision:
                low = middle + 1
            else:
                high = middle
        return low

    def compact(self, revision: int) -> None:
        """Forget events older than `revision`. O(log n + chunks)."""
        self._drop_to(self.sequence_after(revision - 1))

    def _drop_to(self, sequence: int) -> None:
        if sequence <= self.first:
            return
        self.dropped_revision = self.get(sequence - 1).revision
        self.first = sequence
        whole = (sequence - self._base) // CHUNK_COUNT
        if whole:
            del self._chunks[:whole]
            self._base += whole * CHUNK_COUNT
            if not self._chunks:
                self._chunks.append([])

    def check_invariants(self) -> None:
        """Raise AssertionError when places or revisions are out of order. O(n)."""
        assert self._base <= self.first <= self.end
        assert len(self) <= self._count_max
        assert all(len(chunk) == CHUNK_COUNT for chunk in self._chunks[:-1])
        assert self._base + sum(len(chunk) for chunk in self._chunks) == self.end
        last = self.dropped_revision
        for event in self.since(self.first):
            assert event.revision >= last, f"revision {event.revision} follows {last}"
            assert event.current is not None or event.previous is not None
            last = event.revision
