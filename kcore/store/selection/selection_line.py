"""The indexes of one bucket for selectors: what is selected, and what selects.

Both follow the bucket's history when they are asked, never before (`history_line`). The first
selectors are answered by reading everything, because that is cheaper than an index that nobody asks
again; when reading has cost about as much as an index would, it is made. An index that fell further
behind than it would cost to read everything is left alone.
"""

from typing import Final, Self

from kcore.machinery.fields import FieldSelector
from kcore.machinery.labels import Selector, SelectorIndex
from kcore.store.history import History
from kcore.store.selection.facets import Facets
from kcore.store.selection.history_line import HistoryLine
from kcore.store.selection.selected import Selected
from kcore.store.selection.selecting_index import Selecting, SelectingIndex
from kcore.store.selection.selection_index import SelectionIndex
from kcore.store.snapshot import BucketView

# Reading an object for a selector takes about 1 us, indexing it 3 to 4 us, indexing again one that
# changed about 10 us: its facets before and after, and copies of what an older index still holds.
READINGS_BEFORE_INDEX_COUNT: Final = 4
READINGS_PER_CHANGE: Final = 12
# Below so many objects reading all of them is the fastest way.
OBJECTS_COUNT_MIN: Final = 500


class SelectionLine:
    """The indexes of a bucket; views that are asked about are this bucket's."""

    __slots__ = ("_read_count", "_selected", "_selecting")

    def __init__(self, history: History) -> None:
        self._selected: HistoryLine[SelectionIndex] = HistoryLine(history)
        self._selecting: HistoryLine[SelectingIndex] = HistoryLine(history)
        self._read_count = 0

    def copy(self, history: History) -> Self:
        """The same for another owner of the bucket; indexes are shared. O(1)."""
        twin = object.__new__(type(self))
        twin._selected = self._selected.copy(history)
        twin._selecting = self._selecting.copy(history)
        twin._read_count = self._read_count
        return twin

    def worth_asking(self, facets: Facets, view: BucketView, read_count: int) -> bool:
        """Whether an index is there and near, or is due. O(log changes).

        Who is told no reads `read_count` objects instead, which is remembered.
        """
        if read_count < OBJECTS_COUNT_MIN:
            return False
        distance = self._selected.distance(facets, view)
        if distance is None:
            self._read_count += read_count
            return self._read_count > READINGS_BEFORE_INDEX_COUNT * len(view)
        return distance * READINGS_PER_CHANGE < read_count

    def at(self, facets: Facets, view: BucketView) -> SelectionIndex:
        """The index of a view, made or brought there.

        O(1) when nothing changed, O(changes between) when there is one, O(n) else.
        """
        return self._selected.at(facets, view, lambda of: self._load(facets, of))

    def select(
        self,
        facets: Facets,
        view: BucketView,
        labels: Selector | None = None,
        fields: FieldSelector | None = None,
    ) -> Selected:
        """What two selectors select of a view; None selects everything.

        The cost of `at`, and microseconds for the algebra.
        """
        return Selected(view, self.at(facets, view).answer(labels, fields))

    def selecting(self, rule: Selecting, view: BucketView) -> SelectorIndex:
        """Which values of a view select what; names are keys. The cost of `at`."""
        return self._selecting.at(
            rule, view, lambda of: SelectingIndex.load(rule, of.range())
        ).selectors

    def check_invariants(self, now: BucketView) -> None:
        """Raise AssertionError when an index is not that of its revision. O(n + changes since)."""
        selected, selecting = self._selected.now(), self._selecting.now()
        if selected is not None:
            selected.check_invariants(now.range())
        if selecting is not None:
            selecting.check_invariants(now.range())

    def _load(self, facets: Facets, view: BucketView) -> SelectionIndex:
        self._read_count = 0
        return SelectionIndex.load(facets, view.range())
