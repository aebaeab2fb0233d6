"""HorizontalPodAutoscaler between autoscaling/v1 and autoscaling/v2.

v1 has one metric, the CPU's utilization; whatever else a v2 object says travels in annotations
(`old_metrics`). A row of the tables below says where one field of a v1 metric is in v2.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from kcore.api.autoscaling_v1.old_metrics import (
    CONDITION,
    METRIC_SPEC,
    METRIC_STATUS,
    completed,
    read_behavior,
    read_list,
    write_behavior,
    write_list,
)
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenList, FrozenMap, freeze

V1: Final = "autoscaling/v1"
V2: Final = "autoscaling/v2"
DEFAULT_CPU_PERCENT: Final = 80

_PREFIX: Final = "autoscaling.alpha.kubernetes.io/"
_METRICS: Final = f"{_PREFIX}metrics"
_CURRENT_METRICS: Final = f"{_PREFIX}current-metrics"
_CONDITIONS: Final = f"{_PREFIX}conditions"
_BEHAVIOR: Final = f"{_PREFIX}behavior"
_ROUND_TRIP: Final = frozenset(
    {
        _METRICS,
        _CURRENT_METRICS,
        _CONDITIONS,
        _BEHAVIOR,
        f"{_PREFIX}scale-down-tolerance",
        f"{_PREFIX}scale-up-tolerance",
    }
)

Row = tuple[str, tuple[str, ...]]
_METRIC: Final[tuple[Row, ...]] = (
    ("metricName", ("metric", "name")),
    ("selector", ("metric", "selector")),
)
_EXTERNAL: Final[tuple[Row, ...]] = (
    ("metricName", ("metric", "name")),
    ("metricSelector", ("metric", "selector")),
)
_SPEC_ROWS: Final[Mapping[str, tuple[Row, ...]]] = {
    "object": (
        ("target", ("describedObject",)),
        *_METRIC,
        ("targetValue", ("target", "value")),
        ("averageValue", ("target", "averageValue")),
    ),
    "pods": (*_METRIC, ("targetAverageValue", ("target", "averageValue"))),
    "resource": (
        ("name", ("name",)),
        ("targetAverageUtilization", ("target", "averageUtilization")),
        ("targetAverageValue", ("target", "averageValue")),
    ),
    "containerResource": (
        ("name", ("name",)),
        ("container", ("container",)),
        ("targetAverageUtilization", ("target", "averageUtilization")),
        ("targetAverageValue", ("target", "averageValue")),
    ),
    "external": (
        *_EXTERNAL,
        ("targetValue", ("target", "value")),
        ("targetAverageValue", ("target", "averageValue")),
    ),
}
_STATUS_ROWS: Final[Mapping[str, tuple[Row, ...]]] = {
    "object": (
        ("target", ("describedObject",)),
        *_METRIC,
        ("currentValue", ("current", "value")),
        ("averageValue", ("current", "averageValue")),
    ),
    "pods": (*_METRIC, ("currentAverageValue", ("current", "averageValue"))),
    "resource": (
        ("name", ("name",)),
        ("currentAverageUtilization", ("current", "averageUtilization")),
        ("currentAverageValue", ("current", "averageValue")),
    ),
    "containerResource": (
        ("name", ("name",)),
        ("container", ("container",)),
        ("currentAverageUtilization", ("current", "averageUtilization")),
        ("currentAverageValue", ("current", "averageValue")),
    ),
    "external": (
        *_EXTERNAL,
        ("currentValue", ("current", "value")),
        ("currentAverageValue", ("current", "averageValue")),
    ),
}


def to_v1(autoscaler: FrozenMap) -> FrozenMap:
    """The v1 form of a v2 object with its defaults. O(size)."""
    spec, status = _part(autoscaler, "spec"), _part(autoscaler, "status")
    metrics, current = _items(spec, "metrics"), _items(status, "currentMetrics")
    notes = _foreign_annotations(autoscaler)
    others = [_to_old(metric, _SPEC_ROWS, METRIC_SPEC) for metric in metrics if not _is_cpu(metric)]
    if others:
        notes[_METRICS] = write_list(others, METRIC_SPEC)
    if current:
        old = [_to_old(metric, _STATUS_ROWS, METRIC_STATUS) for metric in current]
        notes[_CURRENT_METRICS] = write_list(old, METRIC_STATUS)
    behavior = spec.get("behavior")
    if behavior is not None:
        notes[_BEHAVIOR] = write_behavior(behavior)
    conditions = _items(status, "conditions")
    if conditions:
        complete = [completed(condition, CONDITION) for condition in conditions]
        notes[_CONDITIONS] = write_list(complete, CONDITION)
    fields = {
        "spec": _without(spec, "metrics", "behavior")
        | _known("targetCPUUtilizationPercentage", _first_cpu(metrics)),
        "status": _without(status, "currentMetrics", "conditions")
        | _known("currentCPUUtilizationPercentage", _last_current_cpu(current)),
    }
    return _rebuilt(autoscaler, V1, notes, fields)


def to_v2(autoscaler: FrozenMap) -> FrozenMap:
    """The v2 form of a v1 object with its defaults. O(size)."""
    spec, status = _part(autoscaler, "spec"), _part(autoscaler, "status")
    kept = (autoscaler.get("metadata") or EMPTY_MAP).get("annotations") or EMPTY_MAP
    new_spec = _without(spec, "targetCPUUtilizationPercentage")
    new_status = _without(status, "currentCPUUtilizationPercentage")
    metrics = _read_metrics(kept, spec.get("targetCPUUtilizationPercentage"))
    new_spec["metrics"] = metrics or [_cpu_target(DEFAULT_CPU_PERCENT)]
    behavior = read_behavior(kept[_BEHAVIOR]) if _BEHAVIOR in kept else None
    if behavior is not None:
        new_spec["behavior"] = behavior
    percent = status.get("currentCPUUtilizationPercentage")
    if percent is not None:
        new_status["currentMetrics"] = [_cpu_current(percent)]
    current = read_list(kept[_CURRENT_METRICS], METRIC_STATUS) if _CURRENT_METRICS in kept else None
    if current is not None:
        new_status["currentMetrics"] = [_to_new(metric, _STATUS_ROWS) for metric in current]
    conditions = read_list(kept[_CONDITIONS], CONDITION) if _CONDITIONS in kept else None
    if conditions is not None:
        new_status["conditions"] = conditions
    fields = {"spec": new_spec, "status": new_status}
    return _rebuilt(autoscaler, V2, _foreign_annotations(autoscaler), fields)


def _read_metrics(kept: FrozenMap, percent: int | None) -> list[Any]:
    own = [] if percent is None else [_cpu_target(percent)]
    others = read_list(kept[_METRICS], METRIC_SPEC) if _METRICS in kept else None
    if others is None:
        return own
    return [_with_target_types(_to_new(metric, _SPEC_ROWS)) for metric in others] + own


def _cpu_target(percent: int) -> Any:
    target = {"type": "Utilization", "averageUtilization": percent}
    return {"type": "Resource", "resource": {"name": "cpu", "target": target}}


def _cpu_current(percent: int) -> Any:
    return {
        "type": "Resource",
        "resource": {"name": "cpu", "current": {"averageUtilization": percent}},
    }


def _to_old(metric: FrozenMap, rows: Mapping[str, tuple[Row, ...]], type_name: str) -> FrozenMap:
    old: dict[str, Any] = {"type": metric.get("type") or ""}
    for sort, table in rows.items():
        source = metric.get(sort)
        if source is not None:
            found = ((name, source.at(*path)) for name, path in table)
            old[sort] = {name: value for name, value in found if value is not None}
    return completed(freeze(old), type_name)


def _to_new(metric: FrozenMap, rows: Mapping[str, tuple[Row, ...]]) -> FrozenMap:
    new: FrozenMap = freeze({"type": metric.get("type") or ""})
    for sort, table in rows.items():
        source = metric.get(sort)
        if source is None:
            continue
        new = new.set(sort, EMPTY_MAP)
        for name, path in table:
            if name in source:
                new = new.set((sort, *path), source[name])
    return new


def _with_target_types(metric: FrozenMap) -> FrozenMap:
    """What v1 leaves to be guessed: which of its values a metric aims at."""
    for sort in _SPEC_ROWS:
        source = metric.get(sort)
        if source is None:
            continue
        target = source.get("target") or EMPTY_MAP
        has_average = sort == "object" and target.get("averageValue") is not None
        if has_average and target.get("value") == "0":
            metric = metric.remove((sort, "target", "value"))
        metric = metric.set((sort, "target", "type"), _target_type(sort, target))
    return metric


def _target_type(sort: str, target: FrozenMap) -> str:
    if sort in ("resource", "containerResource"):
        return "AverageValue" if target.get("averageUtilization") is None else "Utilization"
    if sort == "object":
        return "Value" if target.get("averageValue") is None else "AverageValue"
    return "AverageValue" if target.get("value") is None else "Value"


def _is_cpu(metric: FrozenMap) -> bool:
    return _cpu_percent(metric, "target") is not None


def _cpu_percent(metric: FrozenMap, part: str) -> int | None:
    if metric.get("type") != "Resource" or metric.at("resource", "name") != "cpu":
        return None
    percent: int | None = metric.at("resource", part, "averageUtilization")
    return percent


def _first_cpu(metrics: Iterable[FrozenMap]) -> int | None:
    return next((_cpu_percent(metric, "target") for metric in metrics if _is_cpu(metric)), None)


def _last_current_cpu(metrics: Iterable[FrozenMap]) -> int | None:
    found = [_cpu_percent(metric, "current") for metric in metrics]
    return next((percent for percent in reversed(found) if percent is not None), None)


def _part(autoscaler: FrozenMap, name: str) -> FrozenMap:
    part: FrozenMap = autoscaler.get(name) or EMPTY_MAP
    return part


def _items(part: FrozenMap, name: str) -> FrozenList:
    items: FrozenList = part.get(name) or EMPTY_LIST
    return items


def _known(name: str, value: Any) -> dict[str, Any]:
    return {} if value is None else {name: value}


def _without(part: FrozenMap, *names: str) -> dict[str, Any]:
    return {key: value for key, value in part.items() if key not in names}


def _foreign_annotations(autoscaler: FrozenMap) -> dict[str, str]:
    annotations = (autoscaler.get("metadata") or EMPTY_MAP).get("annotations") or EMPTY_MAP
    return _without(annotations, *sorted(_ROUND_TRIP))


def _rebuilt(
    autoscaler: FrozenMap, api_version: str, annotations: dict[str, str], fields: dict[str, Any]
) -> FrozenMap:
    metadata = dict(autoscaler.get("metadata") or EMPTY_MAP)
    metadata.pop("annotations", None)
    if annotations:
        metadata["annotations"] = annotations
    parts = {"metadata": metadata, **fields}
    present = {key: part for key, part in parts.items() if part or key in autoscaler}
    result: FrozenMap = freeze({**autoscaler, "apiVersion": api_version, **present})
    return result
