"""What a key holds, what happened to it, and etcd's refusals about revisions.

A revision is an integer that grows by one with each transaction that changes anything; it is also
the `resourceVersion` of objects. Revision 1 is the empty store, as in etcd.
"""

from typing import Final, NamedTuple

from kcore.errors import KcoreError
from kcore.machinery.frozen import FrozenMap

FIRST_REVISION: Final = 1


class KeyValue(NamedTuple):
    """One key at one moment, in etcd's words.

    `version` counts the writes since the key was created. (A named tuple, because a frozen
    dataclass takes three times as long to make, and every write makes one.)
    """

    key: str
    value: FrozenMap
    create_revision: int
    mod_revision: int
    version: int


class Event(NamedTuple):
    """One change of one key; `current` is None when it was deleted, `previous` when created."""

    revision: int
    key: str
    current: KeyValue | None
    previous: KeyValue | None

    @property
    def value(self) -> FrozenMap | None:
        """The content from now on; None: deleted."""
        return None if self.current is None else self.current.value

    @property
    def create_revision(self) -> int:
        """When the key was created (its last life, for a deletion)."""
        kept = self.previous if self.current is None else self.current
        return 0 if kept is None else kept.create_revision


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
