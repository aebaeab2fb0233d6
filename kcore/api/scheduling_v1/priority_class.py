"""PriorityClass: defaults and rules."""

from typing import Final

from kcore.api.field_rules import validate_immutable
from kcore.api.filling import fill
from kcore.api.object_rules import Validation
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import FrozenMap

USER_PRIORITY_MAX: Final = 1_000_000_000
SYSTEM_PREFIX: Final = "system-"

_SYSTEM_VALUES: Final = {
    "system-node-critical": 2_000_001_000,
    "system-cluster-critical": 2_000_000_000,
}
_POLICIES: Final = ("PreemptLowerPriority", "Never")


def default_priority_class(priority_class: FrozenMap) -> FrozenMap:
    """It preempts."""
    return fill(priority_class, {"preemptionPolicy": "PreemptLowerPriority"})


def validate_priority_class(priority_class: FrozenMap, errors: FieldErrors) -> None:
    """User classes stay below the system's, whose names and values are fixed."""
    name = priority_class.at("metadata", "name", default="")
    if name.startswith(SYSTEM_PREFIX):
        why = _why_no_system_class(name, priority_class)
        if why:
            errors.forbidden(
                "metadata.name",
                f"priority class names with '{SYSTEM_PREFIX}' prefix are reserved for system use "
                f"only. error: {why}",
            )
    elif (priority_class.get("value") or 0) > USER_PRIORITY_MAX:
        errors.forbidden(
            "value", f"maximum allowed value of a user defined priority is {USER_PRIORITY_MAX}"
        )
    policy = priority_class.get("preemptionPolicy")
    if policy == "":
        errors.required("preemptionPolicy", "")
    elif policy is not None and policy not in _POLICIES:
        errors.not_supported("preemptionPolicy", policy, _POLICIES)


def validate_priority_class_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """Pods carry the numbers of their class, so it keeps them."""
    if (new.get("value") or 0) != (old.get("value") or 0):
        errors.forbidden("value", "may not be changed in an update.")
    field = "preemptionPolicy"
    validate_immutable(new.get(field), old.get(field), errors, field)


def _why_no_system_class(name: str, priority_class: FrozenMap) -> str:
    value = _SYSTEM_VALUES.get(name)
    if value is None:
        return f"{name} is not a known system priority class"
    if (priority_class.get("value") or 0) != value:
        return f"value of {name} PriorityClass must be {value}"
    if priority_class.get("globalDefault"):
        return f"globalDefault of {name} PriorityClass must be false"
    return ""


PRIORITY_CLASS: Final = Validation(validate_priority_class, validate_priority_class_update, "never")
