"""HorizontalPodAutoscaler: its rules."""

from collections.abc import Callable, Mapping
from typing import Final

from kcore.api.autoscaling_v2.autoscaler_conversion import V1, to_v2
from kcore.api.core_v1.container_resources import validate_container_resource_name
from kcore.api.core_v1.resource_rules import validate_non_negative_quantity
from kcore.api.field_rules import validate_positive_field
from kcore.api.object_rules import Validation
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.formats import dns1123_label, path_segment_name
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.quantity import quantity_of

_PERIOD_S_MAX: Final = 1800
_WINDOW_S_MAX: Final = 3600
_SELECTIONS: Final = ("Disabled", "Max", "Min")
_POLICIES: Final = ("Percent", "Pods")
_SOURCES: Final = ("ContainerResource", "External", "Object", "Pods", "Resource")
_TARGETS: Final = ("Utilization", "Value", "AverageValue")
_NO_INFORMATION: Final = "must populate information for the given metric source"
_ONLY_ONE: Final = "must populate the given metric source only"
_NOT_POSITIVE: Final = "must be greater than zero"
_NO_GROUP: Final = "apiVersion must specify API group"

Accepts = Callable[[str], str]
"""What is wrong with an apiVersion; empty when nothing is."""


def validate_autoscaler(autoscaler: FrozenMap, errors: FieldErrors) -> None:
    """A new autoscaler, in either version."""
    spec = _spec(autoscaler)
    _validate_spec(spec, errors, _of_target(spec), _any_version)


def validate_autoscaler_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """As a new one; kinds of targets that were accepted stay accepted."""
    spec, before = _spec(new), _spec(old)
    kept = all(
        spec.at("scaleTargetRef", name) == before.at("scaleTargetRef", name)
        for name in ("apiVersion", "kind")
    )
    of_objects: Accepts = _any_version
    for metric in before.get("metrics") or EMPTY_LIST:
        if _any_version(metric.at("object", "describedObject", "apiVersion", default="")):
            of_objects = _anything
    _validate_spec(spec, errors, _anything if kept else _of_target(spec), of_objects)


def _of_target(spec: FrozenMap) -> Accepts:
    """The one kind of the core group that scales needs no group."""
    is_core = spec.at("scaleTargetRef", "kind") == "ReplicationController"
    return _any_version if is_core else _grouped_version


def _spec(autoscaler: FrozenMap) -> FrozenMap:
    """The spec in the version that upstream checks."""
    if autoscaler.get("apiVersion") == V1:
        autoscaler = to_v2(autoscaler)
    spec: FrozenMap = autoscaler.get("spec") or EMPTY_MAP
    return spec


def _anything(_version: str) -> str:
    return ""


def _any_version(version: str) -> str:
    if version.count("/") > 1:
        return f"unexpected GroupVersion string: {version}"
    return ""


def _grouped_version(version: str) -> str:
    group = version.rpartition("/")[0]
    return _any_version(version) or ("" if group else _NO_GROUP)


def _validate_spec(
    spec: FrozenMap, errors: FieldErrors, of_target: Accepts, of_objects: Accepts
) -> None:
    low, high = spec.get("minReplicas"), spec.get("maxReplicas") or 0
    _validate_declared(spec, errors.declared)
    if low is not None and high < low:
        detail = "must be greater than or equal to `minReplicas`"
        errors.invalid("spec.maxReplicas", high, detail)
    reference = spec.get("scaleTargetRef") or EMPTY_MAP
    # A reference that is there at all is declared to have both names.
    stated = any(reference.values())
    _validate_reference(reference, errors, "spec.scaleTargetRef", of_target, declared=stated)
    metrics = spec.get("metrics") or EMPTY_LIST
    for position, metric in enumerate(metrics):
        _validate_metric(metric, errors, index("spec.metrics", position), of_objects)
    if low == 0 and not any(metric.get("type") in ("Object", "External") for metric in metrics):
        detail = (
            "must specify at least one Object or External metric to support scaling to zero "
            "replicas"
        )
        errors.forbidden("spec.metrics", detail)
    behavior = spec.get("behavior") or EMPTY_MAP
    for name in ("scaleUp", "scaleDown"):
        if behavior.get(name) is not None:
            _validate_scaling(behavior[name], errors, f"spec.behavior.{name}")


