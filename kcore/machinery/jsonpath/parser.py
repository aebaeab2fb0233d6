"""The template language of `kubectl -o jsonpath`: text with actions in braces.

It is near JSONPath and not it: `range`/`end`, escaped dots, filters of one comparison, text in
quotes. The reader below makes the same mistakes as upstream's, with the same messages.
"""

import re
from functools import lru_cache
from typing import Any, Final

from kcore.machinery.go_text import parse_int64
from kcore.machinery.jsonpath.nodes import (
    Bound,
    Descent,
    Field,
    Filter,
    Identifier,
    Literal,
    Sequence,
    Slice,
    Union,
    Wildcard,
)
from kcore.machinery.jsonpath.unquoting import unquote

_DICT_KEY: Final = re.compile(r"'([^']*)'")
_SLICE: Final = re.compile(r"(-?[0-9]*)(:-?[0-9]*)?(:-?[0-9]*)?", re.ASCII)
_COMPARISON: Final = re.compile(r"([^!<>=]+)([!<>=]+)(.+?)")
_END: Final = ""
_TERMINATORS: Final = frozenset(" \t\r\n.,[]$@{}")
_LINE_ENDS: Final = "\r\n"
_QUOTES: Final = "\"'"


class JsonPathError(ValueError):
    """The template is wrong, or does not fit the data; the message is upstream's."""


@lru_cache(maxsize=512)
def parse_template(text: str) -> tuple[Any, ...]:
    """The nodes of a template: `Literal` for text, `Sequence` for an action.

    Raises:
        JsonPathError: the template is wrong.
    """
    return tuple(_Reader(text).template())


def _action(text: str) -> Sequence:
    """The first node of `{text}`: what follows a closing brace inside is not looked at."""
    node = parse_template(f"{{{text}}}")[0]
    return node if isinstance(node, Sequence) else Sequence((node,))


class _Reader:
    """One pass over a template. `_start` is where the current piece begins."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._start = 0
        self._position = 0

    def template(self) -> list[Any]:
        nodes: list[Any] = []
        while True:
            opening = self._text.find("{", self._position)
            end = len(self._text) if opening < 0 else opening
            if end > self._start:
                nodes.append(Literal(self._text[self._start : end]))
            if opening < 0:
                return nodes
            self._start = self._position = opening + 1
            nodes.append(self._sequence())

    def _next(self) -> str:
        character = self._text[self._position : self._position + 1]
        self._position += len(character)
        return character

    def _consume(self) -> str:
        piece = self._text[self._start : self._position]
        self._start = self._position
        return piece

    def _skip(self, length: int) -> None:
        self._position += length
        self._start = self._position

    def _sequence(self) -> Sequence:
        """The nodes up to the closing brace."""
        nodes: list[Any] = []
        while not self._text.startswith("}", self._position):
            if self._text.startswith("[?(", self._position):
                nodes.append(self._filter())
            elif self._text.startswith("..", self._position):
                self._descent(nodes)
            else:
                nodes.extend(self._step())
        self._skip(1)
        return Sequence(tuple(nodes))

    def _step(self) -> list[Any]:
        character = self._next()
        if character == _END or character in _LINE_ENDS:
            raise JsonPathError("unclosed action")
        if character in " @$":
            self._consume()
            return []
        if character == "[":
            return self._array()
        if character in _QUOTES:
            return [self._quoted(character)]
        if character == ".":
            return [self._field()]
        if character in "+-" or character.isdecimal():
            return [self._number()]
        if _is_word(character):
            return [self._identifier()]
        shown = f" '{character}'" if character.isprintable() else ""
        raise JsonPathError(f"unrecognized character in action: U+{ord(character):04X}{shown}")

    def _identifier(self) -> Any:
        while self._text[self._position : self._position + 1] not in (_END, *_TERMINATORS):
            self._position += 1
        word = self._consume()
        return Literal(word == "true", True) if word in ("true", "false") else Identifier(word)

    def _descent(self, nodes: list[Any]) -> None:
        if nodes and isinstance(nodes[-1], Descent):
            raise JsonPathError("invalid multiple recursive descent")
        self._skip(2)
        nodes.append(Descent())
        if _is_word(self._text[self._position : self._position + 1]):
            nodes.append(self._field())

    def _number(self) -> Literal:
        while (character := self._text[self._position : self._position + 1]) == "." or (
            character.isdecimal()
        ):
            self._position += 1
        text = self._consume()
        number = parse_int64(text)
        if number is not None:
            return Literal(number, True)
        digits = text.lstrip("+-")
        is_float = digits.isascii() and digits.count(".") <= 1 and digits != "."
        if not (digits and is_float):
            raise JsonPathError(f"cannot parse number {text}")
        return Literal(float(text), True)

    def _field(self) -> Any:
        self._consume()
        while (character := self._next()) not in (_END, *_TERMINATORS):
            if character == "\\":
                self._next()
        self._position -= len(character)
        name = self._consume()
        return Wildcard() if name == "*" else Field(name.replace("\\", ""))

    def _quoted(self, mark: str) -> Literal:
        while True:
            character = self._next()
            if character in (_END, "\n"):
                raise JsonPathError("unterminated quoted string")
            if character == mark and self._text[self._position - 2] != "\\":
                break
        quoted = self._consume()
        text = unquote(quoted)
        if text is None:
            raise JsonPathError(f"unquote string {quoted} error invalid syntax")
        return Literal(text)

    def _array(self) -> list[Any]:
        while (character := self._next()) != "]":
            if character in (_END, "\n"):
                raise JsonPathError("unterminated array")
        text = self._consume()[1:-1]
        if text == "*":
            text = ":"
        members = text.split(",")
        if len(members) > 1:
            return [Union(tuple(_action(f"[{one.strip(' ')}]") for one in members))]
        key = _DICT_KEY.fullmatch(text)
        if key is not None:
            return list(_action(f".{key[1]}").nodes)
        return [_slice(text)]

    def _filter(self) -> Filter:
        self._skip(3)
        self._to_filter_end()
        if self._next() != "]":
            raise JsonPathError("unclosed array expect ]")
        text = self._consume()[:-2]
        match = _COMPARISON.fullmatch(text)
        if match is None:
            return Filter(_action(text), "exists", Sequence())
        return Filter(_action(match[1]), match[2], _action(match[3]))

    def _to_filter_end(self) -> None:
        """Move past the parenthesis that closes the filter: not one inside a quoted text."""
        mark = ""
        closed = False
        while True:
            character = self._next()
            if character in (_END, "\n"):
                raise JsonPathError("unterminated filter")
            if character in _QUOTES:
                if not mark:
                    mark = character
                elif character == mark and self._text[self._position - 2] != "\\":
                    closed = True
            elif character == ")" and bool(mark) == closed:
                return


def _is_word(character: str) -> bool:
    return character == "_" or character.isalpha() or character.isdecimal()


def _slice(text: str) -> Slice:
    match = _SLICE.fullmatch(text)
    if match is None:
        raise JsonPathError(f"invalid array index {text}")
    start_text, end_text, step_text = (part or "" for part in match.groups())
    start = _bound(start_text)
    end = _bound(end_text[1:]) if end_text else Bound(True, start.value + 1, derived=True)
    return Slice(start, end, _bound(step_text[1:]))


def _bound(text: str) -> Bound:
    if not text:
        return Bound(False)
    number = parse_int64(text)
    if number is None:
        raise JsonPathError(f"array index {text} is not a number")
    return Bound(True, number)
