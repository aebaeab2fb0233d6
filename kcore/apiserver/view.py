"""One resource at one revision, as clients see it: objects instead of keys."""

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from kcore.apiserver.selection import Selection
from kcore.apiserver.storage import VALUE
from kcore.machinery.frozen import FrozenMap
from kcore.store.snapshot import BucketView

S = TypeVar("S")


class ObjectView:
    """A `View` over a pinned bucket, narrowed by a selection. Immutable, O(1) to make."""

    __slots__ = ("_bucket", "_selection")

    def __init__(self, bucket: BucketView, selection: Selection) -> None:
        self._bucket = bucket
        self._selection = None if selection.is_everything else selection

    @property
    def revision(self) -> int:
        """The revision this view shows."""
        return self._bucket.revision

    def get(self, namespace: str, name: str) -> FrozenMap | None:
        """The object, or None. O(log n)."""
        entry = self._bucket.get(f"{namespace}/{name}")
        if entry is None:
            return None
        selection = self._selection
        if selection is not None and not selection.matches(entry.value):
            return None
        return entry.value

    def list(self, namespace: str = "") -> Iterator[FrozenMap]:
        """Every object, or those of one namespace. O(log n + m)."""
        if namespace:
            entries = self._bucket.range(f"{namespace}/", f"{namespace}0")
        elif self._selection is not None:
            return self._selection.of_view(self._bucket)
        else:
            entries = self._bucket.range()
        return self._selected(map(VALUE, entries))

    def by_index(self, index: str, value: str) -> Iterator[FrozenMap]:
        """Objects whose `index` has `value`, in key order. O(log n + m).

        Raises:
            KeyError: no such index for this resource.
        """
        return self._selected(map(VALUE, self._bucket.by_index(index, value)))

    def summaries(
        self, index: str, value: str, summarize: Callable[[Sequence[FrozenMap]], S]
    ) -> Sequence[S]:
        """`summarize` of each run of the objects of `by_index`; O(m) under a selection.

        Raises:
            KeyError: no such index for this resource.
        """
        if self._selection is None:
            return self._bucket.summaries(index, value, summarize)
        return [summarize(tuple(self.by_index(index, value)))]

    def __len__(self) -> int:
        """Return how many objects there are. O(1), O(n) under a selection."""
        if self._selection is None:
            return len(self._bucket)
        return sum(1 for _ in self.list())

    def _selected(self, objects: Iterator[FrozenMap]) -> Iterator[FrozenMap]:
        selection = self._selection
        if selection is None:
            return objects
        return filter(selection.matches, objects)
