"""One bucket at one revision, pinned: later writes never show."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from kcore.machinery.frozen import FrozenMap
from kcore.store.index import Contents
from kcore.store.revision import Event, KeyValue

S = TypeVar("S")


class BucketView:
    """An immutable picture. Making one from the present state costs O(1)."""

    __slots__ = ("_contents", "revision")

    def __init__(self, revision: int, contents: Contents) -> None:
        self.revision = revision
        """The revision this view shows."""
        self._contents = contents

    def __len__(self) -> int:
        """Return how many keys there are. O(1)."""
        return len(self._contents)

    def get(self, key: str) -> KeyValue | None:
        """The entry, or None. O(log n)."""
        return self._contents.get(key)

    def range(self, start: str = "", end: str = "", limit: int = 0) -> Iterator[KeyValue]:
        """Entries with `start <= key < end` in key order, at most `limit` (0: all).

        An empty `end` is no bound. O(log n + m).
        """
        if limit:
            return iter(self.page(start, end, limit))
        return self._contents.entries.values(start, end)

    def page(self, start: str = "", end: str = "", limit: int = 0) -> list[KeyValue]:
        """The entries of `range` as a list, which is the fastest way to read many. O(log n + m)."""
        return self._contents.entries.page(start, end, limit)

    def count(self, start: str = "", end: str = "") -> int:
        """How many keys there are with `start <= key < end`. O(log n) compiled."""
        return self._contents.count(start, end)

    def by_index(self, name: str, value: str) -> Iterator[KeyValue]:
        """Entries whose index `name` contains `value`, in key order. O(log n + m).

        Raises:
            KeyError: no such index was declared for this bucket.
        """
        return self._contents.by_index(name, value)

    def summaries(
        self, name: str, value: str, summarize: Callable[[Sequence[FrozenMap]], S]
    ) -> list[S]:
        """`summarize` of each run of the values of `by_index`; O(runs + changes since asked).

        Raises:
            KeyError: no such index was declared for this bucket.
        """
        return self._contents.summaries(name, value, summarize)

    def at(self, revision: int) -> "BucketView":
        """The same picture under another revision at which nothing was different. O(1)."""
        return self if revision == self.revision else BucketView(revision, self._contents)

    def following(self, events: Iterable[Event], revision: int) -> "BucketView":
        """The picture once `events` have happened, oldest first. O(events * log n)."""
        contents = self._contents.copy()
        for event in events:
            contents.replace(event.key, event.previous, event.current)
        return BucketView(revision, contents)

    def before(self, events: Iterable[Event], revision: int) -> "BucketView":
        """The picture before `events`, which come newest first. O(events * log n)."""
        contents = self._contents.copy()
        for event in events:
            contents.replace(event.key, event.current, event.previous)
        return BucketView(revision, contents)

    def check_invariants(self) -> None:
        """Raise AssertionError when the picture is broken or shows the future. O(n)."""
        self._contents.check_invariants()
        for entry in self.range():
            assert 0 < entry.create_revision <= entry.mod_revision <= self.revision
            assert 1 <= entry.version <= entry.mod_revision - entry.create_revision + 1
