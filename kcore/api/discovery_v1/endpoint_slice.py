"""EndpointSlice: rules."""

from typing import Any, Final

from kcore.api.field_rules import PROTOCOLS, validate_qualified_name
from kcore.api.object_rules import Validation
from kcore.machinery.domain_names import validate_fully_qualified_domain_name
from kcore.machinery.field_errors import FieldErrors, Rendered, child, index
from kcore.machinery.formats import dns1123_label, dns1123_subdomain, label_value
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.machinery.ip_address import parse_address, validate_legacy_ip

_ADDRESS_TYPES: Final = ("FQDN", "IPv4", "IPv6")
_ENDPOINTS_COUNT_MAX: Final = 1000
_ADDRESSES_COUNT_MAX: Final = 100
_PORTS_COUNT_MAX: Final = 20_000
_HINTS_COUNT_MAX: Final = 8


def validate_endpoint_slice(endpoint_slice: FrozenMap, errors: FieldErrors) -> None:
    """Address type, endpoints, ports."""
    kind = endpoint_slice.get("addressType") or ""
    if not kind:
        errors.required("addressType")
    elif kind not in _ADDRESS_TYPES:
        errors.not_supported("addressType", kind, _ADDRESS_TYPES)
    endpoints = endpoint_slice.get("endpoints") or EMPTY_LIST
    if len(endpoints) > _ENDPOINTS_COUNT_MAX:
        errors.too_many("endpoints", len(endpoints), _ENDPOINTS_COUNT_MAX)
    else:
        for position, endpoint in enumerate(endpoints):
            _validate_endpoint(endpoint, kind, errors, index("endpoints", position))
    _validate_ports(endpoint_slice.get("ports") or EMPTY_LIST, errors)


def _validate_endpoint(endpoint: FrozenMap, kind: str, errors: FieldErrors, path: str) -> None:
    addresses = endpoint.get("addresses") or EMPTY_LIST
    here = child(path, "addresses")
    if not addresses:
        errors.required(here)
    elif len(addresses) > _ADDRESSES_COUNT_MAX:
        errors.too_many(here, len(addresses), _ADDRESSES_COUNT_MAX)
    for position, address in enumerate(addresses):
        _validate_address(address, kind, errors, here, position)
    node = endpoint.get("nodeName")
    if node is not None:
        errors.invalid_each(child(path, "nodeName"), node, dns1123_subdomain(node))
    host = endpoint.get("hostname")
    if host is not None:
        errors.invalid_each(child(path, "hostname"), host, dns1123_label(host))
    hints = endpoint.get("hints")
    if hints is not None:
        _validate_hints(hints, "forZones", label_value, errors, child(path, "hints"))
        _validate_hints(hints, "forNodes", dns1123_subdomain, errors, child(path, "hints"))


def _validate_address(
    address: str, kind: str, errors: FieldErrors, path: str, position: int
) -> None:
    here = index(path, position)
    if kind == "FQDN":
        validate_fully_qualified_domain_name(address, errors, here)
    elif kind in ("IPv4", "IPv6"):
        before = len(errors)
        validate_legacy_ip(address, errors, here, strict=True)
        if len(errors) > before:
            return
        parsed = parse_address(address)
        if parsed is not None and parsed.is_v4 != (kind == "IPv4"):
            errors.invalid(path, address, f"must be an {kind} address")
        validate_endpoint_ip(address, errors, here)


def validate_endpoint_ip(address: str, errors: FieldErrors, path: str) -> None:
    """Addresses that lead nowhere outside their host are refused."""
    from ipaddress import ip_address  # noqa: PLC0415

    try:
        ip = ip_address(address)
    except ValueError:
        return
    if ip.is_unspecified:
        errors.invalid(path, address, f"may not be unspecified ({address})")
    if ip.is_loopback:
        detail = "may not be in the loopback range (127.0.0.0/8, ::1/128)"
        errors.invalid(path, address, detail)
    if ip.is_link_local:
        detail = "may not be in the link-local range (169.254.0.0/16, fe80::/10)"
        errors.invalid(path, address, detail)
    if ip.is_multicast:
        detail = "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)"
        errors.invalid(path, address, detail)


def _validate_hints(
    hints: FrozenMap, field: str, rule: Any, errors: FieldErrors, path: str
) -> None:
    items = hints.get(field) or EMPTY_LIST
    if len(items) > _HINTS_COUNT_MAX:
        errors.too_many(child(path, field), len(items), _HINTS_COUNT_MAX)
        return
    seen: list[str] = []
    for position, item in enumerate(items):
        name = item.get("name") or ""
        here = child(index(child(path, field), position), "name")
        if name in seen:
            errors.duplicate(here, name)
        else:
            seen.append(name)
        errors.invalid_each(here, name, rule(name))


def _validate_ports(ports: Any, errors: FieldErrors) -> None:
    if len(ports) > _PORTS_COUNT_MAX:
        errors.too_many("ports", len(ports), _PORTS_COUNT_MAX)
        return
    seen: list[str] = []
    for position, port in enumerate(ports):
        path = index("ports", position)
        name = port.get("name") or ""
        if name:
            errors.invalid_each(child(path, "name"), name, dns1123_label(name))
        if name in seen:
            errors.duplicate(child(path, "name"), name)
        else:
            seen.append(name)
        protocol = port.get("protocol")
        if protocol is None:
            errors.required(child(path, "protocol"))
        elif protocol not in PROTOCOLS:
            errors.not_supported(child(path, "protocol"), protocol, PROTOCOLS)
        if port.get("appProtocol") is not None:
            validate_qualified_name(port["appProtocol"], errors, child(path, "appProtocol"))


def validate_endpoint_slice_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """The address type never changes."""
    if (new.get("addressType") or "") != (old.get("addressType") or ""):
        errors.invalid("addressType", Rendered("null"), "field is immutable")


ENDPOINT_SLICE: Final = Validation(
    validate_endpoint_slice, validate_endpoint_slice_update, "before"
)
