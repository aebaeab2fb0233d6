"""Admission policies and their bindings: their rules, but for what expressions mean."""

import re
from typing import Any, Final

from kcore.api.admissionregistration_v1.match_rules import (
    FAILURE_POLICIES,
    REINVOCATIONS,
    matching_of,
    validate_conditions,
    validate_matching,
    validate_mutated_operations,
)
from kcore.api.condition_rules import validate_conditions as validate_status_conditions
from kcore.api.field_rules import validate_label_selector, validate_qualified_name
from kcore.api.object_rules import Validation, no_rules
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.formats import dns1035_label, dns1123_subdomain, path_segment_name
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.typed_text import rendered

_ACTIONS: Final = ("Audit", "Deny", "Warn")
_REASONS: Final = ("Forbidden", "Invalid", "RequestEntityTooLarge")
_ANNOTATIONS_COUNT_MAX: Final = 20
_VALUE_BYTES_MAX: Final = 5 * 1024
_IDENTIFIER: Final = re.compile(r"[_a-zA-Z][_a-zA-Z0-9]*", re.ASCII)
_RESERVED: Final = re.compile(
    "true|false|null|in|as|break|const|continue|else|for|function|if|import|let|loop|package|"
    "namespace|return|var|void|while"
)
_PATCHES: Final = ("ApplyConfiguration", "JSONPatch")
_NOTHING_TO_CHECK: Final = "validations or auditAnnotations must contain at least one item"
_BOTH_ACTIONS: Final = (
    "must not contain both Deny and Warn (repeating the same validation failure information in "
    "the API response and headers serves no purpose)"
)
_EXCLUSIVE: Final = "name and selector are mutually exclusive"


def validate_policy(policy: FrozenMap, errors: FieldErrors) -> None:
    """A new validating policy."""
    _validate_policy(policy, errors, conditions=True)


def validate_policy_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """As a new one; conditions that stay are not looked at again."""
    _validate_policy(new, errors, conditions=_has_other_conditions(new, old))


def _has_other_conditions(new: FrozenMap, old: FrozenMap) -> bool:
    fields = ("paramKind", "matchConditions")
    return any(new.at("spec", name) != old.at("spec", name) for name in fields)


def _validate_policy(policy: FrozenMap, errors: FieldErrors, *, conditions: bool) -> None:
    spec = policy.get("spec") or EMPTY_MAP
    _validate_common(spec, errors, conditions=conditions, mutates=False)
    validations = spec.get("validations") or EMPTY_LIST
    annotations = spec.get("auditAnnotations") or EMPTY_LIST
    if not validations and not annotations:
        for field in ("validations", "auditAnnotations"):
            errors.required(child("spec", field), _NOTHING_TO_CHECK)
        return
    for position, validation in enumerate(validations):
        _validate_validation(validation, errors, index("spec.validations", position))
    _validate_annotations(annotations, policy["metadata"].get("name") or "", errors)


def _validate_common(
    spec: FrozenMap, errors: FieldErrors, *, conditions: bool, mutates: bool
) -> None:
    _validate_needed_word(spec, "failurePolicy", FAILURE_POLICIES, errors)
    if spec.get("paramKind") is not None:
        _validate_parameter_kind(spec["paramKind"], errors, "spec.paramKind")
    matching, path = spec.get("matchConstraints"), "spec.matchConstraints"
    if matching is None:
        errors.required(path)
    else:
        validate_matching(matching, errors, path)
        if not matching.get("resourceRules"):
            errors.required(child(path, "resourceRules"))
        if mutates:
            validate_mutated_operations(matching, errors, path)
    if conditions:
        found = spec.get("matchConditions") or EMPTY_LIST
        validate_conditions(found, errors, "spec.matchConditions")
    for position, variable in enumerate(spec.get("variables") or EMPTY_LIST):
        _validate_variable(variable, errors, index("spec.variables", position))


def _validate_needed_word(
    spec: FrozenMap, field: str, allowed: tuple[str, ...], errors: FieldErrors
) -> None:
    word, here = spec.get(field), child("spec", field)
    if not word and (word is None or field == "reinvocationPolicy"):
        errors.required(here)
    elif word not in allowed:
        errors.not_supported(here, word, allowed)


