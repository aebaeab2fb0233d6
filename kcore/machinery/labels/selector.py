"""Label selectors: a conjunction of requirements, from text, from a LabelSelector, from a map.

A selector is compiled once and asked often: it is a `Matcher` of the compiled kernel, to which this
module is the one door, so `matches` costs no Python frame.
An absent LabelSelector (null) matches nothing, an empty one everything: upstream's trap, kept.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from kcore import _native
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP
from kcore.machinery.go_text import quote
from kcore.machinery.labels.requirement import (
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

if TYPE_CHECKING:
    from kcore._native import matcher as _kernel
else:
    _kernel = _native.matcher

_TEST_OF: Final = {
    EQUALS: _kernel.ANY_OF,
    DOUBLE_EQUALS: _kernel.ANY_OF,
    IN: _kernel.ANY_OF,
    NOT_EQUALS: _kernel.NONE_OF,
    NOT_IN: _kernel.NONE_OF,
    EXISTS: _kernel.PRESENT,
    DOES_NOT_EXIST: _kernel.ABSENT,
    GREATER_THAN: _kernel.ABOVE,
    LESS_THAN: _kernel.BELOW,
}
# None of no values: it holds of no map.
_IMPOSSIBLE: Final = (("", _kernel.ANY_OF, ()),)
_OPERATOR_OF: Final = {
    "In": IN,
    "NotIn": NOT_IN,
    "Exists": EXISTS,
    "DoesNotExist": DOES_NOT_EXIST,
}
_EQUAL: Final = (EQUALS, DOUBLE_EQUALS)
_NAME_OF: Final = {operator: name for name, operator in _OPERATOR_OF.items()}


class Selector(_kernel.Matcher):
    """All requirements must hold. Sorted by key; immutable; equal when the requirements are.

    `matches(labels)`, the kernel's, says whether an object with these labels is selected; None
    stands for no labels. O(requirements).
    """

    __slots__ = ("requirements", "selectable")

    def __init__(self, requirements: Iterable[Requirement], *, selectable: bool = True) -> None:
        self.requirements = tuple(sorted(requirements, key=lambda one: one.key))
        self.selectable = selectable
        # Equality is by far the most common condition, and the cheapest: it is tried first.
        order = sorted(self.requirements, key=lambda one: one.operator not in _EQUAL)
        conditions = [(one.key, _TEST_OF[one.operator], one.values) for one in order]
        super().__init__(conditions if selectable else _IMPOSSIBLE)

    def __reduce__(self) -> tuple[Any, ...]:
        return _selector, (self.requirements, self.selectable)

    def is_empty(self) -> bool:
        """Whether it selects everything because it asks for nothing."""
        return self.selectable and not self.requirements

    def required_value(self, name: str) -> str | None:
        """The one value that the label `name` must have, if the selector says so."""
        for one in self.requirements:
            if one.key == name:
                exact = one.operator in (EQUALS, DOUBLE_EQUALS, IN) and len(one.values) == 1
                return one.values[0] if exact else None
        return None

    def __str__(self) -> str:
        return ",".join(map(str, self.requirements))

    def __repr__(self) -> str:
        return f"Selector({str(self)!r})" if self.selectable else "NOTHING"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Selector):
            return NotImplemented
        return (self.selectable, self.requirements) == (other.selectable, other.requirements)

    def __hash__(self) -> int:
        return hash((self.selectable, self.requirements))


def _selector(requirements: tuple[Requirement, ...], selectable: bool) -> Selector:
    return Selector(requirements, selectable=selectable)


EVERYTHING: Final = Selector(())
NOTHING: Final = Selector((), selectable=False)


def from_label_selector(obj: Any) -> Selector:
    """Compile a LabelSelector object; None matches nothing.

    Raises:
        SelectorError: an expression is not allowed.
    """
    if obj is None:
        return NOTHING
    labels = obj.at("matchLabels", default=EMPTY_MAP)
    found = [requirement(name, EQUALS, (labels[name],)) for name in labels]
    for expression in obj.at("matchExpressions", default=EMPTY_LIST):
        word = expression.operator or ""
        if word not in _OPERATOR_OF:
            raise SelectorError(f"{quote(word)} is not a valid label selector operator")
        # Upstream copies the values, which turns an empty list into none.
        values = expression.at("values") or None
        found.append(requirement(expression.key or "", _OPERATOR_OF[word], values))
    return Selector(found) if found else EVERYTHING


def from_set(labels: Mapping[str, str] | None) -> Selector:
    """The selector for exactly these labels, unchecked; none select everything."""
    if not labels:
        return EVERYTHING
    return Selector(Requirement(name, EQUALS, (labels[name],)) for name in labels)


def from_validated_set(labels: Mapping[str, str] | None) -> Selector:
    """The same, with keys and values checked.

    Raises:
        SelectorError: a key or value is not allowed.
    """
    if not labels:
        return EVERYTHING
    return Selector(requirement(name, EQUALS, (labels[name],)) for name in labels)


def format_label_selector(obj: Any) -> str:
    """A LabelSelector in one line, as kubectl shows it."""
    try:
        text = str(from_label_selector(obj))
    except SelectorError:
        return "<error>"
    return text or "<none>"


def label_selector_as_map(obj: Any) -> dict[str, str]:
    """The plain map that means the same as a LabelSelector.

    Raises:
        SelectorError: it says more than a map can.
    """
    found = dict(obj.at("matchLabels", default=EMPTY_MAP).items())
    for expression in obj.at("matchExpressions", default=EMPTY_LIST):
        word = quote(expression.operator or "")
        values = expression.at("values", default=EMPTY_LIST)
        old = "converted into the old label selector format"
        if expression.operator == "In":
            if len(values) != 1:
                raise SelectorError(f"operator {word} without a single value cannot be {old}")
            found[expression.key or ""] = values[0]
        elif expression.operator in _OPERATOR_OF:
            raise SelectorError(f"operator {word} cannot be {old}")
        else:
            raise SelectorError(f"{word} is not a valid selector operator")
    return found


def to_label_selector(requirements: Iterable[Requirement]) -> dict[str, Any]:
    """The LabelSelector object of a parsed selector.

    Raises:
        SelectorError: it compares numbers or differs with `!=`.
    """
    labels: dict[str, str] = {}
    expressions: list[dict[str, Any]] = []
    for one in requirements:
        if one.operator in (EQUALS, DOUBLE_EQUALS):
            labels[one.key] = one.values[0]
        elif one.operator in _NAME_OF:
            entry = {"key": one.key, "operator": _NAME_OF[one.operator]}
            values = sorted(set(one.values))
            expressions.append({**entry, "values": values} if values else entry)
        elif one.operator in ("gt", "lt"):
            raise SelectorError(f"{quote(one.operator)} isn't supported in label selectors")
        else:
            raise SelectorError(f"{quote(one.operator)} is not a valid label selector operator")
    return {"matchLabels": labels, "matchExpressions": expressions}
