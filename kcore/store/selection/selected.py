"""What was selected, in whatever form is wanted: a bitmap, a count, entries in key order, a page.

Ids come in no order that means anything. Two ways lead to key order: few ids are turned into keys
and sorted; many are met by walking the keys and asking the bitmap about each. Which is cheaper
depends on how many keys would be walked. A page ends the walk early, but other pages may follow:
when all walks together have cost what sorting would have, the keys are sorted, once.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from itertools import compress, islice
from typing import Final

from kcore.machinery.postings import Bitmap
from kcore.store.revision import KeyValue
from kcore.store.selection.answer import Answer
from kcore.store.snapshot import BucketView

# A sorted key costs about as much as so many steps of a walk: its text, its share of the sorting.
SORTED_COST_STEPS: Final = 20
# A walk over entries, too, costs so much less than seeking the entry of each key it meets.
SOUGHT_COST_STEPS: Final = 10


class Selected:
    """The entries of a view that an index of the same revision found. Immutable."""

    __slots__ = ("_answer", "_view")

    def __init__(self, view: BucketView, answer: Answer) -> None:
        self._view = view
        self._answer = answer

    @property
    def bitmap(self) -> Bitmap:
        """Ids; they mean something only together with the index they come from. O(1)."""
        return self._answer.bitmap

    @property
    def is_exact(self) -> bool:
        """Whether all of them are selected; otherwise some are not, and must be asked. O(1)."""
        return self._answer.is_exact

    def __len__(self) -> int:
        """Return how many there are (at most, unless `is_exact`). O(1)."""
        return len(self.bitmap)

    def __iter__(self) -> Iterator[KeyValue]:
        """All entries in key order."""
        return self.entries()

    def entries(self, start: str = "", end: str = "", soon_count: int = 0) -> Iterator[KeyValue]:
        """Entries with `start <= key < end` in key order; perhaps only `soon_count` will be read.

        O(m log m) for few selected, O(keys of the range, or walked until then) for many.
        """
        if not self.bitmap:
            return iter(())
        if not self._answer.has_keys and self._walks(start, end, soon_count):
            return self._walked(start, end)
        return self._sorted(start, end)

    def page(self, start: str = "", end: str = "", limit: int = 0) -> list[KeyValue]:
        """The first `limit` of `entries` (0: all) as a list."""
        entries = self.entries(start, end, limit)
        return list(islice(entries, limit) if limit else entries)

    def _walks(self, start: str, end: str, soon_count: int) -> bool:
        """Whether to walk once more: until walking has cost what sorting would have."""
        answer, ids = self._answer, self._answer.ids
        steps = ids.count(start, end)
        if soon_count:
            # The selected ones are assumed to be spread evenly.
            steps = min(steps, soon_count * len(ids) // len(self.bitmap))
        if answer.walked_count + steps >= len(self.bitmap) * SORTED_COST_STEPS:
            return False
        answer.walked_count += steps
        return True

    def _walked(self, start: str, end: str) -> Iterator[KeyValue]:
        ids, is_selected = self._answer.ids, self.bitmap.__contains__
        if len(self.bitmap) * SOUGHT_COST_STEPS > len(ids):
            return compress(self._view.range(start, end), map(is_selected, ids.numbers(start, end)))
        return self._sought(map(ids.key, filter(is_selected, ids.numbers(start, end))))

    def _sorted(self, start: str, end: str) -> Iterator[KeyValue]:
        keys = self._answer.keys
        first = bisect_left(keys, start)
        last = bisect_left(keys, end) if end else len(keys)
        return self._sought(islice(keys, first, last))

    def _sought(self, keys: Iterable[str]) -> Iterator[KeyValue]:
        get = self._view.get
        for key in keys:
            entry = get(key)
            assert entry is not None, f"{key} has a number and no entry"
            yield entry
