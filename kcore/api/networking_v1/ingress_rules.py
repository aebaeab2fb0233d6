"""Ingress and IngressClass: their rules."""

from typing import Any, Final

from kcore.api.kept_fields import Kept, validate_kept
from kcore.api.object_rules import Validation
from kcore.machinery.domain_names import validate_domain_prefixed_path
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.formats import (
    dns1123_label,
    dns1123_subdomain,
    path_segment_name,
    port_name,
    port_number,
    wildcard_dns1123_subdomain,
)
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.ip_address import parse_address, validate_legacy_ip

CLASS_ANNOTATION: Final = "kubernetes.io/ingress.class"

_PATH_TYPES: Final = ("Exact", "ImplementationSpecific", "Prefix")
_BAD_SEQUENCES: Final = ("//", "/./", "/../", "%2f", "%2F")
_BAD_ENDS: Final = ("/..", "/.")
_CONTROLLER_BYTES_MAX: Final = 250
_SCOPES: Final = ("Cluster", "Namespace")
_NOT_AN_ADDRESS: Final = "must be a DNS name, not an IP address"


def validate_ingress(ingress: FrozenMap, errors: FieldErrors) -> None:
    """A new ingress."""
    spec = ingress.get("spec") or EMPTY_MAP
    _validate_spec(spec, errors)
    annotation = ingress.at("metadata", "annotations", CLASS_ANNOTATION)
    name = spec.get("ingressClassName")
    if annotation is not None and name is not None and annotation != name:
        detail = "must match `ingressClassName` when both are specified"
        errors.invalid(f"annotations.{CLASS_ANNOTATION}", annotation, detail)


def validate_ingress_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """As a new one; what was accepted of the old one's names stays accepted."""
    before = old.get("spec") or EMPTY_MAP
    _validate_spec(
        new.get("spec") or EMPTY_MAP,
        errors,
        any_secret=_has_bad_secret(before),
        any_wildcard=_has_bad_wildcard(before),
    )


def _has_bad_secret(spec: FrozenMap) -> bool:
    names = [tls.get("secretName") or "" for tls in spec.get("tls") or EMPTY_LIST]
    return any(name and dns1123_subdomain(name) for name in names)


def _has_bad_wildcard(spec: FrozenMap) -> bool:
    for rule in spec.get("rules") or EMPTY_LIST:
        found = FieldErrors()
        if "*" in (rule.get("host") or ""):
            _validate_http(rule, found, "")
        if len(found):
            return True
    return False


def _validate_spec(
    spec: FrozenMap, errors: FieldErrors, *, any_secret: bool = False, any_wildcard: bool = False
) -> None:
    rules, backend = spec.get("rules") or EMPTY_LIST, spec.get("defaultBackend")
    if not rules and backend is None:
        detail = "either `defaultBackend` or `rules` must be specified"
        errors.invalid("spec", spec.get("rules"), detail)
    if backend is not None:
        _validate_backend(backend, errors, "spec.defaultBackend")
    for position, rule in enumerate(rules):
        _validate_rule(rule, errors, index("spec.rules", position), any_wildcard)
    for position, tls in enumerate(spec.get("tls") or EMPTY_LIST):
        here = index("spec.tls", position)
        for number, host in enumerate(tls.get("hosts") or EMPTY_LIST):
            _validate_host(host, errors, index(child(here, "hosts"), number))
        secret = tls.get("secretName") or ""
        if secret and not any_secret:
            errors.invalid_each(child(here, "secretName"), secret, dns1123_subdomain(secret))
    name = spec.get("ingressClassName")
    if name is not None:
        errors.invalid_each("spec.ingressClassName", name, dns1123_subdomain(name))


def _validate_host(host: str, errors: FieldErrors, path: str) -> None:
    form = wildcard_dns1123_subdomain if "*" in host else dns1123_subdomain
    errors.invalid_each(path, host, form(host))


def _validate_rule(rule: FrozenMap, errors: FieldErrors, path: str, any_wildcard: bool) -> None:
    host = rule.get("host") or ""
    if host:
        if parse_address(host) is not None:
            errors.invalid(child(path, "host"), host, _NOT_AN_ADDRESS)
        _validate_host(host, errors, child(path, "host"))
    if not ("*" in host and any_wildcard):
        _validate_http(rule, errors, path)


def _validate_http(rule: FrozenMap, errors: FieldErrors, path: str) -> None:
    http = rule.get("http")
    if http is None:
        return
    paths, here = http.get("paths") or EMPTY_LIST, child(path, "http", "paths")
    if not paths:
        errors.required(here)
    for position, item in enumerate(paths):
        _validate_path(item, errors, index(here, position))


