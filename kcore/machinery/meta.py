"""What every kind has: reading metadata and conditions, and the rules of metadata.

Rules append upstream's problems in upstream's order; labels and annotations are visited in key
order, where upstream's order is that of a Go map.
"""

from typing import Any, Final

from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.formats import label_key, label_value, length_bytes
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.go_text import quote
from kcore.machinery.names import NameRule, label_name
from kcore.machinery.typed_text import rendered

ANNOTATIONS_BYTES_MAX: Final = 256 * 1024
MANAGER_LENGTH_MAX: Final = 128
IMMUTABLE: Final = "field is immutable"
NON_NEGATIVE: Final = "must be greater than or equal to 0"
ORPHAN: Final = "orphan"
FOREGROUND: Final = "foregroundDeletion"
_OPERATIONS: Final = ("Apply", "Update")
_REFERENCE: Final = "meta/v1.OwnerReference"
# Finalizers that need no domain.
_STANDARD_FINALIZERS: Final = frozenset({"kubernetes", ORPHAN, FOREGROUND})


def metadata_of(obj: FrozenMap) -> FrozenMap:
    """The metadata of an object, empty if it has none."""
    return obj.get("metadata") or EMPTY_MAP


def condition_of(obj: FrozenMap, condition_type: str) -> FrozenMap | None:
    """The condition of that type in `status.conditions`, or None. O(conditions)."""
    for condition in obj.at("status", "conditions", default=EMPTY_LIST):
        if condition.get("type") == condition_type:
            found: FrozenMap = condition
            return found
    return None


def controller_of(obj: FrozenMap) -> FrozenMap | None:
    """The owner reference of the controller that manages `obj`; None without one."""
    for reference in obj.at("metadata", "ownerReferences", default=EMPTY_LIST):
        if reference.get("controller"):
            return reference  # type: ignore[no-any-return]
    return None


def validate_object_meta(
    meta: FrozenMap,
    namespaced: bool,
    name_rule: NameRule,
    errors: FieldErrors,
    path: str = "metadata",
) -> None:
    """The rules for the metadata of a new object. O(size)."""
    prefix, name = meta.get("generateName") or "", meta.get("name") or ""
    if prefix:
        errors.invalid_each(child(path, "generateName"), prefix, name_rule(prefix, True))
    if name:
        errors.invalid_each(child(path, "name"), name, name_rule(name, False))
    else:
        errors.required(child(path, "name"), "name or generateName is required")
    _validate_namespace(meta.get("namespace") or "", namespaced, errors, child(path, "namespace"))
    validate_non_negative(meta.get("generation") or 0, errors, child(path, "generation"))
    _validate_common(meta, errors, path)
    _validate_finalizers(meta, errors, child(path, "finalizers"))


def _validate_namespace(namespace: str, namespaced: bool, errors: FieldErrors, path: str) -> None:
    if not namespaced:
        if namespace:
            errors.forbidden(path, "not allowed on this type")
    elif not namespace:
        errors.required(path)
    else:
        errors.invalid_each(path, namespace, label_name(namespace, False))


def validate_non_negative(value: int, errors: FieldErrors, path: str) -> None:
    """A count or duration."""
    if value < 0:
        errors.invalid(path, value, NON_NEGATIVE)


def _validate_common(meta: FrozenMap, errors: FieldErrors, path: str) -> None:
    validate_labels(meta.get("labels"), errors, child(path, "labels"))
    validate_annotations(meta.get("annotations"), errors, child(path, "annotations"))
    _validate_owners(
        meta.get("ownerReferences") or EMPTY_LIST, errors, child(path, "ownerReferences")
    )
    _validate_managers(
        meta.get("managedFields") or EMPTY_LIST, errors, child(path, "managedFields")
    )


def validate_labels(labels: FrozenMap | None, errors: FieldErrors, path: str) -> None:
    """Keys and values of labels."""
    for key, value in (labels or EMPTY_MAP).items():
        errors.invalid_each(path, key, label_key(key))
        errors.invalid_each(path, value, label_value(value))


def validate_annotations(annotations: FrozenMap | None, errors: FieldErrors, path: str) -> None:
    """Keys of annotations, and the bytes of all of them together."""
    size = 0
    for key, value in (annotations or EMPTY_MAP).items():
        errors.invalid_each(path, key, label_key(key.lower()))
        size += length_bytes(key) + length_bytes(value)
    if size > ANNOTATIONS_BYTES_MAX:
        errors.too_long(path, ANNOTATIONS_BYTES_MAX)


def _validate_owners(references: Any, errors: FieldErrors, path: str) -> None:
    controller = ""
    for position, reference in enumerate(references):
        here = index(path, position)
        _validate_owner(reference, errors, here)
        if not reference.get("controller"):
            continue
        name = f"{reference.get('kind') or ''}/{reference.get('name') or ''}"
        if controller:
            detail = (
                "Only one reference can have Controller set to true. "
                f'Found "true" in references for {controller} and {name}'
            )
            errors.invalid(path, rendered(references, f"[]{_REFERENCE}"), detail)
        controller = controller or name


