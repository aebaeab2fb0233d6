"""What was selected, in whatever form is wanted: a bitmap, a count, entries in key order, a page.

Ids come in no order that means anything. Two ways lead to key order: few ids are turned into keys
and sorted; many are met by walking the keys and asking the bitmap about each. Which is cheaper
depends on how many keys would be walked, and a page ends the walk early.
"""

from bisect import bisect_left
from collections.abc import Iterator
from itertools import compress, islice
from typing import Final

from kcore.machinery.postings import Bitmap
from kcore.store.revision import KeyValue
from kcore.store.selection.answer import Answer
from kcore.store.snapshot import BucketView

# A sorted key costs about as much as so many steps of a walk: its text, its share of the sorting,
# its own search for the entry.
SORTED_COST_STEPS: Final = 10


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
        ids = self._answer.ids
        walked_count = ids.count(start, end)
        if soon_count:
            # The selected ones are assumed to be spread evenly.
            walked_count = min(walked_count, soon_count * len(ids) // len(self.bitmap))
        return walked_count < len(self.bitmap) * SORTED_COST_STEPS

    def _walked(self, start: str, end: str) -> Iterator[KeyValue]:
        is_selected = map(self.bitmap.__contains__, self._answer.ids.numbers(start, end))
        return compress(self._view.range(start, end), is_selected)

    def _sorted(self, start: str, end: str) -> Iterator[KeyValue]:
        keys, get = self._answer.keys, self._view.get
        first = bisect_left(keys, start)
        last = bisect_left(keys, end) if end else len(keys)
        for place in range(first, last):
            entry = get(keys[place])
            assert entry is not None, f"{keys[place]} has a number and no entry"
            yield entry
