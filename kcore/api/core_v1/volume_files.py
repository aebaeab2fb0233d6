"""Files that volumes show: where they are, who may read them, what is in them."""

from typing import Final

from kcore.api.core_v1.env_rules import VOLUME_FIELDS, validate_field_ref, validate_resource_ref
from kcore.api.core_v1.mount_rules import validate_descending_path
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap

_MODE: Final = "must be a number between 0 and 0777 (octal), both inclusive"


def validate_mode(source: FrozenMap, field: str, errors: FieldErrors, path: str) -> None:
    """Permissions of a file."""
    mode = source.get(field)
    if mode is not None and not 0 <= mode <= 0o777:
        errors.invalid(child(path, field), mode, _MODE)


def validate_items(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    """Keys of a secret or config map, and the files that show them."""
    for position, item in enumerate(source.get("items") or EMPTY_LIST):
        here = index(child(path, "items"), position)
        if not item.get("key"):
            errors.required(child(here, "key"))
        _local_path(item, errors, here)
        validate_mode(item, "mode", errors, here)


def _local_path(item: FrozenMap, errors: FieldErrors, path: str) -> None:
    target = item.get("path") or ""
    if not target:
        errors.required(child(path, "path"))
        return
    validate_non_special_path(target, errors, child(path, "path"))


def validate_non_special_path(target: str, errors: FieldErrors, path: str) -> None:
    """A relative path that does not climb or begin with two dots."""
    validate_descending_path(target, errors, path)
    if target.startswith("..") and not target.startswith("../"):
        errors.invalid(path, target, "must not start with '..'")


def validate_downward_file(item: FrozenMap, errors: FieldErrors, path: str) -> None:
    """A file that shows a field or an amount of the pod."""
    if not item.get("path"):
        errors.required(child(path, "path"))
    validate_non_special_path(item.get("path") or "", errors, child(path, "path"))
    field, resource = item.get("fieldRef"), item.get("resourceFieldRef")
    if field is not None:
        validate_field_ref(field, VOLUME_FIELDS, errors, child(path, "fieldRef"))
        if resource is not None:
            detail = "fieldRef and resourceFieldRef can not be specified simultaneously"
            errors.invalid(path, "resource", detail)
    elif resource is not None:
        validate_resource_ref(resource, True, errors, child(path, "resourceFieldRef"))
    else:
        errors.required(path, "one of fieldRef and resourceFieldRef is required")
    validate_mode(item, "mode", errors, path)
