"""Node affinity, pod affinity and spread constraints: their rules."""

from typing import Any, Final

from kcore.api.field_rules import validate_label_selector
from kcore.machinery.field_errors import DUPLICATE, FieldError, FieldErrors, child, index
from kcore.machinery.formats import dns1123_label, dns1123_subdomain, label_key, label_value
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap

REQUIRED: Final = "requiredDuringSchedulingIgnoredDuringExecution"
PREFERRED: Final = "preferredDuringSchedulingIgnoredDuringExecution"
_WEIGHT: Final = "must be in the range 1-100"
_UNSATISFIABLE: Final = ("DoNotSchedule", "ScheduleAnyway")
_INCLUSION: Final = ("Honor", "Ignore")
_NO_SELECTOR: Final = "must not be specified when labelSelector is not set"
_SINGLE: Final = "must be specified single value when `operator` is 'Lt' or 'Gt'"
_SOME: Final = "must be specified when `operator` is 'In' or 'NotIn'"
_NONE: Final = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
_ONLY_ONE: Final = (
    "must be only one value when `operator` is 'In' or 'NotIn' for node field selector"
)


def validate_affinity(affinity: FrozenMap | None, errors: FieldErrors, path: str) -> None:
    """The three kinds of affinity."""
    if affinity is None:
        return
    node = affinity.get("nodeAffinity")
    if node is not None:
        _validate_node_affinity(node, errors, child(path, "nodeAffinity"))
    for name in ("podAffinity", "podAntiAffinity"):
        pods = affinity.get(name)
        if pods is not None:
            _validate_pod_affinity(pods, errors, child(path, name))


def _validate_node_affinity(affinity: FrozenMap, errors: FieldErrors, path: str) -> None:
    required = affinity.get(REQUIRED)
    if required is not None:
        validate_node_selector(required, errors, child(path, REQUIRED))
    for position, term in enumerate(affinity.get(PREFERRED) or EMPTY_LIST):
        here = index(child(path, PREFERRED), position)
        _validate_weight(term, errors, here)
        preference = term.get("preference")
        if preference is not None:
            validate_node_term(preference, errors, child(here, "preference"))


def _validate_weight(term: FrozenMap, errors: FieldErrors, path: str) -> None:
    weight = term.get("weight") or 0
    if not 1 <= weight <= 100:
        errors.invalid(child(path, "weight"), weight, _WEIGHT)


def validate_node_selector(selector: FrozenMap, errors: FieldErrors, path: str) -> None:
    """At least one term, each well formed."""
    terms = selector.get("nodeSelectorTerms") or EMPTY_LIST
    here = child(path, "nodeSelectorTerms")
    if not terms:
        errors.required(here, "must have at least one node selector term")
    for position, term in enumerate(terms):
        validate_node_term(term, errors, index(here, position))


def validate_node_term(term: FrozenMap, errors: FieldErrors, path: str) -> None:
    """Expressions over labels and over the node's name."""
    for position, expression in enumerate(term.get("matchExpressions") or EMPTY_LIST):
        here = index(child(path, "matchExpressions"), position)
        _validate_expression(expression, errors, here)
    for position, expression in enumerate(term.get("matchFields") or EMPTY_LIST):
        _validate_node_field(expression, errors, index(child(path, "matchFields"), position))


def _validate_expression(expression: FrozenMap, errors: FieldErrors, path: str) -> None:
    operator, values = expression.get("operator") or "", expression.get("values") or EMPTY_LIST
    here = child(path, "values")
    if operator in ("In", "NotIn"):
        if not values:
            errors.required(here, _SOME)
    elif operator in ("Exists", "DoesNotExist"):
        if values:
            errors.forbidden(here, _NONE)
    elif operator in ("Gt", "Lt"):
        if len(values) != 1:
            errors.required(here, _SINGLE)
    else:
        errors.invalid(child(path, "operator"), operator, "not a valid selector operator")
    key = expression.get("key") or ""
    errors.invalid_each(child(path, "key"), key, label_key(key))
    for position, value in enumerate(values):
        errors.invalid_each(index(here, position), value, label_value(value))


def _validate_node_field(expression: FrozenMap, errors: FieldErrors, path: str) -> None:
    operator, values = expression.get("operator") or "", expression.get("values") or EMPTY_LIST
    if operator in ("In", "NotIn"):
        if len(values) != 1:
            errors.required(child(path, "values"), _ONLY_ONE)
    else:
        errors.invalid(child(path, "operator"), operator, "not a valid selector operator")
    key = expression.get("key") or ""
    if key != "metadata.name":
        errors.invalid(child(path, "key"), key, "not a valid field selector key")
        return
    for position, value in enumerate(values):
        here = index(child(path, "values"), position)
        errors.invalid_each(here, value, dns1123_subdomain(value))


