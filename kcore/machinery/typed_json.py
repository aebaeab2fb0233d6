"""JSON as upstream's encoder writes an object: fields in the order of the Go struct.

    >>> print(dump_typed_json(freeze({"kind": "Pod", "apiVersion": "v1", "metadata": {}})))
    {"kind":"Pod","apiVersion":"v1","metadata":{},"spec":{"containers":null},"status":{}}

Maps and raw JSON are sorted by key; zero values vanish or stay as `omitempty` says; `<`, `>` and
`&` are escaped. `dump_typed_json(obj, indent=2)` is Go's `MarshalIndent`; an API server adds a
newline. Objects of kinds that are not built in are written with their keys sorted.

Quoting a value inside upstream's messages is `typed_text`; there nothing is decoded first.
"""

from collections.abc import Iterator
from dataclasses import dataclass
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
_COLONS: Final = {False: ":", True: ": "}


@dataclass(frozen=True, slots=True)
class _Layout:
    """How the fields of a struct are written: their order, key texts and types."""

    places: dict[str, int]
    keys: dict[str, str]
    types: dict[str, TypeRef]


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
        self._is_indented = indent > 0

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
            items = [self._value(item, element, inner) for item in value]
            return self._enclosed("[", items, "]", newline)
        if type(value) is int:
            return str(value)
        return dumps(value).decode()

    def _enclosed(self, opening: str, parts: list[str], closing: str, newline: str) -> str:
        if not parts:
            return opening + closing
        if not self._is_indented:
            return f"{opening}{','.join(parts)}{closing}"
        inner = newline + self._indent
        return f"{opening}{inner}{f',{inner}'.join(parts)}{newline}{closing}"

    def _pairs(self, value: FrozenMap, ref: TypeRef | None, newline: str) -> list[str]:
        layout = _layout_of(ref, self._is_indented)
        if layout is None:
            element, colon = _element_of(ref), _COLONS[self._is_indented]
            return [
                f"{encode_basestring(key)}{colon}{self._value(item, element, newline)}"
                for key, item in value.items()
            ]
        keys, types = layout.keys, layout.types
        return [
            keys[name] + self._value(value[name], types[name], newline)
            for name in sorted(value, key=layout.places.__getitem__)
        ]


def _element_of(ref: TypeRef | None) -> TypeRef | None:
    """The type of a list's or map's members; of a list of JSON schemas in a schema's place."""
    if ref is None:
        return None
    if ref.shape == "special" and ref.name.endswith("OrArray"):
        return type_table().reference(_JSON_SCHEMA)
    return ref.element


def _layout_of(ref: TypeRef | None, is_indented: bool) -> _Layout | None:
    if ref is None or ref.shape in ("map", "scalar"):
        return None
    if ref.shape == "special":
        is_schema = ref.name.startswith(_JSON_SCHEMA)
        return _layout(_JSON_SCHEMA, is_indented) if is_schema else None
    return _layout(ref.name, is_indented)


@cache
def _layout(type_name: str, is_indented: bool) -> _Layout:
    """The fields of a struct in Go's order: inlined ones where their struct stands."""
    schema = type_table().struct(type_name)
    names = list(dict.fromkeys(_names(schema)))
    return _Layout(
        places={name: place for place, name in enumerate(names)},
        keys={name: encode_basestring(name) + _COLONS[is_indented] for name in names},
        types={name: schema.by_json_name[name].type for name in names},
    )


def _names(schema: TypeSchema) -> Iterator[str]:
    for row in schema.fields:
        if row.inline and row.type.shape == "struct":
            yield from _names(schema.types.struct(row.type.name))
        elif not row.inline:
            yield row.name
