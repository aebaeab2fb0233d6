"""Node: rules."""

import re
from typing import Any, Final

from kcore.api.core_v1.resource_rules import validate_resource_value
from kcore.api.core_v1.taint_rules import validate_taints
from kcore.api.object_rules import Validation
from kcore.machinery.field_errors import FieldErrors, Rendered, index
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.ip_address import parse_block, validate_legacy_cidr

_POD_CIDRS: Final = "spec.podCIDRs"
_KEPT_CIDRS: Final = 'node updates may not change podCIDR except from "" to valid'
_FEATURE: Final = re.compile(r"[A-Z][A-Za-z0-9]*(/[A-Za-z0-9]+)*", re.ASCII)
_FEATURE_RULE: Final = (
    "must start with an UpperCamelCase segment, with subsequent segments separated by '/' "
    "(e.g., MyFeature or MyFeature/mySubFeature), "
    "and contain only alphanumeric characters and slashes"
)


def validate_node(node: FrozenMap, errors: FieldErrors) -> None:
    """Taints, quantities, pod networks, features."""
    validate_taints(node.at("spec", "taints", default=EMPTY_LIST), errors, "metadata.taints")
    for part in ("capacity", "allocatable"):
        for name, text in node.at("status", part, default=EMPTY_MAP).items():
            validate_resource_value(name, text, errors, f"status.{part}.{name}")
    _validate_pod_cidrs(node.at("spec", "podCIDRs", default=EMPTY_LIST), errors)
    _validate_features(node.at("status", "declaredFeatures", default=EMPTY_LIST), errors)


def _validate_pod_cidrs(networks: Any, errors: FieldErrors) -> None:
    for position, text in enumerate(networks):
        validate_legacy_cidr(text, errors, index(_POD_CIDRS, position))
    if len(networks) < 2:
        return
    families: list[bool] = []
    for position, text in enumerate(networks):
        block = parse_block(text)
        if block is None:
            why = f"invalid CIDR[{position}]: <nil> (invalid CIDR address: {text})"
            detail = f"invalid PodCIDRs. failed to check with dual stack with error:{why}"
            errors.internal(_POD_CIDRS, detail)
            families.clear()
            break
        families.append(block.address.is_v4)
    if len(networks) > 2 or len(dict.fromkeys(families)) != 2:
        detail = "may specify no more than one CIDR for each IP family"
        errors.invalid(_POD_CIDRS, networks, detail)


def _validate_features(features: Any, errors: FieldErrors) -> None:
    seen: list[str] = []
    for position, name in enumerate(features):
        path = index("status.declaredFeatures", position)
        if not _FEATURE.fullmatch(name):
            errors.invalid(path, name, f'invalid feature name "{name}": {_FEATURE_RULE}')
        if name in seen:
            errors.duplicate(path, name)
        seen.append(name)


def validate_node_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """Pod networks and the provider's id are set once; addresses are distinct."""
    seen: list[Any] = []
    for position, address in enumerate(new.at("status", "addresses", default=EMPTY_LIST)):
        if address in seen:
            errors.duplicate(index("status.addresses", position), address)
        seen.append(address)
    before = old.at("spec", "podCIDRs", default=EMPTY_LIST)
    if before and before != new.at("spec", "podCIDRs", default=EMPTY_LIST):
        errors.forbidden(_POD_CIDRS, _KEPT_CIDRS)
    if new.at("spec", "externalID", default="") != old.at("spec", "externalID", default=""):
        errors.forbidden("spec.externalID", "may not be updated")
    provider = old.at("spec", "providerID", default="")
    now = new.at("spec", "providerID", default="")
    if provider and now != provider:
        how = "modified" if now else "cleared"
        errors.invalid("spec.providerID", Rendered("null"), f"field cannot be {how} once set")


NODE: Final = Validation(validate_node, validate_node_update, "before")
