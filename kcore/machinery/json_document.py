"""JSON text as it was written: members in order, repeated ones included, numbers as their digits.

`read_document` gives what Go's decoders walk over, `Members` for objects, `Number` for numbers and
plain Python values for the rest; texts that are not JSON are refused in the words of Go's scanner
(`JsonSyntaxError`). What the values mean is the reader's business. For objects as values there is
`frozen.loads`, which is much faster and keeps neither order nor repetitions.
"""

import json
import re
from typing import Any, Final

from kcore.machinery.go_text import quote

NESTING_COUNT_MAX: Final = 10_000

_SPACE: Final = b" \t\r\n"
_DIGITS: Final = b"0123456789"
_HEX: Final = b"0123456789abcdefABCDEF"
_ESCAPES: Final = b'bfnrt\\/"'
_LITERALS: Final = {ord("t"): b"true", ord("f"): b"false", ord("n"): b"null"}
_LONE_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_END: Final = "unexpected end of JSON input"


class JsonSyntaxError(ValueError):
    """Text that is no JSON; `offset` counts the bytes that were read."""

    def __init__(self, problem: str, offset: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.offset = offset


class Number(str):
    """A number as its literal: `1e3`, `-0`, `12345678901234567890`."""

    __slots__ = ()


class Members(list[tuple[str, Any]]):
    """An object: its members in order."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        """The members by name; of repeated ones the last."""
        return dict(self)


def read_document(text: str) -> Any:
    """The one value of `text`. O(size).

    Raises:
        JsonSyntaxError: malformed, or with something after the value.
    """
    try:
        document = _decoder.decode(text)
    except (ValueError, RecursionError):
        check_syntax(text)
        raise JsonSyntaxError("exceeded max depth", len(text)) from None
    return _without_surrogates(document) if "\\u" in text else document


def read_first(text: str) -> tuple[Any, int]:
    """The first value of `text` and the index after it; the text after it is not looked at."""
    start = len(text) - len(text.lstrip(" \t\r\n"))
    try:
        document, end = _decoder.raw_decode(text, start)
    except (ValueError, RecursionError):
        Scanner(text[start:].encode("utf-8", "surrogatepass"), start).value_only()
        raise JsonSyntaxError("exceeded max depth", len(text)) from None
    return (_without_surrogates(document) if "\\u" in text else document), end


def _refuse_constant(name: str) -> Any:
    raise ValueError(name)


_decoder: Final = json.JSONDecoder(
    object_pairs_hook=Members,
    parse_float=Number,
    parse_int=Number,
    parse_constant=_refuse_constant,
)


def _without_surrogates(value: Any) -> Any:
    """Halves of surrogate pairs become the replacement character, as in Go."""
    if isinstance(value, Members):
        return Members((_clean(key), _without_surrogates(item)) for key, item in value)
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    return _clean(value) if type(value) is str else value


def _clean(text: str) -> str:
    return _LONE_SURROGATE.sub("\ufffd", text)


def plain(document: Any) -> Any:
    """The value as Go keeps it untyped: whole numbers of 64 bits stay, others are floats.

    Raises:
        ValueError: a number beyond any float.
    """
    if isinstance(document, Members):
        return {key: plain(item) for key, item in document}
    if isinstance(document, list):
        return [plain(item) for item in document]
    return number_of(document) if isinstance(document, Number) else document


def number_of(literal: str) -> int | float:
    """An int64 without a point, or a float."""
    if "." not in literal and "e" not in literal and "E" not in literal:
        whole = int(literal)
        if -(2**63) <= whole < 2**63:
            return whole
    number = float(literal)
    if number - number != 0:
        raise ValueError(literal)
    return number


def check_syntax(text: str) -> None:
    """Go's own reading of `text`, for its complaint. O(size).

    Raises:
        JsonSyntaxError: `text` is not one JSON value.
    """
    Scanner(text.encode("utf-8", "surrogatepass")).document()


class Scanner:
    """Reads JSON byte by byte, as Go's scanner does, for the words of its refusals."""

    __slots__ = ("_at", "_base", "_data", "_depth")

    def __init__(self, data: bytes, base: int = 0) -> None:
        self._data = data
        self._at = 0
        self._base = base
        self._depth = 0

    def document(self) -> None:
        """One value and nothing after it."""
        self._value()
        self._skip_space()
        if self._at < len(self._data):
            raise self._bad("after top-level value")

    def value_only(self) -> int:
        """One value; returns the offset after it."""
        self._value()
        return self._at

    def _bad(self, where: str) -> JsonSyntaxError:
        if self._at >= len(self._data):
            return JsonSyntaxError(_END, self._base + len(self._data))
        shown = _shown(self._data[self._at])
        return JsonSyntaxError(f"invalid character {shown} {where}", self._base + self._at + 1)

    def _peek(self) -> int:
        return self._data[self._at] if self._at < len(self._data) else -1

    def _skip_space(self) -> None:
        while self._at < len(self._data) and self._data[self._at] in _SPACE:
            self._at += 1

    def _value(self) -> None:
        self._skip_space()
        first = self._peek()
        if first == ord("{"):
            self._nested(self._object)
        elif first == ord("["):
            self._nested(self._array)
        elif first == ord('"'):
            self._string()
        elif first == ord("-") or (first >= 0 and first in _DIGITS):
            self._number()
        elif first in _LITERALS:
            self._literal(_LITERALS[first])
        else:
            raise self._bad("looking for beginning of value")

    def _nested(self, body: Any) -> None:
        self._at += 1
        self._depth += 1
        if self._depth > NESTING_COUNT_MAX:
            raise JsonSyntaxError("exceeded max depth", self._base + self._at)
        try:
            body()
        except RecursionError:
            raise JsonSyntaxError("exceeded max depth", self._base + self._at) from None
        self._depth -= 1

    def _object(self) -> None:
        self._skip_space()
        if self._peek() == ord("}"):
            self._at += 1
            return
        while True:
            self._skip_space()
            if self._peek() != ord('"'):
                raise self._bad("looking for beginning of object key string")
            self._string()
            self._skip_space()
            if self._peek() != ord(":"):
                raise self._bad("after object key")
            self._at += 1
            self._value()
            if self._ends(ord("}"), "after object key:value pair"):
                return

    def _array(self) -> None:
        self._skip_space()
        if self._peek() == ord("]"):
            self._at += 1
            return
        while True:
            self._value()
            if self._ends(ord("]"), "after array element"):
                return

    def _ends(self, close: int, where: str) -> bool:
        self._skip_space()
        found = self._peek()
        if found not in (close, ord(",")):
            raise self._bad(where)
        self._at += 1
        return found == close

    def _string(self) -> None:
        self._at += 1
        while True:
            found = self._peek()
            if found < 0x20:
                raise self._bad("in string literal")
            self._at += 1
            if found == ord('"'):
                return
            if found == ord("\\"):
                self._escape()

    def _escape(self) -> None:
        found = self._peek()
        if found == ord("u"):
            self._at += 1
            for _ in range(4):
                if self._peek() not in _HEX or self._peek() < 0:
                    raise self._bad("in \\u hexadecimal character escape")
                self._at += 1
            return
        if found < 0 or found not in _ESCAPES:
            raise self._bad("in string escape code")
        self._at += 1

    def _number(self) -> None:
        if self._peek() == ord("-"):
            self._at += 1
            if self._peek() < 0 or self._peek() not in _DIGITS:
                raise self._bad("in numeric literal")
        if self._peek() == ord("0"):
            self._at += 1
        else:
            self._digits()
        if self._peek() == ord("."):
            self._at += 1
            self._some_digits("after decimal point in numeric literal")
        if self._peek() in (ord("e"), ord("E")):
            self._at += 1
            if self._peek() in (ord("+"), ord("-")):
                self._at += 1
            self._some_digits("in exponent of numeric literal")

    def _some_digits(self, where: str) -> None:
        if self._peek() < 0 or self._peek() not in _DIGITS:
            raise self._bad(where)
        self._digits()

    def _digits(self) -> None:
        while self._at < len(self._data) and self._data[self._at] in _DIGITS:
            self._at += 1

    def _literal(self, word: bytes) -> None:
        for expected in word:
            if self._peek() != expected:
                raise self._bad(f"in literal {word.decode()} (expecting '{chr(expected)}')")
            self._at += 1


def _shown(byte: int) -> str:
    """A byte as Go's scanner shows it."""
    if byte == ord("'"):
        return r"'\''"
    if byte == ord('"'):
        return "'\"'"
    return f"'{quote(chr(byte))[1:-1]}'"
