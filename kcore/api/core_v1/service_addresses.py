"""Cluster IPs and IP families of a service: how they go together, and what stays once given."""

from typing import Any, Final

from kcore.machinery.field_errors import FieldErrors, index
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.machinery.ip_address import parse_address, validate_legacy_ip

HEADLESS: Final = "None"
_FAMILIES: Final = ("IPv4", "IPv6")
_FAMILY_POLICIES: Final = ("PreferDualStack", "RequireDualStack", "SingleStack")
_IPS: Final = "spec.clusterIPs"
_KEPT: Final = "may not change once set"
_EXTERNAL: Final = "ExternalName"


def is_headless(spec: FrozenMap) -> bool:
    """Whether the one address is the word `None`."""
    addresses = spec.get("clusterIPs") or EMPTY_LIST
    return len(addresses) == 1 and addresses[0] == HEADLESS


def validate_special_address(address: str, errors: FieldErrors, path: str) -> None:
    """An address that leads somewhere outside its host."""
    from kcore.api.discovery_v1.endpoint_slice import validate_endpoint_ip  # noqa: PLC0415

    validate_endpoint_ip(address, errors, path)


def validate_addresses(spec: FrozenMap, errors: FieldErrors) -> None:
    """Policy, families and addresses of a service that has any."""
    if spec.get("type") == _EXTERNAL:
        return
    addresses = spec.get("clusterIPs") or EMPTY_LIST
    families = spec.get("ipFamilies") or EMPTY_LIST
    before = len(errors)
    _validate_first(spec.get("clusterIP") or "", addresses, errors)
    policy = spec.get("ipFamilyPolicy")
    if policy is not None and policy not in _FAMILY_POLICIES:
        errors.not_supported("spec.ipFamilyPolicy", policy, _FAMILY_POLICIES)
    _validate_families(families, errors)
    if not _validate_forms(addresses, errors):
        return
    if len(addresses) > 1:
        kinds = [address.is_v4 for address in map(parse_address, addresses) if address]
        if len(dict.fromkeys(kinds)) != 2:
            errors.invalid(_IPS, addresses, "may specify no more than one IP for each IP family")
    if not is_headless(spec) and len(errors) == before:
        _validate_match(addresses, families, errors)


def _validate_first(address: str, addresses: Any, errors: FieldErrors) -> None:
    if not address:
        if addresses:
            detail = "must be empty when `clusterIP` is not specified"
            errors.invalid(_IPS, addresses, detail)
    elif not addresses:
        errors.required(_IPS)
    elif addresses[0] != address:
        errors.invalid(_IPS, addresses, "first value must match `clusterIP`")


def _validate_families(families: Any, errors: FieldErrors) -> None:
    seen: list[str] = []
    for position, family in enumerate(families):
        here = index("spec.ipFamilies", position)
        if family not in _FAMILIES:
            errors.not_supported(here, family, _FAMILIES)
        if family in seen:
            errors.duplicate(here, family)
        seen.append(family)


def _validate_forms(addresses: Any, errors: FieldErrors) -> bool:
    """Whether every address is one."""
    before = len(errors)
    for position, address in enumerate(addresses):
        if position == 0 and address == HEADLESS:
            if len(addresses) > 1:
                errors.invalid(_IPS, addresses, "'None' must be the first and only value")
            continue
        validate_legacy_ip(address, errors, index(_IPS, position), strict=True)
    sound = len(errors) == before
    if len(addresses) > 2:
        errors.invalid(_IPS, addresses, "may only hold up to 2 values")
    return sound


def _validate_match(addresses: Any, families: Any, errors: FieldErrors) -> None:
    for position, (address, family) in enumerate(zip(addresses, families, strict=False)):
        parsed = parse_address(address)
        if parsed is not None and parsed.is_v4 != (family == "IPv4"):
            detail = f"expected an {family} value as indicated by `ipFamilies[{position}]`"
            errors.invalid(index(_IPS, position), address, detail)


def validate_kept_addresses(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """The primary address and family stay; the second comes and goes with the policy."""
    if _EXTERNAL in (new.get("type"), old.get("type")):
        return
    if not (is_headless(new) and is_headless(old)):
        _validate_kept(new, old, "clusterIPs", "clusterIP", errors)
        _validate_kept(new, old, "ipFamilies", "ipFamily", errors)


def _validate_kept(
    new: FrozenMap, old: FrozenMap, field: str, noun: str, errors: FieldErrors
) -> None:
    before, after = old.get(field) or EMPTY_LIST, new.get(field) or EMPTY_LIST
    path = f"spec.{field}"
    # Upstream shows the addresses for both fields.
    shown = new.get("clusterIPs")
    if len(before) == len(after):
        for position, value in enumerate(before):
            if value != after[position]:
                errors.invalid(index(path, position), shown, _KEPT)
        return
    if len(before) > len(after) and not after:
        errors.invalid(index(path, 0), shown, f"primary {noun} can not be unset")
    if before and after and before[0] != after[0]:
        errors.invalid(index(path, 0), shown, _KEPT)
    if len(before) > len(after) and len(after) == 1 and new.get("ipFamilyPolicy") != "SingleStack":
        detail = f"must be set to 'SingleStack' when releasing the secondary {noun}"
        errors.invalid("spec.ipFamilyPolicy", new.get("ipFamilyPolicy"), detail)
