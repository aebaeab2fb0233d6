r"""Save and load a store as JSON lines.

    {"format":"kcore-store","version":1,"revision":17,"compactRevision":17,"buckets":["pods"]}
    {"bucket":"pods","key":"default/a","create":5,"mod":17,"version":3,"value":{...}}
    {"entries":1,"checksum":"<BLAKE2b-128 of all bytes above>"}

The present state is saved, with every revision number; history is not, so a loaded store counts
as compacted at its revision (watchers list again, as after a restore of etcd). Buckets come in
the order of the store and keys in order, hence equal states give equal bytes.

Loading reads and checks everything before it makes a store: a damaged file gives an error that
names the line and the byte offset, never half a store.
"""

import hashlib
from collections.abc import Iterator
from typing import Any, BinaryIO, Final

from kcore.machinery.frozen import FrozenList, FrozenMap, JSONError, dumps, freeze, loads
from kcore.store.mvcc import Store
from kcore.store.revision import FIRST_REVISION, KeyValue, StoreError

FORMAT: Final = "kcore-store"
FORMAT_VERSION: Final = 1
_CHECKSUM_BYTES: Final = 16


class DumpError(StoreError):
    """The file is no dump, is of another version, or is damaged at `line` (from 1), `offset`."""

    def __init__(self, rule: str, line: int, offset: int) -> None:
        super().__init__(f"line {line}, byte {offset}: {rule}")
        self.line = line
        self.offset = offset


def save(store: Store, stream: BinaryIO) -> None:
    """Write the present state. O(bytes)."""
    digest = hashlib.blake2b(digest_size=_CHECKSUM_BYTES)
    count = 0
    for row in _rows(store):
        line = dumps(freeze(row)) + b"\n"
        digest.update(line)
        stream.write(line)
        count += 1
    trailer = {"entries": count - 1, "checksum": digest.hexdigest()}
    stream.write(dumps(freeze(trailer)) + b"\n")


def _rows(store: Store) -> Iterator[dict[str, Any]]:
    yield {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "revision": store.revision,
        "compactRevision": store.compact_revision,
        "buckets": list(store.buckets()),
    }
    for bucket in store.buckets():
        for entry in store.view(bucket).range():
            yield {
                "bucket": bucket,
                "key": entry.key,
                "create": entry.create_revision,
                "mod": entry.mod_revision,
                "version": entry.version,
                "value": entry.value,
            }


def load(stream: BinaryIO) -> Store:
    """Read a store back. Indexes are code, not data: declare them afterwards. O(n log n).

    Raises:
        DumpError: the file is no dump, of an unknown version, damaged or cut off.
    """
    reader = _Reader(stream)
    revision, entries = reader.header()
    previous: tuple[str, str] = ("", "")
    while not reader.at_trailer():
        bucket, entry = reader.entry(revision)
        if bucket not in entries:
            raise reader.error(f"bucket {bucket!r} is not in the header")
        if (bucket, entry.key) == previous or (bucket == previous[0] and entry.key < previous[1]):
            raise reader.error(f"key {entry.key!r} is out of order")
        previous = (bucket, entry.key)
        entries[bucket].append(entry)
    reader.trailer(sum(len(rows) for rows in entries.values()))
    store = Store()
    store.restore(revision, entries)
    return store


class _Reader:
    """Lines with their place, and the checksum of all but the last."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._digest = hashlib.blake2b(digest_size=_CHECKSUM_BYTES)
        self._line = 0
        self._offset = 0
        self._next_offset = 0
        self._row: FrozenMap = freeze({})
        self._text = b""

    def error(self, rule: str) -> DumpError:
        return DumpError(rule, self._line, self._offset)

    def header(self) -> tuple[int, dict[str, list[KeyValue]]]:
        self._read()
        if self._row.get("format") != FORMAT:
            raise self.error(f"not a store dump: format is not {FORMAT!r}")
        version = self._row.get("version")
        if version != FORMAT_VERSION:
            raise self.error(
                f"dump version {version} is unknown; this kcore reads {FORMAT_VERSION}"
            )
        names = self._field("buckets", FrozenList)
        if len(dict.fromkeys(names)) != len(names):
            raise self.error("a bucket is named twice")
        return self._number("revision", FIRST_REVISION), {str(name): [] for name in names}

    def at_trailer(self) -> bool:
        """Read a line; whether it is the last."""
        self._digest.update(self._text)
        self._read()
        return "checksum" in self._row

    def entry(self, revision: int) -> tuple[str, KeyValue]:
        create, mod = self._number("create", 1), self._number("mod", 1)
        version = self._number("version", 1)
        if not create <= mod <= revision:
            raise self.error(f"revisions {create} <= {mod} <= {revision} do not hold")
        if version > mod - create + 1:
            raise self.error(f"version {version} needs more revisions than {create} to {mod}")
        value = self._row.get("value")
        if not isinstance(value, FrozenMap):
            raise self.error("value is not an object")
        key = self._field("key", str)
        return self._field("bucket", str), KeyValue(key, value, create, mod, version)

    def trailer(self, count: int) -> None:
        wanted = self._number("entries", 0)
        if wanted != count:
            raise self.error(f"{wanted} entries were saved, {count} are here")
        if self._row["checksum"] != self._digest.hexdigest():
            raise self.error("the checksum does not match: the file was changed or damaged")
        if self._stream.read(1):
            raise self.error("something follows the checksum")

    def _read(self) -> None:
        self._offset = self._next_offset
        self._line += 1
        self._text = self._stream.readline()
        self._next_offset += len(self._text)
        if not self._text.endswith(b"\n"):
            raise self.error("the file ends here" if not self._text else "the line is cut off")
        try:
            row = loads(self._text)
        except (JSONError, ValueError) as error:
            raise self.error(f"no JSON: {error}") from error
        if not isinstance(row, FrozenMap):
            raise self.error("the line is no JSON object")
        self._row = row

    def _field(self, name: str, kind: type) -> Any:
        value = self._row.get(name)
        if not isinstance(value, kind):
            raise self.error(f"{name} is missing or has the wrong type")
        return value

    def _number(self, name: str, minimum: int) -> int:
        value = self._row.get(name)
        if type(value) is not int or value < minimum:
            raise self.error(f"{name} is not an integer of at least {minimum}")
        return value
