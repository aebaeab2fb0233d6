"""Service: rules of a new one and of a change."""

from typing import Any, Final

from kcore.api.core_v1.service_addresses import (
    is_headless,
    validate_addresses,
    validate_kept_addresses,
    validate_special_address,
)
from kcore.api.field_rules import (
    PROTOCOLS,
    validate_port_number,
    validate_port_number_or_name,
    validate_qualified_name,
)
from kcore.api.object_rules import Validation
from kcore.machinery.field_errors import DUPLICATE, FieldError, FieldErrors, child, index
from kcore.machinery.formats import dns1123_label, dns1123_subdomain
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap, freeze
from kcore.machinery.internal_text import rendered_internal
from kcore.machinery.ip_address import validate_legacy_cidr, validate_legacy_ip
from kcore.machinery.meta import validate_labels

_TYPES: Final = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_AFFINITIES: Final = ("ClientIP", "None")
_POLICIES: Final = ("Cluster", "Local")
_DISTRIBUTIONS: Final = ("PreferClose", "PreferSameZone", "PreferSameNode")
_AFFINITY_S_MAX: Final = 86_400
_KUBELET_PORT: Final = 10_250
_ONLY_LOAD_BALANCER: Final = "may only be used when `type` is 'LoadBalancer'"
_ONLY_LOCAL: Final = (
    "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
)
_NOT_EXTERNAL: Final = "may not be set for ExternalName services"


def validate_service(service: FrozenMap, errors: FieldErrors) -> None:
    """A service on its own. O(ports)."""
    spec = service.get("spec") or EMPTY_MAP
    kind, ports = spec.get("type") or "", spec.get("ports") or EMPTY_LIST
    if not ports and not is_headless(spec) and kind != "ExternalName":
        errors.required("spec.ports")
    _validate_kind(spec, kind, ports, errors)
    _validate_ports(ports, errors)
    validate_labels(spec.get("selector"), errors, "spec.selector")
    _validate_affinity(spec, errors)
    validate_addresses(spec, errors)
    for position, address in enumerate(spec.get("externalIPs") or EMPTY_LIST):
        here = index("spec.externalIPs", position)
        before = len(errors)
        validate_legacy_ip(address, errors, here, strict=True)
        if len(errors) == before:
            validate_special_address(address, errors, here)
    if kind not in _TYPES:
        errors.not_supported("spec.type", kind, _TYPES)
    _validate_port_uses(kind, ports, errors)
    _validate_load_balancer(spec, kind, errors)
    _validate_policies(spec, kind, errors)


def _validate_kind(spec: FrozenMap, kind: str, ports: Any, errors: FieldErrors) -> None:
    if kind == "LoadBalancer":
        for position, port in enumerate(ports):
            if port.get("port") == _KUBELET_PORT:
                detail = (
                    f"may not expose port {_KUBELET_PORT} externally since it is used by kubelet"
                )
                errors.invalid(index("spec.ports", position), _KUBELET_PORT, detail)
    if kind in ("LoadBalancer", "NodePort") and is_headless(spec):
        detail = f"may not be set to 'None' for {kind} services"
        errors.invalid("spec.clusterIPs[0]", spec["clusterIPs"][0], detail)
    if kind == "ExternalName":
        for field in ("clusterIPs", "ipFamilies", "ipFamilyPolicy"):
            if spec.get(field):
                errors.forbidden(f"spec.{field}", _NOT_EXTERNAL)
        name = (spec.get("externalName") or "").removesuffix(".")
        if name:
            errors.invalid_each("spec.externalName", name, dns1123_subdomain(name))
        else:
            errors.required("spec.externalName")


def _validate_ports(ports: Any, errors: FieldErrors) -> None:
    names: list[str] = []
    for position, port in enumerate(ports):
        here = index("spec.ports", position)
        name = port.get("name") or ""
        if name:
            errors.invalid_each(child(here, "name"), name, dns1123_label(name))
            if name in names:
                errors.duplicate(child(here, "name"), name)
            names.append(name)
        elif len(ports) > 1:
            errors.required(child(here, "name"))
        validate_port_number(port["port"], errors, child(here, "port"))
        protocol = port.get("protocol") or ""
        if not protocol:
            errors.required(child(here, "protocol"))
        elif protocol not in PROTOCOLS:
            errors.not_supported(child(here, "protocol"), protocol, PROTOCOLS)
        target = port.get("targetPort", 0)
        validate_port_number_or_name(target, errors, child(here, "targetPort"))
        if port.get("appProtocol") is not None:
            validate_qualified_name(port["appProtocol"], errors, child(here, "appProtocol"))


def _validate_affinity(spec: FrozenMap, errors: FieldErrors) -> None:
    affinity, config = spec.get("sessionAffinity") or "", spec.get("sessionAffinityConfig")
    if not affinity:
        errors.required("spec.sessionAffinity")
    elif affinity not in _AFFINITIES:
        errors.not_supported("spec.sessionAffinity", affinity, _AFFINITIES)
    path = "spec.sessionAffinityConfig"
    if affinity == "ClientIP":
        seconds = (config or EMPTY_MAP).at("clientIP", "timeoutSeconds")
        if seconds is None:
            errors.required(path, "when session affinity type is ClientIP")
        elif not 0 < seconds <= _AFFINITY_S_MAX:
            detail = f"must be greater than 0 and less than {_AFFINITY_S_MAX}"
            errors.invalid(child(path, "clientIP", "timeoutSeconds"), seconds, detail)
    elif affinity == "None" and config is not None:
        errors.forbidden(path, "must not be set when session affinity is None")


