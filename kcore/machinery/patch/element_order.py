"""The order of a merged list: what the patch names comes in the patch's order, the rest between.

Elements that only the server has are put back by best effort: before the first element that
stood after them in the live list. The relative order of both groups is kept.
"""

from bisect import bisect
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


Identity = tuple[type, Any]


def identity(value: Any) -> Identity:
    """What tells `identical` values from others in a set: `1`, `1.0` and `true` differ."""
    return (type(value), value)


def first_places(items: Sequence[FrozenMap], merge_key: str) -> dict[Identity, int]:
    """Where the first map with each value of the merge key stands. O(n)."""
    places: dict[Identity, int] = {}
    for place, item in enumerate(items):
        if merge_key in item:
            places.setdefault(identity(item[merge_key]), place)
    return places


def _check_found(by: Sequence[Any], merge_key: str, wanted: Identity) -> bool:
    """Whether a map of `by` has the wanted key, looked for one by one.

    Raises:
        StrategicPatchError: what is no map comes first.
    """
    for position, item in enumerate(by):
        if not isinstance(item, FrozenMap):
            raise StrategicPatchError(f"value for key {position} is not a map")
        if merge_key in item and identity(item[merge_key]) == wanted:
            return True
    return False


def partition(
    items: Sequence[Any], by: Sequence[Any], merge_key: str
) -> tuple[list[Any], list[Any]]:
    """The items that `by` names, and the others; scalars are compared as they are."""
    named: list[Any] = []
    others: list[Any] = []
    if not merge_key:
        wanted = set(map(identity, by))
        for item in items:
            (named if identity(item) in wanted else others).append(item)
        return named, others
    maps_only = all(isinstance(item, FrozenMap) for item in by)
    places = first_places(by, merge_key) if maps_only else {}
    for item in items:
        if not isinstance(item, FrozenMap):
            raise wrong_type(MAP_TYPE, item)
        if merge_key not in item:
            raise no_merge_key(item, merge_key)
        key = identity(item[merge_key])
        found = key in places if maps_only else _check_found(by, merge_key, key)
        (named if found else others).append(item)
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
        self._places: dict[Identity, int] = {}
        for place, item in enumerate(order):
            self._places.setdefault(self._identity(item), place)

    def _identity(self, item: Any) -> Identity:
        return identity(item.get(self._merge_key) if self._of_maps else item)

    def of(self, item: Any) -> int:
        return self._places.get(self._identity(item), -1)


def sorted_like(items: Sequence[Any], order: Sequence[Any], merge_key: str, kind: str) -> list[Any]:
    """`items` in the order of `order`; deletions last.

    Strangers sort before whatever precedes them, exactly as upstream's insertion sort has it.
    O(n log n).

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
    return [items[at] for at in _inserted([places.of(item) for item in items])] + deleted


def _inserted(places: Sequence[int]) -> list[int]:
    """The order that an insertion sort leaves elements with these places in; -1: a stranger.

    Its comparison calls a stranger less than anything and anything less than a stranger. So a
    stranger moves to the front, and an element with a place stops right behind the last one whose
    place is not greater, having passed every stranger on the way.
    """
    following = [-1] * len(places)
    first = -1
    known: list[tuple[int, int]] = []
    for at, place in enumerate(places):
        before = -1
        if place >= 0:
            rank = bisect(known, (place, at))
            before = known[rank - 1][1] if rank else -1
            known.insert(rank, (place, at))
        if before < 0:
            following[at], first = first, at
        else:
            following[at], following[before] = following[before], at
    order: list[int] = []
    while first >= 0:
        order.append(first)
        first = following[first]
    return order


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
    """Named elements by `patch_order`, others by `server_order`, interleaved. O(n log n)."""
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
