"""JSON as upstream's encoder writes an object: fields in the order of the Go struct.

    >>> print(dump_typed_json(freeze({"kind": "Pod", "apiVersion": "v1", "metadata": {}})))
    {"kind":"Pod","apiVersion":"v1","metadata":{},"spec":{"containers":null},"status":{}}

Maps and raw JSON are sorted by key; zero values vanish or stay as `omitempty` says; `<`, `>` and
`&` are escaped. `dump_typed_json(obj, indent=2)` is Go's `MarshalIndent`; an API server adds a
newline. Objects of kinds that are not built in are written with their keys sorted.

Quoting a value inside upstream's messages is `typed_text`; there nothing is decoded first.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from json.encoder import encode_basestring
from typing import Any, Final

from kcore.machinery.frozen import FrozenList, FrozenMap, dumps
from kcore.machinery.protobuf.wire_types import wire_type_name
from kcore.machinery.schema import default_decoder
from kcore.machinery.schema_types import TypeRef, TypeSchema, type_table

_HTML_ESCAPES: Final = str.maketrans(
    {character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
)
_JSON_SCHEMA: Final = "apiextensions/v1.JSONSchemaProps"
_TABLE: Final = "meta/v1.Table"
# Field -> its place, its JSON text up to the value, its type; None where the type says no more.
_Layout = dict[str, tuple[int, str, TypeRef | None]]


def dump_typed_json(
    obj: FrozenMap,
    *,
    indent: int = 0,
    api_version: str | None = None,
    kind: str | None = None,
    is_decoded: bool = False,
) -> str:
    """The text of an object, in the fields of the given or of its own version and kind. O(size).

    `is_decoded` promises that the object is in upstream's form already, as stored ones are.

    Raises:
        ApiError: 400, a JSON value of the wrong type.
    """
    version = str(obj.get("apiVersion") or "") if api_version is None else api_version
    name = wire_type_name(version, str(obj.get("kind") or "") if kind is None else kind)
    if name is None:
        return _Writer(indent).text(obj, None)
    # Cells of tables have no Go type; nobody but the server makes them, in order.
    is_decoded = is_decoded or name == _TABLE
    value = obj if is_decoded else default_decoder().decode_type(obj, name)
    return _Writer(indent).text(value, type_table().reference(name))


class _Writer:
    """Writes one document; `indent` spaces a level, none for everything on one line."""

    def __init__(self, indent: int) -> None:
        self._indent = " " * indent
        self._colon = ": " if indent else ":"

    def text(self, value: Any, ref: TypeRef | None) -> str:
        # These characters stand inside strings alone, so the whole text can be escaped at once.
        return self._value(value, ref, "\n").translate(_HTML_ESCAPES)

    def _value(self, value: Any, ref: TypeRef | None, newline: str) -> str:
        if type(value) is str:
            return encode_basestring(value)
        if type(value) is FrozenMap:
            pairs = self._pairs(value, ref, newline + self._indent)
            return self._enclosed("{", pairs, "}", newline)
        if type(value) is FrozenList:
            inner = newline + self._indent
            element = _element_of(ref)
            items = (self._value(item, element, inner) for item in value)
            return self._enclosed("[", items, "]", newline)
        if type(value) is int:
            return str(value)
        return dumps(value).decode()

    def _enclosed(self, opening: str, parts: Iterable[str], closing: str, newline: str) -> str:
        inner = newline + self._indent if self._indent else ""
        body = f",{inner}".join(parts)
        if not body:
            return opening + closing
        return f"{opening}{inner}{body}{newline if self._indent else ''}{closing}"

    def _pairs(self, value: FrozenMap, ref: TypeRef | None, newline: str) -> Iterator[str]:
        layout = _layout_of(ref)
        if layout is None:
            element = _element_of(ref)
            for key, item in value.items():
                yield f"{encode_basestring(key)}{self._colon}{self._value(item, element, newline)}"
            return
        for name in sorted(value, key=lambda name: layout[name][0]):
            _, key, inner = layout[name]
            yield f"{key}{self._colon}{self._value(value[name], inner, newline)}"


def _element_of(ref: TypeRef | None) -> TypeRef | None:
    """The type of a list's or map's members; of a list of JSON schemas in a schema's place."""
    if ref is None:
        return None
    if ref.shape == "special" and ref.name.endswith("OrArray"):
        return type_table().reference(_JSON_SCHEMA)
    return ref.element


def _layout_of(ref: TypeRef | None) -> _Layout | None:
    if ref is None or ref.shape in ("map", "scalar"):
        return None
    if ref.shape == "special":
        return _layout(_JSON_SCHEMA) if ref.name.startswith(_JSON_SCHEMA) else None
    return _layout(ref.name)


@cache
def _layout(type_name: str) -> _Layout:
    """The fields of a struct in Go's order: inlined ones where their struct stands."""
    schema = type_table().struct(type_name)
    return {
        name: (place, encode_basestring(name), schema.by_json_name[name].type)
        for place, name in enumerate(dict.fromkeys(_names(schema)))
    }


def _names(schema: TypeSchema) -> Iterator[str]:
    for row in schema.fields:
        if row.inline and row.type.shape == "struct":
            yield from _names(schema.types.struct(row.type.name))
        elif not row.inline:
            yield row.name
