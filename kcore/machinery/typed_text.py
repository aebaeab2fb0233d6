"""How upstream's messages show a structured value: JSON with fields in Go's order.

A refusal such as `Invalid value: {"apiVersion":"v1","kind":"Event",...}` prints a Go struct, so
its fields stand in declaration order, not sorted. Maps are sorted, as Go prints them.

Most kinds are validated in an internal form whose fields have no JSON names: see `internal_text`.
"""

from collections.abc import Iterable
from typing import Any

from kcore.machinery.field_errors import Rendered
from kcore.machinery.frozen import FrozenList, FrozenMap
from kcore.machinery.go_text import json_text
from kcore.machinery.schema_types import FieldSchema, TypeRef, type_table


def rendered(value: Any, type_text: str) -> Rendered:
    """`value` as a struct, list or map of `type_text` (`[]meta/v1.OwnerReference`). O(size)."""
    return Rendered(_text(value, type_table().reference(type_text)))


def typed_json(value: Any, ref: TypeRef) -> str:
    """`value` as JSON with the fields of structs in declaration order. O(size)."""
    return _text(value, ref)


def _text(value: Any, ref: TypeRef) -> str:
    if isinstance(value, FrozenMap) and ref.shape == "struct":
        fields = type_table().struct(ref.name).located
        return _object(
            f"{json_text(name)}:{_text(value[name], row.type)}"
            for name, (row, _via) in fields.items()
            if name in value and not _is_left_out(value[name], row)
        )
    if isinstance(value, FrozenMap) and ref.shape == "map" and ref.element is not None:
        element = ref.element
        return _object(f"{json_text(k)}:{_text(v, element)}" for k, v in value.items())
    if isinstance(value, FrozenList) and ref.element is not None:
        element = ref.element
        return f"[{','.join(_text(item, element) for item in value)}]"
    return json_text(value)


def _is_left_out(value: Any, row: FieldSchema) -> bool:
    is_bare = row.type.shape in ("list", "map") and value is not None and not len(value)
    return is_bare and row.omit_empty


def _object(pairs: Iterable[str]) -> str:
    return f"{{{','.join(pairs)}}}"
