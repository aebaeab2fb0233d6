"""Small steps of defaulting on immutable values: fill what is absent, change one child.

Every function returns the value it was given when nothing changes, so an object that has all its
defaults passes through untouched.
"""

from collections.abc import Callable, Mapping
from typing import Any

from kcore.machinery.frozen import FrozenMap, freeze

Step = Callable[[FrozenMap], FrozenMap]


def fill(value: FrozenMap, defaults: Mapping[str, Any]) -> FrozenMap:
    """Set the keys of `defaults` that are absent or null. O(width)."""
    missing = {key: default for key, default in defaults.items() if value.get(key) is None}
    return with_fields(value, missing)


def fill_empty(value: FrozenMap, defaults: Mapping[str, Any]) -> FrozenMap:
    """Set the keys of `defaults` that are absent, null or the empty string. O(width)."""
    missing = {k: default for k, default in defaults.items() if value.get(k) in (None, "")}
    return with_fields(value, missing)


def with_fields(value: FrozenMap, fields: Mapping[str, Any]) -> FrozenMap:
    """`value` with several fields replaced at once. O(width)."""
    if not fields:
        return value
    result: FrozenMap = freeze({**value, **fields})
    return result


def map_child(value: FrozenMap, key: str, step: Step) -> FrozenMap:
    """Replace the map at `key` by what `step` makes of it; nothing when there is none."""
    child = value.get(key)
    if child is None:
        return value
    changed = step(child)
    return value if changed is child else value.set(key, changed)


def map_items(value: FrozenMap, key: str, step: Step) -> FrozenMap:
    """Apply `step` to every map of the list at `key`. O(items)."""
    items = value.get(key)
    if not items:
        return value
    changed = [step(item) for item in items]
    if all(new is old for new, old in zip(changed, items, strict=True)):
        return value
    return value.set(key, changed)


def chain(*steps: Step) -> Step:
    """One step that takes several in order."""

    def step(value: FrozenMap) -> FrozenMap:
        for each in steps:
            value = each(value)
        return value

    return step
