r"""JSON text, read and written by kcore's rules: numbers as Go has them, exact error offsets.

Knows text and Python scalars; the containers are made by functions the caller passes in.

**Two readers.** `Reader.read_slowly` walks the bytes and is the definition: what is accepted,
which message, at which byte. `Reader.read` first tries the standard library's C scanner, which
accepts the same texts about thirty times faster, and asks the slow reader only to explain a
refusal.

**Numbers.** A number without point or exponent that fits int64 is an int; every other number is a
double, as Go's decoder of untyped data decides. A double out of range is refused. Negative zero
reads as zero: Go writes it as `-0`, which reads back as the integer 0, so the sign never survives
a round trip and would only make two equal texts differ.

**Surrogates.** `\ud83d\ude00` is one character; a lone half becomes U+FFFD, as in Go.
"""

import json
import re
from collections.abc import Callable
from typing import Any, Final, Never

from kcore._native.reference.scalar import INT_MAX, INT_MIN

DEPTH_COUNT_MAX: Final = 256
TOO_DEEP: Final = f"nested deeper than {DEPTH_COUNT_MAX} levels"

MakeMap = Callable[[list[tuple[str, Any]]], Any]
MakeList = Callable[[list[Any]], Any]


class JSONError(ValueError):
    """Text that is not JSON, or is beyond a limit; `position` is the byte offset."""

    def __init__(self, message: str, position: int, /) -> None:
        super().__init__(message, position)

    @property
    def message(self) -> str:
        """What is wrong, without the place."""
        return str(self.args[0])

    @property
    def position(self) -> int:
        """Where, in bytes of UTF-8 from the start."""
        return int(self.args[1])

    def __str__(self) -> str:
        return f"{self.message} at offset {self.position}"


class Reader:
    """JSON text to values whose maps and lists are made by the functions given.

    `make_map` gets pairs in text order, repeated keys included.
    """

    def __init__(self, make_map: MakeMap, make_list: MakeList) -> None:
        self._make_map = make_map
        self._make_list = make_list
        self._fast = _FastReader(make_map, make_list)

    def read(self, data: bytes | str, bytes_max: int | None = None) -> Any:
        """The value written in `data`. O(size).

        Raises:
            TypeError: `data` is neither bytes nor str.
            JSONError: longer than `bytes_max`, not JSON, not UTF-8, a number out of range, or
                deeper than `DEPTH_COUNT_MAX`.
        """
        raw = _encoded(data)
        if bytes_max is not None and len(raw) > bytes_max:
            raise JSONError(f"longer than {bytes_max} bytes", max(bytes_max, 0))
        text = data if isinstance(data, str) else _decoded(raw)
        try:
            if _is_shallow(text):
                return self._fast.decode(text)
        except (json.JSONDecodeError, _NumberError):
            pass  # The slow reader below gives the same verdict and knows the offset.
        return self.read_slowly(raw)

    def read_slowly(self, raw: bytes) -> Any:
        """The same for valid UTF-8 alone, byte by byte: the definition."""
        return _SlowReader(raw, self._make_map, self._make_list).document()


def _encoded(data: bytes | str) -> bytes:
    if isinstance(data, str):
        try:
            return data.encode()
        except UnicodeEncodeError as error:
            raise JSONError("invalid UTF-8", len(data[: error.start].encode())) from None
    if not isinstance(data, bytes | bytearray | memoryview):
        raise TypeError(f"loads takes bytes or str, not {type(data).__name__}")
    return bytes(data)


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise JSONError("invalid UTF-8", error.start) from None


# --- the definition ----------------------------------------------------------------------------

_SPACE = re.compile(rb"[ \t\n\r]*")
_NUMBER_RUN = re.compile(rb"[-+.0-9eE]+")
_NUMBER = re.compile(rb"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?")
_PLAIN = re.compile(rb'[^"\\\x00-\x1f]*')
_HEX = re.compile(rb"[0-9a-fA-F]{0,4}")
_WORDS: Final = ((b"true", True), (b"false", False), (b"null", None))
_ESCAPES: Final = {
    b'"': '"', b"\\": "\\", b"/": "/", b"b": "\b", b"f": "\f", b"n": "\n", b"r": "\r", b"t": "\t",
}  # fmt: skip


