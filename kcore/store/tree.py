"""The one door to the ordered-map kernel: typed, so that mypy sees what a tree holds."""

from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar

from kcore import _native

if TYPE_CHECKING:
    from collections.abc import Iterator

V = TypeVar("V")


class Tree(Protocol, Generic[V]):
    """A sorted map from strings whose copies cost O(1)."""

    def __len__(self) -> int:
        """Return how many keys there are. O(1)."""

    def copy(self) -> Self:
        """An independent tree with the same content. O(1)."""

    def get(self, key: str) -> V | None:
        """The value, or None. O(log n)."""

    def set(self, key: str, value: V) -> V | None:
        """Let `key` have `value`; returns what it had. O(log n)."""

    def pop(self, key: str) -> V:
        """Take `key` out. O(log n). Raises KeyError when it is absent."""

    def items(self, start: str = "", end: str = "") -> "Iterator[tuple[str, V]]":
        """Pairs with `start <= key < end` in order; an empty `end` is no bound. O(log n + m)."""

    def runs(self, start: str = "", end: str = "") -> "Iterator[tuple[list[V], int, int]]":
        """The same values as `(values, low, high)`, lists that stay while nothing changes."""

    def check_invariants(self) -> None:
        """Raise AssertionError when the tree is broken. O(n)."""


def new_tree() -> "Tree[V]":
    """An empty tree."""
    return _native.btree.BTree()
