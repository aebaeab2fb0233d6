"""The subset of Go's text/template that the benchmark's manifests use.

`{{.Index}}`, `{{if .x}}...{{else}}...{{end}}`, and calls of `AddInt`, `DivideInt`, `SubtractInt`
and `Mod` with parentheses. Anything else is refused by name.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kcore.errors import ManifestError

_ACTION: Final = re.compile(r"\{\{-?\s*(.*?)\s*-?\}\}", re.DOTALL)
_TOKEN: Final = re.compile(r"\s*([()]|\"[^\"]*\"|[^\s()]+)")

Values = Mapping[str, Any]


def _divide(dividend: int, divisor: int) -> int:
    return int(dividend / divisor)


_FUNCTIONS: Final[Mapping[str, Callable[[int, int], int]]] = {
    "AddInt": lambda left, right: left + right,
    "SubtractInt": lambda left, right: left - right,
    "DivideInt": _divide,
    "Mod": lambda left, right: left - right * _divide(left, right),
}


@dataclass(frozen=True, slots=True)
class _Text:
    text: str


@dataclass(frozen=True, slots=True)
class _Value:
    expression: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _If:
    condition: tuple[str, ...]
    then: tuple["_Part", ...]
    otherwise: tuple["_Part", ...]


_Part = _Text | _Value | _If


class Template:
    """A parsed text; `render` fills it in. Parsing is O(size), so is rendering."""

    __slots__ = ("_parts", "_source")

    def __init__(self, text: str, source: str) -> None:
        """Parse `text`; `source` names it in messages.

        Raises:
            ManifestError: an action that is not part of the subset, or without its `end`.
        """
        self._source = source
        pieces = _ACTION.split(text)
        self._parts, rest, _ = self._parse(pieces, 0)
        if rest < len(pieces):
            raise self._error("unexpected {{end}} or {{else}}")

    @property
    def is_plain(self) -> bool:
        """Whether nothing is to be filled in: every rendering is the same."""
        return all(isinstance(part, _Text) for part in self._parts)

    def counts_by(self, name: str) -> bool:
        """Whether `.name` stands alone wherever it is used, and nothing is decided by anything."""
        return all(
            isinstance(part, _Text)
            or (
                isinstance(part, _Value)
                and (part.expression == (f".{name}",) or f".{name}" not in part.expression)
            )
            for part in self._parts
        )

    def render(self, values: Values) -> str:
        """The text with `values` in the places of `.name`.

        Raises:
            ManifestError: a number is needed and the value is none, or an unknown function.
        """
        return "".join(self._rendered(self._parts, values))

    def _rendered(self, parts: tuple[_Part, ...], values: Values) -> list[str]:
        texts = []
        for part in parts:
            if isinstance(part, _Text):
                texts.append(part.text)
            elif isinstance(part, _Value):
                value = self._evaluate(part.expression, values)
                texts.append("<no value>" if value is None else str(value))
            else:
                chosen = part.then if self._evaluate(part.condition, values) else part.otherwise
                texts.extend(self._rendered(chosen, values))
        return texts

    def _parse(self, pieces: list[str], at: int) -> tuple[tuple[_Part, ...], int, str]:
        """Parts from `at` on, until the end or an action that closes; texts have even places."""
        parts: list[_Part] = []
        while at < len(pieces):
            if at % 2 == 0:
                if pieces[at]:
                    parts.append(_Text(pieces[at]))
                at += 1
                continue
            action = pieces[at]
            if action in ("end", "else"):
                return tuple(parts), at + 1, action
            if action.startswith("if "):
                part, at = self._condition(pieces, at)
                parts.append(part)
            else:
                parts.append(_Value(self._tokens(action)))
                at += 1
        return tuple(parts), at, ""

    def _condition(self, pieces: list[str], at: int) -> tuple[_If, int]:
        condition = self._tokens(pieces[at].removeprefix("if "))
        then, at, closed = self._parse(pieces, at + 1)
        otherwise: tuple[_Part, ...] = ()
        if closed == "else":
            otherwise, at, closed = self._parse(pieces, at)
        if closed != "end":
            raise self._error("{{if}} without {{end}}")
        return _If(condition, then, otherwise), at

    def _tokens(self, action: str) -> tuple[str, ...]:
        tokens = tuple(_TOKEN.findall(action))
        if not tokens or tokens[0] in ("range", "with", "define", "template", "block"):
            raise self._error(f"{{{{{action}}}}} is not supported")
        return tokens

    def _evaluate(self, tokens: tuple[str, ...], values: Values) -> Any:
        value, rest = self._call(tokens, 0, values)
        if rest != len(tokens):
            raise self._error(f"cannot read {' '.join(tokens)}")
        return value

    def _call(self, tokens: tuple[str, ...], at: int, values: Values) -> tuple[Any, int]:
        function = _FUNCTIONS.get(tokens[at])
        if function is None:
            return self._operand(tokens, at, values)
        left, at = self._operand(tokens, at + 1, values)
        right, at = self._operand(tokens, at, values)
        try:
            return function(int(left), int(right)), at
        except (TypeError, ValueError, ZeroDivisionError) as error:
            raise self._error(f"{' '.join(tokens)}: {error}") from None

    def _operand(self, tokens: tuple[str, ...], at: int, values: Values) -> tuple[Any, int]:
        if at >= len(tokens):
            raise self._error(f"{' '.join(tokens)}: an operand is missing")
        token = tokens[at]
        if token == "(":
            value, at = self._call(tokens, at + 1, values)
            if at >= len(tokens) or tokens[at] != ")":
                raise self._error(f"{' '.join(tokens)}: a parenthesis is not closed")
            return value, at + 1
        if token.startswith("."):
            return values.get(token[1:]), at + 1
        if token.startswith('"'):
            return token[1:-1], at + 1
        if token.lstrip("-").isdigit():
            return int(token), at + 1
        raise self._error(f"function {token} is not supported")

    def _error(self, what: str) -> ManifestError:
        return ManifestError(what, source=self._source)
