"""Which IP families a service gets, before it is given addresses and long before it is validated.

Upstream looks at policy, families and addresses first, because allocation relies on them; what is
refused here is refused alone, whatever else is wrong with the service (it may not even have a
name). The cluster is single-stack IPv4.
"""

from typing import Any, Final

from kcore.api.core_v1.service_addresses import HEADLESS, validate_addresses
from kcore.errors import ApiError
from kcore.machinery.field_errors import FieldErrors, index
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.machinery.ip_address import parse_address

_POLICY: Final = "spec.ipFamilyPolicy"
_SINGLE: Final = "SingleStack"
_NOT_SINGLE: Final = (
    "must be 'RequireDualStack' or 'PreferDualStack' when multiple {} are specified"
)


def with_families(spec: FrozenMap, name: str, old_spec: FrozenMap) -> FrozenMap:
    """The spec with policy and families filled in.

    Raises:
        ApiError: 422, they contradict each other or this cluster.
    """
    spec = _with_policy(spec, old_spec)
    errors = FieldErrors()
    validate_addresses(spec, errors)
    _refuse(errors, name)
    spec = _without_second(spec, old_spec)
    _check_single(spec, errors)
    spec = _with_inferred(spec, errors)
    _refuse(errors, name)
    if _is_open(spec):
        return _selectorless(spec)
    _check_served(spec, errors)
    _refuse(errors, name)
    return spec if spec.get("ipFamilies") else spec.set("ipFamilies", ["IPv4"])


def refused(name: str, path: str, value: Any, why: str) -> ApiError:
    """The 422 of one wrong field."""
    errors = FieldErrors()
    errors.invalid(path, value, why)
    return errors.to_api_error("Service", "", name)


def _refuse(errors: FieldErrors, name: str) -> None:
    if len(errors):
        raise errors.to_api_error("Service", "", name)


def _is_open(spec: FrozenMap) -> bool:
    """Headless without a selector: somebody else writes the endpoints, of whatever family."""
    return spec.get("clusterIP") == HEADLESS and not spec.get("selector")


def _with_policy(spec: FrozenMap, old_spec: FrozenMap) -> FrozenMap:
    if spec.get("ipFamilyPolicy") is not None:
        return spec
    usual = "RequireDualStack" if _is_open(spec) else _SINGLE
    return spec.set("ipFamilyPolicy", old_spec.get("ipFamilyPolicy") or usual)


def _without_second(spec: FrozenMap, old_spec: FrozenMap) -> FrozenMap:
    """A change to a single stack gives up the second address and family."""
    if spec.get("ipFamilyPolicy") == _SINGLE:
        for field in ("clusterIPs", "ipFamilies"):
            held = spec.get(field) or EMPTY_LIST
            if len(held) > 1 and held == old_spec.get(field):
                spec = spec.set(field, [held[0]])
    return spec


def _check_single(spec: FrozenMap, errors: FieldErrors) -> None:
    if spec.get("ipFamilyPolicy") == _SINGLE:
        for field, words in (("clusterIPs", "cluster IPs"), ("ipFamilies", "IP families")):
            if len(spec.get(field) or EMPTY_LIST) == 2:
                errors.invalid(_POLICY, _SINGLE, _NOT_SINGLE.format(words))


def _with_inferred(spec: FrozenMap, errors: FieldErrors) -> FrozenMap:
    """Families that only the addresses tell."""
    addresses = spec.get("clusterIPs") or EMPTY_LIST
    families = list(spec.get("ipFamilies") or EMPTY_LIST)
    for position in range(len(families), len(addresses)):
        address = parse_address(addresses[position])
        if address is None:  # The word None.
            break
        if not address.is_v4:
            why = "IPv6 is not configured on this cluster"
            errors.invalid(index("spec.clusterIPs", position), addresses, why)
        else:
            families.append("IPv4")
    return spec.set("ipFamilies", families) if families else spec


def _selectorless(spec: FrozenMap) -> FrozenMap:
    families = list(spec.get("ipFamilies") or ("IPv4",))
    if spec.get("ipFamilyPolicy") != _SINGLE and len(families) == 1:
        families.append("IPv6" if families[0] == "IPv4" else "IPv4")
    return spec.set("ipFamilies", families)


def _check_served(spec: FrozenMap, errors: FieldErrors) -> None:
    policy = spec.get("ipFamilyPolicy")
    if policy == "RequireDualStack":
        why = "this cluster is not configured for dual-stack services"
        errors.invalid(_POLICY, policy, why)
    for position, family in enumerate(spec.get("ipFamilies") or EMPTY_LIST):
        if family != "IPv4":
            errors.invalid(
                index("spec.ipFamilies", position), family, "not configured on this cluster"
            )
