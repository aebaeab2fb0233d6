"""JSON merge patch (RFC 7386) as the API server applies it.

One addition of upstream's library: null members of objects inside the lists of a patch are
dropped as well; a null list item stays.
"""

from typing import Any, Final

from kcore.machinery.frozen import ABSENT, FrozenList, FrozenMap, freeze

_FEW_COUNT: Final = 8
"""Up to so many keys are set one by one."""


def apply_merge_patch(document: Any, patch: Any) -> Any:
    """The document with `patch` merged in; shares what it does not touch. O(patch * width)."""
    if not isinstance(patch, FrozenMap) or not isinstance(document, FrozenMap):
        return _pruned(patch)
    if len(patch) > _FEW_COUNT:
        return _merged_at_once(document, patch)
    result = document
    for key, change in patch.items():
        if change is None:
            result = result.remove(key)
            continue
        result = result.set(key, apply_merge_patch(document.get(key), change))
    return result


def _merged_at_once(document: FrozenMap, patch: FrozenMap) -> FrozenMap:
    """The same for a patch of many keys: one new map instead of one for each. O(width)."""
    fields: dict[str, Any] = dict(document.items())
    for key, change in patch.items():
        if change is None:
            fields.pop(key, None)
        else:
            fields[key] = apply_merge_patch(document.get(key), change)
    same = len(fields) == len(document) and all(
        document.get(key, ABSENT) is value for key, value in fields.items()
    )
    result: FrozenMap = document if same else freeze(fields)
    return result


def _pruned(value: Any) -> Any:
    """`value` without null members of maps, at any depth."""
    if isinstance(value, FrozenMap):
        if not _has_null(value):
            return value
        return freeze({key: _pruned(item) for key, item in value.items() if item is not None})
    if isinstance(value, FrozenList):
        return freeze([_pruned(item) for item in value]) if _has_null(value) else value
    return value


def _has_null(value: Any) -> bool:
    if isinstance(value, FrozenMap):
        return any(item is None or _has_null(item) for item in value.values())
    return isinstance(value, FrozenList) and any(_has_null(item) for item in value)
