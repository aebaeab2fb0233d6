"""IPAddress and ServiceCIDR: their rules."""

from typing import Final

from kcore.api.kept_fields import NULL, shown
from kcore.api.object_rules import Validation
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.formats import dns1123_subdomain, path_segment_name
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.ip_address import parse_block, validate_cidr, validate_ip
from kcore.machinery.meta import IMMUTABLE

_PARENT: Final = "spec.parentRef"
_NETWORKS: Final = "spec.cidrs"
_ONE_EACH: Final = (
    "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"
)


def address_name(name: str, _is_prefix: bool = False) -> list[str]:
    """The name of an IPAddress is an address in its canonical form."""
    found = FieldErrors()
    validate_ip(name, found, "")
    return [problem.detail for problem in found]


def validate_address(address: FrozenMap, errors: FieldErrors) -> None:
    """An address and the object that has it."""
    parent = address.at("spec", "parentRef")
    if parent is None:
        errors.declared.required(_PARENT)
        return
    group = parent.get("group") or ""
    if group:
        errors.invalid_each(child(_PARENT, "group"), group, dns1123_subdomain(group))
    for field, is_required in (("resource", True), ("name", True), ("namespace", False)):
        value = parent.get(field) or ""
        if value:
            errors.invalid_each(child(_PARENT, field), value, path_segment_name(value))
        elif is_required:
            errors.declared.required(child(_PARENT, field))


def validate_address_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """The parent stays."""
    found = FieldErrors()
    validate_address(new, found)
    for problem in found.declared:
        errors.declared.add(problem)
    if new.at("spec", "parentRef") != old.at("spec", "parentRef"):
        errors.declared.invalid(_PARENT, NULL, IMMUTABLE)


def validate_networks(networks: FrozenMap, errors: FieldErrors) -> None:
    """One or two networks, of different families."""
    spec = networks.get("spec") or EMPTY_MAP
    cidrs = spec.get("cidrs") or EMPTY_LIST
    if not cidrs:
        errors.required(_NETWORKS, "at least one CIDR required")
        return
    if len(cidrs) > 2:
        value = shown(spec, "networking/v1.ServiceCIDRSpec")
        errors.invalid(_NETWORKS, value, "may only hold up to 2 values")
        return
    for position, text in enumerate(cidrs):
        validate_cidr(text, errors, index(_NETWORKS, position))
    blocks = [parse_block(text) for text in cidrs]
    families = [block.address.is_v4 for block in blocks if block is not None]
    if len(families) == 2 and families[0] == families[1]:
        errors.invalid(_NETWORKS, cidrs, _ONE_EACH)


def validate_networks_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """The networks stay; a second family may be added."""
    after, before = (side.at("spec", "cidrs", default=EMPTY_LIST) for side in (new, old))
    if len(after) == len(before):
        for position, (text, kept) in enumerate(zip(after, before, strict=True)):
            if text != kept:
                errors.invalid(index(_NETWORKS, position), text, IMMUTABLE)
    elif len(before) == 1 and len(after) == 2:
        if after[0] != before[0]:
            errors.invalid(index(_NETWORKS, 0), after[0], IMMUTABLE)
        validate_networks(new, errors)
    else:
        errors.invalid(_NETWORKS, after or None, IMMUTABLE)


IP_ADDRESS: Final = Validation(validate_address, validate_address_update, "never")
SERVICE_CIDR: Final = Validation(validate_networks, validate_networks_update, "never")
