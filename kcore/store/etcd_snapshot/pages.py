"""bbolt's file format: fixed-size pages that form B+trees, one tree for each bucket.

    page     id u64, flags u16, count u16, overflow u32, then its elements
    meta     (pages 0 and 1) magic, version, page size, flags, root bucket, freelist, end, txid,
             FNV-1a of all that
    branch   elements of position u32, key size u32, child page u64
    leaf     elements of flags u32, position u32, key size u32, value size u32

Positions count from the element itself, integers are little endian, and a page continues on
`overflow` pages behind it. A leaf element with the bucket flag holds a bucket: its root page and
sequence number, and if the root is 0 the bucket's only page itself.

Nothing is trusted: every page must say its own number, lie inside the file and be visited once,
every element must lie inside its page, and keys must ascend.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kcore.store.etcd_snapshot.errors import SnapshotError

MAGIC: Final = 0xED0CDAED
FORMAT_VERSION: Final = 2

_HEADER: Final = struct.Struct("<QHHI")
_META: Final = struct.Struct("<IIIIQQQQQQ")
_BRANCH: Final = struct.Struct("<IIQ")
_LEAF: Final = struct.Struct("<IIII")
_BUCKET: Final = struct.Struct("<QQ")

_BRANCH_FLAG: Final = 0x01
_LEAF_FLAG: Final = 0x02
_META_FLAG: Final = 0x04
_BUCKET_FLAG: Final = 0x01

# The smallest page that holds a meta record, and the largest that bbolt makes.
_PAGE_BYTES_MIN: Final = 512
_PAGE_BYTES_MAX: Final = 65_536
# A B+tree of a petabyte is not as deep as this.
_DEPTH_MAX: Final = 32

_FNV_OFFSET: Final = 0xCBF29CE484222325
_FNV_PRIME: Final = 0x100000001B3
_UINT64: Final = (1 << 64) - 1


@dataclass(frozen=True, slots=True)
class Meta:
    """What a meta page says."""

    page_bytes: int
    root: int
    """Page of the bucket of buckets."""
    end: int
    """The first page number never used."""
    txid: int


@dataclass(frozen=True, slots=True)
class Item:
    """A key and its value, with the place of the value in the file."""

    key: bytes
    value: bytes
    offset: int
    is_bucket: bool


def fnv1a(data: bytes) -> int:
    """FNV-1a with 64 bits. O(n)."""
    found = _FNV_OFFSET
    for byte in data:
        found = ((found ^ byte) * _FNV_PRIME) & _UINT64
    return found


def _in_order(items: Iterator[Item]) -> Iterator[Item]:
    last: bytes | None = None
    for item in items:
        if last is not None and item.key <= last:
            raise SnapshotError(f"key {item.key!r} is out of order", item.offset)
        last = item.key
        yield item


class BoltFile:
    """A read-only database in memory; `size` leaves out what follows it in the file."""

    __slots__ = ("_data", "_visited", "meta", "size")

    def __init__(self, data: bytes, size: int) -> None:
        self._data = data
        self._visited: set[int] = set()
        self.size = size
        self.meta = self._newest_meta()
        end = self.meta.end * self.meta.page_bytes
        if end > size:
            raise SnapshotError(f"the file ends here, its pages only at byte {end}", size)

    def buckets(self) -> Iterator[tuple[bytes, list[Item]]]:
        """Name and items of every top-level bucket, in order. O(file).

        Raises:
            SnapshotError: a page or element is damaged.
        """
        self._visited.clear()
        for entry in _in_order(self._items(self.meta.root * self.meta.page_bytes, 0)):
            if not entry.is_bucket:
                raise SnapshotError(f"{entry.key!r} is no bucket", entry.offset)
            yield entry.key, self._bucket(entry)

    def _bucket(self, entry: Item) -> list[Item]:
        if len(entry.value) < _BUCKET.size:
            raise SnapshotError(f"the bucket {entry.key!r} is cut off", entry.offset)
        root, _ = _BUCKET.unpack_from(entry.value)
        if root:
            return list(_in_order(self._items(root * self.meta.page_bytes, 0)))
        start = entry.offset + _BUCKET.size
        return list(_in_order(self._page_items(start, entry.offset + len(entry.value), 0)))

    def _newest_meta(self) -> Meta:
        """Of the two meta pages the valid one with the higher transaction."""
        if self.size < _HEADER.size + _META.size:
            raise SnapshotError("the file is too short for a bbolt database", self.size)
        found = []
        fault = None
        for offset in self._meta_offsets():
            try:
                found.append(self._meta_at(offset))
            except SnapshotError as error:
                fault = fault or error
        if not found:
            raise fault or SnapshotError("not a bbolt database", 0)
        return max(found, key=lambda meta: meta.txid)

    def _meta_offsets(self) -> tuple[int, ...]:
        """The second meta page lies one page further, and the first tells how much that is."""
        page_bytes = int.from_bytes(self._data[24:28], "little")
        if not _PAGE_BYTES_MIN <= page_bytes <= _PAGE_BYTES_MAX:
            # The first is damaged; the usual sizes are tried for the second.
            return (0, 4096, 16_384, 65_536)
        return (0, page_bytes)

    def _meta_at(self, offset: int) -> Meta:
        start = offset + _HEADER.size
        if start + _META.size > self.size:
            raise SnapshotError("the meta page is cut off", self.size)
        _, flags, _, _ = _HEADER.unpack_from(self._data, offset)
        fields = _META.unpack_from(self._data, start)
        magic, version, page_bytes, _, root, _, _, end, txid, checksum = fields
        if magic != MAGIC or not flags & _META_FLAG:
            raise SnapshotError("not a bbolt database", offset)
        if version != FORMAT_VERSION:
            rule = f"bbolt format version {version} is unknown; this kcore reads {FORMAT_VERSION}"
            raise SnapshotError(rule, start + 4)
        if checksum != fnv1a(self._data[start : start + _META.size - 8]):
            raise SnapshotError("the checksum of the meta page does not match", start)
        if not _PAGE_BYTES_MIN <= page_bytes <= _PAGE_BYTES_MAX or not 0 < root < end:
            raise SnapshotError("the meta page makes no sense", start)
        return Meta(page_bytes, root, end, txid)

    def _items(self, offset: int, depth: int) -> Iterator[Item]:
        """Items of the tree whose root page is at `offset`, in order."""
        page_bytes = self.meta.page_bytes
        number, _ = divmod(offset, page_bytes)
        if not 2 <= number < self.meta.end:
            raise SnapshotError(f"page {number} is not one of {self.meta.end}", offset)
        if number in self._visited:
            raise SnapshotError(f"page {number} belongs to two places", offset)
        if depth > _DEPTH_MAX:
            raise SnapshotError("the tree is too deep", offset)
        self._visited.add(number)
        own, _, _, overflow = _HEADER.unpack_from(self._data, offset)
        if own != number:
            raise SnapshotError(f"page {number} says that it is page {own}", offset)
        end = offset + (overflow + 1) * page_bytes
        if end > self.size:
            raise SnapshotError("the page reaches beyond the file", offset)
        yield from self._page_items(offset, end, depth)

    def _page_items(self, offset: int, end: int, depth: int) -> Iterator[Item]:
        if offset + _HEADER.size > end:
            raise SnapshotError("the page is cut off", offset)
        _, flags, count, _ = _HEADER.unpack_from(self._data, offset)
        for index in range(count):
            if flags & _LEAF_FLAG:
                yield self._leaf(offset, index, end)
            elif flags & _BRANCH_FLAG:
                child = self._child(offset, index, end)
                yield from self._items(child * self.meta.page_bytes, depth + 1)
            else:
                raise SnapshotError(f"a page with flags {flags:#x} inside a tree", offset)

    def _leaf(self, offset: int, index: int, end: int) -> Item:
        place = self._element(offset, index, end, _LEAF.size)
        flags, position, key_bytes, value_bytes = _LEAF.unpack_from(self._data, place)
        start = place + position
        value = start + key_bytes
        if value + value_bytes > end:
            raise SnapshotError("the element reaches beyond its page", place)
        return Item(
            self._data[start:value],
            self._data[value : value + value_bytes],
            value,
            bool(flags & _BUCKET_FLAG),
        )

    def _child(self, offset: int, index: int, end: int) -> int:
        place = self._element(offset, index, end, _BRANCH.size)
        position, key_bytes, child = _BRANCH.unpack_from(self._data, place)
        if place + position + key_bytes > end:
            raise SnapshotError("the element reaches beyond its page", place)
        return int(child)

    def _element(self, offset: int, index: int, end: int, size: int) -> int:
        place = offset + _HEADER.size + index * size
        if place + size > end:
            raise SnapshotError(f"element {index} lies outside its page", offset)
        return place
