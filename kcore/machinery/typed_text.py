"""How upstream's messages show a structured value: JSON with fields in Go's order.

A refusal such as `Invalid value: {"apiVersion":"v1","kind":"Event",...}` prints a Go struct, so
its fields stand in declaration order, not sorted. Maps are sorted, as Go prints them.

Most kinds are validated in an internal form whose fields have no JSON names: there the message
shows every field under its Go name, empty ones too (`{"Kind":"Pod","Namespace":"",...}`).
"""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from kcore.machinery.field_errors import Rendered
from kcore.machinery.frozen import EMPTY_MAP, FrozenList, FrozenMap
from kcore.machinery.go_field_names import go_field_name
from kcore.machinery.go_text import json_text
from kcore.machinery.schema_types import TypeRef, TypeSchema, type_table

# Types that the internal form shares with the versions, JSON names and all.
_SHARED: Final = "meta/v1."
_INTERNAL_ZERO: Final[dict[str, Any]] = {
    "string": "",
    "bool": False,
    "int32": 0,
    "int64": 0,
    "resource.Quantity": "0",
    "util/intstr.IntOrString": 0,
}


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
            if name in value
        )
    if isinstance(value, FrozenMap) and ref.shape == "map" and ref.element is not None:
        element = ref.element
        return _object(f"{json_text(k)}:{_text(v, element)}" for k, v in value.items())
    if isinstance(value, FrozenList) and ref.element is not None:
        element = ref.element
        return f"[{','.join(_text(item, element) for item in value)}]"
    return json_text(value)


def rendered_internal(value: Any, type_text: str) -> Rendered:
    """`value` as the internal form of `type_text`: Go names, empty fields included. O(type)."""
    return Rendered(_internal(value, type_table().reference(type_text)))


def _internal(value: Any, ref: TypeRef) -> str:
    if ref.pointer and value is None:
        return "null"
    if ref.shape == "struct":
        return _internal_struct(value, ref)
    if value is None:
        return json_text(_INTERNAL_ZERO.get(ref.scalar or ref.name))
    if isinstance(value, FrozenList) and ref.element is not None:
        element = ref.element
        return f"[{','.join(_internal(item, element) for item in value)}]"
    if isinstance(value, FrozenMap) and ref.shape == "map" and ref.element is not None:
        element = ref.element
        return _object(f"{json_text(k)}:{_internal(v, element)}" for k, v in value.items())
    return json_text(value)


def _internal_struct(value: Any, ref: TypeRef) -> str:
    if ref.name.startswith(_SHARED):
        return _text(EMPTY_MAP if value is None else value, ref)
    return _object(_internal_fields(value, type_table().struct(ref.name)))


def _internal_fields(value: Any, schema: TypeSchema) -> Iterator[str]:
    for row in schema.fields:
        if row.inline:
            yield from _internal_fields(value, type_table().struct(row.type.name))
            continue
        inner = value.get(row.name) if isinstance(value, FrozenMap) else None
        name = go_field_name(schema.go_name, row.name)
        yield f"{json_text(name)}:{_internal(inner, row.type)}"


def _object(pairs: Iterable[str]) -> str:
    return f"{{{','.join(pairs)}}}"
