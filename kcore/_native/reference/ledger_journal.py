"""Writes of a store that somebody hears of: a part of the twin of the `ledger` kernel."""

from collections.abc import Callable
from typing import Generic, TypeVar

from kcore._native.reference.ledger_store import StoreCore

V = TypeVar("V")

Note = Callable[[str, str, str, int, bytes], None]
"""Hears of a write: its verb, bucket, key and revision, and the value as bytes."""


class Journal(Generic[V]):
    """The writes of one store, told to `note` with what `to_bytes` makes of the value."""

    __slots__ = ("note", "store", "to_bytes")

    def __init__(self, store: StoreCore[V], note: Note, to_bytes: Callable[[V], bytes], /) -> None:
        self.store = store
        self.note = note
        self.to_bytes = to_bytes

    def commit(self, verb: str, bucket: str, key: str, value: V, expect: int | None, /) -> V:
        """Put a value at the next revision, tell of it, and return it. O(log n + its size).

        Raises:
            CompareFailedError: the key is not at `expect`; nothing was written or told.
        """
        return self.commit_as(verb, bucket, key, value, expect, lambda: self.to_bytes(value))

    def commit_as(
        self,
        verb: str,
        bucket: str,
        key: str,
        value: V,
        expect: int | None,
        wording: Callable[[], bytes],
    ) -> V:
        """The same, told with what `wording` makes."""
        entry = self.store.put(bucket, key, value, expect=expect)
        self.note(verb, bucket, key, entry.mod_revision, wording())
        return value
