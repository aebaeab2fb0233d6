"""Which requests admission is about: rules of resources, selectors, conditions."""

from typing import Any, Final

from kcore.api.field_rules import validate_label_selector, validate_qualified_name
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.formats import path_segment_name
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap

MATCH_POLICIES: Final = ("Equivalent", "Exact")
FAILURE_POLICIES: Final = ("Fail", "Ignore")
REINVOCATIONS: Final = ("IfNeeded", "Never")
_OPERATIONS: Final = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
_MUTATED: Final = ("*", "CONNECT", "CREATE", "UPDATE")
_SCOPES: Final = ("*", "Cluster", "Namespaced")
_CONDITIONS_COUNT_MAX: Final = 64


def validate_rule(rule: FrozenMap, errors: FieldErrors, path: str) -> None:
    """Operations on resources."""
    operations = rule.get("operations") or EMPTY_LIST
    _validate_list(rule, "operations", "operations", errors, path)
    for position, operation in enumerate(operations):
        if operation not in _OPERATIONS:
            here = index(child(path, "operations"), position)
            errors.not_supported(here, operation, _OPERATIONS)
    _validate_list(rule, "apiGroups", "API groups", errors, path)
    _validate_list(rule, "apiVersions", "API versions", errors, path)
    for position, version in enumerate(rule.get("apiVersions") or EMPTY_LIST):
        if not version:
            errors.required(index(child(path, "apiVersions"), position))
    _validate_resources(rule.get("resources") or EMPTY_LIST, errors, child(path, "resources"))
    scope = rule.get("scope")
    if scope is not None and scope not in _SCOPES:
        errors.not_supported(child(path, "scope"), scope, _SCOPES)


def _validate_list(rule: FrozenMap, field: str, noun: str, errors: FieldErrors, path: str) -> None:
    values, here = rule.get(field) or EMPTY_LIST, child(path, field)
    if not values:
        errors.required(here)
    if len(values) > 1 and "*" in values:
        errors.invalid(here, values, f"if '*' is present, must not specify other {noun}")


def _validate_resources(resources: Any, errors: FieldErrors, path: str) -> None:
    if not resources:
        errors.required(path)
    _validate_parts(resources, errors, path)
    if len(resources) > 1 and "*/*" in resources:
        errors.invalid(path, resources, "if '*/*' is present, must not specify other resources")
    # Upstream looks at the last one without a part only.
    whole = [text for text in resources if text and "/" not in text]
    if "*" in resources and whole[-1] != "*":
        detail = "if '*' is present, must not specify other resources without subresources"
        errors.invalid(path, resources, detail)


def _validate_parts(resources: Any, errors: FieldErrors, path: str) -> None:
    with_all_parts: set[str] = set()
    parts_of_all: set[str] = set()
    for position, text in enumerate(resources):
        here = index(path, position)
        if not text:
            errors.required(here)
            continue
        resource, slash, part = text.partition("/")
        if not slash:
            continue
        if resource in with_all_parts:
            detail = f"if '{resource}/*' is present, must not specify {text}"
            errors.invalid(here, text, detail)
        if part in parts_of_all:
            errors.invalid(here, text, f"if '*/{part}' is present, must not specify {text}")
        if part == "*":
            with_all_parts.add(resource)
        if resource == "*":
            parts_of_all.add(part)


def validate_matching(matching: FrozenMap, errors: FieldErrors, path: str) -> None:
    """What a policy, or its binding, is about."""
    policy = matching.get("matchPolicy")
    if policy is None:
        errors.required(child(path, "matchPolicy"))
    elif policy not in MATCH_POLICIES:
        errors.not_supported(child(path, "matchPolicy"), policy, MATCH_POLICIES)
    for name in ("namespaceSelector", "objectSelector"):
        if matching.get(name) is None:
            errors.required(child(path, name))
        else:
            validate_label_selector(matching[name], errors, child(path, name))
    for field in ("resourceRules", "excludeResourceRules"):
        for position, rule in enumerate(matching.get(field) or EMPTY_LIST):
            here = index(child(path, field), position)
            _validate_names(rule, errors, child(here, "resourceNames"))
            validate_rule(rule, errors, here)


def _validate_names(rule: FrozenMap, errors: FieldErrors, path: str) -> None:
    known: set[str] = set()
    for position, name in enumerate(rule.get("resourceNames") or EMPTY_LIST):
        here = index(path, position)
        errors.invalid_each(here, name, path_segment_name(name))
        if name in known:
            errors.duplicate(here, name)
        known.add(name)


def validate_mutated_operations(matching: FrozenMap, errors: FieldErrors, path: str) -> None:
    """What is deleted cannot be changed."""
    for rule in matching.get("resourceRules") or EMPTY_LIST:
        for operation in rule.get("operations") or EMPTY_LIST:
            if operation not in _MUTATED:
                here = child(path, "resourceRules", "operations")
                errors.not_supported(here, operation, _MUTATED)


def validate_conditions(conditions: Any, errors: FieldErrors, path: str) -> None:
    """Expressions with names; whether they compile is not looked at."""
    if len(conditions) > _CONDITIONS_COUNT_MAX:
        errors.too_many(path, len(conditions), _CONDITIONS_COUNT_MAX)
    known: set[str] = set()
    for position, condition in enumerate(conditions):
        here, name = index(path, position), condition.get("name") or ""
        if not (condition.get("expression") or "").strip():
            errors.required(child(here, "expression"))
        if not name:
            errors.required(child(here, "name"))
            continue
        validate_qualified_name(name, errors, child(here, "name"))
        if name in known:
            errors.duplicate(child(here, "name"), name)
        known.add(name)


def matching_of(spec: FrozenMap, field: str) -> FrozenMap:
    """The matching of a spec; empty when there is none."""
    found: FrozenMap = spec.get(field) or EMPTY_MAP
    return found
