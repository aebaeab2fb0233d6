"""StorageClass and VolumeAttributesClass: their rules."""

from typing import Any, Final

from kcore.api.field_rules import validate_qualified_name
from kcore.api.kept_fields import NULL, same
from kcore.api.object_rules import Validation
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.meta import IMMUTABLE

_PARAMETERS_COUNT_MAX: Final = 512
_PARAMETERS_BYTES_MAX: Final = 256 * 1024
_POLICIES: Final = ("Delete", "Retain")
_BINDINGS: Final = ("Immediate", "WaitForFirstConsumer")
_KEPT: Final = ("provisioner", "parameters", "reclaimPolicy", "volumeBindingMode")


def validate_storage_class(storage_class: FrozenMap, errors: FieldErrors) -> None:
    """A provisioner, how it is told what to make, and where volumes may be."""
    validate_provisioner(storage_class, "provisioner", errors)
    validate_parameters(storage_class.get("parameters") or EMPTY_MAP, errors, "parameters")
    policy = storage_class.get("reclaimPolicy") or ""
    if policy and policy not in _POLICIES:
        errors.not_supported("reclaimPolicy", policy, _POLICIES)
    mode = storage_class.get("volumeBindingMode")
    if mode is None:
        errors.required("volumeBindingMode")
    elif mode not in _BINDINGS:
        errors.not_supported("volumeBindingMode", mode, _BINDINGS)
    _validate_topologies(storage_class.get("allowedTopologies") or EMPTY_LIST, errors)


def validate_provisioner(holder: FrozenMap, field: str, errors: FieldErrors) -> None:
    """Who makes volumes, or changes them."""
    name = holder.get(field) or ""
    if name:
        found = FieldErrors()
        validate_qualified_name(name.lower(), found, field)
        errors.extend(found)
    else:
        errors.declared.required(field)


def validate_parameters(parameters: FrozenMap, errors: FieldErrors, path: str) -> None:
    """Not too many, not too long, and with names. O(size)."""
    if len(parameters) > _PARAMETERS_COUNT_MAX:
        errors.too_long(path, _PARAMETERS_COUNT_MAX)
        return
    if "" in parameters:
        errors.invalid(path, "", "field can not be empty.")
    size = sum(len(k.encode()) + len(v.encode()) for k, v in parameters.items())
    if size > _PARAMETERS_BYTES_MAX:
        errors.too_long(path, _PARAMETERS_BYTES_MAX)


def _validate_topologies(terms: Any, errors: FieldErrors) -> None:
    known: list[dict[str, set[str]]] = []
    for position, term in enumerate(terms):
        path = child(index("allowedTopologies", position), "matchLabelExpressions")
        values = _validate_term(term, errors, path)
        # Upstream compares with as many empty terms as there are terms, too.
        same_count = sum(other == values for other in known)
        for _ in range(same_count if values else same_count + len(terms)):
            errors.duplicate(path, "")
        known.append(values)


def _validate_term(term: FrozenMap, errors: FieldErrors, path: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for position, expression in enumerate(term.get("matchLabelExpressions") or EMPTY_LIST):
        here, name = index(path, position), expression.get("key") or ""
        values = expression.get("values") or EMPTY_LIST
        if not values:
            errors.required(child(here, "values"))
        known: set[str] = set()
        for place, value in enumerate(values):
            if value in known:
                errors.duplicate(index(child(here, "values"), place), value)
            known.add(value)
        validate_qualified_name(name, errors, child(here, "key"))
        if name in found:
            errors.duplicate(child(here, "key"), name)
        found[name] = known
    return found


def validate_storage_class_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """Only where volumes may be, and whether they grow, can change."""
    for name in _KEPT:
        if not same(new.get(name), old.get(name)):
            errors.declared.invalid(name, NULL, IMMUTABLE)


def validate_attributes_class(attributes: FrozenMap, errors: FieldErrors) -> None:
    """A driver and at least one parameter."""
    validate_provisioner(attributes, "driverName", errors)
    parameters = attributes.get("parameters") or EMPTY_MAP
    validate_parameters(parameters, errors, "parameters")
    if not parameters:
        errors.required("parameters", "must contain at least one key/value pair")


def validate_attributes_class_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """Nothing can change."""
    for name in ("driverName", "parameters"):
        if (new.get(name) or None) != (old.get(name) or None):
            errors.forbidden(name, f"updates to {name} are forbidden.")
    validate_attributes_class(new, errors)


STORAGE_CLASS: Final = Validation(validate_storage_class, validate_storage_class_update, "before")
ATTRIBUTES_CLASS: Final = Validation(
    validate_attributes_class, validate_attributes_class_update, "after"
)
