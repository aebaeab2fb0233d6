"""Metrics, conditions and behaviour as autoscaling/v1 keeps them: JSON texts in annotations.

The types stand here as data, in the order in which upstream writes their fields. `read_list` and
`read_behavior` take such a text apart, `write_list` and `write_behavior` make one. What the fields
mean in autoscaling/v2 is `autoscaler_conversion`'s business.
"""

from functools import cache
from typing import Any, Final

from kcore.errors import ApiError
from kcore.machinery.frozen import FrozenList, FrozenMap, JSONError, freeze, loads, thaw
from kcore.machinery.go_text import ordered_json_text
from kcore.machinery.schema import Decoder
from kcore.machinery.schema_types import TypeRef, TypeTable

METRIC_SPEC: Final = "autoscaling/v1.MetricSpec"
METRIC_STATUS: Final = "autoscaling/v1.MetricStatus"
CONDITION: Final = "autoscaling/v1.HorizontalPodAutoscalerCondition"

_SELECTOR: Final = "*meta/v1.LabelSelector"
_QUANTITY: Final = "resource.Quantity"
_REFERENCE: Final = ["target", "autoscaling/v1.CrossVersionObjectReference"]


def _union(suffix: str) -> list[list[str]]:
    """A metric of one of five sorts, in the order of the fields."""
    sorts = ("object", "pods", "resource", "containerResource", "external")
    pointers = (
        [name, f"*autoscaling/v1.{name[0].upper()}{name[1:]}Metric{suffix}", "e"] for name in sorts
    )
    return [["type", "string"], *pointers]


_TYPES: Final[dict[str, list[list[str]]]] = {
    "autoscaling/v1.CrossVersionObjectReference": [
        ["kind", "string"],
        ["name", "string"],
        ["apiVersion", "string", "e"],
    ],
    METRIC_SPEC: _union("Source"),
    METRIC_STATUS: _union("Status"),
    "autoscaling/v1.ObjectMetricSource": [
        _REFERENCE,
        ["metricName", "string"],
        ["targetValue", _QUANTITY],
        ["selector", _SELECTOR, "e"],
        ["averageValue", f"*{_QUANTITY}", "e"],
    ],
    "autoscaling/v1.PodsMetricSource": [
        ["metricName", "string"],
        ["targetAverageValue", _QUANTITY],
        ["selector", _SELECTOR, "e"],
    ],
    "autoscaling/v1.ResourceMetricSource": [
        ["name", "string"],
        ["targetAverageUtilization", "*int32", "e"],
        ["targetAverageValue", f"*{_QUANTITY}", "e"],
    ],
    "autoscaling/v1.ContainerResourceMetricSource": [
        ["name", "string"],
        ["targetAverageUtilization", "*int32", "e"],
        ["targetAverageValue", f"*{_QUANTITY}", "e"],
        ["container", "string"],
    ],
    "autoscaling/v1.ExternalMetricSource": [
        ["metricName", "string"],
        ["metricSelector", _SELECTOR, "e"],
        ["targetValue", f"*{_QUANTITY}", "e"],
        ["targetAverageValue", f"*{_QUANTITY}", "e"],
    ],
    "autoscaling/v1.ObjectMetricStatus": [
        _REFERENCE,
        ["metricName", "string"],
        ["currentValue", _QUANTITY],
        ["selector", _SELECTOR, "e"],
        ["averageValue", f"*{_QUANTITY}", "e"],
    ],
    "autoscaling/v1.PodsMetricStatus": [
        ["metricName", "string"],
        ["currentAverageValue", _QUANTITY],
        ["selector", _SELECTOR, "e"],
    ],
    "autoscaling/v1.ResourceMetricStatus": [
        ["name", "string"],
        ["currentAverageUtilization", "*int32", "e"],
        ["currentAverageValue", _QUANTITY],
    ],
    "autoscaling/v1.ContainerResourceMetricStatus": [
        ["name", "string"],
        ["currentAverageUtilization", "*int32", "e"],
        ["currentAverageValue", _QUANTITY],
        ["container", "string"],
    ],
    "autoscaling/v1.ExternalMetricStatus": [
        ["metricName", "string"],
        ["metricSelector", _SELECTOR, "e"],
        ["currentValue", _QUANTITY],
        ["currentAverageValue", f"*{_QUANTITY}", "e"],
    ],
    CONDITION: [
        ["type", "string"],
        ["status", "string"],
        ["lastTransitionTime", "meta/v1.Time", "e"],
        ["reason", "string", "e"],
        ["message", "string", "e"],
        ["observedGeneration", "*int64", "e"],
    ],
    "meta/v1.LabelSelector": [
        ["matchLabels", "map[string]string", "e"],
        ["matchExpressions", "[]meta/v1.LabelSelectorRequirement", "e"],
    ],
    "meta/v1.LabelSelectorRequirement": [
        ["key", "string"],
        ["operator", "string"],
        ["values", "[]string", "e"],
    ],
    # The type that upstream keeps behaviour in has no JSON names: fields go by their Go names.
    "autoscaling.HorizontalPodAutoscalerBehavior": [
        ["ScaleUp", "*autoscaling.HPAScalingRules"],
        ["ScaleDown", "*autoscaling.HPAScalingRules"],
    ],
    "autoscaling.HPAScalingRules": [
        ["StabilizationWindowSeconds", "*int32"],
        ["SelectPolicy", "*string"],
        ["Policies", "[]autoscaling.HPAScalingPolicy"],
        ["Tolerance", f"*{_QUANTITY}"],
    ],
    "autoscaling.HPAScalingPolicy": [
        ["Type", "string"],
        ["Value", "int32"],
        ["PeriodSeconds", "int32"],
    ],
}
_BEHAVIOR: Final = "autoscaling.HorizontalPodAutoscalerBehavior"