def _validate_declared(spec: FrozenMap, errors: FieldErrors) -> None:
    low, high = spec.get("minReplicas"), spec.get("maxReplicas") or 0
    if low is not None and low < 0:
        errors.invalid("spec.minReplicas", low, "must be greater than or equal to 0")
    if high == 0:
        errors.required("spec.maxReplicas")
    elif high < 0:
        errors.invalid("spec.maxReplicas", high, "must be greater than or equal to 1")


def _validate_reference(
    reference: FrozenMap,
    errors: FieldErrors,
    path: str,
    accepts: Accepts,
    *,
    declared: bool = False,
) -> None:
    for name in ("kind", "name"):
        value = reference.get(name) or ""
        if value:
            errors.invalid_each(child(path, name), value, path_segment_name(value))
        else:
            (errors.declared if declared else errors).required(child(path, name))
    version = reference.get("apiVersion") or ""
    problem = accepts(version)
    if problem:
        errors.invalid(child(path, "apiVersion"), version, problem)


# --- metrics -------------------------------------------------------------------------------


def _validate_metric(
    metric: FrozenMap, errors: FieldErrors, path: str, of_objects: Accepts
) -> None:
    kind, here = metric.get("type") or "", child(path, "type")
    if not kind:
        errors.required(here, "must specify a metric source type")
    if kind not in _SOURCES:
        errors.not_supported(here, kind, _SOURCES)
    present = [name for name in _SOURCE_RULES if metric.get(name) is not None]
    if present:
        first = present[0]
        source = metric[first]
        if first == "object":
            described = source.get("describedObject") or EMPTY_MAP
            where = child(path, "object", "describedObject")
            _validate_reference(described, errors, where, of_objects)
        _SOURCE_RULES[first](source, errors, child(path, first))
    expected = f"{kind[:1].lower()}{kind[1:]}"
    if kind in _SOURCES and metric.get(expected) is None:
        errors.required(child(path, expected), _NO_INFORMATION)
    if len(present) != 1:
        for name in sorted(present):
            if name != expected:
                errors.forbidden(child(path, name), _ONLY_ONE)


def _validate_target(source: FrozenMap, errors: FieldErrors, path: str) -> FrozenMap:
    target: FrozenMap = source.get("target") or EMPTY_MAP
    path, kind = child(path, "target"), target.get("type") or ""
    if not kind:
        errors.required(child(path, "type"), "must specify a metric target type")
    if kind not in _TARGETS:
        detail = "must be either Utilization, Value, or AverageValue"
        errors.invalid(child(path, "type"), kind, detail)
    for name in ("value", "averageValue"):
        value = target.get(name)
        if value is not None and quantity_of(value).sign() <= 0:
            errors.invalid(child(path, name), value, "must be positive")
    percent = target.get("averageUtilization")
    if percent is not None and percent < 1:
        errors.invalid(child(path, "averageUtilization"), percent, "must be greater than 0")
    return target


