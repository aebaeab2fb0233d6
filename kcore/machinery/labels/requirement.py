"""One condition on one label: `env in (dev,prod)`, `!spare`, `cpu>4`.

Operators are upstream's internal words (`in`, `notin`, `=`, `==`, `!=`, `exists`, `!`, `gt`, `lt`).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kcore.machinery.field_errors import FieldError, FieldErrors, child, index, key
from kcore.machinery.formats import label_key, label_value
from kcore.machinery.go_text import parse_int64

IN: Final = "in"
NOT_IN: Final = "notin"
EQUALS: Final = "="
DOUBLE_EQUALS: Final = "=="
NOT_EQUALS: Final = "!="
EXISTS: Final = "exists"
DOES_NOT_EXIST: Final = "!"
GREATER_THAN: Final = "gt"
LESS_THAN: Final = "lt"

BINARY_OPERATORS: Final = (
    IN,
    NOT_IN,
    EQUALS,
    DOUBLE_EQUALS,
    NOT_EQUALS,
    GREATER_THAN,
    LESS_THAN,
)
_OPERATORS: Final = (*BINARY_OPERATORS, EXISTS, DOES_NOT_EXIST)
_WANT_PRESENT: Final = frozenset({IN, EQUALS, DOUBLE_EQUALS})
_WANT_OTHER: Final = frozenset({NOT_IN, NOT_EQUALS})
_SIGNS: Final = {
    EQUALS: "=",
    DOUBLE_EQUALS: "==",
    NOT_EQUALS: "!=",
    IN: " in ",
    NOT_IN: " notin ",
    GREATER_THAN: ">",
    LESS_THAN: "<",
}


class SelectorError(ValueError):
    """The text or object is no selector; the message is upstream's, `causes` its parts."""

    def __init__(self, message: str, causes: Iterable[FieldError] = ()) -> None:
        super().__init__(message)
        self.causes = tuple(causes)


@dataclass(frozen=True, slots=True)
class Requirement:
    """A condition on the label `key`. Made by `requirement`, which checks it."""

    key: str
    operator: str
    values: tuple[str, ...] = ()

    def matches(self, labels: Mapping[str, str]) -> bool:
        """Whether a set of labels meets the condition. O(values)."""
        value = labels.get(self.key)
        operator = self.operator
        if operator in _WANT_PRESENT:
            return value is not None and value in self.values
        if operator in _WANT_OTHER:
            return value is None or value not in self.values
        if operator == EXISTS:
            return value is not None
        if operator == DOES_NOT_EXIST:
            return value is None
        return value is not None and self._compares(value)

    def _compares(self, value: str) -> bool:
        actual = parse_int64(value)
        wanted = parse_int64(self.values[0]) if len(self.values) == 1 else None
        if actual is None or wanted is None:
            return False
        return actual > wanted if self.operator == GREATER_THAN else actual < wanted

    def __str__(self) -> str:
        if self.operator == EXISTS:
            return self.key
        if self.operator == DOES_NOT_EXIST:
            return f"!{self.key}"
        values = ",".join(sorted(self.values))
        if self.operator in (IN, NOT_IN):
            values = f"({values})"
        return f"{self.key}{_SIGNS[self.operator]}{values}"


def requirement(
    name: str, operator: str, values: Sequence[str] | None, path: str = ""
) -> Requirement:
    """A checked requirement; `path` is where messages say it stands.

    Values that are absent (None) are not the same as none: messages show them as null.

    Raises:
        SelectorError: key, operator, number of values or a value is not allowed.
    """
    errors = FieldErrors()
    errors_of_key = label_key(name)
    if errors_of_key:
        errors.invalid(child(path, "key"), name, "; ".join(errors_of_key))
    values_path = child(path, "values")
    _check_values(errors, values_path, operator, values)
    if operator not in _OPERATORS:
        errors.not_supported(child(path, "operator"), operator, _OPERATORS)
    for position, value in enumerate(values or ()):
        messages = label_value(value)
        if messages:
            errors.invalid(key(index(values_path, position), name), value, "; ".join(messages))
    if errors:
        raise SelectorError(errors.message(), errors)
    return Requirement(name, operator, tuple(values or ()))


_COUNT_RULES: Final = {
    EQUALS: "exact-match compatibility requires one single value",
    DOUBLE_EQUALS: "exact-match compatibility requires one single value",
    NOT_EQUALS: "exact-match compatibility requires one single value",
    GREATER_THAN: "for 'Gt', 'Lt' operators, exactly one value is required",
    LESS_THAN: "for 'Gt', 'Lt' operators, exactly one value is required",
}


def _check_values(
    errors: FieldErrors, path: str, operator: str, given: Sequence[str] | None
) -> None:
    shown = None if given is None else list(given)
    values = given or ()
    if operator in (IN, NOT_IN) and not values:
        errors.invalid(path, shown, "for 'in', 'notin' operators, values set can't be empty")
    elif operator in (EXISTS, DOES_NOT_EXIST) and values:
        errors.invalid(path, shown, "values set must be empty for exists and does not exist")
    elif operator in _COUNT_RULES and len(values) != 1:
        errors.invalid(path, shown, _COUNT_RULES[operator])
    if operator in (GREATER_THAN, LESS_THAN):
        for position, value in enumerate(values):
            if parse_int64(value) is None:
                rule = "for 'Gt', 'Lt' operators, the value must be an integer"
                errors.invalid(index(path, position), value, rule)
