"""What a template's evaluation sees in a JSON value: Go's kinds, comparisons and texts."""

from collections.abc import Callable
from typing import Any, Final

from kcore.machinery.frozen import FrozenList, FrozenMap
from kcore.machinery.go_text import float_text, json_text
from kcore.machinery.jsonpath.parser import JsonPathError

_INDENT: Final = "    "


class Byte(int):
    """A byte of a text, which is what upstream finds inside one."""


class _NoValue:
    """Nothing at all: the data of a range over nothing, or over null."""

    def __repr__(self) -> str:
        return "<invalid reflect.Value>"


NO_VALUE: Final = _NoValue()


def is_list(value: Any) -> bool:
    """Whether a value is a JSON array."""
    return isinstance(value, FrozenList)


def is_map(value: Any) -> bool:
    """Whether a value is a JSON object."""
    return isinstance(value, FrozenMap)


def members(value: Any) -> list[Any]:
    """The values inside a value, those of a map in key order; the bytes of a text."""
    if is_map(value):
        return [value[key] for key in value]
    if is_list(value):
        return list(value)
    if isinstance(value, str):
        return [Byte(byte) for byte in value.encode()]
    return []


def type_name(value: Any) -> str:
    """The Go type a JSON value is decoded into."""
    names: tuple[tuple[Any, str], ...] = (
        (bool, "bool"),
        (Byte, "uint8"),
        (int, "int64"),
        (float, "float64"),
        (str, "string"),
        (FrozenMap, "map[string]interface {}"),
    )
    return next((name for kind, name in names if isinstance(value, kind)), "[]interface {}")


def printed(value: Any) -> str:
    """A value as Go's `%v` prints it."""
    if value is None:
        return "<nil>"
    if is_map(value):
        return f"map[{' '.join(f'{key}:{printed(value[key])}' for key in value)}]"
    if is_list(value):
        return f"[{' '.join(map(printed, value))}]"
    if isinstance(value, bool):
        return "true" if value else "false"
    return float_text(value) if isinstance(value, float) else str(value)


def result_text(value: Any) -> str:
    """A result as a template prints it: JSON for what holds others, else the plain value."""
    if value is NO_VALUE:
        return "<no value>"
    if is_map(value) or is_list(value):
        return json_text(value)
    return "null" if value is None else printed(value)


def indented(values: list[Any], depth: int = 0) -> str:
    """Results as an indented JSON array."""
    inner = f"\n{_INDENT * (depth + 1)}"
    parts = (f"{inner}{_indented(value, depth + 1)}" for value in values)
    return f"[{','.join(parts)}\n{_INDENT * depth}]" if values else "[]"


def _indented(value: Any, depth: int) -> str:
    if is_list(value):
        return indented(list(value), depth)
    if not is_map(value) or not value:
        return json_text(int(value) if isinstance(value, Byte) else value)
    inner = f"\n{_INDENT * (depth + 1)}"
    parts = (f"{inner}{json_text(key)}: {_indented(value[key], depth + 1)}" for key in value)
    return f"{{{','.join(parts)}\n{_INDENT * depth}}}"


def _kind(value: Any) -> str:
    for kind, name in ((bool, "bool"), (int, "integer"), (float, "float"), (str, "string")):
        if isinstance(value, kind):
            return name
    raise JsonPathError("invalid type for comparison")


def _same_kind(left: Any, right: Any) -> str:
    kind, other = _kind(left), _kind(right)
    if kind != other:
        raise JsonPathError("incompatible types for comparison")
    return kind


def _equal(left: Any, right: Any) -> bool:
    _same_kind(left, right)
    return bool(left == right)


def _less(left: Any, right: Any) -> bool:
    if _same_kind(left, right) == "bool":
        raise JsonPathError("invalid type for comparison")
    return bool(left < right)


_COMPARISONS: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "<": _less,
    ">": lambda left, right: not (_less(left, right) or _equal(left, right)),
    "==": _equal,
    "!=": lambda left, right: not _equal(left, right),
    "<=": lambda left, right: _less(left, right) or _equal(left, right),
    ">=": lambda left, right: not _less(left, right),
}


def compare(operator: str, left: Any, right: Any) -> bool:
    """Whether a comparison holds.

    Raises:
        JsonPathError: the operator is unknown, or the values cannot be compared.
    """
    comparison = _COMPARISONS.get(operator)
    if comparison is None:
        raise JsonPathError(f"unrecognized filter operator {operator}")
    return comparison(left, right)
