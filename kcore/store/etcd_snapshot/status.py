"""What `etcdutl snapshot status` says of a file."""

from dataclasses import dataclass
from typing import Final

from kcore.store.etcd_snapshot.reading import EtcdSnapshot

# CRC-32C (Castagnoli), bits reversed.
_POLYNOMIAL: Final = 0x82F63B78


@dataclass(frozen=True, slots=True)
class SnapshotStatus:
    """Sizes and the hash over all buckets."""

    hash: int
    revision: int
    total_key: int
    """Live keys."""
    total_size_bytes: int
    version: str
    """The storage version, empty before etcd 3.6."""


def status_of(snapshot: EtcdSnapshot) -> SnapshotStatus:
    """Count and hash a snapshot. O(bytes), a second for some megabytes."""
    checksum = Crc32c()
    for name, items in snapshot.buckets.items():
        checksum.update(name)
        for item in items:
            checksum.update(item.key)
            checksum.update(item.value)
    last = snapshot.entries[-1].revision.main if snapshot.entries else 0
    return SnapshotStatus(
        checksum.value,
        last,
        len(snapshot.live()),
        snapshot.size_bytes,
        snapshot.meta.get(b"storageVersion", b"").decode(),
    )


class Crc32c:
    """A running CRC-32C."""

    __slots__ = ("_register", "_table")

    def __init__(self) -> None:
        self._register = 0xFFFFFFFF
        self._table = tuple(_entry(byte) for byte in range(256))

    @property
    def value(self) -> int:
        """The checksum of everything so far."""
        return self._register ^ 0xFFFFFFFF

    def update(self, data: bytes) -> None:
        """Take more bytes in. O(n)."""
        register, table = self._register, self._table
        for byte in data:
            register = table[(register ^ byte) & 0xFF] ^ (register >> 8)
        self._register = register


def _entry(byte: int) -> int:
    for _ in range(8):
        byte = (byte >> 1) ^ (_POLYNOMIAL if byte & 1 else 0)
    return byte
