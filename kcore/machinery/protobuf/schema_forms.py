"""JSON schemas and what may stand in their place: a list, a boolean, a list of names.

Each is a message of two fields. Reading takes the reader of a JSON schema, writing its writer;
neither is known here.
"""

from collections.abc import Callable
from typing import Any, Final

from kcore.machinery.frozen import FrozenList, FrozenMap
from kcore.machinery.protobuf.field_reading import SpanReader
from kcore.machinery.protobuf.special_reading import fields_of, text
from kcore.machinery.protobuf.wire import LENGTH, VARINT, delimited, tag_bytes

_ONE: Final = tag_bytes(1, LENGTH)
_TWO: Final = tag_bytes(2, LENGTH)
_ALLOWS: Final = tag_bytes(1, VARINT)

MessageWriter = Callable[[FrozenMap], bytes]


def _spans(data: bytes, start: int, stop: int, number: int) -> list[tuple[int, int]]:
    return [
        (begin, until)
        for found, begin, until in fields_of(data, start, stop)
        if found == number and until >= 0
    ]


def _or_array(read: SpanReader) -> SpanReader:
    def value(data: bytes, start: int, stop: int, depth: int) -> Any:
        if several := _spans(data, start, stop, 2):
            return [read(data, *span, depth) for span in several]
        one = _spans(data, start, stop, 1)
        return read(data, *one[-1], depth) if one else None

    return value


def _or_bool(read: SpanReader) -> SpanReader:
    def value(data: bytes, start: int, stop: int, depth: int) -> Any:
        if schema := _spans(data, start, stop, 2):
            return read(data, *schema[-1], depth)
        allows = [
            begin for number, begin, until in fields_of(data, start, stop) if number == 1 > until
        ]
        return bool(allows and allows[-1])

    return value


def _or_texts(read: SpanReader) -> SpanReader:
    def value(data: bytes, start: int, stop: int, depth: int) -> Any:
        if names := _spans(data, start, stop, 2):
            return [text(data, *span) for span in names]
        one = _spans(data, start, stop, 1)
        return read(data, *one[-1], depth) if one else None

    return value


SCHEMA_READERS: Final[dict[str, Callable[[SpanReader], SpanReader]]] = {
    "apiextensions/v1.JSONSchemaPropsOrArray": _or_array,
    "apiextensions/v1.JSONSchemaPropsOrBool": _or_bool,
    "apiextensions/v1.JSONSchemaPropsOrStringArray": _or_texts,
}
"""Per type, from the reader of a JSON schema the reader of what may stand for one."""


def schema_form(value: Any, type_name: str, write: MessageWriter) -> bytes:
    """The message of a JSON schema or its stand-in, from its JSON value."""
    is_schema = isinstance(value, FrozenMap)
    if type_name.endswith("OrBool"):
        allows = _ALLOWS + bytes((is_schema or value is True,))
        return allows + delimited(_TWO, write(value)) if is_schema else allows
    if is_schema:
        return delimited(_ONE, write(value))
    items = value if isinstance(value, FrozenList) else ()
    return b"".join(
        delimited(_TWO, item.encode() if isinstance(item, str) else write(item)) for item in items
    )
