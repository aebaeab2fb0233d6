"""What a strategic merge patch must say to turn one object into another.

Two halves can be asked for separately: `Want.CHANGES` (additions and changes, no deletions) and
`Want.DELETIONS`. `three_way` joins a half of each of two comparisons.
"""

from collections.abc import Sequence
from enum import Flag, auto
from typing import Any

from kcore.machinery.frozen import FrozenList, FrozenMap, freeze
from kcore.machinery.patch.element_order import (
    DELETE,
    DIRECTIVE,
    MAP_TYPE,
    element_type,
    sorted_like,
)
from kcore.machinery.patch.go_values import (
    StrategicPatchError,
    go_text,
    go_type,
    identical,
    no_merge_key,
    wrong_type,
)
from kcore.machinery.patch.patch_schema import FieldPlan, PatchSchema
from kcore.machinery.patch.strategic import DELETE_PREFIX, MERGE, ORDER_PREFIX, REPLACE, RETAIN_KEYS


class Want(Flag):
    """Which half of the difference is wanted."""

    CHANGES = auto()
    DELETIONS = auto()


BOTH = Want.CHANGES | Want.DELETIONS


def two_way_patch(original: FrozenMap, modified: FrozenMap, schema: PatchSchema) -> FrozenMap:
    """The patch that makes `modified` of `original`. O(size).

    Raises:
        StrategicPatchError: an object that no patch can describe (a list element without its
            merge key, say).
    """
    return map_difference(original, modified, schema, BOTH)


def map_difference(
    original: FrozenMap,
    modified: FrozenMap,
    schema: PatchSchema,
    want: Want,
    retain_keys: bool = False,
) -> FrozenMap:
    """The wanted half of the patch from `original` to `modified`; empty when nothing differs."""
    patch: dict[str, Any] = {}
    for key, new in modified.items():
        if key in original and go_type(original[key]) == go_type(new):
            _field_difference(key, original[key], new, patch, schema, want)
        elif Want.CHANGES in want:
            patch[key] = new
    if Want.DELETIONS in want:
        patch.update({key: None for key in original if key not in modified})
    retained = sorted(key for key, value in modified.items() if value is not None)
    if retain_keys and retained and (patch or any(key not in modified for key in original)):
        patch[RETAIN_KEYS] = retained
    result: FrozenMap = freeze(patch)
    return result


def _field_difference(
    key: str, old: Any, new: Any, patch: dict[str, Any], schema: PatchSchema, want: Want
) -> None:
    if isinstance(new, FrozenMap | FrozenList):
        try:
            plan = schema.field(key) if isinstance(new, FrozenMap) else schema.list_field(key)
        except StrategicPatchError:
            if old == new:  # Nobody needs to know how they would merge.
                return
            raise
        if isinstance(new, FrozenMap):
            _object_difference(key, old, new, patch, plan, want)
        else:
            _list_field_difference(key, old, new, patch, plan, want)
    elif Want.CHANGES in want and not identical(old, new):
        patch[key] = new


def _object_difference(
    key: str, old: FrozenMap, new: FrozenMap, patch: dict[str, Any], plan: FieldPlan, want: Want
) -> None:
    if plan.strategy == REPLACE:
        if Want.CHANGES in want:
            patch[key] = new
        return
    inner = map_difference(old, new, plan.below, want, plan.retain_keys)
    if inner:
        patch[key] = inner


def _list_field_difference(
    key: str, old: FrozenList, new: FrozenList, patch: dict[str, Any], plan: FieldPlan, want: Want
) -> None:
    if plan.strategy != MERGE:
        if Want.CHANGES in want and old != new:
            patch[key] = new
        return
    added, deleted, order = _list_difference(old, new, plan, want)
    for name, items in (
        (key, added),
        (f"{DELETE_PREFIX}/{key}", deleted),
        (f"{ORDER_PREFIX}/{key}", order),
    ):
        if items:
            patch[name] = list(items)


_Lists = tuple[Sequence[Any], Sequence[Any], Sequence[Any]]


