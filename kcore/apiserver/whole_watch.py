"""Watches of everything there is: what informers and most people open."""

from collections.abc import Callable
from typing import Self

from kcore.apiserver.selection import Selection
from kcore.apiserver.storage import RESOURCE_VERSION
from kcore.apiserver.view import ObjectView
from kcore.errors import ApiError, expired
from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.watch_event import ADDED, DELETED, MODIFIED, Drained, ObjectChange, WatchEvent
from kcore.store.watch import Cursor


def too_old(wanted: int, oldest: int) -> ApiError:
    """410 of a watch that history no longer reaches back to."""
    return expired(f"too old resource version: {wanted} ({oldest})")


def refusal(next_revision: int, oldest: int) -> ApiError:
    """What a watch raises when its next change is forgotten; cursors are given it."""
    return too_old(next_revision - 1, oldest)


def gone(previous: FrozenMap, revision: int) -> WatchEvent:
    """An object was deleted: its last content, at the revision of the deletion."""
    last = previous.set(RESOURCE_VERSION, str(revision))
    return WatchEvent(DELETED, last, revision, previous)


class WholeWatch:
    """A `WatchStream` of all changes of a resource, over a cursor that raises `refusal`.

    Nothing is selected, so what stands before the cursor is what comes next: `pending` and
    `change`, asked at every turn of every informer, are the cursor's own methods. So is `drain`.
    """

    __slots__ = ("_cursor", "_selection", "change", "drain", "pending")

    pending: Callable[[], bool]
    """Whether `next` has something. O(1)."""
    change: Callable[[], ObjectChange | None]
    """The next change without the words of a watch, or None when there is none yet. O(1)."""
    drain: Callable[[], Drained]
    """All that `change` would give. O(changes)."""

    def __init__(self, cursor: Cursor, selection: Selection) -> None:
        self._cursor = cursor
        self._selection = selection
        self.pending = cursor.pending
        self.change = cursor.next
        self.drain = cursor.drain

    @property
    def view(self) -> ObjectView:
        """The state at the last event handed out."""
        return ObjectView(self._cursor.view, self._selection)

    def next(self) -> WatchEvent | None:
        """The next change, or None when there is none yet. O(1).

        Raises:
            ApiError: 410, history no longer reaches back to this cursor.
        """
        event = self._cursor.next()
        if event is None:
            return None
        current, previous = event.current, event.previous
        if current is None:
            assert previous is not None  # A deletion deletes something.
            return gone(previous.value, event.revision)
        if previous is None:
            return WatchEvent(ADDED, current.value, event.revision)
        return WatchEvent(MODIFIED, current.value, event.revision, previous.value)

    def fork(self, memo: ForkMemo) -> Self:
        """The same position over the forked store."""
        # Nobody else knows the cursor.
        return type(self)(self._cursor.fork(memo), self._selection)
