"""Which watchers a change is of interest to: their selectors, asked the opposite question.

    interests = Interests(labels_of)
    mine = interests.join(Wish(selector, (Term(node_of, "=", "n1"),)))
    interests.follow(history, known)
    mine.next_place(at)         # the first change from `at` on that may be mine

Each change is looked at once, however many watchers there are, when the first of them asks: its
labels and fields before and after lead to the selectors that may select them (`SelectorIndex`), and
its place in the history is noted for those alone. For all others asking costs O(1).

What is noted is a superset: who reads a place asks its own selector what the change means. Whoever
has not asked for long is let go, and joins anew when it asks again. So watchers may be dropped
without a word, and nothing here is part of what a fork has to copy.
"""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from kcore.machinery.frozen import FrozenMap
from kcore.machinery.labels import Requirement, Selector, SelectorIndex
from kcore.store.history import Event, History
from kcore.store.selection.facets import LabelsFunction
from kcore.store.snapshot import BucketView

# Who lags so far behind reads all changes by itself; it bounds what is noted for each.
UNASKED_COUNT_MAX: Final = 1024

FieldFunction = Callable[[FrozenMap], str]


@dataclass(frozen=True, slots=True)
class Term:
    """A field that must be, or with `!=` must not be, some text. Functions are pure."""

    read: FieldFunction
    relation: Literal["=", "!="]
    text: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What a watcher selects: labels (None: any) and fields."""

    labels: Selector | None
    fields: tuple[Term, ...] = ()


class Board:
    """How far the changes of a bucket were looked at, for all who watch it."""

    __slots__ = ("end", "known", "revision")

    def __init__(self, end: int) -> None:
        self.end = end
        """How many changes there had been."""
        self.revision = 0
        """The revision of the last of them."""
        self.known: tuple[int, BucketView] | None = None
        """What the bucket was then."""


class Interest:
    """One watcher's wish, and the places noted for it since it last asked."""

    __slots__ = ("asked_at", "board", "is_kept", "places", "since")

    def __init__(self, board: Board) -> None:
        self.board = board
        self.since = self.asked_at = board.end
        """From which place on changes are noted; those before are all to be read."""
        self.places: deque[int] = deque()
        self.is_kept = True
        """Whether changes are still noted."""

    def next_place(self, at: int) -> int:
        """The first place from `at` on whose change may be of interest; the board's end: none."""
        if at < self.since:
            return at
        places = self.places
        while places:
            if places[0] >= at:
                return places[0]
            places.popleft()
        return self.board.end


class Interests:
    """The interests of those who watch one bucket of one store."""

    __slots__ = ("_board", "_index", "_kept", "_keys", "_labels_of", "_swept", "_taken_count")

    def __init__(self, labels_of: LabelsFunction) -> None:
        self._labels_of = labels_of
        self._board = Board(0)
        self._index = SelectorIndex()
        self._kept: dict[str, Interest] = {}
        # Fields stand among the labels, under keys that no label has.
        self._keys: dict[FieldFunction, str] = {}
        self._taken_count = 0
        self._swept = 0

    def __len__(self) -> int:
        """Return for how many watchers changes are noted. O(1)."""
        return len(self._kept)

    def join(self, wish: Wish) -> Interest:
        """Note changes from those on that were not looked at yet. O(requirements)."""
        interest = Interest(self._board)
        name = str(self._taken_count)
        self._taken_count += 1
        self._index.set(name, self._selector_of(wish))
        self._kept[name] = interest
        return interest

    def follow(self, history: History, known: tuple[int, BucketView]) -> None:
        """Note the changes that were not looked at yet; `known` is the bucket after all of them.

        O(labels + selectors found under them) for each.
        """
        board, end = self._board, history.end
        first = max(board.end, history.first)
        events = history.since(first)
        if events:
            board.revision = events[-1].revision
        board.end, board.known = end, known
        if self._kept:
            for place, event in enumerate(events, first):
                self._note(place, event)
        if end - self._swept >= UNASKED_COUNT_MAX:
            self._sweep(end)

    def check_invariants(self) -> None:
        """Raise AssertionError when an interest is not where changes look for it. O(n)."""
        self._index.check_invariants()
        assert len(self._index) == len(self._kept), "an interest has no selector"
        for name, interest in self._kept.items():
            assert name in self._index, f"interest {name} has no selector"
            assert interest.is_kept, f"interest {name} was let go"
            assert interest.board is self._board
            assert interest.since <= self._board.end
            assert list(interest.places) == sorted(set(interest.places))
            assert not interest.places or interest.since <= interest.places[0]

    def _note(self, place: int, event: Event) -> None:
        before = None if event.previous is None else self._facts_of(event.previous.value)
        after = None if event.current is None else self._facts_of(event.current.value)
        names = [] if before is None else self._index.matching(before)
        if after is not None and after != before:
            names = [*dict.fromkeys([*names, *self._index.matching(after)])]
        for name in names:
            self._kept[name].places.append(place)

    def _facts_of(self, value: FrozenMap) -> Mapping[str, Any]:
        """Labels and the fields that somebody selects by."""
        labels = self._labels_of(value) or {}
        if not self._keys:
            return labels
        return {**labels, **{key: read(value) for read, key in self._keys.items()}}

    def _selector_of(self, wish: Wish) -> Selector:
        labels = wish.labels
        requirements = [] if labels is None else [*labels.requirements]
        for term in wish.fields:
            key = self._keys.setdefault(term.read, f"\0{len(self._keys)}")
            requirements.append(Requirement(key, term.relation, (term.text,)))
        return Selector(requirements, selectable=labels is None or labels.selectable)

    def _sweep(self, end: int) -> None:
        """Let go who has not asked for long; a field that nobody selects by costs no more."""
        self._swept = end
        for name, interest in list(self._kept.items()):
            if end - interest.asked_at > UNASKED_COUNT_MAX:
                interest.is_kept = False
                self._index.discard(name)
                del self._kept[name]
        if not self._kept:
            self._keys.clear()
