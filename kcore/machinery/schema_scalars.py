"""JSON forms of the special API types: quantities, times, bytes, int-or-string, durations.

Each function takes a decoded JSON value that is not null and returns what upstream would write
back, or raises `ScalarError` with upstream's text. `WrongJsonTypeError` says that the JSON type
itself does not fit; the caller knows field and struct and completes the sentence.
"""

import base64
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final

from kcore.machinery.durations import format_duration, parse_duration
from kcore.machinery.frozen import FrozenList, FrozenMap
from kcore.machinery.quantity import Quantity
from kcore.machinery.timestamps import format_micro_time, format_time, parse_time

INT32_MIN: Final = -(2**31)
INT32_MAX: Final = 2**31 - 1

QUANTITY_FORMAT: Final = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)
_BASE64_BAD: Final = re.compile(r"[^A-Za-z0-9+/]")


class ScalarError(Exception):
    """A text that its type cannot read; the message is upstream's."""


class WrongJsonTypeError(ScalarError):
    """JSON of another type than `go_type` takes."""

    def __init__(self, go_type: str) -> None:
        super().__init__(go_type)
        self.go_type = go_type


def time_text(value: Any) -> str:
    """RFC 3339 in UTC with whole seconds, as upstream writes a Time."""
    if not isinstance(value, str):
        raise WrongJsonTypeError("string")
    return _seconds(value)


@lru_cache(maxsize=4096)
def _seconds(text: str) -> str:
    try:
        return format_time(parse_time(text))
    except ValueError as error:
        raise ScalarError(str(error)) from None


def micro_time_text(value: Any) -> str:
    """RFC 3339 in UTC with six decimals, as upstream writes a MicroTime."""
    if not isinstance(value, str):
        raise WrongJsonTypeError("string")
    try:
        return format_micro_time(parse_time(value))
    except ValueError as error:
        layout = "2006-01-02T15:04:05.000000Z07:00"
        raise ScalarError(str(error).replace("2006-01-02T15:04:05Z07:00", layout)) from None


def duration_text(value: Any) -> str:
    """Go's form of a duration: `1m30s`."""
    if not isinstance(value, str):
        raise WrongJsonTypeError("string")
    try:
        return format_duration(parse_duration(value))
    except ValueError as error:
        raise ScalarError(str(error)) from None


def quantity_text(value: Any) -> str:
    """The canonical text of a quantity; numbers count as their JSON text."""
    if isinstance(value, str):
        return _canonical(value.strip())
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ScalarError(QUANTITY_FORMAT)
    return _canonical(repr(value))


@lru_cache(maxsize=4096)
def _canonical(text: str) -> str:
    try:
        return str(Quantity.parse(text))
    except ValueError as error:
        raise ScalarError(str(error)) from None


def int_or_string(value: Any) -> int | str:
    """A port or percentage: any string, or an int32."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise WrongJsonTypeError("int32")
    if value != int(value) or not INT32_MIN <= value <= INT32_MAX:
        raise WrongJsonTypeError("int32")
    return int(value)


def bytes_text(value: Any) -> str:
    """Canonical base64 of a base64 text, or of a list of byte values."""
    if isinstance(value, str):
        return _canonical_base64(value)
    if not isinstance(value, FrozenList):
        raise WrongJsonTypeError("[]uint8")
    if not all(type(item) is int and 0 <= item <= 255 for item in value):
        raise WrongJsonTypeError("uint8")
    return base64.b64encode(bytes(value)).decode()


@lru_cache(maxsize=256)
def _canonical_base64(text: str) -> str:
    problem = base64_problem(text)
    if problem:
        raise ScalarError(problem)
    return base64.b64encode(base64.b64decode(text)).decode()


def base64_problem(text: str) -> str:
    """What Go says about a text that is no base64; empty when it is."""
    bad = _illegal_offset(text)
    return "" if bad is None else f"illegal base64 data at input byte {bad}"


def _illegal_offset(text: str) -> int | None:
    """Where Go's decoder stops; None for well-formed text. Line breaks do not count."""
    offsets = [index for index, char in enumerate(text) if char not in "\r\n"]
    bare = "".join(text[index] for index in offsets)
    body = bare.rstrip("=") if len(bare) - len(bare.rstrip("=")) <= 2 else bare
    found = _BASE64_BAD.search(body)
    if found is not None:
        return _offset_of_symbol(bare, offsets, found.start(), len(text))
    rest = len(body) % 4
    padding = len(bare) - len(body)
    if padding == (0, 0, 2, 1)[rest] and rest != 1:
        return None
    if padding == 0:
        return offsets[len(bare) - rest] if rest == len(bare) else offsets[-1] + 1 - rest
    if rest < 2:
        return offsets[len(body)]
    return len(text) if padding < (0, 0, 2, 1)[rest] else offsets[len(body) + 1]


def _offset_of_symbol(bare: str, offsets: list[int], index: int, length: int) -> int:
    """The reported place for a symbol outside the alphabet, `=` in odd places included."""
    if bare[index] != "=" or index % 4 < 2:
        return offsets[index]
    if index % 4 == 3 or (index + 1 < len(bare) and bare[index + 1] == "="):
        after = index + 1 if index % 4 == 3 else index + 2
        return offsets[after] if after < len(bare) else length
    return offsets[index + 1] if index + 1 < len(bare) else length


def raw_json(value: Any) -> Any:
    """Any JSON stays what it is (RawExtension, JSON, FieldsV1)."""
    return value


def json_type(value: Any) -> str:
    """Go's word for a JSON value's type."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, str):
        return "string"
    if isinstance(value, FrozenMap):
        return "object"
    return "array" if isinstance(value, FrozenList) else "number"


SPECIAL_TEXTS: Final[dict[str, Callable[[Any], Any]]] = {
    "apiextensions/v1.JSON": raw_json,
    "meta/v1.Duration": duration_text,
    "meta/v1.FieldsV1": raw_json,
    "meta/v1.MicroTime": micro_time_text,
    "meta/v1.Time": time_text,
    "resource.Quantity": quantity_text,
    "runtime.RawExtension": raw_json,
    "util/intstr.IntOrString": int_or_string,
}
"""What reads the types that have a JSON form of their own."""