def _validate_path(item: FrozenMap, errors: FieldErrors, path: str) -> None:
    kind, text, here = item.get("pathType"), item.get("path") or "", child(path, "path")
    if kind is None:
        errors.required(child(path, "pathType"), "pathType must be specified")
        return
    if kind not in _PATH_TYPES:
        errors.not_supported(child(path, "pathType"), kind, _PATH_TYPES)
    elif kind == "ImplementationSpecific":
        if text and not text.startswith("/"):
            errors.invalid(here, text, "must be an absolute path")
    else:
        if not text.startswith("/"):
            errors.invalid(here, text, "must be an absolute path")
        for bad in _BAD_SEQUENCES:
            if bad in text:
                errors.invalid(here, text, f"must not contain '{bad}'")
        for bad in _BAD_ENDS:
            if text.endswith(bad):
                errors.invalid(here, text, f"cannot end with '{bad}'")
    _validate_backend(item.get("backend") or EMPTY_MAP, errors, child(path, "backend"))


def _validate_backend(backend: FrozenMap, errors: FieldErrors, path: str) -> None:
    resource, service = backend.get("resource"), backend.get("service")
    if resource is not None and service is not None:
        errors.invalid(path, "", "cannot set both resource and service backends")
    elif resource is not None:
        _validate_reference(resource, errors, child(path, "resource"))
    elif service is not None:
        _validate_service(service, errors, path)
    else:
        errors.invalid(path, "", "resource or service backend is required")


def _validate_service(service: FrozenMap, errors: FieldErrors, path: str) -> None:
    name, here = service.get("name") or "", child(path, "service", "name")
    if name:
        errors.invalid_each(here, name, dns1123_label(name))
    else:
        errors.required(here)
    port = service.get("port") or EMPTY_MAP
    word, number = port.get("name") or "", port.get("number") or 0
    if word and number:
        errors.invalid(path, "", "cannot set both port name & port number")
    elif word:
        errors.invalid_each(child(path, "service", "port", "name"), word, port_name(word))
    elif number:
        here = child(path, "service", "port", "number")
        errors.invalid_each(here, number, port_number(number))
    else:
        errors.required(path, "port name or number is required")


def _validate_reference(
    reference: FrozenMap, errors: FieldErrors, path: str, *, declared: bool = False
) -> None:
    """A reference to an object of any kind: group, kind and name."""
    group = reference.get("apiGroup")
    if group is not None:
        errors.invalid_each(child(path, "apiGroup"), group, dns1123_subdomain(group))
    for field in ("kind", "name"):
        value = reference.get(field) or ""
        if value:
            errors.invalid_each(child(path, field), value, path_segment_name(value))
        else:
            (errors.declared if declared else errors).required(child(path, field))


def validate_ingress_status(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """Addresses and host names of load balancers."""
    validate_balancer_status(
        new.at("status", "loadBalancer", "ingress", default=EMPTY_LIST),
        old.at("status", "loadBalancer", "ingress", default=EMPTY_LIST),
        errors,
    )


def validate_balancer_status(ingress: Any, before: Any, errors: FieldErrors) -> None:
    """Where a load balancer listens."""
    known = tuple(item.get("ip") or "" for item in before)
    for position, item in enumerate(ingress):
        here = index("status.loadBalancer.ingress", position)
        address, host = item.get("ip") or "", item.get("hostname") or ""
        if address:
            validate_legacy_ip(address, errors, child(here, "ip"), strict=True, old=known)
        if host:
            errors.invalid_each(child(here, "hostname"), host, dns1123_subdomain(host))
            if parse_address(host) is not None:
                errors.invalid(child(here, "hostname"), host, _NOT_AN_ADDRESS)


# --- classes -------------------------------------------------------------------------------


def validate_ingress_class(ingress_class: FrozenMap, errors: FieldErrors) -> None:
    """A class: its controller and its parameters."""
    spec = ingress_class.get("spec") or EMPTY_MAP
    controller = spec.get("controller") or ""
    if len(controller.encode()) > _CONTROLLER_BYTES_MAX:
        errors.too_long("spec.controller", _CONTROLLER_BYTES_MAX)
    validate_domain_prefixed_path(controller, errors, "spec.controller")
    parameters, path = spec.get("parameters"), "spec.parameters"
    if parameters is None:
        return
    _validate_reference(parameters, errors, path, declared=True)
    scope, namespace = parameters.get("scope"), parameters.get("namespace")
    if scope is None:
        errors.required(child(path, "scope"))
    elif scope not in _SCOPES:
        errors.not_supported(child(path, "scope"), scope, _SCOPES)
    elif scope == "Namespace":
        if namespace is None:
            detail = "`parameters.scope` is set to 'Namespace'"
            errors.required(child(path, "namespace"), detail)
        else:
            errors.invalid_each(child(path, "namespace"), namespace, dns1123_label(namespace))
    elif namespace is not None:
        errors.forbidden(child(path, "namespace"), "`parameters.scope` is set to 'Cluster'")


def validate_ingress_class_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """The controller stays."""
    validate_kept(new.get("spec"), old.get("spec"), (Kept("controller", unset=""),), errors, "spec")


INGRESS: Final = Validation(
    validate_ingress,
    validate_ingress_update,
    "never",
    of_status=validate_ingress_status,
)
INGRESS_CLASS: Final = Validation(validate_ingress_class, validate_ingress_class_update, "after")