def _list_difference(old: FrozenList, new: FrozenList, plan: FieldPlan, want: Want) -> _Lists:
    """Elements to add or change (with delete directives), scalars to delete, the order."""
    if not old:
        return (new if Want.CHANGES in want else (), (), ())
    kind = element_type(old, new)
    if kind == MAP_TYPE:
        return _map_list_difference(old, new, plan, want)
    added, deleted = _scalar_differences(old, new, want)
    # Upstream has sorted the old list by now, so an unsorted list always gets its order said.
    reordered = [item for _text, item in _sorted_scalars(old)] != list(new)
    ordered = bool(deleted) or (Want.CHANGES in want and reordered)
    return sorted_like(added, new, plan.merge_key, kind), deleted, new if ordered else ()


def _map_list_difference(old: FrozenList, new: FrozenList, plan: FieldPlan, want: Want) -> _Lists:
    key = plan.merge_key
    changed, deleted = _element_differences(old, new, plan, want)
    elements = [*sorted_like(changed, new, key, MAP_TYPE), *deleted]
    same_order = len(old) == len(new) and all(
        identical(_key_value(a, key), _key_value(b, key)) for a, b in zip(old, new, strict=True)
    )
    ordered = (Want.CHANGES in want and (bool(elements) or not same_order)) or (
        Want.DELETIONS in want and bool(elements)
    )
    order = [{key: _key_value(item, key)} for item in new] if ordered else []
    return elements, (), order


def _key_value(item: Any, merge_key: str) -> Any:
    if not isinstance(item, FrozenMap):
        raise wrong_type(MAP_TYPE, item)
    if merge_key not in item:
        raise no_merge_key(item, merge_key)
    return item[merge_key]


def _by_text(items: Sequence[Any], merge_key: str) -> list[tuple[str, Any]]:
    """Elements with the text of their key, sorted by it: upstream compares texts.

    Its comparison calls equal keys smaller, so that elements with the same key change places.
    """
    pairs = [(go_text(_key_value(item, merge_key)), item) for item in items]
    pairs.reverse()
    return sorted(pairs, key=lambda pair: pair[0].encode())


def _element_differences(
    old: FrozenList, new: FrozenList, plan: FieldPlan, want: Want
) -> tuple[list[Any], list[Any]]:
    before, after = _by_text(old, plan.merge_key), _by_text(new, plan.merge_key)
    changed: list[Any] = []
    deleted: list[Any] = []
    i = j = 0
    while i < len(before) or j < len(after):
        if i < len(before) and j < len(after) and before[i][0] == after[j][0]:
            inner = map_difference(before[i][1], after[j][1], plan.below, want, plan.retain_keys)
            if inner:
                changed.append(inner.set(plan.merge_key, after[j][1][plan.merge_key]))
            i, j = i + 1, j + 1
        elif i >= len(before) or (j < len(after) and before[i][0].encode() > after[j][0].encode()):
            if Want.CHANGES in want:
                changed.append(after[j][1])
            j += 1
        else:
            if Want.DELETIONS in want:
                value = before[i][1][plan.merge_key]
                deleted.append(freeze({plan.merge_key: value, DIRECTIVE: DELETE}))
            i += 1
    return changed, deleted


def _scalar_differences(
    old: FrozenList, new: FrozenList, want: Want
) -> tuple[list[Any], list[Any]]:
    before, after = _sorted_scalars(old), _sorted_scalars(new)
    added: list[Any] = []
    # Sorted by text, so what repeats stands together.
    deleted: list[Any] = []
    i = j = 0
    while i < len(before) or j < len(after):
        if i < len(before) and j < len(after) and before[i][0] == after[j][0]:
            i, j = i + 1, j + 1
        elif i >= len(before) or (j < len(after) and before[i][0] > after[j][0]):
            added.append(after[j][1])
            j += 1
        else:
            if not deleted or before[i][1] != deleted[-1]:
                deleted.append(before[i][1])
            i += 1
    return (
        added if Want.CHANGES in want else [],
        deleted if Want.DELETIONS in want else [],
    )


def _sorted_scalars(items: Sequence[Any]) -> list[tuple[bytes, Any]]:
    for item in items:
        if isinstance(item, FrozenMap | FrozenList):
            raise StrategicPatchError("lists of lists are not supported", 422)
    return sorted(((go_text(item).encode(), item) for item in items), key=lambda pair: pair[0])