def _validate_pod_affinity(affinity: FrozenMap, errors: FieldErrors, path: str) -> None:
    for position, term in enumerate(affinity.get(REQUIRED) or EMPTY_LIST):
        _validate_pod_term(term, errors, index(child(path, REQUIRED), position))
    for position, weighted in enumerate(affinity.get(PREFERRED) or EMPTY_LIST):
        here = index(child(path, PREFERRED), position)
        _validate_weight(weighted, errors, here)
        term = weighted.get("podAffinityTerm")
        if term is not None:
            _validate_pod_term(term, errors, child(here, "podAffinityTerm"))


def _validate_pod_term(term: FrozenMap, errors: FieldErrors, path: str) -> None:
    validate_label_selector(term.get("labelSelector"), errors, child(path, "labelSelector"))
    selector = term.get("namespaceSelector")
    validate_label_selector(selector, errors, child(path, "namespaceSelector"))
    for name in term.get("namespaces") or EMPTY_LIST:
        errors.invalid_each(child(path, "namespace"), name, dns1123_label(name))
    _validate_key_lists(term, errors, path)
    topology_key = term.get("topologyKey") or ""
    if not topology_key:
        errors.required(child(path, "topologyKey"), "can not be empty")
    errors.invalid_each(child(path, "topologyKey"), topology_key, label_key(topology_key))


def _validate_key_lists(term: FrozenMap, errors: FieldErrors, path: str) -> None:
    matched = term.get("matchLabelKeys") or EMPTY_LIST
    mismatched = term.get("mismatchLabelKeys") or EMPTY_LIST
    selector = term.get("labelSelector")
    for name, keys in (("matchLabelKeys", matched), ("mismatchLabelKeys", mismatched)):
        _validate_label_keys(keys, selector, errors, child(path, name))
    for position, key in enumerate(matched):
        if key in mismatched:
            here = index(child(path, "matchLabelKeys"), position)
            errors.invalid(here, key, "exists in both matchLabelKeys and mismatchLabelKeys")


def _validate_label_keys(
    keys: Any, selector: FrozenMap | None, errors: FieldErrors, path: str
) -> None:
    if not keys:
        return
    if selector is None:
        errors.forbidden(path, _NO_SELECTOR)
        return
    for position, key in enumerate(keys):
        errors.invalid_each(index(path, position), key, label_key(key))


def validate_spread_constraints(constraints: Any, errors: FieldErrors, path: str) -> None:
    """Skew, topology and what to do; a topology and policy once."""
    for position, constraint in enumerate(constraints):
        here = index(path, position)
        skew = constraint.get("maxSkew") or 0
        if skew <= 0:
            errors.invalid(child(here, "maxSkew"), skew, "must be greater than zero")
        topology, action = (
            constraint.get("topologyKey") or "",
            constraint.get("whenUnsatisfiable") or "",
        )
        if not topology:
            errors.required(child(here, "topologyKey"), "can not be empty")
        if action not in _UNSATISFIABLE:
            errors.not_supported(child(here, "whenUnsatisfiable"), action, _UNSATISFIABLE)
        for later in constraints[position + 1 :]:
            if (later.get("topologyKey") or "", later.get("whenUnsatisfiable") or "") == (
                topology,
                action,
            ):
                pair = f"{{{topology}, {action}}}"
                where = child(here, "{topologyKey, whenUnsatisfiable}")
                errors.add(FieldError(DUPLICATE, where, pair))
        _validate_min_domains(constraint, action, errors, here)
        for name in ("nodeAffinityPolicy", "nodeTaintsPolicy"):
            policy = constraint.get(name)
            if policy is not None and policy not in _INCLUSION:
                errors.not_supported(child(here, name), policy, _INCLUSION)
        selector = constraint.get("labelSelector")
        keys = constraint.get("matchLabelKeys") or EMPTY_LIST
        _validate_label_keys(keys, selector, errors, child(here, "matchLabelKeys"))
        validate_label_selector(selector, errors, child(here, "labelSelector"))


def _validate_min_domains(
    constraint: FrozenMap, action: str, errors: FieldErrors, path: str
) -> None:
    domains = constraint.get("minDomains")
    if domains is None:
        return
    here = child(path, "minDomains")
    if domains <= 0:
        errors.invalid(here, domains, "must be greater than zero")
    if action != "DoNotSchedule":
        detail = f"can only use minDomains if whenUnsatisfiable=DoNotSchedule, not {action}"
        errors.invalid(here, domains, detail)
