"""Named items, each in its place, and the places that hold another one since somebody asked.

    a b c d    put {b: b', d: d'}    a b' c d'    changes: 1, 3

Names and places stay as they are; who needs others makes another shelf. Items never change, so
putting newer ones is replacing references, and a copy shares the list until either side puts one.
"""

from collections.abc import Iterable, Sequence
from typing import Generic, Self, TypeVar

V = TypeVar("V")


class Shelf(Generic[V]):
    """Items in order, by name."""

    __slots__ = ("_changed", "_places", "_shared", "items")

    items: list[V]
    """All of them, in order; do not write."""

    def __init__(self, names: Iterable[str] = (), items: Iterable[V] = ()) -> None:
        """Put items in the order in which they come, under these names. O(items).

        Raises:
            ValueError: there are more items than different names, or fewer.
        """
        listed = tuple(names)
        self.items = list(items)
        self._places = {name: place for place, name in enumerate(listed)}
        if not len(self._places) == len(listed) == len(self.items):
            raise ValueError("a name for each item, and another for each")
        # None: any place may hold another one, and nobody has asked yet.
        self._changed: dict[int, None] | None = None
        self._shared = False

    def __len__(self) -> int:
        """Return how many items there are. O(1)."""
        return len(self.items)

    def place(self, name: str) -> int | None:
        """Where the item of this name is, or None. O(1)."""
        return self._places.get(name)

    def put(self, newer: dict[str, V]) -> Sequence[str]:
        """Replace items by newer ones of their names; returns names without a place, in order.

        O(newer), and O(items) for the first after a copy was made.
        """
        if self._shared:
            self.items, self._shared = list(self.items), False
        strangers = []
        for name, item in newer.items():
            place = self._places.get(name)
            if place is None:
                strangers.append(name)
                continue
            self.items[place] = item
            if self._changed is not None:
                self._changed[place] = None
        return strangers

    def take_changes(self) -> dict[int, None] | None:
        """Places whose item was replaced since the last call, as keys; None: any.

        In the order of the changes. For the one reader that keeps something beside the
        items. O(changes).
        """
        changed, self._changed = self._changed, {}
        return changed

    def copy(self) -> Self:
        """An independent shelf with the same content. O(changes)."""
        twin = object.__new__(type(self))
        twin.items, twin._places = self.items, self._places
        twin._changed = None if self._changed is None else dict(self._changed)
        twin._shared = self._shared = True
        return twin
