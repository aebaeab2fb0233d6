"""One bucket's present and past, changed only by the store that owns it."""

from collections.abc import Iterable, Mapping
from typing import Final

from kcore.limits import HISTORY_EVENTS_COUNT_MAX
from kcore.machinery.frozen import FrozenMap
from kcore.store.history import History
from kcore.store.index import Contents, IndexFunction
from kcore.store.revision import Event, KeyValue
from kcore.store.selection.selection_line import SelectionLine
from kcore.store.snapshot import BucketView

# Views kept for cursors, each a few tree nodes (about 4 KB): informers lag by a handful of events.
KEPT_VIEWS_COUNT_MAX: Final = 256


class Bucket:
    """Contents at present, the changes that led there, and the views cursors will want."""

    __slots__ = (
        "_now",
        "_recalled",
        "contents",
        "history",
        "line",
        "selections",
        "views",
        "watched",
    )

    def __init__(self, line: object, history_count_max: int = HISTORY_EVENTS_COUNT_MAX) -> None:
        self.line = line
        """Token of the store that may change this bucket."""
        self.contents = Contents()
        self.history = History(history_count_max)
        self.selections = SelectionLine(self.history)
        self.watched = False
        """Whether views are kept for cursors."""
        self.views: dict[int, BucketView] = {}
        """View after so many events."""
        self._now: BucketView | None = None
        self._recalled: tuple[int, BucketView] | None = None

    @property
    def end(self) -> int:
        """How many changes there have ever been."""
        return self.history.end

    def copy(self, line: object) -> "Bucket":
        """The same bucket for another owner. O(chunks of history + kept views)."""
        twin = object.__new__(type(self))
        twin.line = line
        twin.contents = self.contents.copy()
        twin.history = self.history.copy()
        twin.selections = self.selections.copy(twin.history)
        twin.watched = self.watched
        twin.views = dict(self.views)
        twin._now = self._now
        twin._recalled = self._recalled
        return twin

    def declare(self, indexes: Mapping[str, IndexFunction]) -> None:
        """Replace the indexes. O(n log n)."""
        self.contents = self.contents.reindexed(indexes)
        self.views.clear()
        self._now = self._recalled = None

    def put(self, key: str, value: FrozenMap, previous: KeyValue | None, revision: int) -> KeyValue:
        """Write `key`, which holds `previous`."""
        if previous is None:
            current = KeyValue(key, value, revision, revision, 1)
        else:
            current = KeyValue(key, value, previous.create_revision, revision, previous.version + 1)
        self._commit(Event(revision, key, current, previous))
        return current

    def delete(self, key: str, previous: KeyValue, revision: int) -> None:
        """Delete `key`, which holds `previous`."""
        self._commit(Event(revision, key, None, previous))

    def _commit(self, event: Event) -> None:
        self._now = None
        self.contents.replace(event.key, event.previous, event.current)
        self.history.append(event)
        if self.watched:
            end = self.history.end
            self.views[end] = self._now = BucketView(event.revision, self.contents.copy())
            self.views.pop(end - KEPT_VIEWS_COUNT_MAX, None)

    def view_now(self, revision: int) -> BucketView:
        """The present, which is also the state at `revision`. O(1)."""
        if self._now is None:
            self._now = BucketView(revision, self.contents.copy())
        return self._now.at(revision)

    def view_at(self, revision: int) -> BucketView:
        """The state at an old revision. O(changes since * log n), O(1) when asked again."""
        sequence = self.history.sequence_after(revision)
        if sequence == self.history.end:
            return self.view_now(revision)
        view = self.views.get(sequence)
        if view is None and self._recalled is not None and self._recalled[0] == sequence:
            view = self._recalled[1]
        if view is None:
            view = self.view_now(revision).before(self.history.back_to(sequence), revision)
            self._recalled = (sequence, view)
        return view.at(revision)

    def get_at(self, key: str, revision: int) -> KeyValue | None:
        """What `key` held at an old revision. O(log n + changes since)."""
        first = self.history.sequence_after(revision)
        for event in self.history.since(first):
            if event.key == key:
                return event.previous
        return self.contents.get(key)

    def compact(self, revision: int) -> None:
        """Forget changes before `revision`."""
        self.history.compact(revision)
        first = self.history.first
        self.views = {end: view for end, view in self.views.items() if end >= first}
        self._recalled = None

    def restore(self, entries: Iterable[KeyValue]) -> None:
        """Fill an empty bucket without a history."""
        for entry in entries:
            self.contents.replace(entry.key, None, entry)

    def check_invariants(self, revision: int) -> None:
        """Raise AssertionError when a structure is broken or present and past disagree."""
        self.history.check_invariants()
        now = self.view_now(revision)
        now.check_invariants()
        self.selections.check_invariants(now)
        then = now.before(self.history.back_to(self.history.first), 0)
        for end, event in enumerate(self.history.since(self.history.first), self.history.first + 1):
            assert then.get(event.key) == event.previous, f"{event} does not follow the past"
            then = then.after(event)
            kept = self.views.get(end)
            assert kept is None or list(kept.range()) == list(then.range())
        assert list(then.range()) == list(now.range()), "history does not lead to the present"
