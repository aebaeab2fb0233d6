"""The order of a merged list: what the patch names comes in the patch's order, the rest between.

Elements that only the server has are put back by best effort: before the first element that
stood after them in the live list. The relative order of both groups is kept.
"""

from collections.abc import Sequence
from typing import Any, Final

from kcore.machinery.frozen import FrozenMap
from kcore.machinery.patch.go_values import (
    StrategicPatchError,
    go_text,
    go_type,
    identical,
    no_merge_key,
    wrong_type,
)

DIRECTIVE: Final = "$patch"
DELETE: Final = "delete"
MAP_TYPE: Final = "map[string]interface {}"


def element_type(*lists: Sequence[Any]) -> str:
    """The one dynamic type of all elements.

    Raises:
        StrategicPatchError: no elements, lists of lists, or mixed types.
    """
    found = ""
    for items in lists:
        for item in items:
            current = go_type(item)
            if not found:
                found = current
                if found == "[]interface {}":
                    raise StrategicPatchError("lists of lists are not supported", 422)
            elif current != found:
                shown = go_text([list(each) for each in lists])
                raise StrategicPatchError(f"list element types are not identical: {shown}")
    if not found:
        raise StrategicPatchError("no elements in any of the given slices")
    return found


def find(items: Sequence[Any], merge_key: str, value: Any) -> int:
    """The index of the map whose merge key has `value`; -1 without one.

    Raises:
        StrategicPatchError: an element is no map.
    """
    for position, item in enumerate(items):
        if not isinstance(item, FrozenMap):
            raise StrategicPatchError(f"value for key {position} is not a map")
        if merge_key in item and identical(item[merge_key], value):
            return position
    return -1


def partition(
    items: Sequence[Any], by: Sequence[Any], merge_key: str
) -> tuple[list[Any], list[Any]]:
    """The items that `by` names, and the others; scalars are compared as they are."""
    if not merge_key:
        named = [item for item in items if any(identical(item, other) for other in by)]
        others = [item for item in items if not any(identical(item, other) for other in by)]
        return named, others
    named, others = [], []
    for item in items:
        if not isinstance(item, FrozenMap):
            raise wrong_type(MAP_TYPE, item)
        if merge_key not in item:
            raise no_merge_key(item, merge_key)
        (others if find(by, merge_key, item[merge_key]) < 0 else named).append(item)
    return named, others


def split_deletions(items: Sequence[Any]) -> tuple[list[Any], list[Any]]:
    """The maps that stay, and those that say `$patch: delete`."""
    kept: list[Any] = []
    deleted: list[Any] = []
    for item in items:
        if not isinstance(item, FrozenMap):
            raise wrong_type(MAP_TYPE, item)
        (deleted if item.get(DIRECTIVE) == DELETE else kept).append(item)
    return kept, deleted


class _Places:
    """Where each element stands in a list; -1 for strangers."""

    def __init__(self, order: Sequence[Any], merge_key: str, of_maps: bool) -> None:
        self._merge_key = merge_key if of_maps else ""
        self._of_maps = of_maps
        self._order = [self._identity(item) for item in order]

    def _identity(self, item: Any) -> Any:
        return item.get(self._merge_key) if self._of_maps else item

    def of(self, item: Any) -> int:
        wanted = self._identity(item)
        for position, known in enumerate(self._order):
            if identical(known, wanted):
                return position
        return -1


def sorted_like(items: Sequence[Any], order: Sequence[Any], merge_key: str, kind: str) -> list[Any]:
    """`items` in the order of `order`; deletions last.

    Strangers sort before whatever precedes them, exactly as upstream's insertion sort has it.

    Raises:
        StrategicPatchError: a map without its merge key.
    """
    of_maps = kind == MAP_TYPE
    deleted: list[Any] = []
    if of_maps:
        _check_merge_keys(merge_key, items)
        _check_merge_keys(merge_key, order)
        items, deleted = split_deletions(items)
    places = _Places(order, merge_key, of_maps)
    pairs = [(places.of(item), item) for item in items]
    for start in range(1, len(pairs)):
        position = start
        while position > 0 and _less(pairs[position][0], pairs[position - 1][0]):
            pairs[position - 1], pairs[position] = pairs[position], pairs[position - 1]
            position -= 1
    return [item for _place, item in pairs] + deleted


def _less(left: int, right: int) -> bool:
    return left < right if left >= 0 and right >= 0 else True


def _check_merge_keys(merge_key: str, items: Sequence[Any]) -> None:
    for item in items:
        if not isinstance(item, FrozenMap):
            raise wrong_type(MAP_TYPE, item)
        if merge_key not in item:
            raise no_merge_key(item, merge_key)


def in_order(
    named: Sequence[Any],
    others: Sequence[Any],
    patch_order: Sequence[Any],
    server_order: Sequence[Any],
    merge_key: str,
    kind: str,
) -> list[Any]:
    """Named elements by `patch_order`, others by `server_order`, interleaved. O(n^2)."""
    left = sorted_like(others, server_order, merge_key, kind)
    right = sorted_like(named, patch_order, merge_key, kind)
    places = _Places(server_order, merge_key, kind == MAP_TYPE)
    left_places, right_places = [places.of(x) for x in left], [places.of(x) for x in right]
    merged: list[Any] = []
    i = j = 0
    while i < len(left) and j < len(right):
        both = left_places[i] >= 0 and right_places[j] >= 0
        if both and left_places[i] < right_places[j]:
            merged.append(left[i])
            i += 1
        else:
            merged.append(right[j])
            j += 1
    return [*merged, *left[i:], *right[j:]]


def check_order_list(patch_list: Sequence[Any], order: Sequence[Any], merge_key: str) -> None:
    """A patch list must be a subsequence of its `$setElementOrder` list.

    Raises:
        StrategicPatchError: it is not.
    """
    if not len(order) or not len(patch_list):
        return
    kept = _without_directives(patch_list) if merge_key else list(patch_list)
    position = 0
    for wanted in order:
        if position < len(kept) and _same_element(kept[position], wanted, merge_key):
            position += 1
    if position < len(kept):
        raise StrategicPatchError(
            f"The order in patch list:\n{go_text(list(patch_list))}\n doesn't match "
            f"$setElementOrder list:\n{go_text(list(order))}\n"
        )


def _without_directives(items: Sequence[Any]) -> list[Any]:
    for item in items:
        if not isinstance(item, FrozenMap):
            raise wrong_type(MAP_TYPE, item)
    return [item for item in items if DIRECTIVE not in item]


def _same_element(item: Any, other: Any, merge_key: str) -> bool:
    if not merge_key:
        return identical(item, other)
    if not isinstance(other, FrozenMap):
        raise wrong_type(MAP_TYPE, other)
    for each in (item, other):
        if merge_key not in each:
            raise no_merge_key(each, merge_key)
    return identical(item[merge_key], other[merge_key])
