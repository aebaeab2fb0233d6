"""Defaults of HorizontalPodAutoscaler: one replica at least, CPU at 80 percent, scaling pace."""

from typing import Any, Final

from kcore.api.filling import fill, map_child, with_fields
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap, freeze

TARGET_CPU_PERCENT: Final = 80
_METRICS: Final = freeze(
    [
        {
            "type": "Resource",
            "resource": {
                "name": "cpu",
                "target": {"type": "Utilization", "averageUtilization": TARGET_CPU_PERCENT},
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
    if autoscaler.get("apiVersion") == "autoscaling/v1":
        return map_child(autoscaler, "spec", _spec_v1)
    return map_child(autoscaler, "spec", _spec)


def _spec_v1(spec: FrozenMap) -> FrozenMap:
    return fill(spec, {"minReplicas": 1, "targetCPUUtilizationPercentage": TARGET_CPU_PERCENT})


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
        if not given.get("policies"):
            filled = filled.set("policies", standard["policies"])
        if filled is not given:
            rules[name] = filled
    return with_fields(behavior, rules)
