"""Field selectors: `spec.nodeName=n1,status.phase!=Running`.

Only equality exists. A comma, an equals sign or a backslash inside a value is escaped with a
backslash. Which fields a kind offers is not known here: `matches` asks a function for the text of a
field, "" for an absent one.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

_SPECIAL: Final = "\\,="
_OPERATORS: Final = ("!=", "==", "=")


class FieldSelectorError(ValueError):
    """The text is no field selector; the message is upstream's."""


@dataclass(frozen=True, slots=True)
class FieldRequirement:
    """`field` must be (or, with `!=`, must not be) `value`."""

    field: str
    operator: str
    value: str

    def matches(self, get: Callable[[str], str]) -> bool:
        """Whether the text of the field agrees."""
        return (get(self.field) == self.value) == (self.operator == "=")

    def __str__(self) -> str:
        return f"{self.field}{self.operator}{escape_value(self.value)}"


@dataclass(frozen=True, slots=True)
class FieldSelector:
    """All requirements must hold; none select everything."""

    requirements: tuple[FieldRequirement, ...] = ()

    def matches(self, get: Callable[[str], str]) -> bool:
        """Whether an object is selected; `get` gives the text of a field, "" if absent."""
        return all(one.matches(get) for one in self.requirements)

    def is_empty(self) -> bool:
        """Whether everything is selected."""
        return not self.requirements

    def required_value(self, field: str) -> str | None:
        """The value that `field` must have, if the selector says so."""
        for one in self.requirements:
            if one.field == field and one.operator == "=":
                return one.value
        return None

    def __str__(self) -> str:
        return ",".join(map(str, self.requirements))


EVERYTHING: Final = FieldSelector()


def parse_field_selector(text: str) -> FieldSelector:
    """Read a field selector; its terms are put in order.

    Raises:
        FieldSelectorError: `text` is none.
    """
    found: list[FieldRequirement] = []
    for term in sorted(_terms(text)):
        if not term:
            continue
        field, operator, value = _split(term, text)
        one = FieldRequirement(field, "!=" if operator == "!=" else "=", unescape_value(value))
        # Upstream's identity transform drops a term that says nothing at all.
        if one.field or one.value:
            found.append(one)
    return FieldSelector(tuple(found))


def from_pairs(pairs: Iterable[tuple[str, str]]) -> FieldSelector:
    """The selector for exactly these values, in the order given."""
    return FieldSelector(tuple(FieldRequirement(field, "=", value) for field, value in pairs))


def escape_value(value: str) -> str:
    """`value` with backslashes before the three special characters."""
    for character in _SPECIAL:
        value = value.replace(character, f"\\{character}")
    return value


def unescape_value(text: str) -> str:
    """The value an escaped text stands for.

    Raises:
        FieldSelectorError: an unknown escape, or a bare special character.
    """
    characters: list[str] = []
    escaped = False
    for character in text:
        if escaped:
            if character not in _SPECIAL:
                raise _bad_escape(f"\\{character}")
            characters.append(character)
            escaped = False
        elif character == "\\":
            escaped = True
        elif character in _SPECIAL:
            point = ord(character)
            message = f"invalid field selector: unescaped character in value: {point}"
            raise FieldSelectorError(message)
        else:
            characters.append(character)
    if escaped:
        raise _bad_escape("\\")
    return "".join(characters)


def _bad_escape(sequence: str) -> FieldSelectorError:
    return FieldSelectorError(f"invalid field selector: invalid escape sequence: {sequence}")


def _terms(text: str) -> list[str]:
    terms: list[str] = []
    start = 0
    escaped = False
    for position, character in enumerate(text):
        if escaped:
            escaped = False
        elif character == "\\":
            escaped = True
        elif character == ",":
            terms.append(text[start:position])
            start = position + 1
    terms.append(text[start:])
    return terms


def _split(term: str, text: str) -> tuple[str, str, str]:
    for position in range(len(term)):
        for operator in _OPERATORS:
            if term.startswith(operator, position):
                return term[:position], operator, term[position + len(operator) :]
    raise FieldSelectorError(f"invalid selector: '{text}'; can't understand '{term}'")
