"""The row of a HorizontalPodAutoscaler: measured against wanted, metric by metric."""

from collections.abc import Sequence
from typing import Final

from kcore.machinery.frozen import FrozenMap
from kcore.printing.cells import UNKNOWN, UNSET, age, items, mapping, name, number, quantity, word
from kcore.printing.column import NAME, Cell, Printer, text

SHOWN_METRICS_COUNT_MAX: Final = 2

# Metric type -> the field that holds it.
_FIELDS: Final = {
    "External": "external",
    "Pods": "pods",
    "Object": "object",
    "Resource": "resource",
    "ContainerResource": "containerResource",
}


def _ratio(spec: FrozenMap, status: FrozenMap | None, field: str) -> str:
    """`70%/60%`, `120m/100m (avg)`; the present value is unknown without a status."""
    target = mapping(spec, field, "target")
    current = mapping(status, field, "current") if status is not None else None
    if not any(target.at(key) for key in ("averageUtilization", "averageValue", "value")):
        return f"{UNKNOWN}/<auto>"
    by_resource = field in {"resource", "containerResource"}
    if by_resource and target.averageValue is None and target.averageUtilization is not None:
        shown = current.averageUtilization if current is not None else None
        return f"{UNKNOWN if shown is None else f'{shown}%'}/{target.averageUtilization}%"
    if target.averageValue is not None and field != "object":
        shown = current.averageValue if current is not None else None
        suffix = " (avg)" if field == "external" else ""
        wanted = f"{quantity(target.averageValue)}{suffix}"
    elif field == "object" and target.averageValue is not None and target.value is None:
        shown = current.averageValue if current is not None else None
        wanted = f"{quantity(target.averageValue)} (avg)"
    else:
        shown = current.value if current is not None else None
        wanted = quantity(target.value)
    return f"{UNKNOWN if shown is None else quantity(shown)}/{wanted}"


def _metric(spec: FrozenMap, status: FrozenMap | None) -> str:
    kind = word(spec, "type")
    field = _FIELDS.get(kind)
    if field is None:
        return "<unknown type>"
    ratio = _ratio(spec, status, field)
    if field in {"resource", "containerResource"}:
        return f"{word(spec, field, 'name')}: {ratio}"
    return ratio


def metrics(obj: FrozenMap) -> str:
    """The Targets cell."""
    specs = items(obj, "spec", "metrics")
    if not specs:
        return "<none>"
    statuses = items(obj, "status", "currentMetrics")
    pieces = [
        _metric(spec, statuses[position] if position < len(statuses) else None)
        for position, spec in enumerate(specs)
    ]
    shown = ", ".join(pieces[:SHOWN_METRICS_COUNT_MAX])
    hidden_count = len(pieces) - SHOWN_METRICS_COUNT_MAX
    return f"{shown} + {hidden_count} more..." if hidden_count > 0 else shown


def cells(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a HorizontalPodAutoscaler."""
    minimum = obj.at("spec", "minReplicas")
    target = mapping(obj, "spec", "scaleTargetRef")
    return [
        name(obj),
        f"{word(target, 'kind')}/{word(target, 'name')}",
        metrics(obj),
        UNSET if minimum is None else str(minimum),
        number(obj, "spec", "maxReplicas"),
        number(obj, "status", "currentReplicas"),
        age(obj, now_ns),
    ]


PRINTERS = {
    ("autoscaling", "HorizontalPodAutoscaler"): Printer(
        (NAME, *text("Reference", "Targets", "MinPods", "MaxPods", "Replicas", "Age")), cells
    ),
}
