"""Lease: rules."""

from typing import Final

from kcore.api.field_rules import validate_positive_field
from kcore.api.object_rules import Validation
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap


def validate_lease(lease: FrozenMap, errors: FieldErrors) -> None:
    """A lease lasts; transitions are counted."""
    spec = lease.get("spec") or EMPTY_MAP
    duration_s = spec.get("leaseDurationSeconds")
    if duration_s is not None and duration_s <= 0:
        errors.invalid("spec.leaseDurationSeconds", duration_s, "must be greater than 0")
    validate_positive_field(spec, "leaseTransitions", errors, "spec")


def validate_lease_update(new: FrozenMap, _old: FrozenMap, errors: FieldErrors) -> None:
    """As a new one, metadata apart."""
    validate_lease(new, errors)


LEASE: Final = Validation(validate_lease, validate_lease_update, "never")
