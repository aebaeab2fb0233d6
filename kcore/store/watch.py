"""Cursors: who watches a bucket is a place in its history, nothing more.

Publishing an event costs the same for one watcher or ten thousand. A cursor's `view` is the exact
state after the last event it handed out. While a bucket is watched, the store keeps the views of
its last few events, so cursors that keep up share them; a cursor further behind rebuilds each
view from its own previous one.
"""

from typing import TYPE_CHECKING, Self

from kcore.forking import ForkMemo
from kcore.store.revision import CompactedError, Event
from kcore.store.snapshot import BucketView

if TYPE_CHECKING:
    from kcore.store.mvcc import Store


class Cursor:
    """A watcher of one bucket; made by `Store.watch`."""

    __slots__ = ("_bucket", "_sequence", "_silent_until", "_store", "_view")

    def __init__(self, store: "Store", bucket: str, sequence: int, view: BucketView) -> None:
        self._store = store
        self._bucket = bucket
        self._sequence = sequence
        self._view = view
        # A watch from a revision that does not exist yet says nothing until it is passed.
        self._silent_until = view.revision

    @property
    def view(self) -> BucketView:
        """The bucket after the last event handed out (at the start revision before the first)."""
        if self._silent_until > self._view.revision:
            self._skip_silent()
        return self._view

    def start_silent(self, revision: int) -> None:
        """Say nothing of changes up to `revision`, which lies in the future."""
        self._silent_until = revision

    def pending(self) -> bool:
        """Whether `next` has something. O(1)."""
        if self._silent_until > self._view.revision:
            self._skip_silent()
        return self._store.history_end(self._bucket) > self._sequence

    def next(self) -> Event | None:
        """The next change, or None when there is none yet. O(1) for a cursor that keeps up.

        Raises:
            CompactedError: the next change was compacted away; the watch is over.
        """
        if not self.pending():
            return None
        return self._advance()

    def _advance(self) -> Event:
        store, bucket, sequence = self._store, self._bucket, self._sequence
        event = store.event(bucket, sequence)
        if event is None:
            raise CompactedError(self._view.revision + 1, store.oldest_revision(bucket))
        kept = store.kept_view(bucket, sequence)
        self._view = self._view.after(event) if kept is None else kept
        self._sequence = sequence + 1
        return event

    def _skip_silent(self) -> None:
        store, bucket = self._store, self._bucket
        while self._sequence < store.history_end(bucket):
            event = store.event(bucket, self._sequence)
            if event is not None and event.revision > self._silent_until:
                break
            self._advance()
        self._view = self._view.at(
            min(self._silent_until, max(store.revision, self._view.revision))
        )

    def fork(self, memo: ForkMemo) -> Self:
        """The same place in the forked store."""
        twin = type(self)(memo(self._store), self._bucket, self._sequence, self._view)
        twin._silent_until = self._silent_until
        return twin
