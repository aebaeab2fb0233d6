"""Conditions of the shared form: a known status, a reason, one of each type."""

import re
from typing import Any, Final

from kcore.api.field_rules import validate_qualified_name
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.formats import pattern_message
from kcore.machinery.frozen import FrozenMap

_STATUSES: Final = ("False", "True", "Unknown")
_MESSAGE_BYTES_MAX: Final = 32 * 1024
_REASON_BYTES_MAX: Final = 1024
_REASON: Final = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?"
_REASON_EXAMPLES: Final = ("my_name", "MY_NAME", "MyName", "ReasonA,ReasonB", "ReasonA:ReasonB")
_REASON_FORM: Final = re.compile(_REASON, re.ASCII)
_REASON_RULE: Final = (
    "a condition reason must start with alphabetic character, optionally followed by a string of "
    "alphanumeric characters or '_,:', and must end with an alphanumeric character or '_'"
)


def validate_conditions(conditions: Any, errors: FieldErrors, path: str) -> None:
    """A list of `meta/v1` conditions. O(conditions)."""
    known: set[str] = set()
    for position, condition in enumerate(conditions):
        kind, here = condition.get("type") or "", index(path, position)
        if kind in known:
            errors.duplicate(here, kind)
        known.add(kind)
        _validate_condition(condition, errors, here)


def _validate_condition(condition: FrozenMap, errors: FieldErrors, path: str) -> None:
    kind, status = condition.get("type") or "", condition.get("status") or ""
    if kind:
        validate_qualified_name(kind, errors, child(path, "type"))
    else:
        errors.required(child(path, "type"), "is required")
    if not status:
        errors.required(child(path, "status"))
    elif status not in _STATUSES:
        errors.not_supported(child(path, "status"), status, _STATUSES)
    generation = condition.get("observedGeneration") or 0
    if generation < 0:
        detail = "must be greater than or equal to zero"
        errors.invalid(child(path, "observedGeneration"), generation, detail)
    if not condition.get("lastTransitionTime"):
        errors.required(child(path, "lastTransitionTime"))
    reason, here = condition.get("reason") or "", child(path, "reason")
    if reason:
        errors.invalid_each(here, reason, reason_problems(reason))
    else:
        errors.required(here)
    if len(reason.encode()) > _REASON_BYTES_MAX:
        errors.too_long(here, _REASON_BYTES_MAX)
    if len((condition.get("message") or "").encode()) > _MESSAGE_BYTES_MAX:
        errors.too_long(child(path, "message"), _MESSAGE_BYTES_MAX)


def reason_problems(reason: str) -> list[str]:
    """What is wrong with a condition's reason."""
    if _REASON_FORM.fullmatch(reason):
        return []
    return [pattern_message(_REASON_RULE, _REASON, *_REASON_EXAMPLES)]
