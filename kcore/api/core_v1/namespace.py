"""Namespace: rules."""

from typing import Final

from kcore.api.object_rules import Validation
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.machinery.meta import validate_finalizer_name


def validate_namespace(namespace: FrozenMap, errors: FieldErrors) -> None:
    """Finalizers of the spec are known or have a domain."""
    for name in namespace.at("spec", "finalizers", default=EMPTY_LIST):
        validate_finalizer_name(name, errors, "spec.finalizers")


def validate_namespace_update(_new: FrozenMap, _old: FrozenMap, _errors: FieldErrors) -> None:
    """Only metadata can change here; finalizers have their own door."""


def validate_namespace_status(new: FrozenMap, _old: FrozenMap, errors: FieldErrors) -> None:
    """The phase says whether the namespace is being deleted."""
    phase = new.at("status", "phase", default="")
    going = new["metadata"].get("deletionTimestamp") is not None
    wanted, word = ("Terminating", "not empty") if going else ("Active", "empty")
    if phase != wanted:
        detail = f"may only be '{wanted}' if `deletionTimestamp` is {word}"
        errors.invalid("status.Phase", phase, detail)


NAMESPACE: Final = Validation(
    validate_namespace,
    validate_namespace_update,
    "before",
    of_status=validate_namespace_status,
)
