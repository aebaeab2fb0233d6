"""Defaults of structural schemas, and nulls where a schema allows none."""

from typing import Any

from kcore.machinery.frozen import ABSENT, FrozenList, FrozenMap, freeze
from kcore.machinery.structural.structural_schema import Structural


def with_defaults(value: Any, schema: Structural | None) -> Any:
    """`value` with defaults where fields are absent, or null and not nullable. O(size).

    Shares what stays, and does not walk what has no defaults.
    """
    if schema is None or not schema.has_defaults:
        return value
    if isinstance(value, FrozenMap):
        return _object_with_defaults(value, schema)
    if isinstance(value, FrozenList) and schema.items is not None:
        element = schema.items
        items = [with_defaults(_replaced(item, element), element) for item in value]
        same = all(new is old for new, old in zip(items, value, strict=True))
        return value if same else freeze(items)
    return value


def _replaced(value: Any, schema: Structural) -> Any:
    """The default instead of a null that may not be."""
    has_default = value is None and not schema.nullable and schema.default is not ABSENT
    return schema.default if has_default else value


def _object_with_defaults(value: FrozenMap, schema: Structural) -> FrozenMap:
    changes: dict[str, Any] = {}
    for key, below in schema.properties.items():
        if below.default is not ABSENT and (
            key not in value or (value[key] is None and not below.nullable)
        ):
            changes[key] = with_defaults(below.default, below)
    for key, item in value.items():
        node = schema.below(key)
        if key in changes or node is None:
            continue
        new = with_defaults(_replaced(item, node), node)
        if new is not item:
            changes[key] = new
    if not changes:
        return value
    result: FrozenMap = freeze({**value, **changes})
    return result


def without_stray_nulls(value: Any, schema: Structural | None) -> Any:
    """`value` without null fields that are neither nullable nor have a default. O(size)."""
    if schema is None:
        return value
    if isinstance(value, FrozenMap):
        kept: dict[str, Any] = {}
        changed = False
        for key, item in value.items():
            node = schema.below(key)
            stray = item is None and node is not None and not node.nullable
            if stray and node is not None and node.default is ABSENT:
                changed = True
                continue
            new = without_stray_nulls(item, node)
            changed = changed or new is not item
            kept[key] = new
        return freeze(kept) if changed else value
    if isinstance(value, FrozenList):
        items = [without_stray_nulls(item, schema.items) for item in value]
        same = all(new is old for new, old in zip(items, value, strict=True))
        return value if same else freeze(items)
    return value
