"""The selection indexes of one bucket, brought to a revision when somebody asks, never before.

Writes cost nothing here: the history of the bucket already says what happened, and an index is
brought forward (or, for an old revision, backward) by it. The first selectors are answered by
reading everything, because that is cheaper than an index that nobody asks again; when reading has
cost about as much as an index would, it is made. An index that fell further behind than it would
cost to read everything is left alone.
"""

from collections.abc import Iterable
from typing import Final, Self

from kcore.machinery.fields import FieldSelector
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.labels import Selector
from kcore.store.history import History
from kcore.store.revision import Event
from kcore.store.selection.facets import Facets
from kcore.store.selection.selected import Selected
from kcore.store.selection.selection_index import SelectionIndex
from kcore.store.snapshot import BucketView

# Reading an object for a selector takes about 1 us, indexing it 3 us, indexing again one that
# changed 3 us and the copies of its postings, which those that changed with it share.
READINGS_BEFORE_INDEX_COUNT: Final = 4
READINGS_PER_CHANGE: Final = 12
# Below so many objects reading all of them is the fastest way.
OBJECTS_COUNT_MIN: Final = 500

# After how many events of the history, and the index then.
_Known = tuple[int, SelectionIndex]


class SelectionLine:
    """The newest index of a bucket, and the last one made for an old revision."""

    __slots__ = ("_history", "_known", "_read_count", "_recalled")

    def __init__(self, history: History) -> None:
        self._history = history
        self._known: _Known | None = None
        self._recalled: _Known | None = None
        self._read_count = 0

    def copy(self, history: History) -> Self:
        """The same for another owner of the bucket; indexes are shared. O(1)."""
        twin = object.__new__(type(self))
        twin._history = history
        twin._known = self._known
        twin._recalled = self._recalled
        twin._read_count = self._read_count
        return twin

    def worth_asking(self, facets: Facets, view: BucketView, read_count: int) -> bool:
        """Whether an index is there and near, or is due. O(log changes).

        Who is told no reads `read_count` objects instead, which is remembered.
        """
        if read_count < OBJECTS_COUNT_MIN:
            return False
        known = self._usable(facets)
        wanted = self._sequence_of(view)
        if wanted is None:
            return False
        if known is None:
            self._read_count += read_count
            return self._read_count > READINGS_BEFORE_INDEX_COUNT * len(view)
        if self._recalled is not None and self._recalled[0] == wanted:
            return True
        return abs(wanted - known[0]) * READINGS_PER_CHANGE < read_count

    def at(self, facets: Facets, view: BucketView) -> SelectionIndex:
        """The index of a view of this bucket, made or brought there.

        O(1) when nothing changed, O(changes between) when there is one, O(n) else.
        """
        wanted, known = self._sequence_of(view), self._usable(facets)
        if wanted is None:
            return SelectionIndex.load(facets, view.range())
        if known is None:
            return self._publish(wanted, SelectionIndex.load(facets, view.range()))
        if wanted == known[0]:
            return known[1]
        if wanted > known[0]:
            return self._publish(wanted, self._forward(known, wanted))
        if self._recalled is None or self._recalled[0] != wanted:
            self._recalled = (wanted, self._backward(known, wanted))
        return self._recalled[1]

    def select(
        self,
        facets: Facets,
        view: BucketView,
        labels: Selector | None = None,
        fields: FieldSelector | None = None,
    ) -> Selected:
        """What two selectors select of a view of this bucket; None selects everything.

        The cost of `at`, and microseconds for the algebra.
        """
        index = self.at(facets, view)
        plan = index.plan(labels, fields)
        return Selected(view, index.ids, plan.bitmap(index.ids.live), plan.is_exact)

    def check_invariants(self, now: BucketView) -> None:
        """Raise AssertionError when the index is not that of its revision. O(n + changes since)."""
        known = None if self._known is None else self._usable(self._known[1].facets)
        if known is not None:
            current = self._forward(known, self._history.end)
            current.check_invariants(now.range())

    def _usable(self, facets: Facets) -> _Known | None:
        """The newest index, if it is of these facets and history leads from it to the present."""
        known, history = self._known, self._history
        if known is None or known[1].facets is not facets:
            return None
        return known if history.first <= known[0] <= history.end else None

    def _sequence_of(self, view: BucketView) -> int | None:
        """After how many events a view is; None when history does not reach back to it."""
        if view.revision < self._history.dropped_revision:
            return None
        return self._history.sequence_after(view.revision)

    def _publish(self, sequence: int, index: SelectionIndex) -> SelectionIndex:
        self._known, self._recalled, self._read_count = (sequence, index), None, 0
        return index

    def _forward(self, known: _Known, wanted: int) -> SelectionIndex:
        get = self._history.get
        changes = (_change(get(sequence)) for sequence in range(known[0], wanted))
        return _moved(known[1], changes)

    def _backward(self, known: _Known, wanted: int) -> SelectionIndex:
        get = self._history.get
        changes = (_change(get(sequence)) for sequence in range(known[0] - 1, wanted - 1, -1))
        return _moved(known[1], ((key, after, before) for key, before, after in changes))


_Change = tuple[str, FrozenMap | None, FrozenMap | None]


def _change(event: Event) -> _Change:
    before = None if event.previous is None else event.previous.value
    after = None if event.current is None else event.current.value
    return event.key, before, after


def _moved(index: SelectionIndex, changes: Iterable[_Change]) -> SelectionIndex:
    moved = index.copy()
    for key, before, after in changes:
        moved.replace(key, before, after)
    return moved
