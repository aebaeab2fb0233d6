"""Comparing two JSON values as JSON, and saying where they differ."""

import json
from typing import Any

from kcore.machinery.frozen import FrozenList, FrozenMap, thaw

_EMPTY: tuple[Any, ...] = (None, {}, [])


def canonical(value: Any) -> Any:
    """`value` with whole floats as integers: JSON knows one kind of number."""
    if isinstance(value, (FrozenMap, FrozenList)):
        value = thaw(value)
    if isinstance(value, dict):
        return {key: canonical(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [canonical(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def pruned(value: Any) -> Any:
    """`value` without null, empty objects and empty lists, at any depth."""
    if isinstance(value, dict):
        items = {key: pruned(item) for key, item in value.items()}
        return {key: item for key, item in items.items() if item not in _EMPTY}
    if isinstance(value, list):
        return [pruned(item) for item in value]
    return value


def text(value: Any) -> str:
    """One text per JSON value; True and 1 have different ones."""
    return json.dumps(value, sort_keys=True, ensure_ascii=False, default=repr)


def same(expected: Any, actual: Any, *, prune: bool) -> bool:
    """Whether two values are the same JSON."""
    left, right = canonical(expected), canonical(actual)
    if prune:
        left, right = pruned(left), pruned(right)
    return text(left) == text(right)


def differences(expected: Any, actual: Any, path: str = "") -> list[str]:
    """Lines `path: expected ... got ...`, one for each place where the values differ."""
    if isinstance(expected, dict) and isinstance(actual, dict):
        lines: list[str] = []
        for key in sorted({*expected, *actual}):
            here = f"{path}.{key}" if path else key
            if key not in actual:
                lines.append(f"{here}: expected {text(expected[key])}, absent")
            elif key not in expected:
                lines.append(f"{here}: not expected, got {text(actual[key])}")
            else:
                lines.extend(differences(expected[key], actual[key], here))
        return lines
    if isinstance(expected, list) and isinstance(actual, list) and len(expected) == len(actual):
        return [
            line
            for position, (left, right) in enumerate(zip(expected, actual, strict=True))
            for line in differences(left, right, f"{path}[{position}]")
        ]
    if text(expected) == text(actual):
        return []
    return [f"{path or 'out'}: expected {text(expected)}, got {text(actual)}"]