def _validate_parameter_kind(kind: FrozenMap, errors: FieldErrors, path: str) -> None:
    text, here = kind.get("apiVersion") or "", child(path, "apiVersion")
    if not text:
        errors.required(here)
    elif text.count("/") > 1:
        errors.invalid(here, text, f"unexpected GroupVersion string: {text}")
    else:
        group, _, version = ("", "", "") if text == "/" else text.rpartition("/")
        problems = dns1123_subdomain(group) if group else []
        if problems:
            errors.invalid(here, group, ",".join(problems))
        if not version:
            errors.invalid(here, text, "version must be specified")
        elif dns1035_label(version):
            errors.invalid(here, version, ",".join(dns1035_label(version)))
    name = kind.get("kind") or ""
    if not name:
        errors.required(child(path, "kind"))
    elif dns1035_label(name.lower()):
        problem = ",".join(dns1035_label(name.lower()))
        detail = f"may have mixed case, but should otherwise match: {problem}"
        errors.invalid(child(path, "kind"), name, detail)


def _validate_variable(variable: FrozenMap, errors: FieldErrors, path: str) -> None:
    name = variable.get("name") or ""
    if not name.strip():
        errors.required(child(path, "name"), "name is not specified")
    elif not _IDENTIFIER.fullmatch(name) or _RESERVED.fullmatch(name):
        errors.invalid(child(path, "name"), name, "must be a valid CEL identifier")
    if not (variable.get("expression") or "").strip():
        errors.required(child(path, "expression"), "expression is not specified")


def _validate_validation(validation: FrozenMap, errors: FieldErrors, path: str) -> None:
    if not (validation.get("expression") or "").strip():
        errors.required(child(path, "expression"), "expression is not specified")
    for field in ("messageExpression", "message"):
        text, here = validation.get(field) or "", child(path, field)
        if text and not text.strip():
            errors.invalid(here, text, "must be non-empty if specified")
        elif field == "message" and ("\n" in text.strip() or "\r" in text.strip()):
            errors.invalid(here, text, "must not contain line breaks")
    reason = validation.get("reason")
    if reason is not None and reason not in _REASONS:
        errors.not_supported(child(path, "reason"), reason, _REASONS)


def _validate_annotations(annotations: Any, policy: str, errors: FieldErrors) -> None:
    path = "spec.auditAnnotations"
    if len(annotations) > _ANNOTATIONS_COUNT_MAX:
        shown = rendered(annotations, "[]admissionregistration/v1.AuditAnnotation")
        detail = f"must not have more than {_ANNOTATIONS_COUNT_MAX} auditAnnotations"
        errors.invalid(path, shown, detail)
    known: set[str] = set()
    for position, annotation in enumerate(annotations):
        here, name = index(path, position), annotation.get("key") or ""
        if policy:
            validate_qualified_name(f"{policy}/{name}", errors, child(here, "key"))
        else:
            detail = "requires metadata.name be non-empty"
            errors.invalid(child(here, "key"), name, detail)
        value = (annotation.get("valueExpression") or "").strip()
        if not value:
            detail = "valueExpression is not specified"
            errors.required(child(here, "valueExpression"), detail)
        elif len(value.encode()) > _VALUE_BYTES_MAX:
            detail = f"must not exceed {_VALUE_BYTES_MAX} bytes in length"
            errors.required(child(here, "valueExpression"), detail)
        if name in known:
            errors.duplicate(child(here, "key"), name)
        known.add(name)


def validate_policy_status(new: FrozenMap, _old: FrozenMap, errors: FieldErrors) -> None:
    """Warnings about expressions say what they are about."""
    status = new.get("status") or EMPTY_MAP
    found = status.at("typeChecking", "expressionWarnings") or EMPTY_LIST
    for position, warning in enumerate(found):
        path = index("status.typeChecking.expressionWarnings", position)
        for field in ("warning", "fieldRef"):
            text = warning.get(field) or ""
            if not (text if field == "warning" else text.strip()):
                errors.required(child(path, field))
    conditions = status.get("conditions") or EMPTY_LIST
    validate_status_conditions(conditions, errors, "status.conditions")


# --- policies that change objects ----------------------------------------------------------


def validate_mutating(policy: FrozenMap, errors: FieldErrors) -> None:
    """A new mutating policy."""
    _validate_mutating(policy, errors, conditions=True)


def validate_mutating_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """As a new one; conditions that stay are not looked at again."""
    _validate_mutating(new, errors, conditions=_has_other_conditions(new, old))


def _validate_mutating(policy: FrozenMap, errors: FieldErrors, *, conditions: bool) -> None:
    spec = policy.get("spec") or EMPTY_MAP
    _validate_common(spec, errors, conditions=conditions, mutates=True)
    mutations = spec.get("mutations") or EMPTY_LIST
    if not mutations:
        errors.required("spec.mutations", "mutations must contain at least one item")
    for position, mutation in enumerate(mutations):
        _validate_mutation(mutation, errors, index("spec.mutations", position))
    _validate_needed_word(spec, "reinvocationPolicy", REINVOCATIONS, errors)


