"""Taints of a node and tolerations of a pod: their rules."""

from typing import Any, Final

from kcore.machinery.field_errors import DUPLICATE, FieldError, FieldErrors, child, index
from kcore.machinery.formats import label_key, label_value
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.internal_text import rendered_internal

EFFECTS: Final = ("NoSchedule", "PreferNoSchedule", "NoExecute")
OPERATORS: Final = ("Equal", "Exists")
_TAINT_ONCE: Final = "taints must be unique by key and effect pair"
_NO_KEY: Final = (
    'operator must be Exists when `key` is empty, which means "match all values and all keys"'
)
# Comparing tolerations numerically is behind a feature gate that is off.
NUMERIC_OPERATORS: Final = ("Lt", "Gt")


def validate_taints(taints: Any, errors: FieldErrors, path: str) -> None:
    """Names, values, known effects; a key and effect once."""
    seen: set[tuple[str, str]] = set()
    for position, taint in enumerate(taints):
        here = index(path, position)
        key, value = taint.get("key") or "", taint.get("value") or ""
        errors.invalid_each(child(here, "key"), key, label_key(key))
        if value:
            errors.invalid_each(child(here, "value"), value, label_value(value))
        effect = taint.get("effect") or ""
        validate_effect(effect, errors, child(here, "effect"), allow_empty=False)
        if (key, effect) in seen:
            shown = rendered_internal(taint, "core/v1.Taint")
            errors.add(FieldError(DUPLICATE, here, shown, _TAINT_ONCE))
        seen.add((key, effect))


def validate_effect(effect: str, errors: FieldErrors, path: str, *, allow_empty: bool) -> None:
    """A known effect."""
    if effect in EFFECTS or (allow_empty and not effect):
        return
    if effect:
        errors.not_supported(path, effect, EFFECTS)
    else:
        errors.required(path)


def validate_tolerations(tolerations: Any, errors: FieldErrors, path: str) -> None:
    """Keys, operators and their values, effects, durations."""
    for position, toleration in enumerate(tolerations):
        _validate_toleration(toleration, errors, index(path, position))


def _validate_toleration(toleration: FrozenMap, errors: FieldErrors, path: str) -> None:
    key, operator = toleration.get("key") or "", toleration.get("operator") or ""
    value, effect = toleration.get("value") or "", toleration.get("effect") or ""
    if key:
        errors.invalid_each(child(path, "key"), key, label_key(key))
    elif operator != "Exists":
        errors.invalid(child(path, "operator"), operator, _NO_KEY)
    if toleration.get("tolerationSeconds") is not None and effect != "NoExecute":
        detail = "effect must be 'NoExecute' when `tolerationSeconds` is set"
        errors.invalid(child(path, "effect"), effect, detail)
    if operator in ("Equal", ""):
        problems = label_value(value)
        if problems:
            errors.invalid(child(path, "operator"), value, ";".join(problems))
    elif operator == "Exists":
        if value:
            detail = "value must be empty when `operator` is 'Exists'"
            errors.invalid(child(path, "operator"), value, detail)
    else:
        words = OPERATORS + NUMERIC_OPERATORS if operator in NUMERIC_OPERATORS else OPERATORS
        errors.not_supported(child(path, "operator"), operator, words)
    if effect:
        validate_effect(effect, errors, child(path, "effect"), allow_empty=True)
