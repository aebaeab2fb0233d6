"""What NodeResourcesFitArgs must not say; words and paths are upstream's."""

from typing import Final

from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.formats import label_key
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap

STRATEGIES: Final = ("LeastAllocated", "MostAllocated", "RequestedToCapacityRatio")


def fit_args_errors(args: FrozenMap) -> FieldErrors:
    """Every mistake in the args."""
    errors = FieldErrors()
    for position, name in enumerate(args.get("ignoredResources") or EMPTY_LIST):
        errors.invalid_each(index("ignoredResources", position), name, label_key(name))
    for position, group in enumerate(args.get("ignoredResourceGroups") or EMPTY_LIST):
        path = index("ignoredResourceGroups", position)
        if "/" in group:
            errors.invalid(path, group, "resource group name can't contain '/'")
        else:
            errors.invalid_each(path, group, label_key(f"{group}/ignored-resource"))
    strategy = args.get("scoringStrategy")
    if strategy is not None:
        _check_strategy(errors, strategy)
    return errors


def _check_strategy(errors: FieldErrors, strategy: FrozenMap) -> None:
    kind = strategy.get("type") or "LeastAllocated"
    if kind not in STRATEGIES:
        errors.not_supported("scoringStrategy.type", kind, STRATEGIES)
    for position, item in enumerate(strategy.get("resources") or EMPTY_LIST):
        weight = item.get("weight") or 1
        if not 0 < weight <= 100:
            path = child(index("scoringStrategy.resources", position), "weight")
            rule = f"resource weight of {item.get('name')} not in valid range (0, 100]"
            errors.invalid(path, weight, rule)
    if kind == "RequestedToCapacityRatio":
        _check_shape(errors, strategy)


def _check_shape(errors: FieldErrors, strategy: FrozenMap) -> None:
    path = "scoringStrategy.requestedToCapacityRatio"
    ratio = strategy.get("requestedToCapacityRatio")
    if ratio is None or not ratio.get("shape"):
        rule = "must be specified when type is RequestedToCapacityRatio"
        errors.required(path, rule)
        return
    before = -1
    for position, point in enumerate(ratio["shape"]):
        here = index(child(path, "shape"), position)
        utilization, score = point.get("utilization") or 0, point.get("score") or 0
        if not 0 <= utilization <= 100:
            errors.invalid(child(here, "utilization"), utilization, "not in valid range [0, 100]")
        elif utilization <= before:
            rule = "values must be sorted in increasing order"
            errors.invalid(child(here, "utilization"), utilization, rule)
        if not 0 <= score <= 10:
            errors.invalid(child(here, "score"), score, "not in valid range [0, 10]")
        before = utilization