def _validate_identifier(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    name, here = source.at("metric", "name", default=""), child(path, "metric", "name")
    if name:
        errors.invalid_each(here, name, path_segment_name(name))
    else:
        errors.required(here, "must specify a metric name")


def _validate_object(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    _validate_identifier(source, errors, path)
    target = _validate_target(source, errors, path)
    if target.get("value") is None and target.get("averageValue") is None:
        detail = "must set either a target value or averageValue"
        errors.required(child(path, "target", "averageValue"), detail)


def _validate_external(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    _validate_identifier(source, errors, path)
    target = _validate_target(source, errors, path)
    has_value, has_average = (target.get(n) is not None for n in ("value", "averageValue"))
    if not has_value and not has_average:
        detail = "must set either a target value for metric or a per-pod target"
        errors.required(child(path, "target", "averageValue"), detail)
    if has_value and has_average:
        detail = "may not set both a target value for metric and a per-pod target"
        errors.forbidden(child(path, "target", "value"), detail)


def _validate_pods(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    _validate_identifier(source, errors, path)
    target = _validate_target(source, errors, path)
    if target.get("averageValue") is None:
        detail = "must specify a positive target averageValue"
        errors.required(child(path, "target", "averageValue"), detail)


def _validate_resource(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    if not source.get("name"):
        errors.required(child(path, "name"), "must specify a resource name")
    _validate_use(source, errors, path)


def _validate_use(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    target = _validate_target(source, errors, path)
    has_percent = target.get("averageUtilization") is not None
    has_value = target.get("averageValue") is not None
    if not has_percent and not has_value:
        detail = "must set either a target raw value or a target utilization"
        errors.required(child(path, "target", "averageUtilization"), detail)
    if has_percent and has_value:
        detail = "may not set both a target raw value and a target utilization"
        errors.forbidden(child(path, "target", "averageValue"), detail)


def _validate_container_resource(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    name, container = source.get("name") or "", source.get("container") or ""
    if name:
        validate_container_resource_name(name, errors, child(path, "name"))
    else:
        errors.required(child(path, "name"), "must specify a resource name")
    if container:
        errors.invalid_each(child(path, "container"), container, dns1123_label(container))
    else:
        errors.required(child(path, "container"), "must specify a container")
    _validate_use(source, errors, path)


_SOURCE_RULES: Final[Mapping[str, Callable[[FrozenMap, FieldErrors, str], None]]] = {
    "object": _validate_object,
    "external": _validate_external,
    "pods": _validate_pods,
    "resource": _validate_resource,
    "containerResource": _validate_container_resource,
}


# --- pace ----------------------------------------------------------------------------------


def _validate_scaling(rules: FrozenMap, errors: FieldErrors, path: str) -> None:
    window, here = rules.get("stabilizationWindowSeconds"), f"{path}.stabilizationWindowSeconds"
    if window is not None and window < 0:
        errors.invalid(here, window, "must be greater than or equal to zero")
    if window is not None and window > _WINDOW_S_MAX:
        errors.invalid(here, window, f"must be less than or equal to {_WINDOW_S_MAX}")
    selection = rules.get("selectPolicy")
    if selection is not None and selection not in _SELECTIONS:
        errors.not_supported(child(path, "selectPolicy"), selection, _SELECTIONS)
    policies = rules.get("policies") or EMPTY_LIST
    if not policies:
        errors.required(child(path, "policies"), "must specify at least one Policy")
    for position, policy in enumerate(policies):
        _validate_policy(policy, errors, index(child(path, "policies"), position))
    tolerance = rules.get("tolerance")
    if tolerance is not None:
        here = child(path, "tolerance")
        validate_non_negative_quantity(quantity_of(tolerance), tolerance, errors, here)


def _validate_policy(policy: FrozenMap, errors: FieldErrors, path: str) -> None:
    kind = policy.get("type") or ""
    if kind not in _POLICIES:
        errors.not_supported(child(path, "type"), kind, _POLICIES)
    for name in ("value", "periodSeconds"):
        number = policy.get(name) or 0
        if number <= 0:
            errors.invalid(child(path, name), number, _NOT_POSITIVE)
    period = policy.get("periodSeconds") or 0
    if period > _PERIOD_S_MAX:
        detail = f"must be less than or equal to {_PERIOD_S_MAX}"
        errors.invalid(child(path, "periodSeconds"), period, detail)


def validate_autoscaler_status(new: FrozenMap, _old: FrozenMap, errors: FieldErrors) -> None:
    """Counts are not negative."""
    status = new.get("status") or EMPTY_MAP
    for position, condition in enumerate(status.get("conditions") or EMPTY_LIST):
        here = index("status.conditions", position)
        validate_positive_field(condition, "observedGeneration", errors, here)
    for name in ("currentReplicas", "desiredReplicas"):
        validate_positive_field(status, name, errors, "status")


AUTOSCALER: Final = Validation(
    validate_autoscaler,
    validate_autoscaler_update,
    "never",
    of_status=validate_autoscaler_status,
)
