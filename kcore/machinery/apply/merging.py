"""Merging one value into another of the same type: nothing is removed, the second one wins.

The result shares all that stays; it is the first value itself where the second changes nothing.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any

from kcore.machinery.apply.field_path import Path, PathElement, element_text, path_text
from kcore.machinery.apply.list_items import item_element
from kcore.machinery.apply.typed_schema import ListType, MapType, TypeRef
from kcore.machinery.apply.typed_value import TypedValue, TypeProblemError
from kcore.machinery.frozen import ABSENT, EMPTY_LIST, EMPTY_MAP, FrozenList, FrozenMap, freeze


def merge(left: TypedValue, right: TypedValue) -> TypedValue:
    """`right` merged into `left`; both valid and of one type.

    O(size of right * width of what it changes).

    Raises:
        TypeProblemError: elements of a list repeat in `right`.
    """
    if not right.may_repeat and isinstance(left.value, FrozenMap):
        value = _remembered_object(left.type, left.value, right.value)
        return left if value == left.value else TypedValue(value, left.type, left.may_repeat)
    problems: list[str] = []
    walk = _Walk(problems, not right.may_repeat)
    value = walk.merged(left.type, left.value, right.value, ())
    if problems:
        raise TypeProblemError(problems)
    return TypedValue(None if value is ABSENT else value, left.type, left.may_repeat)


@lru_cache(maxsize=256)
def _remembered_object(type_ref: TypeRef, left: FrozenMap, right: Any) -> Any:
    return _Walk([], True).merged(type_ref, left, right, ())


@lru_cache(maxsize=1024)
def _remembered(type_ref: TypeRef, left: FrozenMap, right: FrozenMap) -> Any:
    """The merged value of a part of an object: the same configurations are applied for ever."""
    return _Walk([], True).merged(type_ref, left, right, ("",))


class _Walk:
    """One merge under way. `trusts`: no list of the right value has elements that repeat."""

    __slots__ = ("_problems", "_trusts")

    def __init__(self, problems: list[str], trusts: bool) -> None:
        self._problems = problems
        self._trusts = trusts

    def merged(self, type_ref: TypeRef, left: Any, right: Any, path: Path) -> Any:
        """The merged value of one place; ABSENT when both are, or when it cannot be made."""
        if right is ABSENT or (left is right and self._trusts):
            return left
        if left is ABSENT and self._trusts:
            return right
        atom = type_ref.atom.deduced(right)
        if atom.map is not None:
            if atom.map.atomic:
                return _replaced(left, right)
            return self._maps(atom.map, left, right, path)
        if atom.scalar is None and atom.list is not None and atom.list.associative:
            return self._lists(atom.list, left, right, path)
        return _replaced(left, right)

    def _maps(self, map_type: MapType, left: Any, right: Any, path: Path) -> Any:
        ours = left if isinstance(left, FrozenMap) else EMPTY_MAP
        theirs = right if isinstance(right, FrozenMap) else None
        if not theirs:
            return left if ours else _replaced(left, right)
        changed: dict[str, Any] = {}
        remembers = self._trusts and not path
        for key, value in theirs.items():
            before = ours.get(key, ABSENT)
            if remembers and isinstance(before, FrozenMap) and isinstance(value, FrozenMap):
                after = _remembered(map_type.type_of(key), before, value)
            else:
                after = self.merged(map_type.type_of(key), before, value, (*path, key))
            if after is not before:
                changed[key] = after
        if not changed:
            return left if ours else right
        return _with(ours, changed)

    def _lists(self, list_type: ListType, left: Any, right: Any, path: Path) -> Any:
        ours = left if isinstance(left, FrozenList) else EMPTY_LIST
        theirs = right if isinstance(right, FrozenList) else None
        if not theirs:
            return left if ours else _replaced(left, right)
        zipped = _Zip(list_type, ours, theirs)
        repeated = zipped.repeated()
        if repeated:
            where = path_text(path)
            self._problems.extend(
                f"{where}: duplicate entries for key {element_text(each)}" for each in repeated
            )
            return ABSENT
        # Upstream forgets what is wrong inside elements: it shows where the value is validated.
        inside = _Walk([], self._trusts)
        merged = []
        for before, after in zipped.pairs():
            item = inside.merged(list_type.element, before, after, ())
            if item is not ABSENT:
                merged.append(item)
        result = freeze(merged)
        return left if result == left else result


def _with(ours: FrozenMap, changed: dict[str, Any]) -> Any:
    fields = {**ours, **changed}
    return freeze({key: value for key, value in fields.items() if value is not ABSENT})


def _replaced(left: Any, right: Any) -> Any:
    """`right`, or the equal value that is there already."""
    return left if type(left) is type(right) and left == right else right


class _Zip:
    """Two lists side by side.

    Shared elements come in the order of the right list, the left list's own ones where they stand
    relative to those.
    """

    __slots__ = ("_left", "_ours", "_shared", "_theirs", "left_at", "right_at")

    def __init__(self, list_type: ListType, left: FrozenList, right: FrozenList) -> None:
        self._left = left
        self.left_at: list[PathElement] = [item_element(list_type, item) for item in left]
        self.right_at: list[PathElement] = [item_element(list_type, item) for item in right]
        self._ours = _observed(self.left_at, left)
        self._theirs = _observed(self.right_at, right)
        self._shared: Iterator[PathElement] = iter(
            [element for element in self.right_at if element in self._ours]
        )

    def repeated(self) -> list[PathElement]:
        """The elements of the right list that an earlier one equals."""
        if len(self._theirs) == len(self.right_at):
            return []
        seen: set[PathElement] = set()
        found = []
        for element in self.right_at:
            if element in seen:
                found.append(element)
            seen.add(element)
        return found

    def pairs(self) -> Iterator[tuple[Any, Any]]:
        """What to merge, in order; ABSENT for what one list lacks. O(left + right)."""
        done: set[PathElement] = set()
        expected = next(self._shared, None)
        i = j = 0
        while i < len(self.left_at) or j < len(self.right_at):
            element = self.left_at[i] if i < len(self.left_at) else None
            if element is not None and element not in self._theirs:
                yield self._left[i], ABSENT
                i += 1
                continue
            if element is not None and j < len(self.right_at):
                same = element == self.right_at[j]
                if not same and expected is not None and expected != element:
                    # Shared, but not the one whose turn it is.
                    i += 1
                    continue
                i += same
                if not same and element in done:
                    i += 1
            elif element is not None:
                # Shared, and merged already.
                i += 1
                continue
            theirs = self.right_at[j]
            done.add(theirs)
            yield self._ours.get(theirs, ABSENT), self._theirs[theirs]
            j += 1
            if expected == theirs:
                expected = next(self._shared, None)


def _observed(elements: list[PathElement], items: Iterable[Any]) -> dict[PathElement, Any]:
    """The item of each element; of elements that repeat, null: they do not merge."""
    found: dict[PathElement, Any] = {}
    for element, item in zip(elements, items, strict=True):
        found[element] = None if element in found else item
    return found
