"""FlowSchema: its rules."""

from collections.abc import Callable
from typing import Any, Final

from kcore.api.object_rules import Validation, no_rules
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.formats import dns1123_label, dns1123_subdomain
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.internal_text import rendered_internal

_PRECEDENCE_MAX: Final = 10000
_METHODS: Final = ("ByNamespace", "ByUser")
_VERBS: Final = (
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "proxy",
    "update",
    "watch",
)
# A kind of subject and the field that names one of it.
_SUBJECTS: Final = {"ServiceAccount": "serviceAccount", "User": "user", "Group": "group"}
_KINDS: Final = ("Group", "ServiceAccount", "User")
_NAMESPACES: Final = "each member of this list must be '*' or a DNS-1123 label; "


def validate_flow_schema(schema: FrozenMap, errors: FieldErrors) -> None:
    """A place in line, a priority level, and whose requests of which kind it is about."""
    spec = schema.get("spec") or EMPTY_MAP
    _validate_precedence(spec, schema["metadata"].get("name") or "", errors)
    method = spec.get("distinguisherMethod")
    if method is not None and (method.get("type") or "") not in _METHODS:
        shown = rendered_internal(method, "*flowcontrol/v1.FlowDistinguisherMethod")
        errors.not_supported("spec.distinguisherMethod.type", shown, _METHODS)
    level = spec.at("priorityLevelConfiguration", "name", default="")
    here = "spec.priorityLevelConfiguration.name"
    if level:
        errors.invalid_each(here, level, dns1123_subdomain(level))
    else:
        errors.required(here, "must reference a priority level")
    for position, rule in enumerate(spec.get("rules") or EMPTY_LIST):
        _validate_rule(rule, errors, index("spec.rules", position))
    validate_typed_conditions(schema, errors)


def _validate_precedence(spec: FrozenMap, name: str, errors: FieldErrors) -> None:
    precedence, path = spec.get("matchingPrecedence") or 0, "spec.matchingPrecedence"
    if precedence <= 0:
        errors.invalid(path, precedence, "must be a positive value")
    if precedence > _PRECEDENCE_MAX:
        errors.invalid(path, precedence, f"must not be greater than {_PRECEDENCE_MAX}")
    if precedence == 1 and name != "exempt":
        detail = "only the schema named 'exempt' may have matchingPrecedence 1"
        errors.invalid(path, precedence, detail)


def validate_typed_conditions(obj: FrozenMap, errors: FieldErrors) -> None:
    """Conditions of a status: each has a type, none has another's."""
    known: set[str] = set()
    for position, condition in enumerate(obj.at("status", "conditions") or EMPTY_LIST):
        here, kind = index("status.conditions", position), condition.get("type") or ""
        if kind in known:
            errors.duplicate(child(here, "type"), kind)
        known.add(kind)
        if not kind:
            errors.required(child(here, "type"))


def _validate_rule(rule: FrozenMap, errors: FieldErrors, path: str) -> None:
    subjects = rule.get("subjects") or EMPTY_LIST
    if not subjects:
        errors.required(child(path, "subjects"), "subjects must contain at least one value")
    for position, subject in enumerate(subjects):
        _validate_subject(subject, errors, index(child(path, "subjects"), position))
    if not rule.get("resourceRules") and not rule.get("nonResourceRules"):
        detail = "at least one of resourceRules and nonResourceRules has to be non-empty"
        errors.required(path, detail)
    for field, check in (("resourceRules", _of_resources), ("nonResourceRules", _of_urls)):
        for position, part in enumerate(rule.get(field) or EMPTY_LIST):
            check(part, errors, index(child(path, field), position))


def _validate_subject(subject: FrozenMap, errors: FieldErrors, path: str) -> None:
    kind = subject.get("kind") or ""
    field = _SUBJECTS.get(kind)
    if field is None:
        errors.not_supported(child(path, "kind"), kind, _KINDS)
        return
    who, here = subject.get(field), child(path, field)
    if who is None:
        errors.required(here, f"{field} is required when subject kind is '{kind}'")
    elif kind == "ServiceAccount":
        _validate_account(who, errors, here)
    elif not who.get("name"):
        errors.required(child(here, "name"))
    for other, name in _SUBJECTS.items():
        if other != kind and subject.get(name) is not None:
            detail = f"{name} is forbidden when subject kind is not '{other}'"
            errors.forbidden(child(path, name), detail)


