"""Writing the messages behind types with a JSON form of their own: the inverse of reading them.

Values are in upstream's form already (`schema.decode`): canonical quantities, times in UTC.
"""

from collections.abc import Callable
from typing import Any, Final

from kcore.machinery.durations import parse_duration
from kcore.machinery.frozen import dumps
from kcore.machinery.protobuf.wire import LENGTH, VARINT, delimited, tag_bytes, varint
from kcore.machinery.timestamps import SECOND_NS, ZERO_NS, parse_time

_TEXT: Final = tag_bytes(1, LENGTH)
_FIRST: Final = tag_bytes(1, VARINT)
_SECOND: Final = tag_bytes(2, VARINT)
_THIRD_TEXT: Final = tag_bytes(3, LENGTH)
_MICROSECOND_NS: Final = 1_000


def _quantity(value: Any) -> bytes:
    return delimited(_TEXT, ("0" if value is None else value).encode())


def _int_or_string(value: Any) -> bytes:
    is_text = isinstance(value, str)
    number = 0 if is_text or value is None else value
    return (
        _FIRST
        + bytes((is_text,))
        + _SECOND
        + varint(number)
        + delimited(_THIRD_TEXT, value.encode() if is_text else b"")
    )


def _timestamp(value: Any, *, fraction: bool) -> bytes:
    instant_ns = ZERO_NS if value is None else parse_time(value)
    if instant_ns == ZERO_NS:
        return b""
    seconds, nanoseconds = divmod(instant_ns, SECOND_NS)
    kept = nanoseconds - nanoseconds % _MICROSECOND_NS if fraction else 0
    return _FIRST + varint(seconds) + _SECOND + varint(kept)


def _time(value: Any) -> bytes:
    return _timestamp(value, fraction=False)


def _micro_time(value: Any) -> bytes:
    return _timestamp(value, fraction=True)


def _duration(value: Any) -> bytes:
    return _FIRST + varint(0 if value is None else parse_duration(value))


def _raw(value: Any) -> bytes:
    return b"" if value is None else delimited(_TEXT, dumps(value))


SPECIAL_WRITERS: Final[dict[str, Callable[[Any], bytes]]] = {
    "apiextensions/v1.JSON": _raw,
    "meta/v1.Duration": _duration,
    "meta/v1.FieldsV1": _raw,
    "meta/v1.MicroTime": _micro_time,
    "meta/v1.Time": _time,
    "resource.Quantity": _quantity,
    "runtime.RawExtension": _raw,
    "util/intstr.IntOrString": _int_or_string,
}
"""Per type the message of its JSON value; None is the zero value."""
