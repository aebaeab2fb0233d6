"""Taints, tolerations, and whether one tolerates the other.

Works on the Frozen values of a node's `spec.taints` and a pod's `spec.tolerations`. What follows
from a taint (no scheduling, eviction) is the actors' business.
"""

from collections.abc import Container, Iterable, Sequence
from typing import Any

from kcore.machinery.formats import decimal_integer
from kcore.machinery.go_text import parse_int64

NO_SCHEDULE = "NoSchedule"
PREFER_NO_SCHEDULE = "PreferNoSchedule"
NO_EXECUTE = "NoExecute"


def tolerates(toleration: Any, taint: Any, *, comparison_operators: bool = False) -> bool:
    """Whether `toleration` covers `taint`.

    `comparison_operators` allows the operators Lt and Gt, which are off in the pinned version.
    """
    effect, key = toleration.effect, toleration.key
    if effect and effect != taint.effect:
        return False
    if key and key != taint.key:
        return False
    operator = toleration.operator or "Equal"
    if operator == "Exists":
        return True
    value, taint_value = toleration.value or "", taint.value or ""
    if operator == "Equal":
        return bool(value == taint_value)
    if operator in ("Lt", "Gt") and comparison_operators:
        return _compares(operator, value, taint_value)
    return False


def _compares(operator: str, value: str, taint_value: str) -> bool:
    if decimal_integer(value) or decimal_integer(taint_value):
        return False
    wanted, actual = parse_int64(value), parse_int64(taint_value)
    if wanted is None or actual is None:
        return False
    return actual < wanted if operator == "Lt" else actual > wanted


def tolerated_by_any(
    tolerations: Iterable[Any], taint: Any, *, comparison_operators: bool = False
) -> bool:
    """Whether one of the tolerations covers `taint`."""
    return any(
        tolerates(one, taint, comparison_operators=comparison_operators) for one in tolerations
    )


def find_untolerated(
    taints: Iterable[Any] | None,
    tolerations: Sequence[Any] | None,
    effects: Container[str] | None = None,
    *,
    comparison_operators: bool = False,
) -> Any | None:
    """The first taint that nothing tolerates, or None; `effects` limits which taints count."""
    for taint in taints or ():
        if effects is not None and (taint.effect or "") not in effects:
            continue
        if not tolerated_by_any(
            tolerations or (), taint, comparison_operators=comparison_operators
        ):
            return taint
    return None


def used_tolerations(taints: Iterable[Any], tolerations: Sequence[Any]) -> list[Any] | None:
    """For each taint the first toleration that covers it; None if one taint has none."""
    used: list[Any] = []
    for taint in taints:
        covering = next((one for one in tolerations if tolerates(one, taint)), None)
        if covering is None:
            return None
        used.append(covering)
    return used


def toleration_seconds_min(used: Iterable[Any]) -> int | None:
    """How long a pod may stay under its used tolerations: 0 at once, None for ever."""
    used = list(used)
    if not used:
        return 0
    limits = [one.tolerationSeconds for one in used if one.tolerationSeconds is not None]
    return max(0, min(limits)) if limits else None


def add_or_update_toleration(tolerations: Sequence[Any], toleration: Any) -> list[Any]:
    """The tolerations with `toleration` in place of those with its key, effect, operator and value.

    Upstream means to say when nothing changed, but compares a pointer with a value, so it always
    claims a change.
    """
    identity = _identity(toleration)
    updated = [toleration if _identity(one) == identity else one for one in tolerations]
    if not any(_identity(one) == identity for one in tolerations):
        updated.append(toleration)
    return updated


def _identity(toleration: Any) -> tuple[str, str, str, str]:
    return (
        toleration.key or "",
        toleration.effect or "",
        toleration.operator or "",
        toleration.value or "",
    )
