"""The one door to the ordered-map kernel: typed, so that mypy sees what a tree holds."""

from typing import TYPE_CHECKING, Generic, Protocol, Self, TypeVar

from kcore import _native

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

V = TypeVar("V")


class Tree(Protocol, Generic[V]):
    """A sorted map from strings whose copies cost O(1).

    Iterators show the tree as it was when they were asked for.
    """

    def __len__(self) -> int:
        """Return how many keys there are. O(1)."""

    def copy(self) -> Self:
        """An independent tree with the same content. O(1)."""

    def get(self, key: str, /) -> V | None:
        """The value, or None. O(log n)."""

    def set(self, key: str, value: V, /) -> V | None:
        """Let `key` have `value`; returns what it had. O(log n)."""

    def pop(self, key: str, /) -> V:
        """Take `key` out. O(log n). Raises KeyError when it is absent."""

    def items(
        self, start: str = "", end: str = "", *, reverse: bool = False
    ) -> "Iterator[tuple[str, V]]":
        """Pairs with `start <= key < end` in order; an empty `end` is no bound. O(log n + m)."""

    def values(self, start: str = "", end: str = "", *, reverse: bool = False) -> "Iterator[V]":
        """The values of `items`. O(log n + m)."""

    def page(
        self, start: str = "", end: str = "", limit: int = 0, *, reverse: bool = False
    ) -> list[V]:
        """The first `limit` of `values` (0: all) as a list. O(log n + m)."""

    def count(self, start: str = "", end: str = "", /) -> int:
        """How many keys there are with `start <= key < end`. O(log n) compiled."""

    def runs(self, start: str = "", end: str = "", /) -> "Iterator[tuple[list[V], int, int]]":
        """The same values as `(values, low, high)`, lists that stay while nothing changes."""

    def node_counts(self) -> tuple[int, int]:
        """How many nodes there are, and how many this tree may change in place. O(nodes)."""

    def check_invariants(self) -> None:
        """Raise AssertionError when the tree is broken. O(n)."""


def new_tree() -> "Tree[V]":
    """An empty tree."""
    return _native.btree.BTree()


def load_tree(pairs: "Iterable[tuple[str, V]]") -> "Tree[V]":
    """A tree of pairs whose keys ascend. O(n).

    Raises:
        ValueError: a key does not follow the one before.
    """
    return _native.btree.BTree.load(pairs)
