"""Reading the messages behind types with a JSON form of their own.

A quantity, a time, an int-or-string or raw JSON is a small message; here its bytes become the
JSON value that stands for it. JSON schemas and their stand-ins are structs and not known here.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from kcore.machinery.durations import format_duration
from kcore.machinery.frozen import JSONError, loads
from kcore.machinery.protobuf.wire import (
    LENGTH,
    VARINT,
    ProtobufError,
    read_span,
    read_varint,
    skip,
    to_int32,
    to_int64,
)
from kcore.machinery.schema_scalars import ScalarError, quantity_text
from kcore.machinery.timestamps import SECOND_NS, ZERO_NS, format_micro_time, format_time

SpecialReader = Callable[[bytes, int, int], Any]
"""Reads the message in `data[start:stop]`; None where JSON shows null."""


def text(data: bytes, start: int, stop: int) -> str:
    """UTF-8 text.

    Raises:
        ProtobufError: it is none: JSON could not show it.
    """
    try:
        return data[start:stop].decode()
    except UnicodeDecodeError as error:
        raise ProtobufError("proto: string is not valid UTF-8", start + error.start) from None


def fields_of(data: bytes, start: int, stop: int) -> Iterator[tuple[int, int, int]]:
    """Number, then value or start and stop, of each varint and length-delimited field.

    Varints come as `(number, value, -1)`; other wire types are skipped.
    """
    position = start
    while position < stop:
        tag, position = read_varint(data, position, stop)
        if tag & 7 == VARINT:
            value, position = read_varint(data, position, stop)
            yield tag >> 3, value, -1
        elif tag & 7 == LENGTH:
            begin, position = read_span(data, position, stop)
            yield tag >> 3, begin, position
        else:
            position = skip(data, position, stop, tag)


def quantity(data: bytes, start: int, stop: int) -> str:
    """A Quantity: its text in field 1, made canonical."""
    written, place = "0", start
    for number, begin, end in fields_of(data, start, stop):
        if number == 1 and end >= 0:
            written, place = text(data, begin, end), begin
    try:
        return quantity_text(written)
    except ScalarError as error:
        raise ProtobufError(str(error), place) from None


def int_or_string(data: bytes, start: int, stop: int) -> int | str:
    """An IntOrString: 1 says which, 2 is the number, 3 the text."""
    which, number_value, text_value = 0, 0, ""
    for number, begin, end in fields_of(data, start, stop):
        if number == 1:
            which = begin
        elif number == 2:
            number_value = to_int32(begin)
        elif number == 3 and end >= 0:
            text_value = text(data, begin, end)
    if which not in (0, 1):
        raise ProtobufError("impossible IntOrString.Type", start)
    return text_value if which else number_value


def _instant_ns(data: bytes, start: int, stop: int) -> int:
    if start == stop:
        return ZERO_NS
    seconds = nanoseconds = 0
    for number, begin, _ in fields_of(data, start, stop):
        if number == 1:
            seconds = to_int64(begin)
        elif number == 2:
            nanoseconds = to_int32(begin)
    instant = seconds * SECOND_NS + nanoseconds
    if not _YEAR_0_NS <= instant < _YEAR_10000_NS:
        raise ProtobufError("Time.MarshalJSON: year outside of range [0,9999]", start)
    return instant


_YEAR_0_NS: Final = -62_167_219_200 * SECOND_NS
_YEAR_10000_NS: Final = 253_402_300_800 * SECOND_NS


def time(data: bytes, start: int, stop: int) -> str | None:
    """A Time: seconds in field 1; an empty message is no time."""
    instant = _instant_ns(data, start, stop)
    return None if instant == ZERO_NS else format_time(instant)


def micro_time(data: bytes, start: int, stop: int) -> str | None:
    """A MicroTime: seconds in field 1, nanoseconds in field 2."""
    instant = _instant_ns(data, start, stop)
    return None if instant == ZERO_NS else format_micro_time(instant)


def duration(data: bytes, start: int, stop: int) -> str:
    """A Duration: nanoseconds in field 1."""
    nanoseconds = 0
    for number, begin, _ in fields_of(data, start, stop):
        if number == 1:
            nanoseconds = to_int64(begin)
    return format_duration(nanoseconds)


def raw_span(data: bytes, start: int, stop: int) -> tuple[int, int]:
    """Where field 1 of a message that wraps raw bytes lies; an empty span if it is absent."""
    found = (stop, stop)
    for number, begin, end in fields_of(data, start, stop):
        if number == 1 and end >= 0:
            found = (begin, end)
    return found


def json_value(data: bytes, start: int, stop: int) -> Any:
    """The JSON value that the bytes spell; None for no bytes.

    Raises:
        ProtobufError: they spell none.
    """
    if start == stop:
        return None
    try:
        return loads(data[start:stop])
    except JSONError as error:
        raise ProtobufError(f"raw JSON: {error}", start) from None


def raw_json(data: bytes, start: int, stop: int) -> Any:
    """JSON text in field 1: FieldsV1, JSON."""
    return json_value(data, *raw_span(data, start, stop))


SPECIAL_READERS: Final[dict[str, SpecialReader]] = {
    "apiextensions/v1.JSON": raw_json,
    "meta/v1.Duration": duration,
    "meta/v1.FieldsV1": raw_json,
    "meta/v1.MicroTime": micro_time,
    "meta/v1.Time": time,
    "resource.Quantity": quantity,
    "util/intstr.IntOrString": int_or_string,
}
