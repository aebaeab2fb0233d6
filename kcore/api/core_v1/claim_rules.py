"""PersistentVolumeClaim: its rules."""

from typing import Any, Final

from kcore.api.core_v1.claim_sources import with_both_sources
from kcore.api.core_v1.resource_rules import validate_resource_value
from kcore.api.field_rules import validate_label_selector
from kcore.api.kept_fields import Kept, validate_kept
from kcore.api.object_rules import Validation
from kcore.machinery.field_errors import FieldErrors, Rendered, child, key
from kcore.machinery.formats import dns1123_label, dns1123_subdomain
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.internal_text import internal_difference
from kcore.machinery.quantity import quantity_of

ACCESS_MODES: Final = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
VOLUME_MODES: Final = ("Block", "Filesystem")
CLASS_ANNOTATION: Final = "volume.beta.kubernetes.io/storage-class"
NOT_POSITIVE: Final = "must be greater than zero"

_ONE_POD: Final = "ReadWriteOncePod"
_KEPT_SPEC: Final = (
    "spec is immutable after creation except resources.requests and volumeAttributesClassName "
    "for bound claims\n"
)
_CLAIM: Final = "PersistentVolumeClaim"
# Upstream shows the path of the other field, whose content JSON does not see.
_PATH: Final = Rendered("{}")


def validate_claim(claim: FrozenMap, errors: FieldErrors) -> None:
    """A new claim."""
    validate_claim_spec(claim.get("spec") or EMPTY_MAP, errors, "spec")


