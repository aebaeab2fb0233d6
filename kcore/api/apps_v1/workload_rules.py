"""Deployment, ReplicaSet and ReplicationController: their rules."""

from typing import Any, Final

from kcore.api.apps_v1.status_rules import OF_DEPLOYMENT, OF_REPLICAS
from kcore.api.core_v1.template_rules import (
    parsed_selector,
    validate_lasting,
    validate_selected,
    validate_template,
)
from kcore.api.field_rules import (
    is_empty_selector,
    percent_of,
    validate_at_most_hundred_percent,
    validate_immutable_as,
    validate_label_selector,
    validate_positive_field,
    validate_positive_or_percent,
)
from kcore.api.object_rules import Validation, no_update_rules
from kcore.machinery.field_errors import FieldErrors, child
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.internal_text import rendered_internal
from kcore.machinery.labels import from_set
from kcore.machinery.typed_text import rendered

SELECTOR: Final = "spec.selector"
_TEMPLATE: Final = "spec.template"
_STRATEGIES: Final = ("Recreate", "RollingUpdate")
_SELECTOR_TYPE: Final = "meta/v1.LabelSelector"
_SHOWN_STRATEGY: Final = "apps/v1.DeploymentStrategy"


def validate_selector(
    spec: FrozenMap, noun: str, detail: str, errors: FieldErrors
) -> tuple[bool, Any]:
    """The selector of a workload: there, with terms, well formed; and what it selects."""
    selector = spec.get("selector")
    if selector is None:
        errors.required(SELECTOR)
    else:
        validate_label_selector(selector, errors, SELECTOR)
        if is_empty_selector(selector):
            shown = rendered(selector, _SELECTOR_TYPE)
            errors.invalid(SELECTOR, shown, f"empty selector is invalid for {noun}")
    parsed = parsed_selector(selector)
    if parsed is None:
        errors.invalid(SELECTOR, rendered(selector, _SELECTOR_TYPE), detail)
    return parsed is not None, parsed


def validate_kept_selector(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """A selector never changes."""
    after, before = new.at("spec", "selector"), old.at("spec", "selector")
    if after != before:
        shown = rendered(after, f"*{_SELECTOR_TYPE}")
        validate_immutable_as(after or EMPTY_MAP.set("", ""), before, shown, errors, SELECTOR)


def _validate_replica_template(spec: FrozenMap, parsed: Any, errors: FieldErrors) -> None:
    template = spec.get("template")
    if template is None:
        errors.required(_TEMPLATE)
        return
    validate_selected(template, parsed, errors, _TEMPLATE)
    validate_template(template, errors, _TEMPLATE)
    validate_lasting(template, "ReplicaSet", errors, _TEMPLATE)


def validate_deployment(deployment: FrozenMap, errors: FieldErrors) -> None:
    """A deployment. O(size of its template)."""
    spec = deployment.get("spec") or EMPTY_MAP
    validate_positive_field(spec, "replicas", errors, "spec")
    sound, parsed = validate_selector(spec, "deployment", "invalid label selector", errors)
    if sound:
        _validate_replica_template(spec, parsed, errors)
    _validate_strategy(spec.get("strategy") or EMPTY_MAP, errors, "spec.strategy")
    ready_s = spec.get("minReadySeconds") or 0
    for name in ("minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds"):
        validate_positive_field(spec, name, errors, "spec")
    deadline_s = spec.get("progressDeadlineSeconds")
    if deadline_s is not None and deadline_s <= ready_s:
        detail = "must be greater than minReadySeconds"
        errors.invalid("spec.progressDeadlineSeconds", deadline_s, detail)


def _validate_strategy(strategy: FrozenMap, errors: FieldErrors, path: str) -> None:
    kind, rolling = strategy.get("type") or "", strategy.get("rollingUpdate")
    here = child(path, "rollingUpdate")
    if kind == "Recreate":
        if rolling is not None:
            detail = "may not be specified when strategy `type` is 'Recreate'"
            errors.forbidden(here, detail)
    elif kind == "RollingUpdate":
        if rolling is None:
            errors.required(here, "this should be defaulted and never be nil")
        else:
            validate_rolling(rolling, errors, here)
    else:
        errors.not_supported(path, rendered_internal(strategy, _SHOWN_STRATEGY), _STRATEGIES)


def validate_rolling(rolling: FrozenMap, errors: FieldErrors, path: str) -> None:
    """Surge and unavailability: counts or percentages, not both zero."""
    unavailable, surge = rolling.get("maxUnavailable") or 0, rolling.get("maxSurge") or 0
    validate_positive_or_percent(unavailable, errors, child(path, "maxUnavailable"))
    validate_positive_or_percent(surge, errors, child(path, "maxSurge"))
    if number_of(unavailable) == 0 and number_of(surge) == 0:
        detail = "may not be 0 when `maxSurge` is 0"
        errors.invalid(child(path, "maxUnavailable"), unavailable, detail)
    validate_at_most_hundred_percent(unavailable, errors, child(path, "maxUnavailable"))


def number_of(value: Any) -> int:
    """The number in a count or percentage; 0 for malformed text."""
    return percent_of(value) or 0 if isinstance(value, str) else value


def validate_deployment_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """As a new one, and the selector stays."""
    validate_deployment(new, errors)
    validate_kept_selector(new, old, errors)


def validate_replica_set(replica_set: FrozenMap, errors: FieldErrors) -> None:
    """A replica set."""
    spec = replica_set.get("spec") or EMPTY_MAP
    for name in ("replicas", "minReadySeconds"):
        validate_positive_field(spec, name, errors, "spec")
    sound, parsed = validate_selector(spec, "deployment", "invalid label selector", errors)
    if sound:
        _validate_replica_template(spec, parsed, errors)


def validate_replica_set_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """As a new one, and the selector stays."""
    validate_replica_set(new, errors)
    validate_kept_selector(new, old, errors)


def validate_replication_controller(controller: FrozenMap, errors: FieldErrors) -> None:
    """A replication controller, whose selector is a plain map."""
    spec = controller.get("spec") or EMPTY_MAP
    validate_positive_field(spec, "minReadySeconds", errors, "spec")
    selector = spec.get("selector") or EMPTY_MAP
    if not selector:
        errors.required(SELECTOR)
    validate_positive_field(spec, "replicas", errors, "spec")
    template = spec.get("template")
    if template is None:
        errors.required(_TEMPLATE)
        return
    validate_selected(template, from_set(selector) if selector else None, errors, _TEMPLATE)
    validate_template(template, errors, _TEMPLATE)
    validate_lasting(template, "ReplicationController", errors, _TEMPLATE)


DEPLOYMENT: Final = Validation(
    validate_deployment, validate_deployment_update, "never", of_status=OF_DEPLOYMENT
)
REPLICA_SET: Final = Validation(
    validate_replica_set, validate_replica_set_update, "never", of_status=OF_REPLICAS
)
REPLICATION_CONTROLLER: Final = Validation(
    validate_replication_controller, no_update_rules, "before", of_status=OF_REPLICAS
)
