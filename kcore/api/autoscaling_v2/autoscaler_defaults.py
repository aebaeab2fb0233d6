"""Defaults of HorizontalPodAutoscaler: one replica at least, CPU at 80 percent, scaling pace."""

from typing import Any, Final

from kcore.api.autoscaling_v2.autoscaler_conversion import (
    DEFAULT_CPU_PERCENT,
    V1,
    to_v1,
    to_v2,
)
from kcore.api.filling import fill, map_child, with_fields
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap, freeze

_METRICS: Final = freeze(
    [
        {
            "type": "Resource",
            "resource": {
                "name": "cpu",
                "target": {"type": "Utilization", "averageUtilization": DEFAULT_CPU_PERCENT},
            },
        }
    ]
)
_UP: Final = freeze(
    {
        "stabilizationWindowSeconds": 0,
        "selectPolicy": "Max",
        "policies": [
            {"type": "Pods", "value": 4, "periodSeconds": 15},
            {"type": "Percent", "value": 100, "periodSeconds": 15},
        ],
    }
)
_DOWN: Final = freeze(
    {
        "selectPolicy": "Max",
        "policies": [{"type": "Percent", "value": 100, "periodSeconds": 15}],
    }
)


def default_autoscaler(autoscaler: FrozenMap) -> FrozenMap:
    """All defaults, in the version that the object speaks."""
    if autoscaler.get("apiVersion") == V1:
        # Upstream keeps v2: what v1 shows has been there and back.
        shown = to_v1(to_v2(default_v1(autoscaler)))
        return autoscaler if shown == autoscaler else shown
    return map_child(autoscaler, "spec", _spec)


def default_v1(autoscaler: FrozenMap) -> FrozenMap:
    """What autoscaling/v1 fills in before it becomes v2; the CPU's target comes after."""
    return map_child(autoscaler, "spec", _spec_v1)


def _spec_v1(spec: FrozenMap) -> FrozenMap:
    return fill(spec, {"minReplicas": 1})


def _spec(spec: FrozenMap) -> FrozenMap:
    spec = fill(spec, {"minReplicas": 1})
    if not spec.get("metrics"):
        spec = spec.set("metrics", _METRICS)
    return map_child(spec, "behavior", _behavior)


def _behavior(behavior: FrozenMap) -> FrozenMap:
    """Both directions with every gap filled."""
    rules: dict[str, Any] = {}
    for name, standard in (("scaleUp", _UP), ("scaleDown", _DOWN)):
        given = behavior.get(name) or EMPTY_MAP
        filled = fill(given, standard)
        if filled is not given:
            rules[name] = filled
    return with_fields(behavior, rules)
