"""Versioned entries and the log of their changes: a part of the twin of the `ledger` kernel.

A tree holds what each key holds now, an entry with its revisions; a log holds what happened. `put`
and `delete` write both in one call, since a write of a store is little more than that.

The log numbers events from 0 by their place, their *sequence*. It keeps them in chunks of
`CHUNK_COUNT`, so that a copy copies a short table and the last chunk, and shares the rest. Of what
is older than the log the last revision is remembered: states before it cannot be rebuilt.

    tree, log = BTree(), Log(1000)
    put(tree, log, "a", value, 2, None)         -> Entry("a", value, 2, 2, 1)
    put(tree, log, "a", other, 3, 2)            -> Entry("a", other, 2, 3, 2); 2 was expected
    put(tree, log, "a", other, 4, 2)            -> None: it is at 3; nothing was written
    log.get(1)                                  -> Event(3, "a", <new entry>, <old entry>)
"""

from collections.abc import Sequence
from typing import Final, Generic, NamedTuple, Self, TypeVar

from kcore._native.reference.btree import BTree

V = TypeVar("V")

CHUNK_COUNT: Final = 512


class Entry(NamedTuple, Generic[V]):
    """One key at one moment; `version` counts the writes since the key was created."""

    key: str
    value: V
    create_revision: int
    mod_revision: int
    version: int


class Event(NamedTuple, Generic[V]):
    """One change of one key; `current` is None when it was deleted, `previous` when created."""

    revision: int
    key: str
    current: Entry[V] | None
    previous: Entry[V] | None

    @property
    def value(self) -> V | None:
        """The content from now on; None: deleted."""
        return None if self.current is None else self.current.value

    @property
    def previous_value(self) -> V | None:
        """The content up to now; None: created."""
        return None if self.previous is None else self.previous.value

    @property
    def create_revision(self) -> int:
        """When the key was created (its last life, for a deletion)."""
        kept = self.previous if self.current is None else self.current
        return 0 if kept is None else kept.create_revision


class Log(Generic[V]):
    """Events, oldest first; when there are more than `count_max`, the oldest are forgotten."""

    __slots__ = ("_base", "_chunks", "_count_max", "dropped_revision", "end", "first")

    def __init__(self, count_max: int, /) -> None:
        self._count_max = count_max
        self._chunks: list[list[Event[V]]] = [[]]
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
        """An independent log with the same past. O(chunks), a few hundred pointers at most."""
        twin = object.__new__(type(self))
        twin._count_max = self._count_max
        twin._chunks = self._chunks.copy()
        twin._chunks[-1] = self._chunks[-1].copy()
        twin._base = self._base
        twin.first = self.first
        twin.end = self.end
        twin.dropped_revision = self.dropped_revision
        return twin

    def append(self, event: Event[V], /) -> None:
        """Add the youngest event; when full, forget the oldest. O(1) amortised."""
        if len(self._chunks[-1]) == CHUNK_COUNT:
            self._chunks.append([])
        self._chunks[-1].append(event)
        self.end += 1
        if self.end - self.first > self._count_max:
            self._drop_to(self.first + 1)

    def get(self, sequence: int, /) -> Event[V]:
        """The event at `sequence`. O(1).

        Raises:
            IndexError: it is not (or no longer) kept.
        """
        if not self.first <= sequence < self.end:
            raise IndexError(f"event {sequence} is not in [{self.first}, {self.end})")
        chunk, index = divmod(sequence - self._base, CHUNK_COUNT)
        return self._chunks[chunk][index]

    def since(self, sequence: int, /) -> Sequence[Event[V]]:
        """Events from `sequence` on, oldest first. O(m)."""
        return [self.get(place) for place in range(max(sequence, self.first), self.end)]

    def first_of(self, key: str, sequence: int, /) -> Event[V] | None:
        """The first event of `key` from `sequence` on, or None. O(events since)."""
        for place in range(max(sequence, self.first), self.end):
            event = self.get(place)
            if event.key == key:
                return event
        return None

    def sequence_after(self, revision: int, /) -> int:
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

    def compact(self, revision: int, /) -> None:
        """Forget events older than `revision`. O(log n + chunks)."""
        self._drop_to(self.sequence_after(revision - 1))

    def clear(self) -> None:
        """Forget all events; the next has the place after them. O(events)."""
        if self.end > self.first:
            self.dropped_revision = self.get(self.end - 1).revision
        self._chunks = [[]]
        self._base = self.first = self.end

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


def put(
    tree: BTree, log: Log[V], key: str, value: V, revision: int, expect: int | None, /
) -> Entry[V] | None:
    """Write `key` at `revision` into both; returns its new entry. O(log n).

    Where `expect` is given and the key is not at that revision (0: absent), nothing is written
    and None returned.
    """
    previous: Entry[V] | None = tree.get(key)
    if expect is not None and expect != (0 if previous is None else previous.mod_revision):
        return None
    if previous is None:
        current = Entry(key, value, revision, revision, 1)
    else:
        current = Entry(key, value, previous.create_revision, revision, previous.version + 1)
    tree.set(key, current)
    log.append(Event(revision, key, current, previous))
    return current


def delete(
    tree: BTree, log: Log[V], key: str, revision: int, expect: int | None, /
) -> Entry[V] | None:
    """Delete `key` at `revision` in both; returns what it held. O(log n).

    Where it is absent, or not at the revision expected, nothing is written and None returned.
    """
    previous: Entry[V] | None = tree.get(key)
    if previous is None or (expect is not None and expect != previous.mod_revision):
        return None
    tree.pop(key)
    log.append(Event(revision, key, None, previous))
    return previous
