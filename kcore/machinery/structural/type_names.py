"""JSON type names as schemas have them."""

from typing import Any

from kcore.machinery.frozen import FrozenList, FrozenMap


def json_type_of(value: Any) -> str:
    """`integer`, `number`, `string`, `boolean`, `array`, `object` or `null`."""
    if isinstance(value, FrozenMap):
        return "object"
    if isinstance(value, FrozenList):
        return "array"
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    return {str: "string", int: "integer", float: "number"}[type(value)]
