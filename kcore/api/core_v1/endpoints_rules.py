"""Endpoints: their rules."""

from typing import Final

from kcore.api.discovery_v1.endpoint_slice import validate_endpoint_ip
from kcore.api.field_rules import PROTOCOLS, validate_port_number, validate_qualified_name
from kcore.api.object_rules import Validation, no_rules
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.formats import dns1123_label, dns1123_subdomain
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.machinery.ip_address import parse_address, validate_legacy_ip

_ADDRESSES: Final = ("addresses", "notReadyAddresses")


def validate_endpoints(endpoints: FrozenMap, errors: FieldErrors) -> None:
    """Each subset has an address, and ports that can be told apart."""
    for position, subset in enumerate(endpoints.get("subsets") or EMPTY_LIST):
        _validate_subset(subset, errors, index("subsets", position))


def _validate_subset(subset: FrozenMap, errors: FieldErrors, path: str) -> None:
    if not any(subset.get(field) for field in _ADDRESSES):
        errors.required(path, "must specify `addresses` or `notReadyAddresses`")
    for field in _ADDRESSES:
        for position, address in enumerate(subset.get(field) or EMPTY_LIST):
            _validate_address(address, errors, index(child(path, field), position))
    ports = subset.get("ports") or EMPTY_LIST
    for position, port in enumerate(ports):
        _validate_port(port, len(ports) > 1, errors, index(child(path, "ports"), position))


def _validate_address(address: FrozenMap, errors: FieldErrors, path: str) -> None:
    ip, host = address.get("ip") or "", address.get("hostname") or ""
    validate_legacy_ip(ip, errors, child(path, "ip"), strict=True)
    if host:
        errors.invalid_each(child(path, "hostname"), host, dns1123_label(host))
    node = address.get("nodeName")
    if node is not None:
        errors.invalid_each(child(path, "nodeName"), node, dns1123_subdomain(node))
    if parse_address(ip) is None:
        errors.invalid(child(path, "ip"), ip, "must be a valid IP address")
    validate_endpoint_ip(ip, errors, child(path, "ip"))


def _validate_port(port: FrozenMap, needs_name: bool, errors: FieldErrors, path: str) -> None:
    name, protocol = port.get("name") or "", port.get("protocol") or ""
    if name:
        errors.invalid_each(child(path, "name"), name, dns1123_label(name))
    elif needs_name:
        errors.required(child(path, "name"))
    validate_port_number(port.get("port") or 0, errors, child(path, "port"))
    if not protocol:
        errors.required(child(path, "protocol"))
    elif protocol not in PROTOCOLS:
        errors.not_supported(child(path, "protocol"), protocol, PROTOCOLS)
    if port.get("appProtocol") is not None:
        validate_qualified_name(port["appProtocol"], errors, child(path, "appProtocol"))


def validate_endpoints_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """Subsets that were accepted once stay accepted."""
    if new.get("subsets") != old.get("subsets"):
        validate_endpoints(new, errors)


ENDPOINTS: Final = Validation(
    validate_endpoints, validate_endpoints_update, "after", of_again=no_rules
)
