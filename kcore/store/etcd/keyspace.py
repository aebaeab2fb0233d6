"""Byte keys with values and leases, in one bucket of a store.

The store's keys are text and its values are JSON objects, so a byte is one character up to U+00FF
(which keeps the order of bytes) and a value is `{"value": "...", "lease": 7}`. The lease index of
the bucket answers which keys a lease holds; nothing else keeps that relation, so it cannot drift.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Self

from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap, freeze
from kcore.store.etcd.errors import COMPACTED, FUTURE_REVISION, EtcdError
from kcore.store.etcd.messages import KeyValue
from kcore.store.mvcc import Store
from kcore.store.revision import Event
from kcore.store.revision import KeyValue as Entry

DEFAULT_BUCKET: Final = "etcd"
LEASE_INDEX: Final = "lease"

# A server that was never compacted: below the revision 0 that somebody may compact to.
_NEVER_COMPACTED: Final = -1

# A range end of one NUL byte: there is no end.
_NO_END: Final = b"\x00"


def lease_of(value: FrozenMap) -> Sequence[str]:
    """Index function: the lease that holds the key, if any."""
    lease = value.get("lease")
    return () if lease is None else (str(lease),)


def text_of(data: bytes) -> str:
    """Bytes as the store keeps them."""
    return data.decode("latin-1")


def key_value(entry: Entry) -> KeyValue:
    """An entry of the store in etcd's form. O(bytes)."""
    return KeyValue(
        entry.key.encode("latin-1"),
        entry.create_revision,
        entry.mod_revision,
        entry.version,
        entry.value["value"].encode("latin-1"),
        entry.value.get("lease") or 0,
    )


def stored_value(value: bytes, lease: int) -> FrozenMap:
    """A value and its lease (0: none) as the store keeps them. O(bytes)."""
    data: dict[str, str | int] = {"value": text_of(value)}
    if lease:
        data["lease"] = lease
    found: FrozenMap = freeze(data)
    return found


def stored_entry(kv: KeyValue) -> Entry:
    """The reverse of `key_value`. O(bytes)."""
    value = stored_value(kv.value, kv.lease)
    return Entry(text_of(kv.key), value, kv.create_revision, kv.mod_revision, kv.version)


def in_range(key: str, start: bytes, range_end: bytes) -> bool:
    """Whether a key of the store is `start`, or in `[start, range_end)` where there is an end."""
    first = text_of(start)
    if not range_end:
        return key == first
    return key >= first and (range_end == _NO_END or key < text_of(range_end))


def _bounds(key: bytes, range_end: bytes) -> tuple[str, str] | None:
    """A range in the store's words; None when nothing can be in it."""
    if range_end == _NO_END:
        return text_of(key), ""
    return (text_of(key), text_of(range_end)) if key < range_end else None


