"""ResourceQuota: its rules."""

from collections.abc import Iterable
from typing import Final

from kcore.api.core_v1.container_resources import validate_resource_name
from kcore.api.core_v1.resource_rules import (
    HUGE_PAGES,
    QUOTA_RESOURCES,
    validate_resource_value,
)
from kcore.api.kept_fields import shown
from kcore.api.object_rules import Validation
from kcore.machinery.field_errors import FieldErrors, child, key
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.internal_text import rendered_internal
from kcore.machinery.meta import IMMUTABLE
from kcore.machinery.typed_text import rendered

_POD_COUNT: Final = frozenset({"pods"})
_COMPUTE: Final = _POD_COUNT | {
    "cpu",
    "memory",
    "limits.cpu",
    "limits.memory",
    "requests.cpu",
    "requests.memory",
}
_RESOURCES_OF_SCOPE: Final = {
    "BestEffort": _POD_COUNT,
    "CrossNamespacePodAffinity": _COMPUTE,
    "NotBestEffort": _COMPUTE,
    "NotTerminating": _COMPUTE,
    "PriorityClass": _COMPUTE,
    "Terminating": _COMPUTE,
    "VolumeAttributesClass": frozenset({"persistentvolumeclaims", "requests.storage"}),
}
_CONFLICTS: Final = (("BestEffort", "NotBestEffort"), ("Terminating", "NotTerminating"))
_ONLY_EXISTS: Final = frozenset(_RESOURCES_OF_SCOPE) - {"PriorityClass", "VolumeAttributesClass"}
_EXISTS_NEEDED: Final = (
    "must be 'Exists' when scope is any of ResourceQuotaScopeTerminating, "
    "ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, "
    "ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"
)


def validate_quota(quota: FrozenMap, errors: FieldErrors) -> None:
    """A new quota."""
    _validate_spec(quota.get("spec") or EMPTY_MAP, errors)
    _validate_status(quota.get("status") or EMPTY_MAP, errors)


def _validate_spec(spec: FrozenMap, errors: FieldErrors) -> None:
    _validate_amounts(spec, "hard", errors, "spec")
    scopes = spec.get("scopes") or EMPTY_LIST
    text = rendered(scopes, "[]string")
    for scope in scopes:
        if scope not in _RESOURCES_OF_SCOPE:
            errors.invalid("spec.scopes", text, "unsupported scope")
        for _name in _outside(spec, scope):
            errors.invalid("spec.scopes", text, "unsupported scope applied to resource")
    _validate_conflicts(scopes, spec, errors)
    if spec.get("scopeSelector") is not None:
        _validate_selector(spec, errors)


def _outside(spec: FrozenMap, scope: str) -> list[str]:
    """The resources of the quota that a scope does not apply to."""
    allowed = _RESOURCES_OF_SCOPE.get(scope)
    if allowed is None:
        return []
    names = sorted(spec.get("hard") or EMPTY_MAP)
    return [name for name in names if _is_counted(name) and name not in allowed]


def _is_counted(name: str) -> bool:
    return name in QUOTA_RESOURCES or name.startswith((HUGE_PAGES, f"requests.{HUGE_PAGES}"))


def _validate_conflicts(scopes: Iterable[str], spec: FrozenMap, errors: FieldErrors) -> None:
    for pair in _CONFLICTS:
        if set(pair) <= set(scopes):
            text = rendered(spec.get("scopes"), "[]string")
            errors.invalid("spec.scopes", text, "conflicting scopes")


def _validate_selector(spec: FrozenMap, errors: FieldErrors) -> None:
    path, selector = "spec.scopeSelector.matchExpressions", spec["scopeSelector"]
    expressions = selector.get("matchExpressions") or EMPTY_LIST
    for expression in expressions:
        scope = expression.get("scopeName") or ""
        if scope not in _RESOURCES_OF_SCOPE:
            errors.invalid(child(path, "scopeName"), scope, "unsupported scope")
        for _name in _outside(spec, scope):
            text = rendered_internal(selector, "*core/v1.ScopeSelector")
            errors.invalid(path, text, "unsupported scope applied to resource")
        _validate_expression(expression, scope, errors, path)
    found = [expression.get("scopeName") or "" for expression in expressions]
    _validate_conflicts(found, spec, errors)


def _validate_expression(expression: FrozenMap, scope: str, errors: FieldErrors, path: str) -> None:
    operator, here = expression.get("operator") or "", child(path, "operator")
    values = expression.get("values") or EMPTY_LIST
    if scope in _ONLY_EXISTS and operator != "Exists":
        errors.invalid(here, operator, _EXISTS_NEEDED)
    if operator in ("In", "NotIn"):
        if not values:
            detail = (
                "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector"
            )
            errors.required(child(path, "values"), detail)
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            detail = (
                "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector"
            )
            errors.invalid(child(path, "values"), values, detail)
    else:
        errors.invalid(here, operator, "not a valid selector operator")


def _validate_status(status: FrozenMap, errors: FieldErrors) -> None:
    for field in ("hard", "used"):
        _validate_amounts(status, field, errors, "status")


def _validate_amounts(holder: FrozenMap, field: str, errors: FieldErrors, path: str) -> None:
    amounts = holder.get(field) or EMPTY_MAP
    for name in sorted(amounts):
        here = key(child(path, field), name)
        validate_resource_name(name, errors, here)
        if "/" not in name and not _is_counted(name):
            errors.invalid(here, name, "must be a standard resource for quota")
        validate_resource_value(name, amounts[name], errors, here)


def validate_quota_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """The scopes stay."""
    spec = new.get("spec") or EMPTY_MAP
    _validate_spec(spec, errors)
    after, before = (set(side.at("spec", "scopes") or EMPTY_LIST) for side in (new, old))
    if after != before:
        errors.invalid("spec.scopes", shown(spec.get("scopes"), "[]string"), IMMUTABLE)


def validate_quota_status(new: FrozenMap, _old: FrozenMap, errors: FieldErrors) -> None:
    """Amounts of resources that quotas count."""
    _validate_status(new.get("status") or EMPTY_MAP, errors)


QUOTA: Final = Validation(
    validate_quota, validate_quota_update, "never", of_status=validate_quota_status
)
