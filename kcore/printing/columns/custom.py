"""Rows of custom kinds: the `additionalPrinterColumns` of their definition, or name and age.

    printer = custom_printer(definition, "v1")

A cell is what its JSON path finds first, if it fits the column's type; else it stays empty.
"""

from collections.abc import Callable, Sequence
from typing import Any, Final

from kcore.machinery.durations import human_duration
from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.jsonpath import JsonPath, JsonPathError
from kcore.machinery.jsonpath.values import result_text
from kcore.machinery.timestamps import TimeError, parse_time
from kcore.printing.cells import UNKNOWN, name
from kcore.printing.column import NAME, Cell, Column, Printer

_INVALID: Final = "<invalid>"
_NO_VALUE: Final = "<no value>"
_AGE: Final = freeze([{"name": "Age", "type": "date", "jsonPath": ".metadata.creationTimestamp"}])

_CellOf = Callable[[FrozenMap, int], Cell]


def custom_printer(definition: FrozenMap, version: str) -> Printer:
    """The printer of one version of a custom kind, from its definition. O(columns)."""
    versions = definition.at("spec", "versions", default=())
    found = next((each for each in versions if each["name"] == version), None)
    columns = (None if found is None else found.get("additionalPrinterColumns")) or _AGE
    heads = tuple(
        Column(
            str(column["name"]),
            str(column.get("type") or ""),
            str(column.get("format") or ""),
            int(column.get("priority") or 0),
        )
        for column in columns
    )
    readers = [
        _reader(str(column["jsonPath"]), head.type)
        for column, head in zip(columns, heads, strict=True)
    ]

    def cells(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
        return [name(obj), *(reader(obj, now_ns) for reader in readers)]

    return Printer((NAME, *heads), cells)


def _reader(json_path: str, column_type: str) -> _CellOf:
    try:
        path = JsonPath.parse(f"{{{json_path}}}")
    except JsonPathError:
        return lambda _obj, _now_ns: None

    def cell(obj: FrozenMap, now_ns: int) -> Cell:
        try:
            found = path.find(obj, allow_missing_keys=True)
        except JsonPathError:
            return None
        if not found or not found[0]:
            return None
        return _cell(found[0][0], column_type, now_ns)

    return cell


def _cell(value: Any, column_type: str, now_ns: int) -> Cell:
    """The value as a column of this type shows it; None where it does not fit."""
    if column_type == "string":
        return _NO_VALUE if value is None else result_text(value)
    if column_type == "date":
        return _ago(value, now_ns) if isinstance(value, str) else None
    if column_type == "boolean":
        return value if isinstance(value, bool) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if column_type == "integer":
        return int(value)
    return float(value) if column_type == "number" else None


def _ago(text: str, now_ns: int) -> str:
    if text in ("", "null"):
        return UNKNOWN
    try:
        return human_duration(now_ns - parse_time(text))
    except TimeError:
        return _INVALID
