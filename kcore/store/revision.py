"""What a key holds, what happened to it, and etcd's refusals about revisions.

A revision is an integer that grows by one with each transaction that changes anything; it is also
the `resourceVersion` of objects. Revision 1 is the empty store, as in etcd.
"""

from typing import Final

from kcore.errors import KcoreError
from kcore.store.history import Entry as KeyValue
from kcore.store.history import Event

FIRST_REVISION: Final = 1

__all__ = [
    "FIRST_REVISION",
    "CompactedError",
    "CompareFailedError",
    "Event",
    "FutureRevisionError",
    "KeyValue",
    "StoreError",
]


class StoreError(KcoreError):
    """The store refuses; the text is etcd's."""


class CompactedError(StoreError):
    """The revision is no longer kept."""

    def __init__(self, revision: int, compact_revision: int) -> None:
        super().__init__("etcdserver: mvcc: required revision has been compacted")
        self.revision = revision
        self.compact_revision = compact_revision


class FutureRevisionError(StoreError):
    """The revision does not exist yet."""

    def __init__(self, revision: int, current_revision: int) -> None:
        super().__init__("etcdserver: mvcc: required revision is a future revision")
        self.revision = revision
        self.current_revision = current_revision


class CompareFailedError(StoreError):
    """The key is not at the expected revision; `current` is what it holds (None: absent)."""

    def __init__(self, bucket: str, key: str, expect: int | None, current: KeyValue | None) -> None:
        found = 0 if current is None else current.mod_revision
        wanted = "a live key" if expect is None else f"mod revision {expect}"
        super().__init__(f"{bucket}: key {key!r}: expected {wanted}, found {found}")
        self.current = current