def _validate_mutation(mutation: FrozenMap, errors: FieldErrors, path: str) -> None:
    kind, here = mutation.get("patchType") or "", child(path, "patchType")
    if not kind:
        errors.required(here)
    elif kind not in _PATCHES:
        errors.not_supported(here, kind, _PATCHES)
    else:
        fields = ("applyConfiguration", "jsonPatch")
        wanted, other = fields if kind == _PATCHES[0] else fields[::-1]
        if mutation.get(wanted) is None:
            errors.required(child(path, wanted), f"must be specified when patchType is {kind}")
        elif not (mutation[wanted].get("expression") or "").strip():
            errors.required(child(path, wanted, "expression"))
        if mutation.get(other) is not None:
            detail = f"must not be specified when patchType is {kind}"
            errors.invalid(child(path, other), f"{{{other}}}", detail)


# --- bindings ------------------------------------------------------------------------------


def validate_binding(binding: FrozenMap, errors: FieldErrors) -> None:
    """A binding of a validating policy."""
    spec = binding.get("spec") or EMPTY_MAP
    _validate_bound(spec, errors, errors.declared)
    _validate_actions(spec.get("validationActions") or EMPTY_LIST, errors)


def validate_mutating_binding(binding: FrozenMap, errors: FieldErrors) -> None:
    """A binding of a mutating policy."""
    spec = binding.get("spec") or EMPTY_MAP
    _validate_bound(spec, errors, errors)
    matching = matching_of(spec, "matchResources")
    validate_mutated_operations(matching, errors, "spec.matchResources")


def _validate_bound(spec: FrozenMap, errors: FieldErrors, nameless: FieldErrors) -> None:
    name = spec.get("policyName") or ""
    if name:
        errors.invalid_each("spec.policyName", name, dns1123_subdomain(name))
    else:
        nameless.required("spec.policyName")
    if spec.get("paramRef") is not None:
        _validate_parameters(spec["paramRef"], errors, "spec.paramRef")
    if spec.get("matchResources") is not None:
        validate_matching(spec["matchResources"], errors, "spec.matchResources")


def _validate_parameters(reference: FrozenMap, errors: FieldErrors, path: str) -> None:
    name, selector = reference.get("name") or "", reference.get("selector")
    if name:
        errors.invalid_each(child(path, "name"), name, path_segment_name(name))
        if selector is not None:
            errors.forbidden(child(path, "name"), _EXCLUSIVE)
    if selector is not None:
        validate_label_selector(selector, errors, child(path, "selector"))
        if name:
            errors.forbidden(child(path, "selector"), _EXCLUSIVE)
    if not name and selector is None:
        errors.required(path, "one of name or selector must be specified")
    action, here = reference.get("parameterNotFoundAction") or "", "parameterNotFoundAction"
    if not action:
        errors.required(child(path, here))
    elif action not in ("Deny", "Allow"):
        errors.not_supported(child(path, here), action, ("Deny", "Allow"))


def _validate_actions(actions: Any, errors: FieldErrors) -> None:
    path, known = "spec.validationActions", set()
    for position, action in enumerate(actions):
        if action not in _ACTIONS:
            errors.not_supported(index(path, position), action, _ACTIONS)
        if action in known:
            errors.duplicate(index(path, position), action)
        known.add(action)
    if {"Deny", "Warn"} <= known:
        errors.invalid(path, actions, _BOTH_ACTIONS)
    if not known:
        errors.declared.required(path)


def validate_binding_update(new: FrozenMap, _old: FrozenMap, errors: FieldErrors) -> None:
    """As a new one."""
    validate_binding(new, errors)


def validate_mutating_binding_update(new: FrozenMap, _old: FrozenMap, errors: FieldErrors) -> None:
    """As a new one."""
    validate_mutating_binding(new, errors)


VALIDATING_POLICY: Final = Validation(
    validate_policy,
    validate_policy_update,
    "before",
    of_again=no_rules,
    of_status=validate_policy_status,
)
VALIDATING_BINDING: Final = Validation(
    validate_binding, validate_binding_update, "before", of_again=no_rules
)
MUTATING_POLICY: Final = Validation(
    validate_mutating, validate_mutating_update, "before", of_again=no_rules
)
MUTATING_BINDING: Final = Validation(
    validate_mutating_binding, validate_mutating_binding_update, "before", of_again=no_rules
)
