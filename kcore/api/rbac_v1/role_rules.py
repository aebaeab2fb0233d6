"""Roles and their bindings: their rules."""

from functools import partial
from typing import Final

from kcore.api.core_v1.template_rules import parsed_selector
from kcore.api.field_rules import validate_label_selector
from kcore.api.kept_fields import NULL
from kcore.api.object_rules import Validation
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.formats import dns1123_subdomain, path_segment_name
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.internal_text import rendered_internal
from kcore.machinery.meta import IMMUTABLE

GROUP: Final = "rbac.authorization.k8s.io"

_SUBJECTS: Final = ("ServiceAccount", "User", "Group")
_SELECTORS: Final = "aggregationRule.clusterRoleSelectors"
_URLS: Final = "nonResourceURLs"
_OF_RESOURCES: Final = ("apiGroups", "resources", "resourceNames")


def validate_role(role: FrozenMap, errors: FieldErrors, *, namespaced: bool) -> None:
    """Each rule is about resources or, cluster-wide, about paths."""
    for position, rule in enumerate(role.get("rules") or EMPTY_LIST):
        _validate_rule(rule, namespaced, errors, index("rules", position))


def _validate_rule(rule: FrozenMap, namespaced: bool, errors: FieldErrors, path: str) -> None:
    if not rule.get("verbs"):
        errors.declared.required(child(path, "verbs"))
    urls, here = rule.get(_URLS) or EMPTY_LIST, child(path, _URLS)
    if urls:
        if namespaced:
            errors.invalid(here, urls, "namespaced rules cannot apply to non-resource URLs")
        if any(rule.get(name) for name in _OF_RESOURCES):
            detail = "rules cannot apply to both regular resources and non-resource URLs"
            errors.invalid(here, urls, detail)
        return
    for name, noun in (("apiGroups", "api group"), ("resources", "resource")):
        if not rule.get(name):
            detail = f"resource rules must supply at least one {noun}"
            errors.required(child(path, name), detail)


def validate_cluster_role(role: FrozenMap, errors: FieldErrors) -> None:
    """Rules, and selectors of the roles to gather."""
    validate_role(role, errors, namespaced=False)
    aggregation = role.get("aggregationRule")
    if aggregation is None:
        return
    selectors = aggregation.get("clusterRoleSelectors") or EMPTY_LIST
    if not selectors:
        detail = "at least one clusterRoleSelector required if aggregationRule is non-nil"
        errors.required(_SELECTORS, detail)
    for position, selector in enumerate(selectors):
        here = index(_SELECTORS, position)
        validate_label_selector(selector, errors, here)
        if parsed_selector(selector) is None:
            errors.invalid(here, NULL, "invalid label selector.")


def validate_binding(binding: FrozenMap, errors: FieldErrors, *, namespaced: bool) -> None:
    """A role that exists in this scope, and who gets it."""
    reference = binding.get("roleRef") or EMPTY_MAP
    group, kind = reference.get("apiGroup") or "", reference.get("kind") or ""
    kinds = ("Role", "ClusterRole") if namespaced else ("ClusterRole",)
    if group != GROUP:
        errors.not_supported("roleRef.apiGroup", group, (GROUP,))
    if kind not in kinds:
        errors.not_supported("roleRef.kind", kind, kinds)
    name = reference.get("name") or ""
    if name:
        errors.invalid_each("roleRef.name", name, path_segment_name(name))
    else:
        errors.declared.required("roleRef.name")
    for position, subject in enumerate(binding.get("subjects") or EMPTY_LIST):
        _validate_subject(subject, namespaced, errors, index("subjects", position))


def _validate_subject(subject: FrozenMap, namespaced: bool, errors: FieldErrors, path: str) -> None:
    kind, name = subject.get("kind") or "", subject.get("name") or ""
    group = subject.get("apiGroup") or ""
    if not name:
        errors.declared.required(child(path, "name"))
    if kind == "ServiceAccount":
        if name:
            errors.invalid_each(child(path, "name"), name, dns1123_subdomain(name))
        if group:
            errors.not_supported(child(path, "apiGroup"), group, ("",))
        if not namespaced and not subject.get("namespace"):
            errors.required(child(path, "namespace"))
    elif kind in _SUBJECTS:
        if group != GROUP:
            errors.not_supported(child(path, "apiGroup"), group, (GROUP,))
    else:
        errors.not_supported(child(path, "kind"), kind, _SUBJECTS)


def validate_role_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """Rules change freely."""


def validate_binding_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """The role stays."""
    reference = new.get("roleRef")
    if reference != old.get("roleRef"):
        shown = rendered_internal(reference, "rbac/v1.RoleRef")
        errors.invalid("roleRef", shown, IMMUTABLE)


def validate_cluster_binding_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """The role stays."""
    if new.get("roleRef") != old.get("roleRef"):
        shown = rendered_internal(new.get("roleRef"), "rbac/v1.RoleRef")
        errors.declared.invalid("roleRef", shown, IMMUTABLE)


ROLE: Final = Validation(partial(validate_role, namespaced=True), validate_role_update, "before")
CLUSTER_ROLE: Final = Validation(validate_cluster_role, validate_role_update, "before")
ROLE_BINDING: Final = Validation(
    partial(validate_binding, namespaced=True), validate_binding_update, "before"
)
CLUSTER_BINDING: Final = Validation(
    partial(validate_binding, namespaced=False), validate_cluster_binding_update, "before"
)
