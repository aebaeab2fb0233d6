"""The store: one writer, one global revision, etcd's answers.

Keys live in buckets, one per resource; each bucket has its content (a copy-on-write tree with
indexes) and its history. A read at an old revision starts from the content nearest above it and
undoes what happened since. Memory of the past is the history alone, tens of bytes an event.

A fork shares every bucket; whichever side writes a bucket first copies its few pointers. Buckets
carry the token (`line`) of the store that may change them, as tree nodes carry their tree's. Both
sides of a fork take a new token with their first write, so that a fork nobody writes to makes none.

One store is used by one thread at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from sys import intern
from types import MappingProxyType
from typing import TYPE_CHECKING, NoReturn

from kcore.errors import InvariantError
from kcore.limits import HISTORY_EVENTS_COUNT_MAX
from kcore.machinery.frozen import FrozenMap
from kcore.store.bucket import Bucket, Known
from kcore.store.history import StoreCore
from kcore.store.index import IndexFunction
from kcore.store.revision import (
    FIRST_REVISION,
    CompactedError,
    CompareFailedError,
    Event,
    FutureRevisionError,
    KeyValue,
)
from kcore.store.selection.facets import LabelsFunction
from kcore.store.selection.interests import Interests
from kcore.store.selection.selection_line import SelectionLine
from kcore.store.snapshot import BucketView
from kcore.store.txn import Compare, Operation, check_operations
from kcore.store.watch import Cursor, Refusal


@dataclass(frozen=True, slots=True)
class BucketStatistics:
    """Sizes of one bucket."""

    keys_count: int
    events_count: int
    kept_views_count: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """Sizes of a store, for people and tests."""

    revision: int
    compact_revision: int
    buckets: Mapping[str, BucketStatistics]

    @property
    def keys_count(self) -> int:
        """Live keys of all buckets."""
        return sum(bucket.keys_count for bucket in self.buckets.values())


class Store(StoreCore):
    """Versioned keys and values in buckets.

    `revision`, `next_revision`, `get`, `value`, `view`, `put`, `txn`, `history`, `last_change`,
    `is_unchanged` and `fork` are the kernel's: their twin stands in
    `kcore._native.reference.ledger_store`.
    `expect` in writes is the mod revision the key must have; 0 means that it must be absent.
    """

    __slots__ = ()

    _buckets: dict[str, Bucket]
    _empty: Bucket
    _interests: dict[str, Interests] | None

    if TYPE_CHECKING:

        def view(self, bucket: str, revision: int | None = None) -> BucketView:
            """The bucket pinned at present, or as it was at `revision`; see the twin."""

    def __init__(self, history_count_max: int = HISTORY_EVENTS_COUNT_MAX) -> None:
        self._history_count_max = history_count_max
        self._line = object()
        self._buckets: dict[str, Bucket] = {}
        self._buckets_line = self._line
        self._empty = Bucket(self._line, history_count_max)
        self._revision = FIRST_REVISION
        self._compact_revision = 0
        self._interests = None

    @property
    def compact_revision(self) -> int:
        """The oldest revision that `compact` left readable; 0 when it was never called."""
        return self._compact_revision

    def buckets(self) -> tuple[str, ...]:
        """Names of the buckets declared or written so far, in that order."""
        return tuple(self._buckets)

    def declare(self, bucket: str, indexes: Mapping[str, IndexFunction]) -> None:
        """Make a bucket with these indexes, or give an existing one other indexes. O(n log n).

        Index functions must be pure and live at module level, since forks share them. Views
        handed out earlier keep the indexes they had.
        """
        self._writable(bucket).declare(indexes)

    def selections(self, bucket: str) -> SelectionLine:
        """The selection indexes of the bucket, for views that this store gave out. O(1)."""
        return self._buckets.get(bucket, self._empty).selections

    def delete(self, bucket: str, key: str, *, expect: int | None = None) -> KeyValue:
        """Delete one key at the next revision and return what it held. O(log n) per tree.

        Raises:
            CompareFailedError: the key is absent or not at `expect`; nothing was written.
        """
        held = self._writable(bucket)
        revision = self._revision + 1
        previous = held.delete(key, revision, expect)
        if previous is None:
            self._refuse(bucket, key, expect)
        self._revision = revision
        return previous

    def change(self, bucket: str, key: str, value: FrozenMap | None, revision: int) -> None:
        """Write a key (None: delete it) at `revision`, the present or the next one. O(log n).

        This is how the writes of one transaction share a revision. Deleting an absent key is
        no change.
        """
        if not self._revision <= revision <= self._revision + 1:
            raise InvariantError(f"cannot write at revision {revision} after {self._revision}")
        held = self._writable(bucket)
        changed = held.delete(key, revision) if value is None else held.put(key, value, revision)
        if changed is not None:
            self._revision = revision

    def compact(self, revision: int) -> None:
        """Forget what was before `revision`; the state at `revision` stays readable.

        Raises:
            CompactedError: `revision` was compacted before.
            FutureRevisionError: `revision` does not exist yet.
        """
        if revision <= self._compact_revision:
            raise CompactedError(revision, self._compact_revision)
        if revision > self._revision:
            raise FutureRevisionError(revision, self._revision)
        self._compact_revision = revision
        for name in self._buckets:
            self._writable(name).compact(revision)

    def watch(
        self, bucket: str, from_revision: int | None = None, refusal: Refusal = CompactedError
    ) -> Cursor:
        """A cursor over the changes after `from_revision` (None: after the present).

        A revision that does not exist yet stays silent until it is passed. O(log changes).
        `refusal` makes what the cursor raises when its next change is no longer kept.

        Raises:
            CompactedError: a change after `from_revision` is no longer kept.
        """
        held = self._buckets.get(bucket)
        if held is None:
            held = self._writable(bucket)
        if from_revision is None or from_revision >= self._revision:
            cursor = Cursor(self, bucket, held.end, self._revision, refusal)
            cursor.start_silent(self._revision if from_revision is None else from_revision)
            return cursor
        # Changes at the compacted revision itself are kept, hence the revision before it will do.
        if from_revision < max(self._compact_revision - 1, held.history.dropped_revision):
            raise CompactedError(from_revision, self.oldest_revision(bucket))
        sequence = held.history.sequence_after(from_revision)
        return Cursor(self, bucket, sequence, from_revision, refusal)

    def interests(self, bucket: str, labels_of: LabelsFunction) -> Interests:
        """What those who watch a bucket wait for; `labels_of` says where its labels are. O(1).

        It is no part of the state: a fork has none until somebody watches it.
        """
        if self._interests is None:
            self._interests = {}
        found = self._interests.get(bucket)
        if found is None:
            found = self._interests[bucket] = Interests(labels_of)
        return found

    def head(self, bucket: str) -> Known:
        """How many changes a bucket has seen, and its view now: the same while it is so. O(1)."""
        return self._buckets[bucket].head(self._revision)

    def history_place(self, bucket: str, revision: int) -> int:
        """How many changes the bucket had seen at `revision`, which must be readable. O(log n)."""
        return self._buckets[bucket].history.sequence_after(revision)

    def history_end(self, bucket: str) -> int:
        """How many changes the bucket has ever seen. O(1)."""
        return self._buckets[bucket].end

    def event(self, bucket: str, sequence: int) -> Event | None:
        """The change at one place of the bucket's history; None when no longer kept. O(1)."""
        history = self._buckets[bucket].history
        return history.get(sequence) if sequence >= history.first else None

    def view_after(
        self, bucket: str, sequence: int, revision: int, known: Known | None
    ) -> BucketView:
        """The bucket after so many changes, shown as `revision`; `known` is an earlier view.

        O(1) at the head and for views asked for lately, else O(changes between * log n).

        Raises:
            CompactedError: the changes since then are no longer kept.
        """
        held = self._buckets[bucket]
        first = held.history.first
        if sequence < first:
            raise CompactedError(revision, self.oldest_revision(bucket))
        if known is not None and known[0] < first:
            known = None
        return held.view_after(sequence, revision, known)

    def oldest_revision(self, bucket: str) -> int:
        """The oldest revision at which this bucket can be read. O(1)."""
        held = self._buckets.get(bucket, self._empty)
        return max(self._compact_revision, held.history.dropped_revision)

    def statistics(self) -> Statistics:
        """Sizes of everything. O(buckets)."""
        rows = {
            name: BucketStatistics(len(held.contents), len(held.history), len(held.views))
            for name, held in self._buckets.items()
        }
        return Statistics(self._revision, self._compact_revision, MappingProxyType(rows))

    def restore(self, revision: int, entries: Mapping[str, Sequence[KeyValue]]) -> None:
        """Fill an empty store with saved entries; everything before `revision` is compacted.

        Raises:
            InvariantError: this store was written to before.
        """
        if self._revision != FIRST_REVISION:
            raise InvariantError("only an empty store can be filled from a dump")
        for bucket, rows in entries.items():
            self._writable(bucket).restore(rows)
        self._revision = revision
        self._compact_revision = revision

    def check_invariants(self) -> None:
        """Raise AssertionError when any structure is broken. O(everything)."""
        assert self._compact_revision <= self._revision
        for name, held in self._buckets.items():
            held.check_invariants(self._revision)
            assert (
                len(held.history) == 0
                or held.history.get(held.history.first).revision >= self._compact_revision
            ), f"{name} remembers compacted changes"
        for interests in (self._interests or {}).values():
            interests.check_invariants()

    def _get_at(self, bucket: str, key: str, revision: int) -> KeyValue | None:
        held = self._buckets.get(bucket, self._empty)
        self._require_readable(held, revision)
        return held.get_at(key, revision)

    def _view(self, bucket: str, revision: int | None) -> BucketView:
        held = self._buckets.get(bucket, self._empty)
        if revision is None or revision == self._revision:
            return held.view_now(self._revision)
        self._require_readable(held, revision)
        return held.view_at(revision)

    def _refuse(self, bucket: str, key: str, expect: int | None) -> NoReturn:
        raise CompareFailedError(bucket, key, expect, self.get(bucket, key))

    def _check(
        self,
        compares: Sequence[Compare],
        then: Sequence[Operation],
        otherwise: Sequence[Operation],
    ) -> None:
        check_operations(compares, then, otherwise)

    def _require_readable(self, held: Bucket, revision: int) -> None:
        if revision > self._revision:
            raise FutureRevisionError(revision, self._revision)
        oldest = max(self._compact_revision, held.history.dropped_revision)
        if revision < oldest:
            raise CompactedError(revision, oldest)

    def _writable(self, bucket: str) -> Bucket:
        line = self._line
        if line is None:  # Nothing was written since a fork.
            line = self._line = object()
        if self._buckets_line is not line:
            self._buckets = dict(self._buckets)
            self._buckets_line = line
        held = self._buckets.get(bucket)
        if held is None:
            # One text for each name: who asks with the same one is answered at once.
            held = self._buckets[intern(bucket)] = Bucket(line, self._history_count_max)
        elif held.line is not line:
            held = self._buckets[bucket] = held.copy(line)
        return held
