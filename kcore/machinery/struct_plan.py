"""What reading and writing one Go struct as JSON needs: its fields, and what is always written.

Facts of a type, worked out once; `schema` walks values along them.
"""

from collections.abc import Callable
from typing import Any, Final

from kcore.machinery.frozen import FrozenList, FrozenMap
from kcore.machinery.schema_types import FieldSchema, TypeRef, TypeSchema

_PLAIN: Final[dict[str, type]] = {"string": str, "bool": bool, "int32": int, "int64": int}


class StructPlan:
    """What decoding needs of one struct: its fields by name, and what is always written."""

    __slots__ = ("always", "fields", "go_name", "name", "plain", "remembered")

    def __init__(self, schema: TypeSchema, zero: "Callable[[TypeRef], Any]") -> None:
        self.name = schema.name
        self.go_name = schema.go_name
        self.remembered = schema.name.endswith("Spec")
        self.fields = schema.located
        self.plain = {
            name: _PLAIN[found.type.scalar]
            for name, (found, _via) in schema.located.items()
            if found.type.shape == "scalar" and found.type.scalar in _PLAIN
        }
        """JSON type per field whose values other than zero stay as they are."""
        self.always: tuple[tuple[str, Any], ...] = tuple(
            (name, zero(found.type))
            for name, (found, _via) in schema.located.items()
            if written_when_zero(found, zero)
        )


def written_when_zero(row: FieldSchema, zero: Callable[[TypeRef], Any]) -> bool:
    """Whether Go writes the field when nobody set it."""
    if row.omit_zero and row.type.shape in ("special", "struct") and not row.type.pointer:
        return False
    return not row.omit_empty or not is_empty(zero(row.type), row.type)


def is_empty(value: Any, ref: TypeRef) -> bool:
    """What Go's `omitempty` leaves out: nil, 0, "", false, empty lists and maps; no struct."""
    if ref.pointer:
        return value is None
    if ref.shape in ("struct", "special"):
        return ref.name == "meta/v1.FieldsV1" and value is None
    if value is None or value is False or value == 0:
        return value is not True
    return isinstance(value, str | FrozenList | FrozenMap) and len(value) == 0
