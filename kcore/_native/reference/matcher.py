"""Conditions on a map of texts: the readable twin of the `matcher` kernel.

A condition names a key, an operator and values. All conditions of a `Matcher` must hold. A value
that is null counts as absent; one that is no text is none of any values and is no number.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

ANY_OF: Final = 0
"""The key is there and its value is one of the values."""
NONE_OF: Final = 1
"""The key is absent or its value is none of the values."""
PRESENT: Final = 2
"""The key is there."""
ABSENT: Final = 3
"""The key is not there."""
ABOVE: Final = 4
"""The key's value is an int64 greater than the only value, which is one too."""
BELOW: Final = 5
"""The same, less than it."""

_INTEGER: Final = re.compile(r"([+-]?)0*([0-9]+)", re.ASCII)
_DIGITS_COUNT_MAX: Final = 19
_INT64_SPAN: Final = 1 << 63


@dataclass(frozen=True, slots=True)
class _Condition:
    key: str
    operator: int
    values: tuple[str, ...]

    def holds(self, labels: Mapping[str, Any]) -> bool:
        found = labels.get(self.key)
        if found is None:
            return self.operator in (NONE_OF, ABSENT)
        if self.operator in (PRESENT, ABSENT):
            return self.operator == PRESENT
        text = found if isinstance(found, str) else None
        if self.operator in (ANY_OF, NONE_OF):
            return (text in self.values) == (self.operator == ANY_OF)
        return self._compares(text)

    def _compares(self, text: str | None) -> bool:
        actual = None if text is None else _integer(text)
        bound = _integer(self.values[0]) if len(self.values) == 1 else None
        if actual is None or bound is None:
            return False
        return actual > bound if self.operator == ABOVE else actual < bound


def _condition(key: str, operator: int, values: Iterable[str]) -> _Condition:
    texts = tuple(values)
    if not all(isinstance(text, str) for text in (key, *texts)):
        raise TypeError("keys and values must be str")
    if not ANY_OF <= operator <= BELOW:
        raise ValueError(f"no operator has the number {operator}")
    return _Condition(key, operator, texts)


class Matcher:
    """All conditions must hold. Immutable; asked often."""

    __slots__ = ("_conditions",)

    def __init__(self, conditions: Iterable[tuple[str, int, Iterable[str]]]) -> None:
        if hasattr(self, "_conditions"):
            raise TypeError("a matcher is immutable")
        self._conditions = tuple(_condition(*condition) for condition in conditions)

    def matches(self, labels: Mapping[str, Any] | None, /) -> bool:
        """Whether the map `labels` (None: empty) meets all conditions. O(conditions)."""
        known = {} if labels is None else labels
        return all(condition.holds(known) for condition in self._conditions)


def _integer(text: str) -> int | None:
    """The int64 that `text` writes in decimal, or None."""
    match = _INTEGER.fullmatch(text)
    if match is None or len(match[2]) > _DIGITS_COUNT_MAX:
        return None
    number = -int(match[2]) if match[1] == "-" else int(match[2])
    return number if -_INT64_SPAN <= number < _INT64_SPAN else None


__all__ = ["ABOVE", "ABSENT", "ANY_OF", "BELOW", "NONE_OF", "PRESENT", "Matcher"]
