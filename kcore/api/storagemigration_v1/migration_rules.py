"""StorageVersionMigration: its rules."""

from typing import Any, Final

from kcore.api.condition_rules import validate_conditions
from kcore.api.kept_fields import Kept, validate_kept
from kcore.api.object_rules import Validation
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.formats import dns1035_label, dns1123_subdomain
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.meta import IMMUTABLE
from kcore.machinery.typed_text import rendered

_CONDITIONS: Final = "status.conditions"
_BOTH: Final = "Both success and failed conditions cannot be true at the same time"
_ENDS: Final = (("Succeeded", "Success"), ("Failed", "Failed"))


def validate_migration(migration: FrozenMap, errors: FieldErrors) -> None:
    """What is to be stored anew."""
    target = migration.at("spec", "resource") or EMPTY_MAP
    resource, group = target.get("resource") or "", target.get("group") or ""
    if not resource:
        errors.required("spec.resource.resource", "resource is required to be set")
    elif dns1035_label(resource):
        errors.invalid("spec.resource.resource", resource, ",".join(dns1035_label(resource)))
    if group and dns1123_subdomain(group):
        errors.invalid("spec.resource.group", group, ",".join(dns1123_subdomain(group)))


def validate_migration_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """The spec stays."""
    kept = (Kept("spec", "storagemigration/v1.StorageVersionMigrationSpec"),)
    validate_kept(new, old, kept, errors, "")


def validate_migration_status(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """What has ended stays so."""
    conditions, before = (side.at("status", "conditions") or EMPTY_LIST for side in (new, old))
    validate_conditions(conditions, errors, _CONDITIONS)
    version, old_version = (side.at("status", "resourceVersion") or "" for side in (new, old))
    if old_version and version != old_version:
        errors.invalid("status.resourceVersion", version, IMMUTABLE)
    shown = rendered(conditions, "[]meta/v1.Condition")
    if all(_is_true(conditions, kind) for kind, _name in _ENDS):
        errors.invalid(_CONDITIONS, shown, _BOTH)
    for kind, name in _ENDS:
        if _is_true(before, kind) and not _is_true(conditions, kind):
            detail = f"{name} condition cannot be set to false once it is true"
            errors.invalid(_CONDITIONS, shown, detail)


def _is_true(conditions: Any, kind: str) -> bool:
    found = [condition for condition in conditions if condition.get("type") == kind]
    return bool(found) and found[0].get("status") == "True"


MIGRATION: Final = Validation(
    validate_migration, validate_migration_update, "before", of_status=validate_migration_status
)
