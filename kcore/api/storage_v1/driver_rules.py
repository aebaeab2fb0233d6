"""CSIDriver, CSINode and CSIStorageCapacity: their rules."""

from typing import Any, Final

from kcore.api.core_v1.resource_rules import validate_non_negative_quantity
from kcore.api.core_v1.volume_rules import validate_csi_driver
from kcore.api.field_rules import (
    validate_label_selector,
    validate_positive_field,
    validate_qualified_name,
)
from kcore.api.kept_fields import Kept, validate_kept
from kcore.api.object_rules import Validation
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.formats import dns1123_subdomain
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.internal_text import rendered_internal
from kcore.machinery.meta import IMMUTABLE
from kcore.machinery.quantity import quantity_of

_GROUP_POLICIES: Final = ("File", "None", "ReadWriteOnceWithFSType")
_MODES: Final = ("Persistent", "Ephemeral")
_NODE_ID_MAX: Final = 256
# What upstream calls some fields of a driver where it refuses them.
_NEEDED: Final = (
    ("attachRequired", "attachedRequired"),
    ("podInfoOnMount", "podInfoOnMount"),
    ("storageCapacity", "storageCapacity"),
)
_NEEDED_LAST: Final = "preventPodSchedulingIfMissing"


def validate_driver(driver: FrozenMap, errors: FieldErrors) -> None:
    """What a driver can do, all of it stated."""
    spec = driver.get("spec") or EMPTY_MAP
    for name, shown in _NEEDED:
        if spec.get(name) is None:
            errors.required(child("spec", shown))
    policy = spec.get("fsGroupPolicy")
    if policy is not None and policy not in _GROUP_POLICIES:
        errors.not_supported("spec.fsGroupPolicy", policy, _GROUP_POLICIES)
    tokens = spec.get("tokenRequests") or EMPTY_LIST
    _validate_tokens(tokens, errors)
    for mode in spec.get("volumeLifecycleModes") or EMPTY_LIST:
        if mode not in _MODES:
            errors.not_supported("spec.volumeLifecycleModes", mode, _MODES)
    if spec.get("seLinuxMount") is None:
        errors.required("spec.seLinuxMount")
    period = spec.get("nodeAllocatableUpdatePeriodSeconds")
    if period is not None and period < 10:
        detail = "must be greater than or equal to 10 seconds"
        errors.invalid("spec.nodeAllocatableUpdatePeriodSeconds", period, detail)
    in_secrets = spec.get("serviceAccountTokenInSecrets")
    if in_secrets is not None and not tokens:
        detail = "serviceAccountTokenInSecrets is set but no tokenRequests are specified"
        errors.invalid("spec.serviceAccountTokenInSecrets", in_secrets, detail)
    if spec.get(_NEEDED_LAST) is None:
        errors.required(child("spec", _NEEDED_LAST))


def _validate_tokens(tokens: Any, errors: FieldErrors) -> None:
    known: set[str] = set()
    for position, token in enumerate(tokens):
        path, audience = index("spec.tokenRequests", position), token.get("audience") or ""
        if audience in known:
            errors.duplicate(child(path, "audience"), audience)
            continue
        known.add(audience)
        seconds, here = token.get("expirationSeconds"), child(path, "expirationSeconds")
        if seconds is not None and seconds < 600:
            errors.invalid(here, seconds, "may not specify a duration less than 10 minutes")
        if seconds is not None and seconds > 2**32:
            errors.invalid(here, seconds, "may not specify a duration larger than 2^32 seconds")


def validate_driver_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """As a new one; whether volumes are attached, and how they live, stays."""
    validate_driver(new, errors)
    after, before = new.get("spec") or EMPTY_MAP, old.get("spec") or EMPTY_MAP
    if after.get("attachRequired") != before.get("attachRequired"):
        errors.invalid("spec.attachedRequired", after.get("attachRequired"), IMMUTABLE)
    kept = (Kept("volumeLifecycleModes", "[]string"),)
    validate_kept(after, before, kept, errors.declared, "spec")


def validate_node(node: FrozenMap, errors: FieldErrors) -> None:
    """The drivers on a node, each once."""
    known: set[str] = set()
    for position, driver in enumerate(node.at("spec", "drivers") or EMPTY_LIST):
        path, name = index("spec.drivers", position), driver.get("name") or ""
        validate_csi_driver(name, errors, child(path, "name"))
        node_id, here = driver.get("nodeID") or "", child(path, "nodeID")
        if not node_id:
            errors.required(here)
        if len(node_id.encode()) > _NODE_ID_MAX:
            errors.invalid(here, node_id, f"must be {_NODE_ID_MAX} characters or less")
        limits = driver.get("allocatable")
        if limits is not None:
            validate_positive_field(limits, "count", errors, child(path, "allocatable"))
        if name in known:
            errors.duplicate(child(path, "name"), name)
        known.add(name)
        _validate_topology(driver, errors, path)


def _validate_topology(driver: FrozenMap, errors: FieldErrors, path: str) -> None:
    known: set[str] = set()
    for name in driver.get("topologyKeys") or EMPTY_LIST:
        if not name:
            errors.required(path)
        if name in known:
            errors.duplicate(path, name)
        known.add(name)
        validate_qualified_name(name, errors, path)


def validate_node_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """What is said of a driver stays, but for how many volumes it takes."""
    after, before = (side.at("spec", "drivers") or EMPTY_LIST for side in (new, old))
    for old_driver in before:
        for driver in after:
            if driver.get("name") != old_driver.get("name"):
                continue
            kept = _without_limits(driver)
            if kept != _without_limits(old_driver):
                shown = rendered_internal(kept, "*storage/v1.CSINodeDriver")
                errors.invalid("spec.drivers", shown, IMMUTABLE)


def _without_limits(driver: FrozenMap) -> FrozenMap:
    return driver.remove("allocatable") if "allocatable" in driver else driver


def validate_capacity(capacity: FrozenMap, errors: FieldErrors) -> None:
    """How much storage of a class there is in a part of the cluster."""
    validate_label_selector(capacity.get("nodeTopology"), errors, "nodeTopology")
    name = capacity.get("storageClassName") or ""
    errors.invalid_each("storageClassName", name, dns1123_subdomain(name))
    amount = capacity.get("capacity")
    if amount is not None:
        validate_non_negative_quantity(quantity_of(amount), amount, errors, "capacity")


def validate_capacity_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """The class and the part of the cluster stay."""
    kept = (Kept("nodeTopology", "*meta/v1.LabelSelector"), Kept("storageClassName", unset=""))
    validate_kept(new, old, kept, errors, "")


DRIVER: Final = Validation(validate_driver, validate_driver_update, "never")
CSI_NODE: Final = Validation(validate_node, validate_node_update, "before")
CAPACITY: Final = Validation(validate_capacity, validate_capacity_update, "before")
