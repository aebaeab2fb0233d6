"""One bucket's present and past, changed only by the store that owns it.

Views are made when somebody asks, never by a write: the state after any remembered event is the
nearest known view moved by the events between. The last few made are kept, since cursors that
follow a bucket ask for the same ones.
"""

from collections.abc import Iterable, Mapping
from operator import attrgetter
from typing import Final

from kcore.limits import HISTORY_EVENTS_COUNT_MAX
from kcore.store.history import BucketCore, History
from kcore.store.index import Contents, IndexFunction
from kcore.store.revision import KeyValue
from kcore.store.selection.selection_line import SelectionLine
from kcore.store.snapshot import BucketView

# Each is a few tree nodes (about 8 KB): informers lag by a handful of events.
KEPT_VIEWS_COUNT_MAX: Final = 256

# After how many events of the history, and the view then.
Known = tuple[int, BucketView]


class Bucket(BucketCore):
    """Contents at present, the changes that led there, and views that cursors asked for.

    `put` and `delete`, the kernel's, write contents and history; `line` is the token of the store
    that may change this bucket.
    """

    __slots__ = ("selections", "views")

    contents: Contents
    history: History

    def __init__(self, line: object, history_count_max: int = HISTORY_EVENTS_COUNT_MAX) -> None:
        self.line = line
        self.contents = Contents()
        self.history = History(history_count_max)
        self.selections = SelectionLine(self.history)
        self.views: dict[int, BucketView] = {}
        """View after so many events."""
        self.now: Known | None = None

    @property
    def end(self) -> int:
        """How many changes there have ever been."""
        return self.history.end

    def copy(self, line: object) -> "Bucket":
        """The same bucket for another owner. O(chunks of history + kept views)."""
        twin = type(self).__new__(type(self))
        twin.line = line
        twin.contents = self.contents.copy()
        twin.history = self.history.copy()
        twin.selections = self.selections.copy(twin.history)
        twin.views = dict(self.views)
        twin.now = self.now
        return twin

    def declare(self, indexes: Mapping[str, IndexFunction]) -> None:
        """Replace the indexes. O(n log n)."""
        self.contents = self.contents.reindexed(indexes)
        self.views.clear()
        self.now = None

    def head(self, revision: int) -> Known:
        """After how many events the present is, and its view, first asked for at `revision`."""
        now, end = self.now, self.history.end
        if now is None or now[0] != end:
            now = self.now = (end, BucketView(revision, self.contents.copy()))
        return now

    def view_now(self, revision: int) -> BucketView:
        """The present, which is also the state at `revision`. O(1)."""
        return self.head(revision)[1].at(revision)

    def view_at(self, revision: int) -> BucketView:
        """The state at an old revision. O(changes since * log n), O(1) when asked again."""
        return self.view_after(self.history.sequence_after(revision), revision, None)

    def view_after(self, sequence: int, revision: int, known: Known | None) -> BucketView:
        """The state after so many events; `revision` is the one that the view shows.

        From `known`, an earlier view, or from the present, whichever is nearer.
        O(events between * log n), O(1) when asked again. The events must be kept.
        """
        end = self.history.end
        if sequence == end:
            return self.view_now(revision)
        view = self.views.get(sequence)
        if view is None:
            if known is not None and sequence - known[0] <= end - sequence:
                between = map(self.history.get, range(known[0], sequence))
                view = known[1].following(between, revision)
            else:
                since = reversed(self.history.since(sequence))
                view = self.view_now(revision).before(since, revision)
            self.views[sequence] = view
            if len(self.views) > KEPT_VIEWS_COUNT_MAX:
                del self.views[next(iter(self.views))]
        return view.at(revision)

    def get_at(self, key: str, revision: int) -> KeyValue | None:
        """What `key` held at an old revision. O(log n + changes since)."""
        event = self.history.first_of(key, self.history.sequence_after(revision))
        return self.contents.get(key) if event is None else event.previous

    def compact(self, revision: int) -> None:
        """Forget changes before `revision`."""
        self.history.compact(revision)
        first = self.history.first
        self.views = {end: view for end, view in self.views.items() if end >= first}

    def restore(self, entries: Iterable[KeyValue]) -> None:
        """Fill an empty bucket without a history. O(n log n), O(n) for sorted ones."""
        self.contents.load(sorted(entries, key=attrgetter("key")))
        self.now = None

    def check_invariants(self, revision: int) -> None:
        """Raise AssertionError when a structure is broken or present and past disagree."""
        self.history.check_invariants()
        now = self.view_now(revision)
        now.check_invariants()
        self.selections.check_invariants(now)
        events = self.history.since(self.history.first)
        then = now.before(reversed(events), 0)
        for end, event in enumerate(events, self.history.first + 1):
            assert then.get(event.key) == event.previous, f"{event} does not follow the past"
            then = then.following([event], event.revision)
            kept = self.views.get(end)
            assert kept is None or list(kept.range()) == list(then.range())
        assert list(then.range()) == list(now.range()), "history does not lead to the present"
