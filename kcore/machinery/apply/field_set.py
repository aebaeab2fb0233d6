"""Sets of paths as trees, with upstream's algebra.

A set holds `members` (elements that are in the set themselves) and `children` (elements below which
there are more). Sets are immutable and share their subtrees; every operation answers with one of
its arguments where nothing changes. Iteration is in upstream's order: the members of a node, then
its children.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final, Self

from kcore.machinery.apply.field_path import Path, PathElement, sort_key

_NO_MEMBERS: Final[frozenset[PathElement]] = frozenset()


class FieldSet:
    """An immutable set of paths. Equality and hash are by content."""

    __slots__ = ("_hash", "children", "members")

    members: frozenset[PathElement]
    children: Mapping[PathElement, "FieldSet"]

    def __init__(
        self,
        members: frozenset[PathElement] = _NO_MEMBERS,
        children: Mapping[PathElement, "FieldSet"] | None = None,
    ) -> None:
        self.members = members
        self.children = {} if children is None else children
        self._hash: int | None = None

    @classmethod
    def of(cls, *paths: Path) -> Self:
        """The set of these paths; the empty path is in no set. O(total length)."""
        members: set[PathElement] = set()
        below: dict[PathElement, list[Path]] = {}
        for path in paths:
            if len(path) == 1:
                members.add(path[0])
            elif path:
                below.setdefault(path[0], []).append(path[1:])
        return cls(frozenset(members), {head: cls.of(*rest) for head, rest in below.items()})

    def __bool__(self) -> bool:
        """Whether any path is in the set; nodes without members do not count."""
        return bool(self.members) or any(self.children.values())

    def __len__(self) -> int:
        """The number of paths. O(size)."""
        return len(self.members) + sum(map(len, self.children.values()))

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if not isinstance(other, FieldSet):
            return NotImplemented
        return self.members == other.members and self.children == other.children

    def __hash__(self) -> int:
        if self._hash is None:
            self._hash = hash((self.members, frozenset(self.children.items())))
        return self._hash

    def __contains__(self, path: Path) -> bool:
        """Whether `path` itself is in the set. O(length)."""
        node: FieldSet = self
        for element in path[:-1]:
            below = node.children.get(element)
            if below is None:
                return False
            node = below
        return bool(path) and path[-1] in node.members

    def __iter__(self) -> Iterator[Path]:
        """All paths in upstream's order. O(size * depth)."""
        return self._paths(())

    def _paths(self, prefix: Path) -> Iterator[Path]:
        for element in sorted(self.members, key=sort_key):
            yield (*prefix, element)
        for element in sorted(self.children, key=sort_key):
            yield from self.children[element]._paths((*prefix, element))

    def below(self, element: PathElement) -> "FieldSet":
        """The paths that go on from `element`, without it."""
        return self.children.get(element, EMPTY_SET)

    def union(self, other: "FieldSet") -> "FieldSet":
        """The paths of either."""
        if self is other or not (other.members or other.children):
            return self
        if not (self.members or self.children):
            return other
        members = self.members
        if not other.members <= members:
            members = members | other.members
        children, changed = self.children, members is not self.members
        for element, theirs in other.children.items():
            ours = self.children.get(element)
            joined = theirs if ours is None else ours.union(theirs)
            if joined is not ours:
                if children is self.children:
                    children = dict(children)
                children[element] = joined  # type: ignore[index]
                changed = True
        return FieldSet(members, children) if changed else self

    def intersection(self, other: "FieldSet") -> "FieldSet":
        """The paths of both."""
        if self is other:
            return self
        if not (other.members or other.children):
            return other
        # Not `&`: of equal elements it takes either set's, and numbers have two spellings.
        members = frozenset(item for item in self.members if item in other.members)
        children = {}
        for element, ours in self.children.items():
            theirs = other.children.get(element)
            if theirs is not None:
                both = ours.intersection(theirs)
                if both:
                    children[element] = both
        return FieldSet(members, children)

    def difference(self, other: "FieldSet") -> "FieldSet":
        """The paths that are not in `other`."""
        return self._without(other, covers_below=False)

    def recursive_difference(self, other: "FieldSet") -> "FieldSet":
        """The paths that are not in `other` and of which no beginning is."""
        return self._without(other, covers_below=True)

    def _without(self, other: "FieldSet", *, covers_below: bool) -> "FieldSet":
        """Without the paths of `other`, and if it covers what is below, without those as well."""
        if not (other.members or other.children):
            return self
        members = self.members - other.members
        children: dict[PathElement, FieldSet] = {}
        changed = len(members) != len(self.members)
        for element, ours in self.children.items():
            if covers_below and element in other.members:
                changed = True
                continue
            theirs = other.children.get(element)
            rest = ours if theirs is None else ours._without(theirs, covers_below=covers_below)
            if theirs is None or rest:
                children[element] = rest
            changed |= children.get(element) is not ours
        return FieldSet(members, children) if changed else self

    def leaves(self) -> "FieldSet":
        """The paths that no other path of the set goes on from."""
        members = frozenset(item for item in self.members if item not in self.children)
        return FieldSet(members, {item: node.leaves() for item, node in self.children.items()})

    def check_invariants(self) -> None:
        """Raise AssertionError for a node that is no node. O(size)."""
        for element, node in self.children.items():
            assert isinstance(element, str | tuple), f"{element!r} is no path element"
            assert isinstance(node, FieldSet), f"{element!r} leads to {node!r}"
            node.check_invariants()


EMPTY_SET: Final = FieldSet()


@lru_cache(maxsize=4096)
def interned(fields: FieldSet) -> FieldSet:
    """The first set met of those equal to `fields`: comparing them again is then immediate."""
    return fields


@lru_cache(maxsize=4096)
def remembered_difference(left: FieldSet, right: FieldSet) -> FieldSet:
    """`left.difference(right)`, for sets that meet again and again."""
    return left.difference(right)


def union_of(sets: Iterable[FieldSet]) -> FieldSet:
    """The paths of any of `sets`."""
    result = EMPTY_SET
    for each in sets:
        result = result.union(each)
    return result
