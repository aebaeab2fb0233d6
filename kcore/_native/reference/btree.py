"""A copy-on-write B+tree of strings: the readable twin of the `btree` kernel.

**Model.** Leaves hold up to `FAN_OUT` sorted keys with their values; an inner node holds children
and, between each two of them, a separator: at most the smallest key on its right, above every key
on its left. All leaves are equally deep.

**Ownership.** Each node carries the token of the tree that made it. A write changes a node in
place where the token is its own, and copies it otherwise. `copy()` gives both trees new tokens,
so from then on neither owns any node: the first write on either side copies one path (a node per
level), later writes near it are in place. So a copy costs O(1) whatever the size, nodes are copied
only while somebody looks at them, and nothing is counted per node. (The compiled kernel, which has
to free nodes itself, also knows when the last copy has gone, and then writes in place again.)

    a = BTree(); a.set("x", 1)
    b = a.copy()           # two roots, one node
    b.set("x", 2)          # b copies the node; a still reads 1

**Balance.** A full node splits in the middle, except at the right edge of the tree, where the new
node starts almost empty: sorted loads fill their leaves. A node below a quarter full is merged
with its neighbour, or evened out when both do not fit into one. (The compiled kernel looks for a
better place to split near the middle, and may shorten separators: `btree_cut.c`.)

Refused alternatives: copying a path on every write (simpler by the tokens) doubles the cost of
bulk loads and of worlds without watchers; a sorted list (sortedcontainers) is shorter but copies
everything for each snapshot, and worlds are forked and watched on this twin too.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from itertools import islice, pairwise
from typing import Any, Final, Self

FAN_OUT: Final = 64
FILL_COUNT_MIN: Final = FAN_OUT // 4
_EDGE_COUNT: Final = 2  # an inner node with one child would have no neighbours to fill it from


class _Node:
    """`children` of a leaf is None; `values` of an inner node is None."""

    __slots__ = ("children", "keys", "owner", "values")

    def __init__(
        self,
        owner: object,
        keys: list[str],
        values: list[Any] | None,
        children: "list[_Node] | None",
    ) -> None:
        self.owner = owner
        self.keys = keys
        self.values = values
        self.children = children

    def copy(self, owner: object) -> "_Node":
        values, children = self.values, self.children
        return _Node(
            owner,
            self.keys.copy(),
            None if values is None else values.copy(),
            None if children is None else children.copy(),
        )

    def size(self) -> int:
        """Entries of a leaf, children of an inner node."""
        return len(self.keys) if self.children is None else len(self.children)


_Path = list[tuple[_Node, int]]


class BTree:
    """A sorted map from strings to anything. Reads and writes are O(log n), `copy` is O(1).

    An iterator shows the tree as it was when it was asked for, whatever is written meanwhile.
    """

    __slots__ = ("_count", "_owner", "_root")

    def __init__(self) -> None:
        self._owner = object()
        self._root = _Node(self._owner, [], [], None)
        self._count = 0

    @classmethod
    def load(cls, pairs: Iterable[tuple[str, Any]]) -> Self:
        """A tree of pairs whose keys ascend. O(n).

        Raises:
            ValueError: a key does not follow the one before.
        """
        tree = cls()
        last: str | None = None
        for key, value in pairs:
            if last is not None and last >= key:
                raise ValueError(f"key {key!r} does not follow {last!r}")
            tree.set(key, value)
            last = key
        return tree

    def __len__(self) -> int:
        """Return how many keys there are. O(1)."""
        return self._count

    def copy(self) -> Self:
        """An independent tree with the same content. O(1)."""
        twin = object.__new__(type(self))
        twin._root = self._root
        twin._count = self._count
        twin._owner = object()
        self._owner = object()
        return twin

    def get(self, key: str, default: Any = None) -> Any:
        """The value of `key`, or `default`. O(log n)."""
        node = self._root
        while node.children is not None:
            node = node.children[bisect_right(node.keys, key)]
        keys = node.keys
        index = bisect_left(keys, key)
        if index < len(keys) and keys[index] == key:
            return node.values[index]  # type: ignore[index]
        return default

    def set(self, key: str, value: Any) -> Any:
        """Let `key` have `value`; returns what it had, or None. O(log n)."""
        node, path = self._descend(key)
        keys, values = node.keys, node.values
        assert values is not None
        index = bisect_left(keys, key)
        if index < len(keys) and keys[index] == key:
            previous = values[index]
            values[index] = value
            return previous
        keys.insert(index, key)
        values.insert(index, value)
        self._count += 1
        if len(keys) > FAN_OUT:
            self._split(node, path)
        return None

    def pop(self, key: str) -> Any:
        """Take `key` out and return its value. O(log n).

        Raises:
            KeyError: there is no such key.
        """
        missing = self._owner
        if self.get(key, missing) is missing:
            raise KeyError(key)
        node, path = self._descend(key)
        values = node.values
        assert values is not None
        index = bisect_left(node.keys, key)
        del node.keys[index]
        value = values.pop(index)
        self._count -= 1
        if len(node.keys) < FILL_COUNT_MIN:
            self._fill(node, path)
        return value

    def items(
        self, start: str = "", end: str = "", *, reverse: bool = False
    ) -> Iterator[tuple[str, Any]]:
        """Pairs with `start <= key < end` in order; an empty `end` is no bound. O(log n + m)."""
        slices = self.copy()._slices(start, end, reverse=reverse)
        return (pair for keys, values in slices for pair in zip(keys, values, strict=True))

    def values(self, start: str = "", end: str = "", *, reverse: bool = False) -> Iterator[Any]:
        """The values of `items`. O(log n + m)."""
        slices = self.copy()._slices(start, end, reverse=reverse)
        return (value for _, values in slices for value in values)

    def page(
        self, start: str = "", end: str = "", limit: int = 0, *, reverse: bool = False
    ) -> list[Any]:
        """The first `limit` of `values` (0: all) as a list. O(log n + m)."""
        values = self.values(start, end, reverse=reverse)
        return list(islice(values, limit) if limit > 0 else values)

    def count(self, start: str = "", end: str = "", /) -> int:
        """How many keys there are with `start <= key < end`. O(log n + m / FAN_OUT)."""
        return sum(high - low for _, _, low, high in self._leaves(start, end))

    def runs(self, start: str = "", end: str = "", /) -> Iterator[tuple[list[Any], int, int]]:
        """The values of `items` run by run: `(values, low, high)` stands for `values[low:high]`.

        A copy that is never written to gives the same list for as long as no value in it has
        changed in its original, so results about a run can be remembered. The lists belong to
        the tree: read only. O(log n + runs).
        """
        leaves = self.copy()._leaves(start, end)
        return ((values, low, high) for _, values, low, high in leaves if low < high)

    def _slices(
        self, start: str, end: str, *, reverse: bool
    ) -> Iterator[tuple[list[str], list[Any]]]:
        leaves = self._leaves(start, end)
        if not reverse:
            for keys, values, low, high in leaves:
                yield keys[low:high], values[low:high]
            return
        for keys, values, low, high in reversed(list(leaves)):
            if low < high:
                yield keys[low:high][::-1], values[low:high][::-1]

    def _leaves(self, start: str, end: str) -> Iterator[tuple[list[str], list[Any], int, int]]:
        above: _Path = []
        node = self._root
        while node.children is not None:
            index = bisect_right(node.keys, start)
            above.append((node, index + 1))
            node = node.children[index]
        low = bisect_left(node.keys, start)
        while True:
            keys, values = node.keys, node.values
            assert values is not None
            if end and keys and keys[-1] >= end:
                yield keys, values, low, max(low, bisect_left(keys, end))
                return
            yield keys, values, low, len(keys)
            low = 0
            following = _next_leaf(above)
            if following is None:
                return
            node = following

    def _descend(self, key: str) -> tuple[_Node, _Path]:
        """The leaf for `key` and the way to it, all owned by this tree."""
        owner = self._owner
        node = self._root
        if node.owner is not owner:
            node = self._root = node.copy(owner)
        path: _Path = []
        while (children := node.children) is not None:
            index = bisect_right(node.keys, key)
            path.append((node, index))
            child = children[index]
            if child.owner is not owner:
                child = children[index] = child.copy(owner)
            node = child
        return node, path

    def _split(self, node: _Node, path: _Path) -> None:
        while node.size() > FAN_OUT:
            at_right_edge = all(index == parent.size() - 1 for parent, index in path)
            moved_count = _EDGE_COUNT if at_right_edge else node.size() // 2
            separator, right = _cut(node, node.size() - moved_count)
            if not path:
                self._root = _Node(self._owner, [separator], None, [node, right])
                return
            parent, index = path.pop()
            assert parent.children is not None
            parent.keys.insert(index, separator)
            parent.children.insert(index + 1, right)
            node = parent

    def _fill(self, node: _Node, path: _Path) -> None:
        while path and node.size() < FILL_COUNT_MIN:
            parent, index = path.pop()
            children = parent.children
            assert children is not None
            left_index = index - 1 if index else 0
            left, right = self._owned(parent, left_index), self._owned(parent, left_index + 1)
            _join(left, right, parent.keys[left_index])
            if left.size() <= FAN_OUT:
                del parent.keys[left_index], children[left_index + 1]
            else:
                separator, right = _cut(left, left.size() // 2)
                parent.keys[left_index] = separator
                children[left_index + 1] = right
            node = parent
        while (children := self._root.children) is not None and len(children) == 1:
            self._root = children[0]

    def _owned(self, parent: _Node, index: int) -> _Node:
        assert parent.children is not None
        child = parent.children[index]
        if child.owner is not self._owner:
            child = parent.children[index] = child.copy(self._owner)
        return child

    def node_counts(self) -> tuple[int, int]:
        """How many nodes there are, and how many this tree may change in place. O(nodes)."""
        nodes = [self._root]
        for node in nodes:
            nodes += node.children or ()
        return len(nodes), sum(node.owner is self._owner for node in nodes)

    def check_invariants(self) -> None:
        """Raise AssertionError when order, balance, fill or the count is wrong. O(n)."""
        depths: set[int] = set()
        count = _check(self._root, None, None, 0, depths)
        assert count == self._count, f"{count} keys, but the tree says {self._count}"
        assert len(depths) == 1, f"leaves at depths {sorted(depths)}"
        keys = [key for key, _ in self.items()]
        assert len(keys) == count, "iteration does not reach every key"
        assert all(a < b for a, b in pairwise(keys)), "keys out of order"


def _next_leaf(above: _Path) -> _Node | None:
    while above:
        node, index = above.pop()
        assert node.children is not None
        if index < len(node.children):
            above.append((node, index + 1))
            node = node.children[index]
            while node.children is not None:
                above.append((node, 1))
                node = node.children[0]
            return node
    return None


def _cut(node: _Node, at: int) -> tuple[str, _Node]:
    """Move everything from `at` on into a new right neighbour; returns the separator too."""
    if node.children is None:
        assert node.values is not None
        right = _Node(node.owner, node.keys[at:], node.values[at:], None)
        del node.keys[at:], node.values[at:]
        return right.keys[0], right
    separator = node.keys[at - 1]
    right = _Node(node.owner, node.keys[at:], None, node.children[at:])
    del node.keys[at - 1 :], node.children[at:]
    return separator, right


def _join(left: _Node, right: _Node, separator: str) -> None:
    """Append `right` to `left`; the separator between them comes down to inner nodes."""
    if left.children is None:
        assert left.values is not None
        assert right.values is not None
        left.keys += right.keys
        left.values += right.values
        return
    assert right.children is not None
    left.keys += [separator, *right.keys]
    left.children += right.children


def _check(node: _Node, low: str | None, high: str | None, depth: int, depths: set[int]) -> int:
    assert node.size() <= FAN_OUT, f"a node holds {node.size()}"
    assert all(low is None or low <= key for key in node.keys), "a key is below its separator"
    assert all(high is None or key < high for key in node.keys), "a key is above its separator"
    if node.children is None:
        assert node.values is not None
        assert len(node.values) == len(node.keys)
        assert depth == 0 or node.keys, "an empty leaf"
        depths.add(depth)
        return len(node.keys)
    assert len(node.children) == len(node.keys) + 1 > 1
    # Right-edge nodes may be small (sorted loads); every other one was filled when it shrank.
    for child in node.children[:-1]:
        assert child.size() >= FILL_COUNT_MIN, f"a node holds only {child.size()}"
    bounds = [low, *node.keys, high]
    return sum(
        _check(child, bounds[i], bounds[i + 1], depth + 1, depths)
        for i, child in enumerate(node.children)
    )
