"""JSON values to messages, along the Go types of the API.

Fields are written in order of their numbers, as upstream's generated code writes them: what is no
pointer always, zero or not; pointers, lists, maps and bytes only where they are set; map entries
sorted by key. Values are in upstream's form already (`schema.decode`).
"""

import struct
from binascii import a2b_base64
from collections.abc import Callable
from functools import cache, cached_property
from typing import Any, Final

from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.protobuf.schema_forms import schema_form
from kcore.machinery.protobuf.special_writing import SPECIAL_WRITERS
from kcore.machinery.protobuf.wire import LENGTH, delimited, tag_bytes, varint
from kcore.machinery.protobuf.wire_types import WRAPPED_LISTS, numbered_fields, wire_of
from kcore.machinery.schema_types import FieldSchema, TypeRef

ValueWriter = Callable[[Any], bytes]
"""The bytes of one value, length included where the wire type has one."""
FieldWriter = Callable[[FrozenMap], bytes]
"""The bytes of one field of an object, tag included; none where the field is not written."""

_JSON_SCHEMA: Final = "apiextensions/v1.JSONSchemaProps"
_KEY: Final = tag_bytes(1, LENGTH)


class MessageWriter:
    """Writes the message of one struct."""

    def __init__(self, type_name: str) -> None:
        self._type_name = type_name

    @cached_property
    def _fields(self) -> tuple[FieldWriter, ...]:
        rows = numbered_fields(self._type_name)
        return tuple(_field_writer(self._type_name, number, row) for number, row in rows)

    def write(self, value: FrozenMap) -> bytes:
        """The message of an object, or of another that has this one's fields inlined.

        O(size * depth): lengths go first, so inner messages are made before outer ones.
        """
        return b"".join([field(value) for field in self._fields])

    @cached_property
    def zero(self) -> bytes:
        """The message of an object with nothing set, and its length."""
        return _with_length(self.write(EMPTY_MAP))


@cache
def writer_of(type_name: str) -> MessageWriter:
    """The writer of a struct, made on first use."""
    return MessageWriter(type_name)


def _field_writer(type_name: str, number: int, row: FieldSchema) -> FieldWriter:
    ref, name = row.type, row.name
    tag = tag_bytes(number, wire_of(ref))
    if row.inline:
        inner = writer_of(ref.name)
        return lambda value: delimited(tag, inner.write(value))
    if (type_name, name) in WRAPPED_LISTS:
        return _optional(name, tag, _wrapped_texts)
    if ref.shape == "list" and ref.element is not None:
        return _list(name, tag, value_writer(ref.element))
    if ref.shape == "map" and ref.element is not None:
        return _map(name, tag, ref.element)
    write = value_writer(ref)
    if ref.pointer or ref.shape == "bytes":
        return _optional(name, tag, write)
    return _always(name, tag, write)


def _always(name: str, tag: bytes, write: ValueWriter) -> FieldWriter:
    """A field that is no pointer: written even where it is zero."""
    zero = cache(lambda: tag + write(None))

    def field(value: FrozenMap) -> bytes:
        found = value.get(name)
        return zero() if found is None else tag + write(found)

    return field


def _optional(name: str, tag: bytes, write: ValueWriter) -> FieldWriter:
    def field(value: FrozenMap) -> bytes:
        found = value.get(name)
        return b"" if found is None else tag + write(found)

    return field


def _list(name: str, tag: bytes, write: ValueWriter) -> FieldWriter:
    def field(value: FrozenMap) -> bytes:
        items = value.get(name)
        return b"".join([tag + write(item) for item in items]) if items else b""

    return field


def _map(name: str, tag: bytes, element: TypeRef) -> FieldWriter:
    """Keys in order of their bytes; a value of nil bytes is left out of its entry."""
    write = value_writer(element)
    value_tag = tag_bytes(2, wire_of(element) if element.shape != "list" else LENGTH)

    def entry(key: str, item: Any) -> bytes:
        body = delimited(_KEY, key.encode())
        if item is None and element.shape == "bytes":
            return delimited(tag, body)
        return delimited(tag, body + value_tag + write(item))

    def field(value: FrozenMap) -> bytes:
        found = value.get(name)
        if not found:
            return b""
        return b"".join([entry(key, found[key]) for key in sorted(found, key=str.encode)])

    return field


def value_writer(ref: TypeRef) -> ValueWriter:
    """How a value of a type is written; None is its zero value."""
    if ref.shape == "struct":
        inner = writer_of(ref.name)
        return lambda value: _with_length(inner.write(value)) if value else inner.zero
    if ref.shape == "bytes":
        return lambda value: _with_length(a2b_base64(value or ""))
    if ref.shape == "list":
        return _wrapped_texts
    if ref.shape == "scalar":
        return _scalar_writer(ref.scalar)
    if ref.name in SPECIAL_WRITERS:
        special = SPECIAL_WRITERS[ref.name]
        return lambda value: _with_length(special(value))
    schema = writer_of(_JSON_SCHEMA)
    return lambda value: _with_length(schema_form(value, ref.name, schema.write))


def _scalar_writer(scalar: str) -> ValueWriter:
    if scalar == "string":
        return lambda value: _with_length((value or "").encode())
    if scalar == "float64":
        return lambda value: struct.pack("<d", value or 0)
    return lambda value: varint(value or 0)


def _with_length(body: bytes) -> bytes:
    return varint(len(body)) + body


def _wrapped_texts(value: Any) -> bytes:
    """A message that holds a list of texts in field 1."""
    return _with_length(b"".join(delimited(_KEY, item.encode()) for item in value or ()))
