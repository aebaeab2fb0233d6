"""A stream of YAML or JSON documents, cut and decoded as upstream's readers do it.

`yaml_documents` cuts a text at its `---` lines. `StreamDecoder` gives one value after another, from
JSON values that follow each other or from YAML documents: it begins with JSON when the text begins
with a brace, and changes to YAML, once, when JSON fails before its third value. Upstream's edges
are kept: a separator with text after it is an error, an opening separator belongs to its document,
and fewer than four bytes are too few to change to YAML for.

What the values mean is not known here; `manifest` has lines and kinds for people.
"""

from collections.abc import Iterator
from typing import Any, Final

from kcore.machinery.json_document import (
    JsonSyntaxError,
    Members,
    Number,
    Scanner,
    read_document,
)
from kcore.machinery.yaml_dialect import YamlError, yaml_to_json

SEPARATOR: Final = b"---"
_GUESS_BYTES: Final = 4096
_RUNE_BYTES: Final = 4
_UNAMBIGUOUS_COUNT: Final = 1
_UNEXPECTED_END: Final = "unexpected EOF"
_SPACE: Final = " \t\n\v\f\r\u0085\u00a0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(
    map(chr, range(0x2000, 0x200B))
)


class StreamError(ValueError):
    """A document that cannot be read, in upstream's words."""


class EndOfStreamError(Exception):
    """There is no further document."""


def yaml_documents(text: str) -> Iterator[str]:
    """The documents between separator lines, each with its line ends made one character. O(size).

    Raises:
        StreamError: something other than a comment follows a separator on its line.
    """
    reader = _YamlReader(text.encode())
    while True:
        try:
            yield reader.document().decode()
        except EndOfStreamError:
            return


class _YamlReader:
    """Cuts bytes at separator lines."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def _line(self) -> bytes | None:
        """The next line with its end; None at the end of the stream."""
        if self._at >= len(self._data):
            return None
        end = self._data.find(b"\n", self._at)
        stop = len(self._data) if end < 0 else end
        line = self._data[self._at : stop]
        self._at = stop + 1
        return (line.removesuffix(b"\r") if end >= 0 else line) + b"\n"

    def document(self) -> bytes:
        """The next document.

        Raises:
            EndOfStreamError: there is none.
            StreamError: a separator with text after it.
        """
        lines: list[bytes] = []
        while (line := self._line()) is not None:
            if line.startswith(SEPARATOR):
                rest = line[len(SEPARATOR) :].decode("utf-8", "replace").strip(_SPACE)
                if rest and not rest.startswith("#"):
                    raise StreamError(f"invalid Yaml document separator: {rest}")
                if lines:
                    break
            lines.append(line)
        if not lines:
            raise EndOfStreamError
        return b"".join(lines)


class StreamDecoder:
    """Values of a stream, one after another."""

    def __init__(self, text: str) -> None:
        self._data = text.encode()
        self._at = 0
        self._count = 0
        head = self._data[:_GUESS_BYTES].decode("utf-8", "replace").lstrip(_SPACE)
        self._is_json = head.startswith("{")
        self._yaml = None if self._is_json else _YamlReader(self._data)

    def next(self) -> Any:
        """The next value: plain, every number a float.

        Raises:
            EndOfStreamError: there is none.
            StreamError: the next document is malformed.
        """
        first = ""
        if self._is_json:
            try:
                return self._next_json()
            except JsonSyntaxError as error:
                if self._count > _UNAMBIGUOUS_COUNT:
                    raise StreamError(error.problem) from None
                first = _with_offset(error)
            self._change_to_yaml()
        if self._yaml is None:
            raise StreamError(first or "decoding failed as both JSON and YAML")
        try:
            value = _yaml_value(self._yaml.document())
        except StreamError as error:
            raise StreamError(first or str(error)) from None
        self._count += 1
        return value

    def _next_json(self) -> Any:
        rest = self._data[self._at :]
        if not rest.strip(b" \t\r\n"):
            raise EndOfStreamError
        try:
            size = Scanner(rest).value_only()
        except JsonSyntaxError as error:
            is_cut = error.offset >= len(rest) and "unexpected end" in error.problem
            problem = _UNEXPECTED_END if is_cut else error.problem
            raise JsonSyntaxError(problem, self._at + error.offset) from None
        value = _floats(read_document(rest[:size].decode("utf-8", "replace")))
        self._at += size
        self._count += 1
        return value

    def _change_to_yaml(self) -> None:
        """Read the rest as YAML, from after the blanks of the current line."""
        self._is_json = False
        at = self._at
        while True:
            head = self._data[at : at + _RUNE_BYTES]
            if len(head) < _RUNE_BYTES:
                return
            rune = head.decode("utf-8", "ignore")[:1]
            if not rune:
                return
            if rune not in _SPACE:
                break
            at += len(rune.encode())
            if rune == "\n":
                break
        self._yaml = _YamlReader(self._data[at:])


def _with_offset(error: JsonSyntaxError) -> str:
    if error.problem == _UNEXPECTED_END or error.problem.startswith("json: "):
        return error.problem
    return f"json: offset {error.offset}: {error.problem}"


def _yaml_value(document: bytes) -> Any:
    try:
        text = yaml_to_json(document.decode("utf-8", "replace"))
    except YamlError as error:
        raise StreamError(f"error converting YAML to JSON: {error}") from None
    try:
        return _floats(read_document(text))
    except JsonSyntaxError as error:
        raise StreamError(
            f"error unmarshaling JSON: while decoding JSON: {error.problem}"
        ) from None


def _floats(document: Any) -> Any:
    if isinstance(document, Members):
        return {key: _floats(item) for key, item in document}
    if isinstance(document, list):
        return [_floats(item) for item in document]
    if isinstance(document, Number):
        number = float(document)
        if number - number != 0:
            why = f"json: cannot unmarshal number {document} into Go value of type float64"
            raise JsonSyntaxError(why, 0)
        return number
    return document
