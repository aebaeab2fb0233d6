"""Small rules that fields of many kinds share: selectors, ports, counts, immutable fields."""

from collections.abc import Iterable
from typing import Any, Final

from kcore.machinery.field_errors import FieldErrors, Rendered, child, index
from kcore.machinery.formats import (
    label_key,
    label_value,
    percent,
    port_name,
    port_number,
    qualified_name,
)
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.meta import IMMUTABLE, NON_NEGATIVE, validate_labels, validate_non_negative

INT32_MAX: Final = 2**31 - 1
PROTOCOLS: Final = ("SCTP", "TCP", "UDP")
_TAKES_VALUES: Final = ("In", "NotIn")
_TAKES_NONE: Final = ("Exists", "DoesNotExist")


def validate_label_selector(selector: FrozenMap | None, errors: FieldErrors, path: str) -> None:
    """A LabelSelector: labels, and expressions that fit their operators."""
    if selector is None:
        return
    validate_labels(selector.get("matchLabels"), errors, child(path, "matchLabels"))
    for position, expression in enumerate(selector.get("matchExpressions") or EMPTY_LIST):
        _validate_expression(expression, errors, index(child(path, "matchExpressions"), position))


def _validate_expression(expression: FrozenMap, errors: FieldErrors, path: str) -> None:
    operator, values = expression.get("operator") or "", expression.get("values") or EMPTY_LIST
    if operator in _TAKES_VALUES:
        if not values:
            detail = "must be specified when `operator` is 'In' or 'NotIn'"
            errors.required(child(path, "values"), detail)
    elif operator in _TAKES_NONE:
        if values:
            detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
            errors.forbidden(child(path, "values"), detail)
    else:
        errors.invalid(child(path, "operator"), operator, "not a valid selector operator")
    key = expression.get("key") or ""
    errors.invalid_each(child(path, "key"), key, label_key(key))
    for position, value in enumerate(values):
        errors.invalid_each(index(child(path, "values"), position), value, label_value(value))


def is_empty_selector(selector: FrozenMap | None) -> bool:
    """Whether a selector has no term, and so selects everything."""
    return not selector or not (selector.get("matchLabels") or selector.get("matchExpressions"))


def validate_port_number(value: int, errors: FieldErrors, path: str) -> None:
    """1 to 65535."""
    errors.invalid_each(path, value, port_number(value))


def validate_port_number_or_name(value: int | str, errors: FieldErrors, path: str) -> None:
    """A port's number or the name of one."""
    rule = port_name(value) if isinstance(value, str) else port_number(value)
    errors.invalid_each(path, value, rule)


def validate_qualified_name(value: str, errors: FieldErrors, path: str) -> None:
    """An optional domain, a slash, a name."""
    errors.invalid_each(path, value, qualified_name(value))


def validate_positive_field(obj: FrozenMap, name: str, errors: FieldErrors, path: str) -> None:
    """A count that may be absent but not negative."""
    value = obj.get(name)
    if value is not None:
        validate_non_negative(value, errors, child(path, name))


def validate_positive_or_percent(value: int | str, errors: FieldErrors, path: str) -> None:
    """A count that is not negative, or digits and a percent sign."""
    if isinstance(value, str):
        errors.invalid_each(path, value, percent(value))
    elif value < 0:
        errors.invalid(path, value, NON_NEGATIVE)


def percent_of(value: Any) -> int | None:
    """The number of a percentage text; None for anything else."""
    if not isinstance(value, str) or percent(value):
        return None
    return int(value[:-1])


def validate_at_most_hundred_percent(value: int | str, errors: FieldErrors, path: str) -> None:
    """A percentage of at most 100."""
    number = percent_of(value)
    if number is not None and number > 100:
        errors.invalid(path, value, "must not be greater than 100%")


def validate_one_of(value: str, allowed: Iterable[str], errors: FieldErrors, path: str) -> None:
    """A required word out of a list; an absent one is not supported either."""
    words = tuple(allowed)
    if value not in words:
        errors.not_supported(path, value, words)


def validate_immutable(new: Any, old: Any, errors: FieldErrors, path: str) -> None:
    """A field that never changes."""
    if (new or None) != (old or None):
        errors.invalid(path, new, IMMUTABLE)


def validate_immutable_as(
    new: Any, old: Any, shown: Rendered, errors: FieldErrors, path: str
) -> None:
    """A structured field that never changes; `shown` is how the message prints it."""
    if (new or None) != (old or None):
        errors.invalid(path, shown, IMMUTABLE)


def text_of(obj: FrozenMap | None, *path: str) -> str:
    """The text at a path; empty if it is absent."""
    return (obj or EMPTY_MAP).at(*path, default="")  # type: ignore[no-any-return]
