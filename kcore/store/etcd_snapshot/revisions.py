"""The entries of etcd's `key` bucket: revisions as keys, `mvccpb.KeyValue` messages as values."""

from dataclasses import dataclass, replace
from typing import Final

from kcore.machinery.protobuf.wire import (
    LENGTH,
    VARINT,
    ProtobufError,
    read_span,
    read_varint,
)
from kcore.store.etcd.messages import KeyValue
from kcore.store.etcd_snapshot.errors import SnapshotError
from kcore.store.etcd_snapshot.pages import Item

# Eight bytes of main revision, an underscore, eight of sub revision; a deletion has a `t` behind.
REVISION_BYTES: Final = 17
_SEPARATOR: Final = 0x5F
_TOMBSTONE: Final = b"t"

_NUMBERS: Final = {2: "create_revision", 3: "mod_revision", 4: "version", 6: "lease"}
_BYTES: Final = {1: "key", 5: "value"}


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision and its place within the transaction that made it."""

    main: int
    sub: int


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of one key; of a deletion only the key is known."""

    revision: Revision
    tombstone: bool
    kv: KeyValue
    offset: int
    """Where the file has it."""


def read_revision(data: bytes, offset: int) -> Revision:
    """A revision from its 17 bytes.

    Raises:
        SnapshotError: they are none.
    """
    if len(data) < REVISION_BYTES or data[8] != _SEPARATOR:
        raise SnapshotError(f"{data!r} is no revision", offset)
    main = int.from_bytes(data[:8], "big", signed=True)
    return Revision(main, int.from_bytes(data[9:REVISION_BYTES], "big", signed=True))


def read_entry(item: Item) -> Entry:
    """An entry from an item of the `key` bucket.

    Raises:
        SnapshotError: the revision or the message is damaged, or they disagree.
    """
    place = item.offset - len(item.key)
    revision = read_revision(item.key, place)
    mark = item.key[REVISION_BYTES:]
    if mark not in (b"", _TOMBSTONE):
        raise SnapshotError(f"a revision is marked {mark!r}", place + REVISION_BYTES)
    kv = read_key_value(item.value, item.offset)
    if mark:
        kv = replace(kv, mod_revision=revision.main)
    elif not 0 < kv.create_revision <= kv.mod_revision == revision.main or kv.version < 1:
        rule = (
            f"key {kv.key!r} at revision {revision.main} says: created at {kv.create_revision}, "
            f"written at {kv.mod_revision}, {kv.version} times"
        )
        raise SnapshotError(rule, item.offset)
    return Entry(revision, bool(mark), kv, item.offset)


def read_key_value(data: bytes, offset: int) -> KeyValue:
    """An `mvccpb.KeyValue` message.

    Raises:
        SnapshotError: malformed, or without a key.
    """
    numbers: dict[str, int] = {}
    texts: dict[str, bytes] = {}
    position = 0
    try:
        while position < len(data):
            tag, position = read_varint(data, position, len(data))
            number, wire = divmod(tag, 8)
            if wire == VARINT and number in _NUMBERS:
                value, position = read_varint(data, position, len(data))
                numbers[_NUMBERS[number]] = value if value < 2**63 else value - 2**64
            elif wire == LENGTH and number in _BYTES:
                start, position = read_span(data, position, len(data))
                texts[_BYTES[number]] = data[start:position]
            else:
                raise SnapshotError(f"field {number} is not one of a key", offset + position)
    except ProtobufError as error:
        raise SnapshotError(error.reason, offset + error.offset) from error
    if not texts.get("key"):
        raise SnapshotError("an entry has no key", offset)
    return KeyValue(
        texts["key"],
        numbers.get("create_revision", 0),
        numbers.get("mod_revision", 0),
        numbers.get("version", 0),
        texts.get("value", b""),
        numbers.get("lease", 0),
    )