def validate_claim_spec(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    """What a claim asks for."""
    modes = spec.get("accessModes") or EMPTY_LIST
    if not modes:
        errors.required(child(path, "accessModes"), "at least 1 access mode is required")
    validate_label_selector(spec.get("selector"), errors, child(path, "selector"))
    validate_access_modes(modes, errors, child(path, "accessModes"))
    _validate_storage(spec, errors, key(child(path, "resources"), "storage"))
    for name in ("storageClassName",):
        _validate_class(spec, name, errors, path)
    mode = spec.get("volumeMode")
    if mode is not None and mode not in VOLUME_MODES:
        errors.not_supported(child(path, "volumeMode"), mode, VOLUME_MODES)
    _validate_sources(spec, errors, path)
    _validate_class(spec, "volumeAttributesClassName", errors, path)


def validate_access_modes(modes: Any, errors: FieldErrors, path: str) -> None:
    """Modes that exist; the one for a single pod stands alone."""
    for mode in modes:
        if mode not in ACCESS_MODES:
            errors.not_supported(path, mode, ACCESS_MODES)
    others = [mode for mode in modes if mode in ACCESS_MODES and mode != _ONE_POD]
    if _ONE_POD in modes and others:
        errors.forbidden(path, f"may not use {_ONE_POD} with other access modes")


def _validate_storage(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    size = spec.at("resources", "requests", "storage")
    if size is None:
        errors.required(path)
    elif quantity_of(size).sign() <= 0:
        errors.invalid(path, size, NOT_POSITIVE)
    else:
        validate_resource_value("storage", size, errors, path)


def _validate_class(spec: FrozenMap, name: str, errors: FieldErrors, path: str) -> None:
    value = spec.get(name)
    if value:
        errors.invalid_each(child(path, name), value, dns1123_subdomain(value))


def _validate_sources(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    """What a claim's volume is filled from, in the older and the newer field."""
    source, reference = spec.get("dataSource"), spec.get("dataSourceRef")
    if source is not None:
        _validate_source(source, errors, child(path, "dataSource"))
    if reference is not None:
        _validate_source(reference, errors, child(path, "dataSourceRef"))
        namespace = reference.get("namespace")
        if namespace:
            here = child(path, "dataSourceRef", "namespace")
            errors.invalid_each(here, namespace, dns1123_label(namespace))
    if source is None or reference is None:
        return
    if reference.get("namespace"):
        detail = "may not be specified when dataSourceRef.namespace is specified"
        errors.invalid(path, _PATH, detail)
    elif any(source.get(name) != reference.get(name) for name in ("apiGroup", "kind", "name")):
        errors.invalid(path, _PATH, "must match dataSourceRef")


def _validate_source(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    for name in ("name", "kind"):
        if not source.get(name):
            errors.required(child(path, name))
    group, kind = source.get("apiGroup") or "", source.get("kind") or ""
    if not group and kind != _CLAIM:
        detail = f"must be '{_CLAIM}' when referencing the default apiGroup"
        errors.invalid(path, kind, detail)
    if group:
        errors.invalid_each(child(path, "apiGroup"), group, dns1123_subdomain(group))


def validate_claim_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """The spec stays, but for the size and the class of attributes of a bound claim."""
    after, before = new.get("spec") or EMPTY_MAP, old.get("spec") or EMPTY_MAP
    _validate_annotation(new, old, errors)
    kept_after, kept_before = map(with_both_sources, _comparable(new, old))
    if kept_after != kept_before:
        shown = internal_difference(kept_before, kept_after, "core/v1.PersistentVolumeClaimSpec")
        errors.forbidden("spec", f"{_KEPT_SPEC}{shown}")
    _validate_size(new, old, errors)
    validate_kept(after, before, (Kept("volumeMode"),), errors, "")
    _validate_attributes_class(new, old, errors)


def _class_annotation(claim: FrozenMap) -> str | None:
    annotations = claim["metadata"].get("annotations") or EMPTY_MAP
    value: str | None = annotations.get(CLASS_ANNOTATION)
    return value


def _moves_from_annotation(new: FrozenMap, old: FrozenMap) -> bool:
    """The class moves from the old annotation to the field."""
    before, after = _class_annotation(old), _class_annotation(new)
    field = new.at("spec", "storageClassName")
    if before is None or old.at("spec", "storageClassName") is not None:
        return False
    return field == before and after in (None, before)


def _validate_annotation(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    if _moves_from_annotation(new, old):
        return
    after, before = _class_annotation(new) or "", _class_annotation(old) or ""
    if after != before:
        path = key("metadata.annotations", CLASS_ANNOTATION)
        errors.invalid(path, after, "field is immutable")


def _comparable(new: FrozenMap, old: FrozenMap) -> tuple[FrozenMap, FrozenMap]:
    """Both specs without what may differ."""
    after, before = new.get("spec") or EMPTY_MAP, old.get("spec") or EMPTY_MAP
    if not before.get("volumeName"):
        before = _with(before, ("volumeName",), after.get("volumeName"))
    if _moves_from_annotation(new, old):
        after = _with(after, ("storageClassName",), None)
    elif _gains_class(new, old):
        after = _with(after, ("storageClassName",), before.get("storageClassName"))
    if new.at("status", "phase") == "Bound":
        if after.at("resources", "requests"):
            size = ("resources", "requests", "storage")
            after = _with(after, size, before.at(*size))
        attributes = "volumeAttributesClassName"
        after = _with(after, (attributes,), before.get(attributes))
    return after, before


def _gains_class(new: FrozenMap, old: FrozenMap) -> bool:
    field = new.at("spec", "storageClassName")
    if field is None or old.at("spec", "storageClassName") is not None:
        return False
    return _class_annotation(old) in (None, field)


def _with(spec: FrozenMap, path: tuple[str, ...], value: Any) -> FrozenMap:
    if spec.at(*path) == value:
        return spec
    return spec.remove(path) if value is None else spec.set(path, value)


def _validate_size(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    path = ("spec", "resources", "requests", "storage")
    after, before = (quantity_of(claim.at(*path, default="0")) for claim in (new, old))
    held = quantity_of(old.at("status", "capacity", "storage", default="0"))
    if after < before and after <= held:
        errors.forbidden(".".join(path), "field can not be less than status.capacity")


def _validate_attributes_class(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    name = "volumeAttributesClassName"
    after, before = new.at("spec", name), old.at("spec", name)
    if after == before or old.at("status", "currentVolumeAttributesClassName") is None:
        return
    why = "is forbidden when status.currentVolumeAttributesClassName is not nil"
    if after is None:
        errors.forbidden(f"spec.{name}", f"update to nil {why}")
    elif not after:
        errors.forbidden(f"spec.{name}", f"update to empty string {why}")


CLAIM: Final = Validation(validate_claim, validate_claim_update, "before")
