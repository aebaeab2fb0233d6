"""JSON values as Go's patch code sees them: type names, `%v` texts, and refusals.

A patch that cannot be applied raises `StrategicPatchError`, whose `code` is the answer the API
server gives: 400 for a malformed patch, 422 for lists of lists, 500 for what it passes on.
"""

from typing import Any

from kcore.errors import KcoreError
from kcore.machinery.frozen import FrozenList, FrozenMap
from kcore.machinery.go_text import value_text


class StrategicPatchError(KcoreError):
    """A strategic merge patch that cannot be applied or made; the message is upstream's."""

    def __init__(self, message: str, code: int = 500) -> None:
        super().__init__(message)
        self.code = code


def go_type(value: Any) -> str:
    """The dynamic type of a decoded JSON value, as `%T` prints it."""
    if isinstance(value, FrozenMap):
        return "map[string]interface {}"
    if isinstance(value, FrozenList):
        return "[]interface {}"
    if value is None:
        return "<nil>"
    if isinstance(value, bool):
        return "bool"
    return {str: "string", int: "int64", float: "float64"}[type(value)]


def go_text(value: Any) -> str:
    """A decoded JSON value as `%v` prints it: `map[a:1 b:[x y]]`."""
    if isinstance(value, FrozenMap):
        return f"map[{' '.join(f'{k}:{go_text(v)}' for k, v in value.items())}]"
    if isinstance(value, FrozenList | list | tuple):
        return f"[{' '.join(map(go_text, value))}]"
    if value is None:
        return "<nil>"
    return value if isinstance(value, str) else value_text(value)


def identical(left: Any, right: Any) -> bool:
    """Equal values of the same dynamic type."""
    return type(left) is type(right) and bool(left == right)


def no_merge_key(item: Any, merge_key: str) -> StrategicPatchError:
    """A map of a merging list does not say which element it is."""
    return StrategicPatchError(
        f"map: {go_text(item)} does not contain declared merge key: {merge_key}"
    )


def wrong_type(expected: str, value: Any) -> StrategicPatchError:
    """A directive of the wrong JSON type."""
    return StrategicPatchError(f"expected a {expected}, but received a {go_type(value)}")
