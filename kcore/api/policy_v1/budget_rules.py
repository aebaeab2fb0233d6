"""PodDisruptionBudget: its rules."""

from typing import Final

from kcore.api.condition_rules import validate_conditions
from kcore.api.field_rules import (
    validate_at_most_hundred_percent,
    validate_label_selector,
    validate_positive_field,
    validate_positive_or_percent,
)
from kcore.api.object_rules import Validation
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.internal_text import rendered_internal

_EVICTIONS: Final = ("AlwaysAllow", "IfHealthyBudget")
_COUNTS: Final = ("disruptionsAllowed", "currentHealthy", "desiredHealthy", "expectedPods")


def validate_budget(budget: FrozenMap, errors: FieldErrors) -> None:
    """How many pods must be there, or may be missing, and of which."""
    spec = budget.get("spec") or EMPTY_MAP
    limits = [name for name in ("minAvailable", "maxUnavailable") if spec.get(name) is not None]
    if len(limits) == 2:
        shown = rendered_internal(spec, "policy/v1.PodDisruptionBudgetSpec")
        errors.invalid("spec", shown, "minAvailable and maxUnavailable cannot be both set")
    for name in limits:
        validate_positive_or_percent(spec[name], errors, f"spec.{name}")
        validate_at_most_hundred_percent(spec[name], errors, f"spec.{name}")
    validate_label_selector(spec.get("selector"), errors, "spec.selector")
    eviction = spec.get("unhealthyPodEvictionPolicy")
    if eviction is not None and eviction not in _EVICTIONS:
        errors.not_supported("spec.unhealthyPodEvictionPolicy", eviction, _EVICTIONS)


def validate_budget_update(new: FrozenMap, _old: FrozenMap, errors: FieldErrors) -> None:
    """As a new one."""
    validate_budget(new, errors)


def validate_budget_status(new: FrozenMap, _old: FrozenMap, errors: FieldErrors) -> None:
    """Conditions are well formed, counts not negative."""
    status = new.get("status") or EMPTY_MAP
    validate_conditions(status.get("conditions") or EMPTY_LIST, errors, "status.conditions")
    for name in _COUNTS:
        validate_positive_field(status, name, errors, "status")


DISRUPTION_BUDGET: Final = Validation(
    validate_budget,
    validate_budget_update,
    "never",
    owns_metadata=True,
    of_status=validate_budget_status,
)