@cache
def _types() -> TypeTable:
    return TypeTable({"kinds": {}, "scalars": {}, "types": _TYPES})


@cache
def _decoder() -> Decoder:
    return Decoder(_types())


def completed(value: FrozenMap, type_name: str) -> FrozenMap:
    """A value of one of these types with what is always written filled in."""
    return _decoder().decode_type(value, type_name)


def read_list(text: str, type_name: str) -> list[FrozenMap] | None:
    """The items of an annotation; None for a text that is no list of them, which is ignored."""
    try:
        value = loads(text)
    except JSONError:
        return None
    if value is None:
        return []
    if not isinstance(value, FrozenList):
        return None
    try:
        return [completed(item, type_name) for item in value]
    except ApiError:
        return None


def write_list(items: list[FrozenMap], type_name: str) -> str:
    """The annotation that keeps `items`."""
    reference = _types().reference(type_name)
    return ordered_json_text([_ordered(item, reference) for item in items])


def read_behavior(text: str) -> FrozenMap | None:
    """Behaviour as autoscaling/v2 has it; None for a text that says nothing."""
    try:
        found = completed(loads(text), _BEHAVIOR)
    except (JSONError, ApiError):
        return None
    renamed = _renamed(found)
    result: FrozenMap | None = freeze(renamed) if renamed else None
    return result


def write_behavior(behavior: FrozenMap) -> str:
    """The annotation that keeps a behaviour of autoscaling/v2."""
    named = completed(freeze(_with_go_names(thaw(behavior))), _BEHAVIOR)
    return ordered_json_text(_ordered(named, _types().reference(_BEHAVIOR)))


def _renamed(value: Any) -> Any:
    if isinstance(value, FrozenList):
        return [_renamed(item) for item in value]
    if not isinstance(value, FrozenMap):
        return value
    return {
        key[:1].lower() + key[1:]: _renamed(item) for key, item in value.items() if item is not None
    }


def _with_go_names(value: Any) -> Any:
    if isinstance(value, list):
        return [_with_go_names(item) for item in value]
    if not isinstance(value, dict):
        return value
    return {key[:1].upper() + key[1:]: _with_go_names(item) for key, item in value.items()}


def _ordered(value: Any, reference: TypeRef) -> Any:
    """Plain values with keys in the order of Go's fields; maps in the order of their keys."""
    if isinstance(value, FrozenList) and reference.element is not None:
        return [_ordered(item, reference.element) for item in value]
    if not isinstance(value, FrozenMap):
        return value
    if reference.shape != "struct":
        return dict(sorted(value.items()))
    return {
        field.name: _ordered(value[field.name], field.type)
        for field in _types().struct(reference.name).fields
        if field.name in value
    }
