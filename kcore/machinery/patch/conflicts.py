"""Whether two strategic patches of one object want different things of the same field.

Used by the careful three-way patch: what is about to be changed must not be what somebody else has
changed since the last apply.
"""

from collections.abc import Sequence
from typing import Any

from kcore.machinery.frozen import FrozenList, FrozenMap, freeze
from kcore.machinery.patch.element_order import DIRECTIVE, MAP_TYPE, element_type
from kcore.machinery.patch.go_values import go_text, identical, no_merge_key, wrong_type
from kcore.machinery.patch.patch_schema import PatchSchema
from kcore.machinery.patch.strategic import MERGE, ORDER_PREFIX, REPLACE, RETAIN_KEYS


def patches_conflict(left: FrozenMap, right: FrozenMap, schema: PatchSchema) -> bool:
    """Whether the patches overlap with different values anywhere. O(left).

    Raises:
        StrategicPatchError: a patch that cannot be understood.
    """
    if left.get(DIRECTIVE) != right.get(DIRECTIVE) or (DIRECTIVE in left) != (DIRECTIVE in right):
        return True  # A directive concerns the whole map.
    return any(
        _fields_conflict(key, value, right[key], schema)
        for key, value in left.items()
        if key in right and key not in (DIRECTIVE, RETAIN_KEYS) and not _is_order(key)
    )


def _is_order(key: str) -> bool:
    return key.startswith(ORDER_PREFIX)


def _fields_conflict(key: str, left: Any, right: Any, schema: PatchSchema) -> bool:
    if isinstance(left, FrozenMap):
        plan = schema.field(key)
        if not isinstance(right, FrozenMap):
            return True
        if plan.strategy == REPLACE and DIRECTIVE not in left and DIRECTIVE not in right:
            return False
        return patches_conflict(left, right, plan.below)
    if isinstance(left, FrozenList):
        plan = schema.list_field(key)
        if not isinstance(right, FrozenList):
            return True
        merging = plan.strategy == MERGE
        return _lists_conflict(left, right, plan.below, plan.merge_key, merging)
    return not identical(left, right)


def _lists_conflict(
    left: FrozenList, right: FrozenList, element: PatchSchema, merge_key: str, merging: bool
) -> bool:
    of_maps = element_type(left, right) == MAP_TYPE
    if merging:
        # Scalars that merge never conflict.
        return of_maps and _elements_conflict(left, right, element, merge_key)
    if len(left) != len(right):
        return True
    if of_maps:
        return any(
            patches_conflict(one, other, element) for one, other in zip(left, right, strict=True)
        )
    pairs = zip(_sorted(left), _sorted(right), strict=True)
    return any(not identical(one, other) for one, other in pairs)


def _elements_conflict(
    left: FrozenList, right: FrozenList, element: PatchSchema, merge_key: str
) -> bool:
    ours, theirs = _by_key(left, merge_key), _by_key(right, merge_key)
    return any(
        key in theirs and patches_conflict(item, theirs[key], element) for key, item in ours.items()
    )


def _by_key(items: FrozenList, merge_key: str) -> dict[str, FrozenMap]:
    found: dict[str, FrozenMap] = {}
    for item in items:
        if not isinstance(item, FrozenMap):
            raise wrong_type(MAP_TYPE, item)
        if merge_key not in item:
            raise no_merge_key(item, merge_key)
        found[go_text(item[merge_key])] = item
    return found


def as_compared(left: FrozenMap, right: FrozenMap, schema: PatchSchema) -> FrozenMap:
    """`left` after upstream has compared it with `right`: it sorts the lists that it compares.

    The lists are those of scalars that do not merge and that both patches have.
    """
    changes: dict[str, Any] = {}
    for key, value in left.items():
        other = right.get(key)
        if isinstance(value, FrozenMap) and isinstance(other, FrozenMap) and value:
            changes[key] = as_compared(value, other, schema.field(key).below)
        elif isinstance(value, FrozenList) and isinstance(other, FrozenList) and not _is_order(key):
            plan = schema.list_field(key)
            if plan.strategy != MERGE and element_type(value, other) != MAP_TYPE:
                changes[key] = _sorted(value)
    return freeze({**left, **changes}) if changes else left


def _sorted(items: Sequence[Any]) -> list[Any]:
    return sorted(items, key=lambda item: go_text(item).encode())