def _validate_account(account: FrozenMap, errors: FieldErrors, path: str) -> None:
    name, namespace = account.get("name") or "", account.get("namespace") or ""
    if not name:
        errors.required(child(path, "name"))
    elif name != "*":
        errors.invalid_each(child(path, "name"), name, dns1123_subdomain(name))
    if namespace:
        errors.invalid_each(child(path, "namespace"), namespace, dns1123_label(namespace))
    else:
        detail = "must specify namespace for service account"
        errors.required(child(path, "namespace"), detail)


def _validate_verbs(rule: FrozenMap, errors: FieldErrors, path: str) -> None:
    verbs, here = rule.get("verbs") or EMPTY_LIST, child(path, "verbs")
    if not verbs:
        errors.required(here, "verbs must contain at least one value")
    elif "*" in verbs:
        _validate_alone(verbs, "verbs", errors, here)
    elif not set(verbs) <= set(_VERBS):
        errors.not_supported(here, verbs, _VERBS)


def _validate_alone(values: Any, noun: str, errors: FieldErrors, path: str) -> None:
    if "*" in values and len(values) > 1:
        errors.invalid(path, values, f"if '*' is present, must not specify other {noun}")


def _of_resources(rule: FrozenMap, errors: FieldErrors, path: str) -> None:
    _validate_verbs(rule, errors, path)
    for field, one, noun in (
        ("apiGroups", "api group", "api groups"),
        ("resources", "resource", "resources"),
    ):
        values, here = rule.get(field) or EMPTY_LIST, child(path, field)
        if not values:
            errors.required(here, f"resource rules must supply at least one {one}")
        _validate_alone(values, noun, errors, here)
    namespaces, here = rule.get("namespaces") or EMPTY_LIST, child(path, "namespaces")
    if not namespaces and not rule.get("clusterScope"):
        detail = "resource rules that are not cluster scoped must supply at least one namespace"
        errors.required(here, detail)
    elif "*" in namespaces:
        _validate_alone(namespaces, "namespaces", errors, here)
    else:
        for position, name in enumerate(namespaces):
            for message in dns1123_label(name):
                errors.invalid(index(here, position), name, f"{_NAMESPACES}{message}")


def _of_urls(rule: FrozenMap, errors: FieldErrors, path: str) -> None:
    _validate_verbs(rule, errors, path)
    urls, here = rule.get("nonResourceURLs") or EMPTY_LIST, child(path, "nonResourceURLs")
    if not urls:
        errors.required(here, "nonResourceURLs must contain at least one value")
    elif "*" in urls:
        _validate_alone(urls, "non-resource URLs", errors, here)
    else:
        for position, url in enumerate(urls):
            problem = _url_problem(url)
            if problem:
                errors.invalid(index(here, position), url, problem)


_URL_RULES: Final[tuple[tuple[Callable[[str], bool], str], ...]] = (
    (lambda url: not url, "must not be empty"),
    (lambda url: not url.startswith("/"), "must start with slash"),
    (lambda url: " " in url, "must not contain white-space"),
    (lambda url: "//" in url, "must not contain double slash"),
    (
        lambda url: url.count("*") > 1 or ("*" in url and not url.endswith("/*")),
        "wildcard can only do suffix matching",
    ),
)


def _url_problem(url: str) -> str:
    return next((text for is_wrong, text in _URL_RULES if is_wrong(url)), "")


def validate_flow_schema_update(new: FrozenMap, _old: FrozenMap, errors: FieldErrors) -> None:
    """As a new one."""
    validate_flow_schema(new, errors)


def validate_conditions_update(new: FrozenMap, _old: FrozenMap, errors: FieldErrors) -> None:
    """Conditions are well formed."""
    validate_typed_conditions(new, errors)


FLOW_SCHEMA: Final = Validation(
    validate_flow_schema,
    validate_flow_schema_update,
    "before",
    of_again=no_rules,
    of_status=validate_conditions_update,
)