def _validate_port_uses(kind: str, ports: Any, errors: FieldErrors) -> None:
    """Node ports where they make sense; a protocol and port once."""
    node_ports: list[tuple[str, int]] = []
    numbers: list[tuple[str, int]] = []
    if kind == "ClusterIP":
        for position, port in enumerate(ports):
            if port.get("nodePort"):
                here = child(index("spec.ports", position), "nodePort")
                errors.forbidden(here, "may not be used when `type` is 'ClusterIP'")
    for position, port in enumerate(ports):
        used = port.get("protocol") or "", port.get("nodePort") or 0
        if used[1] and used in node_ports:
            errors.duplicate(child(index("spec.ports", position), "nodePort"), used[1])
        node_ports.append(used)
    for position, port in enumerate(ports):
        number = port.get("protocol") or "", port["port"]
        if number in numbers:
            key = freeze({"protocol": number[0], "port": number[1]})
            shown = rendered_internal(key, "core/v1.ServicePort")
            errors.add(FieldError(DUPLICATE, index("spec.ports", position), shown))
        numbers.append(number)


def _validate_load_balancer(spec: FrozenMap, kind: str, errors: FieldErrors) -> None:
    balances = kind == "LoadBalancer"
    ranges = spec.get("loadBalancerSourceRanges") or EMPTY_LIST
    path = "spec.LoadBalancerSourceRanges"
    if ranges and not balances:
        errors.forbidden(path, _ONLY_LOAD_BALANCER)
    for position, block in enumerate(ranges):
        validate_legacy_cidr(block.strip(), errors, index(path, position), strict=True)
    allocates = spec.get("allocateLoadBalancerNodePorts")
    if balances and allocates is None:
        errors.required("spec.allocateLoadBalancerNodePorts")
    if not balances and allocates is not None:
        errors.forbidden("spec.allocateLoadBalancerNodePorts", _ONLY_LOAD_BALANCER)
    _validate_class(spec, balances, errors)


def _validate_class(spec: FrozenMap, balances: bool, errors: FieldErrors) -> None:
    name = spec.get("loadBalancerClass")
    if name is None:
        return
    if balances:
        validate_qualified_name(name, errors, "spec.loadBalancerClass")
    else:
        errors.forbidden("spec.loadBalancerClass", _ONLY_LOAD_BALANCER)


def is_externally_accessible(spec: FrozenMap) -> bool:
    """Whether traffic from outside the cluster can reach the service."""
    kind = spec.get("type")
    if kind in ("LoadBalancer", "NodePort"):
        return True
    return kind == "ClusterIP" and bool(spec.get("externalIPs"))


def _validate_policies(spec: FrozenMap, kind: str, errors: FieldErrors) -> None:
    external = spec.get("externalTrafficPolicy") or ""
    if not is_externally_accessible(spec):
        if external:
            detail = "may only be set for externally-accessible services"
            errors.invalid("spec.externalTrafficPolicy", external, detail)
    elif not external:
        errors.required("spec.externalTrafficPolicy")
    elif external not in _POLICIES:
        errors.not_supported("spec.externalTrafficPolicy", external, _POLICIES)
    _validate_health_check(spec, kind, external, errors)
    internal = spec.get("internalTrafficPolicy")
    if internal is None:
        if kind in ("ClusterIP", "NodePort", "LoadBalancer"):
            errors.required("spec.internalTrafficPolicy")
    elif internal not in _POLICIES:
        errors.not_supported("spec.internalTrafficPolicy", internal, _POLICIES)
    distribution = spec.get("trafficDistribution")
    if distribution is not None and distribution not in _DISTRIBUTIONS:
        errors.not_supported("spec.trafficDistribution", distribution, _DISTRIBUTIONS)


def _validate_health_check(spec: FrozenMap, kind: str, external: str, errors: FieldErrors) -> None:
    port = spec.get("healthCheckNodePort") or 0
    if kind != "LoadBalancer" or external != "Local":
        if port:
            errors.invalid("spec.healthCheckNodePort", port, _ONLY_LOCAL)
    elif not port:
        errors.required("spec.healthCheckNodePort")
    else:
        validate_port_number(port, errors, "spec.healthCheckNodePort")


def validate_service_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """Addresses and families are kept; so is the class of a load balancer."""
    after, before = new.get("spec") or EMPTY_MAP, old.get("spec") or EMPTY_MAP
    validate_kept_addresses(after, before, errors)
    balanced = before.get("type") == "LoadBalancer"
    balances = after.get("type") == "LoadBalancer"
    name = "loadBalancerClass"
    if balanced and balances and after.get(name) != before.get(name):
        errors.invalid(f"spec.{name}", after.get(name), "may not change once set")
    _validate_class(after, balances, errors)
    # The name was checked at birth; since then it may have become illegal.
    validate_service(new, errors)


SERVICE: Final = Validation(validate_service, validate_service_update, "never")
