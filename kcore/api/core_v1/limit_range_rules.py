"""LimitRange: its rules."""

from typing import Final

from kcore.api.core_v1.container_resources import (
    validate_container_resource_name,
    validate_resource_name,
)
from kcore.api.core_v1.resource_rules import overcommit_allowed
from kcore.api.object_rules import Validation, no_update_rules
from kcore.machinery.field_errors import FieldErrors, child, index, key
from kcore.machinery.formats import qualified_name
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.quantity import Quantity, quantity_of

_TYPES: Final = ("Container", "PersistentVolumeClaim", "Pod")
_FIELDS: Final = ("max", "min", "default", "defaultRequest", "maxLimitRequestRatio")
_NOT_OF_PODS: Final = ("default", "defaultRequest")
_ONE: Final = quantity_of("1")
_MILLI_VALUE_MAX: Final = (2**63 - 1) // 1000

# The amount that must not be more than the other one: the field to blame, the value to show of
# the two, and how the message calls both.
_ORDERED: Final = (
    ("min", "max", "min", 0, "min", "max"),
    ("min", "defaultRequest", "defaultRequest", 1, "min", "default request"),
    ("defaultRequest", "max", "defaultRequest", 0, "default request", "max"),
    ("defaultRequest", "default", "defaultRequest", 0, "default request", "default limit"),
    ("min", "default", "default", 0, "min", "default"),
    ("default", "max", "default", 1, "default", "max"),
)


def validate_limit_range(limit_range: FrozenMap, errors: FieldErrors) -> None:
    """One entry for each type, whose amounts fit together."""
    known: set[str] = set()
    for position, limit in enumerate(limit_range.at("spec", "limits") or EMPTY_LIST):
        path, kind = index("spec.limits", position), limit.get("type") or ""
        _validate_type(kind, errors, child(path, "type"))
        if kind in known:
            errors.duplicate(child(path, "type"), kind)
        known.add(kind)
        _validate_names(limit, kind, errors, path)
        names = sorted({name for field in _fields(kind) for name in limit.get(field) or EMPTY_MAP})
        for name in names:
            amounts = {
                field: quantity_of(limit[field][name])
                for field in _fields(kind)
                if name in (limit.get(field) or EMPTY_MAP)
            }
            _validate_amounts(amounts, limit, name, errors, path)


def _fields(kind: str) -> tuple[str, ...]:
    skipped = _NOT_OF_PODS if kind == "Pod" else ()
    return tuple(field for field in _FIELDS if field not in skipped)


def _validate_type(kind: str, errors: FieldErrors, path: str) -> None:
    problems = qualified_name(kind)
    errors.invalid_each(path, kind, problems)
    if not problems and "/" not in kind and kind not in _TYPES:
        errors.invalid(path, kind, "must be a standard limit type or fully qualified")


def _validate_names(limit: FrozenMap, kind: str, errors: FieldErrors, path: str) -> None:
    of_pods = kind in ("Pod", "Container")
    check = validate_container_resource_name if of_pods else validate_resource_name
    for field in _FIELDS:
        amounts = limit.get(field) or EMPTY_MAP
        if kind == "Pod" and field in _NOT_OF_PODS:
            if amounts:
                detail = "may not be specified when `type` is 'Pod'"
                errors.forbidden(child(path, field), detail)
            continue
        if field == "maxLimitRequestRatio":
            _validate_storage(limit, kind, errors, path)
        for name in sorted(amounts):
            check(name, errors, key(child(path, field), name))


def _validate_storage(limit: FrozenMap, kind: str, errors: FieldErrors, path: str) -> None:
    found = any("storage" in (limit.get(field) or EMPTY_MAP) for field in ("min", "max"))
    if kind == "PersistentVolumeClaim" and not found:
        detail = "either minimum or maximum storage value is required, but neither was provided"
        errors.required(child(path, "limits"), detail)


def _validate_amounts(
    amounts: dict[str, Quantity], limit: FrozenMap, name: str, errors: FieldErrors, path: str
) -> None:
    texts = {field: limit[field][name] for field in amounts}
    for low, high, blamed, shown, low_word, high_word in _ORDERED:
        if low in amounts and high in amounts and amounts[low] > amounts[high]:
            detail = (
                f"{low_word} value {texts[low]} is greater than {high_word} value {texts[high]}"
            )
            value = texts[(low, high)[shown]]
            errors.invalid(key(child(path, blamed), name), value, detail)
    _validate_ratio(amounts, texts, errors, key(child(path, "maxLimitRequestRatio"), name))
    default, request = amounts.get("default"), amounts.get("defaultRequest")
    if overcommit_allowed(name) or default is None or request is None or default == request:
        return
    here = key(child(path, "defaultRequest"), name)
    detail = (
        f"default value {texts['default']} must equal to defaultRequest value "
        f"{texts['defaultRequest']} in {name}"
    )
    errors.invalid(here, texts["defaultRequest"], detail)


def _validate_ratio(
    amounts: dict[str, Quantity], texts: dict[str, str], errors: FieldErrors, path: str
) -> None:
    ratio = amounts.get("maxLimitRequestRatio")
    if ratio is None:
        return
    text = texts["maxLimitRequestRatio"]
    if ratio < _ONE:
        errors.invalid(path, text, f"ratio {text} is less than 1")
    if "min" not in amounts or "max" not in amounts:
        return
    low, high = amounts["min"], amounts["max"]
    if all(quantity.value() < _MILLI_VALUE_MAX for quantity in (ratio, low, high)):
        wanted = ratio.milli_value() / 1000
        allowed = _quotient(high.milli_value(), low.milli_value())
    else:
        wanted, allowed = float(ratio.value()), _quotient(high.value(), low.value())
    if wanted > allowed:
        shown = {float("inf"): "+Inf", float("-inf"): "-Inf"}.get(allowed, f"{allowed:f}")
        errors.invalid(path, text, f"ratio {text} is greater than max/min = {shown}")


def _quotient(dividend: int, divisor: int) -> float:
    """As floating point has it, where nothing fails."""
    if divisor:
        return dividend / divisor
    return float("nan") if dividend == 0 else float("inf") * (1 if dividend > 0 else -1)


LIMIT_RANGE: Final = Validation(validate_limit_range, no_update_rules, "before")