def _validate_owner(reference: FrozenMap, errors: FieldErrors, path: str) -> None:
    api_version = reference.get("apiVersion") or ""
    if not api_version:
        errors.required(child(path, "apiVersion"), "must not be empty")
    elif api_version.count("/") > 1:
        detail = "must be <group>/<version> or <version>"
        errors.invalid(child(path, "apiVersion"), api_version, detail)
    for field in ("kind", "name", "uid"):
        if not reference.get(field):
            errors.required(child(path, field), "must not be empty")
    if api_version == "v1" and reference.get("kind") == "Event":
        detail = "/v1, Kind=Event is disallowed from being an owner"
        errors.invalid(path, rendered(reference, _REFERENCE), detail)


def _validate_finalizers(meta: FrozenMap, errors: FieldErrors, path: str) -> None:
    finalizers = meta.get("finalizers") or EMPTY_LIST
    for name in finalizers:
        errors.invalid_each(path, name, label_key(name))
    if ORPHAN in finalizers and FOREGROUND in finalizers:
        detail = f"finalizer {ORPHAN} and {FOREGROUND} cannot be both set"
        errors.invalid(path, finalizers, detail)


def validate_kept_finalizers(meta: FrozenMap, errors: FieldErrors, path: str = "metadata") -> None:
    """Finalizers of most built-in kinds are standard ones or have a domain."""
    for position, name in enumerate(meta.get("finalizers") or EMPTY_LIST):
        _validate_known_finalizer(name, errors, index(child(path, "finalizers"), position))


def validate_finalizer_name(name: str, errors: FieldErrors, path: str) -> None:
    """A finalizer outside the metadata (of a namespace's spec)."""
    errors.invalid_each(path, name, label_key(name))
    _validate_known_finalizer(name, errors, path)


def _validate_known_finalizer(name: str, errors: FieldErrors, path: str) -> None:
    if "/" not in name and name not in _STANDARD_FINALIZERS:
        detail = "name is neither a standard finalizer name nor is it fully qualified"
        errors.invalid(path, name, detail)


def _validate_managers(managers: Any, errors: FieldErrors, path: str) -> None:
    for position, manager in enumerate(managers):
        here = index(path, position)
        operation = manager.get("operation") or ""
        if operation not in _OPERATIONS:
            errors.invalid(child(here, "operation"), operation, "must be `Apply` or `Update`")
        if (manager.get("fieldsType") or "FieldsV1") != "FieldsV1":
            errors.invalid(child(here, "fieldsType"), manager["fieldsType"], "must be `FieldsV1`")
        name = manager.get("manager") or ""
        if length_bytes(name) > MANAGER_LENGTH_MAX:
            errors.too_long(child(here, "manager"), MANAGER_LENGTH_MAX)
        if not name.isprintable():
            errors.invalid(child(here, "manager"), name, "should only contain printable characters")


def validate_object_meta_update(
    new: FrozenMap, old: FrozenMap, errors: FieldErrors, path: str = "metadata"
) -> None:
    """The rules for changing metadata, with those of new metadata that still hold. O(size)."""
    _validate_finalizer_update(new, old, errors, child(path, "finalizers"))
    if not new.get("resourceVersion"):
        detail = "must be specified for an update"
        errors.invalid(child(path, "resourceVersion"), "", detail)
    generation = new.get("generation") or 0
    validate_generation_update(new, old, errors, child(path, "generation"), generation)
    for field in ("name", "namespace", "uid"):
        validate_unchanged(new.get(field) or "", old.get(field) or "", errors, child(path, field))
    for field in ("creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"):
        validate_unchanged(new.get(field), old.get(field), errors, child(path, field))
    _validate_common(new, errors, path)


def validate_generation_update(
    new: FrozenMap, old: FrozenMap, errors: FieldErrors, path: str, generation: int
) -> None:
    """Generations only grow."""
    validate_non_negative(generation, errors, path)
    if generation < (old.get("generation") or 0):
        errors.invalid(path, generation, "must not be decremented")


def _validate_finalizer_update(
    new: FrozenMap, old: FrozenMap, errors: FieldErrors, path: str
) -> None:
    """An object that is being deleted gets no new finalizers."""
    if old.get("deletionTimestamp") is None:
        return
    before = old.get("finalizers") or EMPTY_LIST
    added = sorted({name for name in new.get("finalizers") or EMPTY_LIST if name not in before})
    if added:
        detail = (
            "no new finalizers can be added if the object is being deleted, "
            f"found new finalizers []string{{{', '.join(map(quote, added))}}}"
        )
        errors.forbidden(path, detail)


def validate_unchanged(new: Any, old: Any, errors: FieldErrors, path: str) -> None:
    """An immutable field."""
    if new != old:
        errors.invalid(path, new, IMMUTABLE)