class _SlowReader:
    """A recursive descent over `raw`; `_at` is the next byte."""

    def __init__(self, raw: bytes, make_map: MakeMap, make_list: MakeList) -> None:
        self._raw = raw
        self._at = 0
        self._make_map = make_map
        self._make_list = make_list

    def document(self) -> Any:
        value = self._value(0)
        self._skip_space()
        if self._at < len(self._raw):
            raise JSONError("unexpected text after the value", self._at)
        return value

    def _skip_space(self) -> None:
        self._at = _end(_SPACE, self._raw, self._at)

    def _take(self, token: bytes) -> bool:
        """Skip space, then `token` if it is next."""
        self._skip_space()
        found = self._raw.startswith(token, self._at)
        self._at += len(token) if found else 0
        return found

    def _value(self, depth: int) -> Any:
        self._skip_space()
        start = self._at
        first = self._raw[start : start + 1]
        if first in (b"{", b"[") and first:
            if depth >= DEPTH_COUNT_MAX:
                raise JSONError(TOO_DEEP, start)
            self._at += 1
            return self._map(depth + 1) if first == b"{" else self._list(depth + 1)
        if first == b'"':
            return self._string()
        if first and first in b"-0123456789":
            return self._number()
        for word, value in _WORDS:
            if self._take(word):
                return value
        raise JSONError("expected a value", start)

    def _map(self, depth: int) -> Any:
        pairs: list[tuple[str, Any]] = []
        if self._take(b"}"):
            return self._make_map(pairs)
        while True:
            self._skip_space()
            if not self._raw.startswith(b'"', self._at):
                raise JSONError("expected a key" if pairs else "expected a key or '}'", self._at)
            key = self._string()
            if not self._take(b":"):
                raise JSONError("expected ':'", self._at)
            pairs.append((key, self._value(depth)))
            if self._take(b"}"):
                return self._make_map(pairs)
            if not self._take(b","):
                raise JSONError("expected ',' or '}'", self._at)

    def _list(self, depth: int) -> Any:
        values: list[Any] = []
        if self._take(b"]"):
            return self._make_list(values)
        while True:
            values.append(self._value(depth))
            if self._take(b"]"):
                return self._make_list(values)
            if not self._take(b","):
                raise JSONError("expected ',' or ']'", self._at)

    def _number(self) -> int | float:
        start = self._at
        self._at = _end(_NUMBER_RUN, self._raw, start)
        digits = self._raw[start : self._at]
        match = _NUMBER.fullmatch(digits)
        if match is None:
            raise JSONError("invalid number", start)
        try:
            if match.lastindex is None:
                return _parse_int(digits.decode())
            return _parse_float(digits.decode())
        except _NumberError:
            raise JSONError("number out of range", start) from None

    def _string(self) -> str:
        start = self._at
        self._at += 1
        pieces: list[str] = []
        while True:
            end = _end(_PLAIN, self._raw, self._at)
            pieces.append(self._raw[self._at : end].decode())
            self._at = end
            stop = self._raw[end : end + 1]
            if stop == b'"':
                self._at += 1
                return _joined("".join(pieces))
            if stop and stop != b"\\":
                raise JSONError("control character in string", end)
            pieces.append(self._escape(start))

    def _escape(self, start: int) -> str:
        """The character of one escape; halves of a surrogate pair are joined later."""
        at = self._at
        letter = self._raw[at + 1 : at + 2]
        digits = self._raw[at + 2 : _end(_HEX, self._raw, at + 2)] if letter == b"u" else b""
        if not letter or (letter == b"u" and at + 2 + len(digits) == len(self._raw)):
            raise JSONError("unterminated string", start)
        if letter == b"u" and len(digits) == 4:
            self._at = at + 6
            return chr(int(digits, 16))
        if letter not in _ESCAPES:
            raise JSONError("invalid escape", at)
        self._at = at + 2
        return _ESCAPES[letter]


def _end(pattern: re.Pattern[bytes], raw: bytes, at: int) -> int:
    match = pattern.match(raw, at)
    return at if match is None else match.end()


_PAIR_OR_HALF = re.compile("[\ud800-\udbff][\udc00-\udfff]|[\ud800-\udfff]")


def _joined(text: str) -> str:
    """Pairs of surrogate halves as one character, lone halves as U+FFFD."""
    return text if text.isascii() else _PAIR_OR_HALF.sub(_character, text)


def _character(match: re.Match[str]) -> str:
    halves = match[0]
    if len(halves) == 1:
        return "\ufffd"
    return chr(0x10000 + ((ord(halves[0]) - 0xD800) << 10) + (ord(halves[1]) - 0xDC00))


# --- the standard library's scanner with the same rules ----------------------------------------


class _NumberError(ValueError):
    """A number out of range, or a word like NaN; the slow reader says where."""


def _parse_int(digits: str) -> int | float:
    value = int(digits) if len(digits) <= 20 else INT_MAX + 1
    return value if INT_MIN <= value <= INT_MAX else _parse_float(digits)


def _parse_float(digits: str) -> float:
    value = float(digits) + 0.0  # -0.0 + 0.0 is 0.0
    if value - value != 0.0:
        raise _NumberError(digits)
    return value


def _parse_constant(word: str) -> Never:
    raise _NumberError(word)


_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)


def _is_shallow(text: str) -> bool:
    """Whether no bracket is nested too deep; most texts have too few brackets to look closer."""
    if text.count("[") + text.count("{") <= DEPTH_COUNT_MAX:
        return True
    depth = 0
    for token in _STRING_OR_BRACKET.findall(text):
        if token in ("[", "{"):
            depth += 1
            if depth > DEPTH_COUNT_MAX:
                return False
        elif token in ("]", "}"):
            depth -= 1
    return True


class _FastReader(json.JSONDecoder):
    """Its maps come out finished; lists and strings are finished by whoever holds them."""

    def __init__(self, make_map: MakeMap, make_list: MakeList) -> None:
        super().__init__(
            object_pairs_hook=self._map,
            parse_int=_parse_int,
            parse_float=_parse_float,
            parse_constant=_parse_constant,
        )
        self._make_map = make_map
        self._make_list = make_list

    def decode(self, text: str) -> Any:  # type: ignore[override]
        return self._finished(super().decode(text))

    def _map(self, pairs: list[tuple[str, Any]]) -> Any:
        return self._make_map([(_joined(key), self._finished(value)) for key, value in pairs])

    def _finished(self, value: Any) -> Any:
        if type(value) is list:
            return self._make_list([self._finished(item) for item in value])
        return _joined(value) if type(value) is str else value
