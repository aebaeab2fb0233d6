"""When a job fails, succeeds or replaces pods: the rules of its policies."""

from typing import Any, Final

from kcore.api.batch_v1.index_ranges import IndexRangesError, count_indexes
from kcore.api.field_rules import validate_positive_field, validate_qualified_name
from kcore.machinery.field_errors import OMITTED, FieldErrors, child, index
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap

_ACTIONS: Final = ("Count", "FailIndex", "FailJob", "Ignore")
_OPERATORS: Final = ("In", "NotIn")
_STATUSES: Final = ("False", "True", "Unknown")
_REPLACEMENTS: Final = ("Failed", "TerminatingOrFailed")
_RULE_COUNT_MAX: Final = 20
_EXIT_CODE_COUNT_MAX: Final = 255
_INDEXES_BYTES_MAX: Final = 64 * 1024


def _listed(words: tuple[str, ...]) -> str:
    quoted = " ".join(f'"{word}"' for word in words)
    return f"valid values: [{quoted}]"


def _validate_word(value: str, words: tuple[str, ...], errors: FieldErrors, path: str) -> None:
    """A word that must be there, out of a list."""
    if not value:
        errors.required(path, _listed(words))
    elif value not in words:
        errors.not_supported(path, value, words)


def validate_failure_policy(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    """What failures of pods mean for the job."""
    rules = spec.at("podFailurePolicy", "rules", default=EMPTY_LIST)
    path = child(path, "rules")
    if len(rules) > _RULE_COUNT_MAX:
        errors.too_many(path, len(rules), _RULE_COUNT_MAX)
    pod = spec.at("template", "spec", default=EMPTY_MAP)
    names = [
        container.get("name") or ""
        for field in ("containers", "initContainers")
        for container in pod.get(field) or EMPTY_LIST
    ]
    for position, rule in enumerate(rules):
        _validate_failure_rule(spec, rule, names, errors, index(path, position))


def _validate_failure_rule(
    spec: FrozenMap, rule: FrozenMap, names: list[str], errors: FieldErrors, path: str
) -> None:
    action, here = rule.get("action") or "", child(path, "action")
    if action == "FailIndex":
        if spec.get("backoffLimitPerIndex") is None:
            errors.invalid(here, action, "requires the backoffLimitPerIndex to be set")
    else:
        _validate_word(action, _ACTIONS, errors, here)
    codes, conditions = rule.get("onExitCodes"), rule.get("onPodConditions") or EMPTY_LIST
    if codes is not None:
        _validate_exit_codes(codes, names, errors, child(path, "onExitCodes"))
    if conditions:
        _validate_conditions(conditions, errors, child(path, "onPodConditions"))
    if codes is not None and conditions:
        detail = "specifying both OnExitCodes and OnPodConditions is not supported"
        errors.invalid(path, OMITTED, detail)
    if codes is None and not conditions:
        detail = "specifying one of OnExitCodes and OnPodConditions is required"
        errors.invalid(path, OMITTED, detail)


def _validate_exit_codes(
    codes: FrozenMap, names: list[str], errors: FieldErrors, path: str
) -> None:
    operator = codes.get("operator") or ""
    _validate_word(operator, _OPERATORS, errors, child(path, "operator"))
    container = codes.get("containerName")
    if container is not None and container not in names:
        detail = "must be one of the container or initContainer names in the pod template"
        errors.invalid(child(path, "containerName"), container, detail)
    values, here = codes.get("values") or EMPTY_LIST, child(path, "values")
    if not values:
        errors.invalid(here, codes.get("values"), "at least one value is required")
    elif len(values) > _EXIT_CODE_COUNT_MAX:
        errors.too_many(here, len(values), _EXIT_CODE_COUNT_MAX)
    known: list[int] = []
    for position, value in enumerate(values):
        if operator == "In" and value == 0:
            errors.invalid(index(here, position), value, "must not be 0 for the In operator")
        if value in known:
            errors.duplicate(index(here, position), value)
        known.append(value)
    if known != sorted(known):
        errors.invalid(here, values, "must be ordered")


def _validate_conditions(conditions: Any, errors: FieldErrors, path: str) -> None:
    if len(conditions) > _RULE_COUNT_MAX:
        errors.too_many(path, len(conditions), _RULE_COUNT_MAX)
    for position, pattern in enumerate(conditions):
        here = index(path, position)
        validate_qualified_name(pattern.get("type") or "", errors, child(here, "type"))
        _validate_word(pattern.get("status") or "", _STATUSES, errors, child(here, "status"))


def validate_success_policy(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    """Which indexes, or how many of them, are enough."""
    rules, path = spec.at("successPolicy", "rules", default=EMPTY_LIST), child(path, "rules")
    if not rules:
        detail = "at least one rules must be specified when the successPolicy is specified"
        errors.required(path, detail)
    if len(rules) > _RULE_COUNT_MAX:
        errors.too_many(path, len(rules), _RULE_COUNT_MAX)
    for position, rule in enumerate(rules):
        _validate_success_rule(spec, rule, errors, index(path, position))


def _validate_success_rule(
    spec: FrozenMap, rule: FrozenMap, errors: FieldErrors, path: str
) -> None:
    completions = spec.get("completions") or 0
    indexes, count = rule.get("succeededIndexes"), rule.get("succeededCount")
    if indexes is None and count is None:
        detail = "at least one of succeededCount or succeededIndexes must be specified"
        errors.required(path, detail)
    total = 0
    if indexes is not None:
        here = child(path, "succeededIndexes")
        if len(indexes) > _INDEXES_BYTES_MAX:
            errors.too_long(here, _INDEXES_BYTES_MAX)
        try:
            total = count_indexes(indexes, completions)
        except IndexRangesError as error:
            errors.invalid(here, indexes, f"error parsing succeededIndexes: {error}")
    if count is None:
        return
    validate_positive_field(rule, "succeededCount", errors, path)
    here = child(path, "succeededCount")
    if count > completions:
        detail = (
            f"must be less than or equal to {completions} (the number of specified completions)"
        )
        errors.invalid(here, count, detail)
    if indexes is not None and count > total:
        detail = (
            f"must be less than or equal to {total} (the number of indexes in the specified "
            "succeededIndexes field)"
        )
        errors.invalid(here, count, detail)


def validate_replacement_policy(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    """When a pod is replaced."""
    policy = spec.get("podReplacementPolicy")
    if policy is None:
        return
    words = _REPLACEMENTS if spec.get("podFailurePolicy") is None else _REPLACEMENTS[:1]
    if policy not in words:
        errors.not_supported(path, policy, words)
