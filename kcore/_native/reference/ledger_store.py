"""What stores and buckets are made of and asked most: a part of the twin of `ledger`.

The classes of the store build on these. They keep the rest of its behaviour and are called back
for what is rare: to copy a bucket that forks share, to read the past, to make a view, to refuse.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from kcore._native.reference.ledger_log import Entry, Log, delete, put
from kcore._native.reference.ledger_words import Compare, Delete, Get, Put, TxnResult, holds

V = TypeVar("V")


class BucketCore(Generic[V]):
    """The fields of a bucket, and its writes."""

    __slots__ = ("contents", "history", "line", "now")

    line: object
    contents: Any
    history: Any
    now: tuple[int, Any] | None
    """After how many events the present is, and its view."""

    def put(
        self, key: str, value: V, revision: int, expect: int | None = None, /
    ) -> Entry[V] | None:
        """Write `key`; None, and nothing was written, unless it is at `expect`. O(log n)."""
        contents = self.contents
        previous = contents.entries.get(key)
        current = put(contents.entries, self.history, key, value, revision, expect)
        if current is not None and contents.indexes:
            contents.reindex(key, previous, current)
        return current

    def delete(self, key: str, revision: int, expect: int | None = None, /) -> Entry[V] | None:
        """Delete `key` and return what it held; None, unless it is there and at `expect`."""
        contents = self.contents
        previous: Entry[V] | None = delete(contents.entries, self.history, key, revision, expect)
        if previous is not None and contents.indexes:
            contents.reindex(key, previous, None)
        return previous


class StoreCore(Generic[V]):
    """The fields of a store, and the calls it is asked most."""

    __slots__ = (
        "_buckets",
        "_buckets_line",
        "_compact_revision",
        "_empty",
        "_history_count_max",
        "_interests",
        "_line",
        "_revision",
    )

    _buckets: dict[str, Any]
    _buckets_line: object
    _compact_revision: int
    _empty: Any
    _history_count_max: int
    _interests: Any
    _line: object
    _revision: int

    if TYPE_CHECKING:  # What the store adds.

        def _writable(self, bucket: str) -> Any: ...
        def _get_at(self, bucket: str, key: str, revision: int) -> Entry[V] | None: ...
        def _view(self, bucket: str, revision: int | None) -> Any: ...
        def _refuse(self, bucket: str, key: str, expect: int | None) -> Any: ...
        def _check(
            self,
            compares: Sequence[Compare[V]],
            then: Sequence[Put[V] | Delete | Get],
            otherwise: Sequence[Put[V] | Delete | Get],
        ) -> None: ...

    @property
    def revision(self) -> int:
        """The revision of the last change. O(1)."""
        return self._revision

    @property
    def next_revision(self) -> int:
        """The revision that the next change will have; callers bake it into its value."""
        return self._revision + 1

    def get(self, bucket: str, key: str, revision: int | None = None) -> Entry[V] | None:
        """The key at present, or as it was at `revision`.

        O(log n), plus O(changes since) for an old revision.

        Raises:
            CompactedError: `revision` is no longer kept.
            FutureRevisionError: `revision` does not exist yet.
        """
        if revision is not None and revision != self._revision:
            return self._get_at(bucket, key, revision)
        held = self._buckets.get(bucket)
        found: Entry[V] | None = None if held is None else held.contents.entries.get(key)
        return found

    def value(self, bucket: str, key: str, /) -> V | None:
        """What the key holds at present, or None. O(log n)."""
        found = self.get(bucket, key)
        return None if found is None else found.value

    def view(self, bucket: str, revision: int | None = None) -> Any:
        """The bucket pinned at present, or as it was at `revision`.

        O(1), plus O(changes since * log n) for an old revision.

        Raises:
            CompactedError: `revision` is no longer kept.
            FutureRevisionError: `revision` does not exist yet.
        """
        held = self._buckets.get(bucket)
        if held is not None and held.now is not None and revision is None:
            end, view = held.now
            if end == held.history.end and view.revision == self._revision:
                return view
        return self._view(bucket, revision)

    def put(self, bucket: str, key: str, value: V, *, expect: int | None = None) -> Entry[V]:
        """Write one key at the next revision. O(log n) per tree.

        Raises:
            CompareFailedError: the key is not at `expect`; nothing was written.
        """
        held = self._owned(bucket)
        revision = self._revision + 1
        current: Entry[V] | None = held.put(key, value, revision, expect)
        if current is None:
            return self._refuse(bucket, key, expect)  # type: ignore[no-any-return]
        self._revision = revision
        return current

    def txn(
        self,
        compares: Sequence[Compare[V]],
        then: Sequence[Put[V] | Delete | Get],
        otherwise: Sequence[Put[V] | Delete | Get] = (),
    ) -> TxnResult[V]:
        """Run `then` when every comparison holds, else `otherwise`; all writes get one revision.

        Nothing changed (only reads, or deletions of absent keys): the revision stays.

        Raises:
            TxnError: more operations than etcd allows, or a key written twice; nothing was done.
        """
        if len(compares) > 1 or len(then) > 1 or len(otherwise) > 1:
            self._check(compares, then, otherwise)
        succeeded = all(holds(one, self.get(one.bucket, one.key)) for one in compares)
        revision = self._revision + 1
        responses = tuple(self._run(one, revision) for one in (then if succeeded else otherwise))
        return TxnResult(succeeded, self._revision, responses)

    def history(self, bucket: str, /) -> Log[V]:
        """The changes of a bucket that was watched or written; read only. O(1)."""
        found: Log[V] = self._buckets[bucket].history
        return found

    def last_change(self, bucket: str, /) -> int:
        """The revision of a bucket's last change; 0 where it has seen none since a dump. O(1)."""
        held = self._buckets.get(bucket)
        if held is None:
            return 0
        log: Log[V] = held.history
        return log.get(log.end - 1).revision if len(log) else log.dropped_revision

    def is_unchanged(self, changes: dict[str, int], /) -> bool:
        """Whether these are still the last changes of their buckets. O(buckets)."""
        if not isinstance(changes, dict):
            raise TypeError(f"changes are a dict, not {type(changes).__name__}")
        return all(self.last_change(bucket) == last for bucket, last in changes.items())

    def fork(self, memo: object = None, /) -> Self:
        """An independent store with the same past. O(1); the first write copies a table.

        A store refers to no part that forks, so it asks the memo nothing.
        """
        del memo
        twin = object.__new__(type(self))
        twin._history_count_max = self._history_count_max
        twin._buckets = self._buckets
        twin._empty = self._empty
        twin._revision = self._revision
        twin._compact_revision = self._compact_revision
        twin._interests = None
        # Nobody's: both sides take a token, and copy the table, before they change it.
        twin._line = self._line = None
        twin._buckets_line = self._buckets_line = None
        return twin

    def _owned(self, bucket: str) -> Any:
        held = self._buckets.get(bucket)
        if held is not None and held.line is self._line:
            return held
        return self._writable(bucket)

    def _run(self, operation: Put[V] | Delete | Get, revision: int) -> Entry[V] | None:
        held = self._owned(operation.bucket)
        end = held.history.end
        response: Entry[V] | None
        if isinstance(operation, Put):
            response = held.put(operation.key, operation.value, revision)
        elif isinstance(operation, Delete):
            response = held.delete(operation.key, revision)
        else:
            response = held.contents.entries.get(operation.key)
        if held.history.end != end:
            self._revision = revision
        return response