class Keyspace:
    """The keys of one server."""

    __slots__ = ("_bucket", "_compacted", "_store")

    def __init__(self, store: Store, bucket: str = DEFAULT_BUCKET) -> None:
        self._store = store
        self._bucket = bucket
        self._compacted = _NEVER_COMPACTED
        store.declare(bucket, {LEASE_INDEX: lease_of})

    @property
    def store(self) -> Store:
        """The store below, shared with whoever else uses it."""
        return self._store

    @property
    def bucket(self) -> str:
        """The bucket's name."""
        return self._bucket

    @property
    def revision(self) -> int:
        """The revision of the last change. O(1)."""
        return self._store.revision

    @property
    def first_revision(self) -> int:
        """The oldest revision that can be read; -1 when nothing was ever compacted. O(1)."""
        return max(self._compacted, self._store.oldest_revision(self._bucket) or _NEVER_COMPACTED)

    @property
    def first_event_revision(self) -> int:
        """The oldest revision whose changes are all kept. O(1)."""
        oldest = self._store.oldest_revision(self._bucket)
        # Compaction keeps what happened at its revision; a full history drops whole events.
        dropped = oldest + 1 if oldest > self._store.compact_revision else 0
        return max(self.first_revision, dropped)

    def readable(self, revision: int) -> int:
        """`revision`, or the present one if it is not positive.

        Raises:
            EtcdError: it does not exist yet, or is compacted.
        """
        if revision > self.revision:
            raise EtcdError(FUTURE_REVISION)
        asked = revision if revision > 0 else self.revision
        if asked < self.first_revision:
            raise EtcdError(COMPACTED)
        return asked

    def get(self, key: bytes, revision: int | None = None) -> KeyValue | None:
        """What a key holds, or held at a readable revision. O(log n + changes since)."""
        entry = self._store.get(self._bucket, text_of(key), revision)
        return None if entry is None else key_value(entry)

    def entries(self, key: bytes, range_end: bytes, revision: int) -> Iterator[Entry]:
        """The store's entries in a range at a readable revision, in key order.

        O(log n + m), plus O(changes since * log n) for an old revision.
        """
        if not range_end:
            entry = self._store.get(self._bucket, text_of(key), revision)
            return iter(() if entry is None else (entry,))
        bounds = _bounds(key, range_end)
        view = self._store.view(self._bucket, revision)
        return iter(()) if bounds is None else view.range(*bounds)

    def count(self, key: bytes, range_end: bytes, revision: int) -> int:
        """How many keys a range has at a readable revision. O(log n) at present."""
        if not range_end:
            return sum(1 for _ in self.entries(key, range_end, revision))
        bounds = _bounds(key, range_end)
        view = self._store.view(self._bucket, revision)
        return 0 if bounds is None else view.count(*bounds)

    def leased_keys(self, lease: int) -> tuple[bytes, ...]:
        """The keys a lease holds, in order. O(log n + m)."""
        found = self._store.view(self._bucket).by_index(LEASE_INDEX, str(lease))
        return tuple(entry.key.encode("latin-1") for entry in found)

    def put(self, key: bytes, value: bytes, lease: int, revision: int) -> None:
        """Write a key at the present or the next revision. O(log n)."""
        self._store.change(self._bucket, text_of(key), stored_value(value, lease), revision)

    def delete(self, keys: Iterable[bytes], revision: int) -> None:
        """Delete keys at the present or the next revision. O(m log n)."""
        for key in keys:
            self._store.change(self._bucket, text_of(key), None, revision)

    def compact(self, revision: int) -> None:
        """Forget what was before `revision`. O(log n + chunks of history).

        Raises:
            EtcdError: `revision` does not exist yet, or was compacted before.
        """
        if revision <= self.first_revision:
            raise EtcdError(COMPACTED)
        if revision > self.revision:
            raise EtcdError(FUTURE_REVISION)
        self._compacted = revision
        if revision > self._store.compact_revision:
            self._store.compact(revision)

    def history_place(self, revision: int) -> int:
        """How many changes there had been at `revision`. O(log n)."""
        return self._store.history_place(self._bucket, revision)

    @property
    def history_end(self) -> int:
        """How many changes there have ever been. O(1)."""
        return self._store.history_end(self._bucket)

    def event(self, place: int) -> Event | None:
        """The change at one place of the history; None when no longer kept. O(1)."""
        return self._store.event(self._bucket, place)

    def fork(self, memo: ForkMemo) -> Self:
        """The same keys in the forked store."""
        twin = object.__new__(type(self))
        twin._store = memo(self._store)
        twin._bucket = self._bucket
        twin._compacted = self._compacted
        return twin

    def check_invariants(self) -> None:
        """Raise AssertionError when an entry is not one of ours. O(everything)."""
        self._store.check_invariants()
        for entry in self._store.view(self._bucket).range():
            found = key_value(entry)
            assert found.key, "an empty key"
            assert found.lease == 0 or found.key in self.leased_keys(found.lease)
