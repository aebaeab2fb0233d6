"""A snapshot file into a value, checked as a whole before anybody sees a part of it.

`etcdctl snapshot save` writes the database and its SHA-256 behind it. A database file taken from
a member's directory has none; who wants to read that must say so.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kcore.machinery.protobuf.wire import ProtobufError, read_varint
from kcore.store.etcd.messages import KeyValue
from kcore.store.etcd_snapshot.errors import SnapshotError
from kcore.store.etcd_snapshot.pages import BoltFile, Item
from kcore.store.etcd_snapshot.revisions import Entry, read_entry, read_revision

DIGEST_BYTES: Final = 32
# Databases are whole pages, hence multiples of this.
_BLOCK_BYTES: Final = 512

KEY_BUCKET: Final = b"key"
LEASE_BUCKET: Final = b"lease"
META_BUCKET: Final = b"meta"


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease as it is kept: its remaining time is not."""

    id: int
    ttl_s: int


@dataclass(frozen=True, slots=True)
class EtcdSnapshot:
    """Everything of a file that this kcore understands, and the raw items for who wants more."""

    entries: Sequence[Entry]
    """Of the `key` bucket, in order of revision."""
    leases: Sequence[Lease]
    buckets: Mapping[bytes, Sequence[Item]]
    compact_revision: int
    """Of the last finished compaction; 0 when there was none."""
    size_bytes: int
    """Without the digest."""

    @property
    def revision(self) -> int:
        """The revision of the last change."""
        last = self.entries[-1].revision.main if self.entries else 1
        return max(last, self.compact_revision)

    @property
    def meta(self) -> Mapping[bytes, bytes]:
        """The `meta` bucket."""
        return {item.key: item.value for item in self.buckets.get(META_BUCKET, ())}

    def live(self, revision: int | None = None) -> tuple[KeyValue, ...]:
        """The keys as of a revision (default: all of it), in order. O(n log n)."""
        held: dict[bytes, KeyValue] = {}
        for entry in self.entries:
            if revision is not None and entry.revision.main > revision:
                break
            if entry.tombstone:
                held.pop(entry.kv.key, None)
            else:
                held[entry.kv.key] = entry.kv
        return tuple(held[key] for key in sorted(held))


def read_snapshot(data: bytes, *, digest_required: bool = True) -> EtcdSnapshot:
    """The content of a snapshot file. O(file).

    Raises:
        SnapshotError: it is none, was cut off or changed, or a part of it makes no sense.
    """
    size = _checked_size(data, digest_required=digest_required)
    buckets = dict(BoltFile(data, size).buckets())
    if KEY_BUCKET not in buckets:
        raise SnapshotError("a bbolt database, but not etcd's: it has no bucket 'key'", 0)
    entries = tuple(read_entry(item) for item in buckets[KEY_BUCKET])
    leases = tuple(_lease(item) for item in buckets.get(LEASE_BUCKET, ()))
    return EtcdSnapshot(entries, leases, buckets, _compact_revision(buckets), size)


def _checked_size(data: bytes, *, digest_required: bool) -> int:
    """Where the database ends, once the digest behind it is found right."""
    if len(data) % _BLOCK_BYTES == DIGEST_BYTES:
        size = len(data) - DIGEST_BYTES
        if hashlib.sha256(memoryview(data)[:size]).digest() != data[size:]:
            raise SnapshotError("the SHA-256 here does not match: changed or damaged", size)
        return size
    if len(data) % _BLOCK_BYTES:
        raise SnapshotError("the file is cut off: not whole pages and a SHA-256", len(data))
    if digest_required:
        raise SnapshotError("no SHA-256 at the end: cut off, or not saved by etcdctl", len(data))
    return len(data)


def _lease(item: Item) -> Lease:
    """A `leasepb.Lease` message."""
    fields = {1: 0, 2: 0, 3: 0}
    position = 0
    try:
        while position < len(item.value):
            tag, position = read_varint(item.value, position, len(item.value))
            number, position = read_varint(item.value, position, len(item.value))
            if tag not in (8, 16, 24):
                raise SnapshotError(f"tag {tag} is not one of a lease", item.offset)
            fields[tag // 8] = number if number < 2**63 else number - 2**64
    except ProtobufError as error:
        raise SnapshotError(error.reason, item.offset + error.offset) from error
    return Lease(fields[1], fields[2])


def _compact_revision(buckets: Mapping[bytes, Sequence[Item]]) -> int:
    """The finished compaction, or the scheduled one, whose state is all that can be relied on."""
    found = 0
    for item in buckets.get(META_BUCKET, ()):
        if item.key in (b"finishedCompactRev", b"scheduledCompactRev"):
            found = max(found, read_revision(item.value, item.offset).main)
    return found
