"""What differs between two values of one type, as three field sets. O(changed)."""

from dataclasses import dataclass
from typing import Any

from kcore.machinery.apply.field_path import PathElement
from kcore.machinery.apply.field_set import EMPTY_SET, FieldSet
from kcore.machinery.apply.list_items import item_element
from kcore.machinery.apply.typed_schema import Atom, ListType, MapType, TypeRef
from kcore.machinery.apply.typed_value import TypedValue, scalar_problem
from kcore.machinery.frozen import ABSENT, EMPTY_LIST, EMPTY_MAP, FrozenList, FrozenMap


@dataclass(frozen=True, slots=True)
class Comparison:
    """Fields that are in one of two values, or in both with different content."""

    removed: FieldSet
    modified: FieldSet
    added: FieldSet

    @property
    def taken(self) -> FieldSet:
        """What the writer of the second value becomes an owner of."""
        return self.modified.union(self.added)

    def without(self, ignored: FieldSet) -> "Comparison":
        """The same without fields that do not count, and what is below them."""
        if not ignored:
            return self
        return Comparison(
            self.removed.recursive_difference(ignored),
            self.modified.recursive_difference(ignored),
            self.added.recursive_difference(ignored),
        )


NO_DIFFERENCE = Comparison(EMPTY_SET, EMPTY_SET, EMPTY_SET)

_REMOVED, _MODIFIED, _ADDED = range(3)


class _Node:
    """The three sets of one place, under construction."""

    __slots__ = ("children", "members")

    def __init__(self) -> None:
        self.members: tuple[list[PathElement], ...] = ([], [], [])
        self.children: tuple[dict[PathElement, FieldSet], ...] = ({}, {}, {})

    def enter(self, element: PathElement, flags: int, below: "_Node | None") -> None:
        for which in range(3):
            if flags & (1 << which):
                self.members[which].append(element)
            if below is not None and (below.members[which] or below.children[which]):
                self.children[which][element] = below.finished(which)

    def finished(self, which: int) -> FieldSet:
        if not self.members[which] and not self.children[which]:
            return EMPTY_SET
        return FieldSet(frozenset(self.members[which]), self.children[which])


def compare(left: TypedValue, right: TypedValue) -> Comparison:
    """From `left` to `right`, which have the same type and are valid.

    Equal parts are not walked: values are shared or compare fast.
    """
    if left.value is right.value:
        return NO_DIFFERENCE
    _, below = _compare(left.type, left.value, right.value)
    if below is None:
        return NO_DIFFERENCE
    return Comparison(*(below.finished(which) for which in range(3)))


def _compare(type_ref: TypeRef, left: Any, right: Any) -> tuple[int, _Node | None]:
    """In which sets the place itself is (bits), and the differences below it."""
    if left is right or (left is not ABSENT and right is not ABSENT and left == right):
        return 0, None
    atom = type_ref.atom
    of_left = atom if left is ABSENT else atom.deduced(left)
    of_right = atom if right is ABSENT else atom.deduced(right)
    if right is ABSENT:
        leaf, flags, below = _handle(of_left, left, right)
    elif left is ABSENT or of_left is of_right:
        leaf, flags, below = _handle(of_right, left, right)
    else:
        _, flags, below = _handle(of_left, left, right)
        leaf, more, also_below = _handle(of_right, left, right)
        flags, below = flags | more, _joined(below, also_below)
    if not leaf:
        if left is ABSENT:
            flags |= 1 << _ADDED
        elif right is ABSENT:
            flags |= 1 << _REMOVED
    return flags, below


def _joined(left: _Node | None, right: _Node | None) -> _Node | None:
    if left is None or right is None:
        return right if left is None else left
    for which in range(3):
        left.members[which].extend(right.members[which])
        for element, below in right.children[which].items():
            known = left.children[which].get(element)
            left.children[which][element] = below if known is None else known.union(below)
    return left


def _leaf(left: Any, right: Any) -> tuple[bool, int, None]:
    if left is ABSENT:
        return True, 1 << _ADDED, None
    if right is ABSENT:
        return True, 1 << _REMOVED, None
    return True, 0 if left == right else 1 << _MODIFIED, None


def _handle(atom: Atom, left: Any, right: Any) -> tuple[bool, int, _Node | None]:
    """Whether the place is a leaf, its flags, and what is below."""
    if atom.map is not None:
        ours = left if isinstance(left, FrozenMap) else EMPTY_MAP
        theirs = right if isinstance(right, FrozenMap) else EMPTY_MAP
        if not atom.map.atomic and (ours or theirs):
            return False, 0, _compare_maps(atom.map, ours, theirs)
    elif atom.scalar is not None:
        if _wrong(atom, left) and _wrong(atom, right):
            return False, 0, None
    elif atom.list is not None:
        before = left if isinstance(left, FrozenList) else EMPTY_LIST
        after = right if isinstance(right, FrozenList) else EMPTY_LIST
        if atom.list.associative and (len(before) or len(after)):
            return False, 0, _compare_lists(atom.list, before, after)
    else:
        return False, 0, None
    return _leaf(left, right)


def _wrong(atom: Atom, value: Any) -> bool:
    return value is not ABSENT and bool(scalar_problem(atom.scalar or "untyped", value))


def _compare_maps(map_type: MapType, left: Any, right: Any) -> _Node:
    node = _Node()
    for key, value in left.items():
        other = right.get(key, ABSENT) if right else ABSENT
        if value is not other:
            flags, below = _compare(map_type.type_of(key), value, other)
            if flags or below is not None:
                node.enter(key, flags, below)
    for key, value in right.items():
        if not left or key not in left:
            flags, below = _compare(map_type.type_of(key), ABSENT, value)
            node.enter(key, flags, below)
    return node


def _compare_lists(list_type: ListType, left: Any, right: Any) -> _Node:
    node = _Node()
    ours, theirs = _grouped(list_type, left), _grouped(list_type, right)
    for element, before in ours.items():
        _compare_items(node, list_type, element, before, theirs.get(element, []))
    for element, after in theirs.items():
        if element not in ours:
            _compare_items(node, list_type, element, [], after)
    return node


def _grouped(list_type: ListType, items: Any) -> dict[PathElement, list[Any]]:
    groups: dict[PathElement, list[Any]] = {}
    for item in items:
        groups.setdefault(item_element(list_type, item), []).append(item)
    return groups


def _compare_items(
    node: _Node, list_type: ListType, element: PathElement, before: list[Any], after: list[Any]
) -> None:
    """Elements that repeat are compared as one; those that stop or start repeating, by parts."""
    was, now = before[0] if before else ABSENT, after[0] if after else ABSENT
    flags, below = 0, None
    if len(before) > 1 and len(after) > 1:
        flags = 0 if before == after else 1 << _MODIFIED
    elif len(before) > 1:
        if after:
            flags, below = _compare(list_type.element, ABSENT, now)
        flags |= 1 << _REMOVED
    elif len(after) > 1:
        if before:
            flags, below = _compare(list_type.element, was, ABSENT)
        flags |= 1 << _ADDED
    else:
        flags, below = _compare(list_type.element, was, now)
    if flags or below is not None:
        node.enter(element, flags, below)
