"""The text form of label selectors, read with upstream's lexer and its mistakes.

    selector    = [requirement {"," requirement}]
    requirement = ["!"] key [operator values]
    operator    = "=" | "==" | "!=" | ">" | "<" | "in" | "notin"

`in` and `notin` are words only where an operator may stand; elsewhere they are names.
"""

from collections.abc import Iterator
from typing import Final

from kcore.machinery.field_errors import INVALID, FieldError
from kcore.machinery.formats import label_key, label_value
from kcore.machinery.labels.requirement import (
    BINARY_OPERATORS,
    DOES_NOT_EXIST,
    DOUBLE_EQUALS,
    EQUALS,
    EXISTS,
    GREATER_THAN,
    IN,
    LESS_THAN,
    NOT_EQUALS,
    NOT_IN,
    Requirement,
    SelectorError,
    requirement,
)
from kcore.machinery.labels.selector import Selector

_SPACE: Final = " \t\r\n"
_SPECIAL: Final = "=!(),><"
_SYMBOLS: Final = frozenset({")", ",", "!", "==", "=", ">", "<", "!=", "("})
_WORDS: Final = frozenset({"in", "notin"})
_OPERATOR_OF: Final = {
    "in": IN,
    "=": EQUALS,
    "==": DOUBLE_EQUALS,
    ">": GREATER_THAN,
    "<": LESS_THAN,
    "notin": NOT_IN,
    "!=": NOT_EQUALS,
}
# Kinds of tokens; a symbol or word is its own kind.
_NAME: Final = "name"
_END: Final = "end"
_ERROR: Final = "error"
_END_OF_TEXT: Final = "\0"  # Upstream's lexer cannot tell a NUL from the end either.

_Token = tuple[str, str]


def parse_selector(text: str) -> Selector:
    """Read a selector.

    Raises:
        SelectorError: `text` is none; the message is upstream's.
    """
    return Selector(_Parser(text).selector())


def parse_labels_map(text: str) -> dict[str, str]:
    """The labels of a selector that is only `key=value` pairs.

    Raises:
        SelectorError: it says more, or a key or value is not allowed.
    """
    labels: dict[str, str] = {}
    for term in text.split(",") if text else ():
        parts = term.split("=")
        if len(parts) != 2:
            raise SelectorError(f"invalid selector: [{' '.join(parts)}]")
        name, value = parts[0].strip(), parts[1].strip()
        for path, given, messages in (
            ("<nil>", name, label_key(name)),
            (f"[{name}]", value, label_value(value)),
        ):
            if messages:
                raise SelectorError(str(FieldError(INVALID, path, given, "; ".join(messages))))
        labels[name] = value
    return labels


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while True:
        while position < len(text) and text[position] in _SPACE:
            position += 1
        if position >= len(text) or text[position] == _END_OF_TEXT:
            yield _END, ""
            return
        if text[position] in _SPECIAL:
            token, position = _symbol(text, position)
        else:
            token, position = _name(text, position)
        yield token


def _name(text: str, start: int) -> tuple[_Token, int]:
    end = start
    while end < len(text) and text[end] not in _SPECIAL and text[end] not in _SPACE:
        if text[end] == _END_OF_TEXT:
            break
        end += 1
    literal = text[start:end]
    after = end + 1 if text[end : end + 1] == _END_OF_TEXT else end
    return (literal if literal in _WORDS else _NAME, literal), after


def _symbol(text: str, start: int) -> tuple[_Token, int]:
    """The longest symbol that grows by known symbols: `=!` is read as `=` and `!`."""
    end = start
    known = ""
    while end < len(text) and text[end] in _SPECIAL:
        candidate = text[start : end + 1]
        if candidate in _SYMBOLS:
            known = candidate
        elif known:
            break
        end += 1
    if not known:
        return (_ERROR, f"error expected: keyword found '{text[start:end]}'"), end
    return (known, known), end


class _Parser:
    """Recursive descent over the tokens, one method per rule."""

    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._position = 0

    def _peek(self) -> _Token:
        kind, literal = self._tokens[self._position]
        return (_NAME if kind in _WORDS else kind), literal

    def _take(self) -> _Token:
        token = self._peek()
        self._position += 1
        return token

    def selector(self) -> list[Requirement]:
        found: list[Requirement] = []
        while True:
            kind, literal = self._peek()
            if kind == _END:
                return found
            if kind not in (_NAME, "!"):
                raise SelectorError(
                    f"found '{literal}', expected: !, identifier, or 'end of string'"
                )
            try:
                found.append(self._requirement())
            except SelectorError as error:
                raise SelectorError(f"unable to parse requirement: {error}") from None
            kind, literal = self._take()
            if kind == _END:
                return found
            if kind != ",":
                raise SelectorError(f"found '{literal}', expected: ',' or 'end of string'")
            kind, literal = self._peek()
            if kind not in (_NAME, "!"):
                raise SelectorError(f"found '{literal}', expected: identifier after ','")

    def _requirement(self) -> Requirement:
        kind, literal = self._take()
        operator = ""
        if kind == "!":
            operator = DOES_NOT_EXIST
            kind, literal = self._take()
        if kind != _NAME:
            raise SelectorError(f"found '{literal}', expected: identifier")
        messages = label_key(literal)
        if messages:
            error = FieldError(INVALID, "<nil>", literal, "; ".join(messages))
            raise SelectorError(str(error))
        if self._peek()[0] in (_END, ",") and not operator:
            operator = EXISTS
        if operator:
            return requirement(literal, operator, ())
        operator = self._operator()
        values = self._values() if operator in (IN, NOT_IN) else self._exact_value()
        return requirement(literal, operator, sorted(set(values)))

    def _operator(self) -> str:
        kind, literal = self._tokens[self._position]
        self._position += 1
        if kind not in _OPERATOR_OF:
            raise SelectorError(f"found '{literal}', expected: {', '.join(BINARY_OPERATORS)}")
        return _OPERATOR_OF[kind]

    def _values(self) -> list[str]:
        kind, literal = self._take()
        if kind != "(":
            raise SelectorError(f"found '{literal}' expected: '('")
        kind, literal = self._peek()
        if kind == ")":
            self._take()
            return [""]
        if kind not in (_NAME, ","):
            raise SelectorError(f"found '{literal}', expected: ',', ')' or identifier")
        found = self._list()
        self._take()
        return found

    def _list(self) -> list[str]:
        """Names up to the closing parenthesis; a comma without a name before it adds ""."""
        found: list[str] = []
        while True:
            kind, literal = self._take()
            if kind == _NAME:
                found.append(literal)
                kind, literal = self._peek()
                if kind == ")":
                    return found
                if kind != ",":
                    raise SelectorError(f"found '{literal}', expected: ',' or ')'")
            elif kind == ",":
                kind, _ = self._peek()
                if not found or kind in (")", ","):
                    found.append("")
                if kind == ")":
                    return found
            else:
                raise SelectorError(f"found '{literal}', expected: ',', or identifier")

    def _exact_value(self) -> list[str]:
        if self._peek()[0] in (_END, ","):
            return [""]
        kind, literal = self._take()
        if kind != _NAME:
            raise SelectorError(f"found '{literal}', expected: identifier")
        return [literal]
