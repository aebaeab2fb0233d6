"""Functions that read one field of a message into an object: numbers, spans, lists, maps.

Each is made once per field of a type, knows the field's JSON name and how its value is read, and
follows upstream's generated code: the last of several wins, lists grow, empty values of
`omitempty` fields are left out.
"""

import math
import struct
from collections.abc import Callable
from typing import Any

from kcore.machinery.go_text import value_text
from kcore.machinery.protobuf.special_reading import fields_of, text
from kcore.machinery.protobuf.wire import UNEXPECTED_END, ProtobufError, read_span, read_varint

SpanReader = Callable[[bytes, int, int, int], Any]
"""Reads the value in `data[start:stop]`; the last argument counts the messages around it."""
FieldReader = Callable[[bytes, int, int, dict[str, Any], int], int]
"""Reads one field at a position into the object, and returns the position after it."""


def single(name: str, read: SpanReader, *, keep_empty: bool) -> FieldReader:
    """A length-delimited value."""

    def field(data: bytes, position: int, stop: int, out: dict[str, Any], depth: int) -> int:
        start, end = read_span(data, position, stop)
        value = read(data, start, end, depth)
        if keep_empty or value:
            out[name] = value
        else:
            out.pop(name, None)
        return end

    return field


def single_text(name: str, *, keep_empty: bool) -> FieldReader:
    """A text: what most fields are, hence without a call for each step."""

    def field(data: bytes, position: int, stop: int, out: dict[str, Any], _depth: int) -> int:
        start, end = read_span(data, position, stop)
        try:
            value = data[start:end].decode()
        except UnicodeDecodeError:
            value = text(data, start, end)
        if keep_empty or value:
            out[name] = value
        else:
            out.pop(name, None)
        return end

    return field


def number(name: str, convert: Callable[[int], Any], *, keep_empty: bool) -> FieldReader:
    """A varint."""

    def field(data: bytes, position: int, stop: int, out: dict[str, Any], _depth: int) -> int:
        bits, position = read_varint(data, position, stop)
        value = convert(bits)
        if keep_empty or value:
            out[name] = value
        else:
            out.pop(name, None)
        return position

    return field


def double(name: str) -> FieldReader:
    """Eight bytes of floating point; every such field is a pointer."""

    def field(data: bytes, position: int, stop: int, out: dict[str, Any], _depth: int) -> int:
        if position + 8 > stop:
            raise ProtobufError(UNEXPECTED_END, stop)
        (value,) = struct.unpack_from("<d", data, position)
        if not math.isfinite(value):
            raise ProtobufError(f"json: unsupported value: {value_text(value)}", position)
        out[name] = value
        return position + 8

    return field


def spans(name: str, read: SpanReader) -> FieldReader:
    """One more item of a list of length-delimited values."""

    def field(data: bytes, position: int, stop: int, out: dict[str, Any], depth: int) -> int:
        start, end = read_span(data, position, stop)
        _items(out, name).append(read(data, start, end, depth))
        return end

    return field


def numbers(name: str, convert: Callable[[int], Any]) -> FieldReader:
    """One more item of a list of varints."""

    def field(data: bytes, position: int, stop: int, out: dict[str, Any], _depth: int) -> int:
        bits, position = read_varint(data, position, stop)
        _items(out, name).append(convert(bits))
        return position

    return field


def packed_numbers(name: str, convert: Callable[[int], Any]) -> FieldReader:
    """Many items of a list of varints in one length-delimited field."""

    def field(data: bytes, position: int, stop: int, out: dict[str, Any], _depth: int) -> int:
        position, end = read_span(data, position, stop)
        items = _items(out, name)
        while position < end:
            bits, position = read_varint(data, position, end)
            items.append(convert(bits))
        return end

    return field


def _items(out: dict[str, Any], name: str) -> list[Any]:
    items: list[Any] | None = out.get(name)
    if items is None:
        items = out[name] = []
    return items


def entries(name: str, read: SpanReader) -> FieldReader:
    """One more entry of a map: a message with the key in field 1 and the value in field 2."""

    def field(data: bytes, position: int, stop: int, out: dict[str, Any], depth: int) -> int:
        start, end = read_span(data, position, stop)
        key, span = "", (end, end)
        for place, begin, until in fields_of(data, start, end):
            if place == 1 and until >= 0:
                key = text(data, begin, until)
            elif place == 2 and until >= 0:
                span = (begin, until)
        found = out.get(name)
        if found is None:
            found = out[name] = {}
        found[key] = read(data, *span, depth)
        return end

    return field


def texts(data: bytes, start: int, stop: int, _depth: int) -> list[str]:
    """A message that holds a list of texts in field 1; an empty one is an empty list."""
    return [
        text(data, begin, until)
        for place, begin, until in fields_of(data, start, stop)
        if place == 1 and until >= 0
    ]
