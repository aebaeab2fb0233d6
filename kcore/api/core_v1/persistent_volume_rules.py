"""PersistentVolume: its rules."""

from collections.abc import Callable, Mapping
from posixpath import normpath
from typing import Any, Final

from kcore.api.core_v1.affinity_rules import validate_node_selector
from kcore.api.core_v1.claim_rules import NOT_POSITIVE, VOLUME_MODES, validate_access_modes
from kcore.api.core_v1.mount_rules import validate_no_backsteps
from kcore.api.core_v1.volume_rules import SOURCES as POD_SOURCES
from kcore.api.core_v1.volume_rules import validate_csi_driver
from kcore.api.core_v1.volume_sources import (
    Needs,
    WithSecret,
    validate_azure_disk,
    validate_driver_options,
    validate_storage_os,
    validate_volume_block_target,
)
from kcore.api.kept_fields import Kept, shown, validate_kept
from kcore.api.object_rules import Validation, no_update_rules
from kcore.machinery.field_errors import FieldErrors, child, key
from kcore.machinery.formats import dns1123_label, dns1123_subdomain
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap, freeze
from kcore.machinery.internal_text import internal_difference
from kcore.machinery.meta import IMMUTABLE
from kcore.machinery.quantity import quantity_of
from kcore.machinery.typed_text import rendered

Check = Callable[[FrozenMap, FieldErrors, str], None]

_POLICIES: Final = ("Delete", "Recycle", "Retain")
_AMOUNTS: Final = "map[string]resource.Quantity"
_ONE_TYPE: Final = "may not specify more than 1 volume type"
_MOUNT_OPTIONS: Final = "volume.beta.kubernetes.io/mount-options"
_CLASS: Final = "volumeAttributesClassName"
_CHANGED: Final = "spec.persistentvolumesource is immutable after creation\n"
_NODES_CHANGED: Final = f"{IMMUTABLE}, except for updating from beta label to GA"
# Labels of nodes that may be replaced by what they are called now.
_RENAMED_LABELS: Final = {
    "failure-domain.beta.kubernetes.io/zone": "topology.kubernetes.io/zone",
    "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
    "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
    "beta.kubernetes.io/os": "kubernetes.io/os",
    "beta.kubernetes.io/arch": "kubernetes.io/arch",
}
_SECRETS: Final = (
    "controllerPublishSecretRef",
    "controllerExpandSecretRef",
    "nodePublishSecretRef",
    "nodeExpandSecretRef",
)
_WITH_MOUNT_OPTIONS: Final = (
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "glusterfs",
    "nfs",
    "rbd",
    "quobyte",
    "iscsi",
    "cinder",
    "cephfs",
    "azureFile",
    "vsphereVolume",
    "azureDisk",
    "photonPersistentDisk",
)


def validate_volume(volume: FrozenMap, errors: FieldErrors) -> None:
    """A new volume."""
    spec, metadata = volume.get("spec") or EMPTY_MAP, volume["metadata"]
    validate_volume_spec(spec, metadata.get("name") or "", errors, "spec")
    annotations = metadata.get("annotations") or EMPTY_MAP
    takes_options = any(spec.get(name) is not None for name in _WITH_MOUNT_OPTIONS)
    if _MOUNT_OPTIONS in annotations and not takes_options:
        detail = "may not specify mount options for this volume type"
        errors.forbidden(child("metadata.annotations", _MOUNT_OPTIONS), detail)


def validate_volume_spec(spec: FrozenMap, name: str, errors: FieldErrors, path: str) -> None:
    """What a volume holds, where it is, and how it may be used."""
    modes = spec.get("accessModes") or EMPTY_LIST
    if not modes:
        errors.required(child(path, "accessModes"))
    validate_access_modes(modes, errors, child(path, "accessModes"))
    _validate_capacity(spec, errors, child(path, "capacity"))
    policy = spec.get("persistentVolumeReclaimPolicy") or ""
    if policy and policy not in _POLICIES:
        errors.not_supported(child(path, "persistentVolumeReclaimPolicy"), policy, _POLICIES)
    nodes = spec.get("nodeAffinity")
    if nodes is not None:
        _validate_nodes(nodes, errors, child(path, "nodeAffinity"))
    _validate_sources(spec, name, errors, path)
    root = spec.get("hostPath") is not None and _is_root(spec["hostPath"].get("path") or "")
    if root and policy == "Recycle":
        detail = "may not be 'recycle' for a hostPath mount of '/'"
        errors.forbidden(child(path, "persistentVolumeReclaimPolicy"), detail)
    storage_class = spec.get("storageClassName") or ""
    if storage_class:
        here = child(path, "storageClassName")
        errors.invalid_each(here, storage_class, dns1123_subdomain(storage_class))
    mode = spec.get("volumeMode")
    if mode is not None and mode not in VOLUME_MODES:
        errors.not_supported(child(path, "volumeMode"), mode, VOLUME_MODES)
    _validate_attributes_class(spec, errors, path)


def validate_inline_volume(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    """What a volume holds that has no object of its own."""
    inline = "in the context of inline volumes"
    not_inline = f"may not be specified {inline}"
    for name in ("claimRef", "capacity"):
        if spec.get(name):
            errors.forbidden(child(path, name), not_inline)
    if spec.get("csi") is None:
        errors.required(child(path, "csi"), f"has to be specified {inline}")
    modes, here = spec.get("accessModes") or EMPTY_LIST, child(path, "accessModes")
    if not modes:
        errors.required(here)
    validate_access_modes(modes, errors, here)
    if (spec.get("persistentVolumeReclaimPolicy") or "Retain") != "Retain":
        detail = f"may only be Retain {inline}"
        errors.forbidden(child(path, "persistentVolumeReclaimPolicy"), detail)
    if spec.get("nodeAffinity") is not None:
        errors.forbidden(child(path, "nodeAffinity"), not_inline)
    _validate_sources(spec, "", errors, path)
    if spec.get("storageClassName"):
        errors.forbidden(child(path, "storageClassName"), not_inline)
    if (spec.get("volumeMode") or "Filesystem") != "Filesystem":
        detail = f"may not specify volumeMode other than Filesystem {inline}"
        errors.forbidden(child(path, "volumeMode"), detail)


def _is_root(place: str) -> bool:
    return bool(place) and normpath(place) in ("/", "//")


def _validate_capacity(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    capacity = spec.get("capacity") or EMPTY_MAP
    if not capacity:
        errors.required(path)
    if "storage" not in capacity or len(capacity) > 1:
        errors.not_supported(path, rendered(capacity, _AMOUNTS), ("storage",))
    for name in sorted(capacity):
        quantity, here = quantity_of(capacity[name]), key(path, name)
        if quantity.value() < 0:
            errors.invalid(here, quantity.value(), "must be a valid resource quantity")
        if quantity.sign() <= 0:
            errors.invalid(here, capacity[name], NOT_POSITIVE)


def _validate_nodes(nodes: FrozenMap, errors: FieldErrors, path: str) -> None:
    selector = nodes.get("required")
    if selector is None:
        errors.required(child(path, "required"), "must specify required node constraints")
    else:
        validate_node_selector(selector, errors, child(path, "required"))


def _validate_sources(spec: FrozenMap, name: str, errors: FieldErrors, path: str) -> None:
    found = False
    for field, check in SOURCES.items():
        source = spec.get(field)
        if source is None:
            continue
        if found and field != "flexVolume":
            errors.forbidden(child(path, _FORBIDDEN_AS.get(field, field)), _ONE_TYPE)
            continue
        found, here = True, child(path, _SHOWN_AS.get(field, field))
        if field == "iscsi":
            validate_volume_block_target(source, name, errors, here)
        else:
            check(source, errors, here)
        if field == "local" and spec.get("nodeAffinity") is None:
            detail = "Local volume requires node affinity"
            errors.required(child(path, "nodeAffinity"), detail)
    if not found:
        errors.required(path, "must specify a volume type")


def _validate_attributes_class(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    name = spec.get(_CLASS)
    if name is None:
        return
    if name:
        errors.invalid_each(child(path, _CLASS), name, dns1123_subdomain(name))
    else:
        errors.required(child(path, _CLASS), "an empty string is disallowed")
    if spec.get("csi") is None:
        detail = "has to be specified when using volumeAttributesClassName"
        errors.required(child(path, "csi"), detail)


def _glusterfs(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    Needs("endpoints", "path")(source, errors, path)
    namespace, here = source.get("endpointsNamespace"), child(path, "endpointsNamespace")
    if namespace == "":
        detail = "if the endpointnamespace is set, it must be a valid namespace name"
        errors.invalid(here, namespace, detail)
    elif namespace is not None:
        errors.invalid_each(here, namespace, dns1123_label(namespace))


def _azure_file(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    Needs("secretName", "shareName")(source, errors, path)
    if source.get("secretNamespace") == "":
        errors.required(child(path, "secretNamespace"))


def _local(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    Needs("path")(source, errors, path)
    if source.get("path"):
        validate_no_backsteps(source["path"], errors, child(path, "path"))


def _storage_os(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    validate_storage_os(source, errors, path)
    if source.get("secretRef") is not None:
        Needs("name", "namespace")(source["secretRef"], errors, child(path, "secretRef"))


def _csi(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    validate_csi_driver(source.get("driver") or "", errors, child(path, "driver"))
    Needs("volumeHandle")(source, errors, path)
    for name in _SECRETS:
        if source.get(name) is not None:
            _secret(source[name], errors, child(path, name))


def _secret(reference: FrozenMap, errors: FieldErrors, path: str) -> None:
    for name, rule in (("name", dns1123_subdomain), ("namespace", dns1123_label)):
        value = reference.get(name) or ""
        if value:
            errors.invalid_each(child(path, name), value, rule(value))
        else:
            errors.required(child(path, name))


_SHOWN_AS: Final = {"gcePersistentDisk": "persistentDisk"}
_FORBIDDEN_AS: Final = {"cephfs": "cephFS"}
SOURCES: Final[Mapping[str, Check]] = {
    "hostPath": POD_SOURCES["hostPath"],
    "gcePersistentDisk": POD_SOURCES["gcePersistentDisk"],
    "awsElasticBlockStore": POD_SOURCES["awsElasticBlockStore"],
    "glusterfs": _glusterfs,
    "flocker": POD_SOURCES["flocker"],
    "nfs": POD_SOURCES["nfs"],
    "rbd": POD_SOURCES["rbd"],
    "quobyte": POD_SOURCES["quobyte"],
    "cephfs": POD_SOURCES["cephfs"],
    "iscsi": Needs(),
    "cinder": WithSecret(Needs("volumeID"), "name", "namespace"),
    "fc": POD_SOURCES["fc"],
    "flexVolume": validate_driver_options,
    "azureFile": _azure_file,
    "vsphereVolume": POD_SOURCES["vsphereVolume"],
    "photonPersistentDisk": POD_SOURCES["photonPersistentDisk"],
    "portworxVolume": POD_SOURCES["portworxVolume"],
    "azureDisk": validate_azure_disk,
    "scaleIO": POD_SOURCES["scaleIO"],
    "local": _local,
    "storageos": _storage_os,
    "csi": _csi,
}


def validate_volume_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """The source, the mode and the nodes stay."""
    after, before = new.get("spec") or EMPTY_MAP, old.get("spec") or EMPTY_MAP
    kept_after, kept_before = _source_of(after), _source_of(before)
    if _gains_secret(after, before):
        kept_after = kept_after.remove(("csi", "controllerExpandSecretRef"))
    if kept_after != kept_before:
        changes = internal_difference(kept_before, kept_after, "core/v1.PersistentVolumeSource")
        errors.forbidden("spec.persistentvolumesource", f"{_CHANGED}{changes}")
    validate_kept(after, before, (Kept("volumeMode"),), errors, "")
    nodes = before.get("nodeAffinity")
    if nodes is not None and not _same_nodes(after.get("nodeAffinity"), nodes):
        value = shown(after.get("nodeAffinity"), "*core/v1.VolumeNodeAffinity")
        errors.invalid("nodeAffinity", value, _NODES_CHANGED)
    if before.get(_CLASS) is not None and after.get(_CLASS) is None:
        errors.forbidden(f"spec.{_CLASS}", "update from non-nil value to nil is forbidden")


def _gains_secret(after: FrozenMap, before: FrozenMap) -> bool:
    """The secret that growing needs may be named later."""
    new, old = after.get("csi"), before.get("csi")
    if new is None or old is None or old.get("controllerExpandSecretRef") is not None:
        return False
    return new.get("controllerExpandSecretRef") is not None


def _source_of(spec: FrozenMap) -> FrozenMap:
    found: FrozenMap = freeze({name: spec[name] for name in SOURCES if spec.get(name) is not None})
    return found


def _same_nodes(new: Any, old: Any) -> bool:
    """Whether the nodes stay, but for labels that are called by their new names."""
    if new is None:
        return False
    after, before = (side.at("required", "nodeSelectorTerms") or EMPTY_LIST for side in (new, old))
    return len(after) == len(before) and all(map(_same_term, after, before))


def _same_term(new: FrozenMap, old: FrozenMap) -> bool:
    after, before = (side.get("matchExpressions") or EMPTY_LIST for side in (new, old))
    if (new.get("matchFields") or EMPTY_LIST) != (old.get("matchFields") or EMPTY_LIST):
        return False
    return len(after) == len(before) and all(map(_same_requirement, after, before))


def _same_requirement(new: FrozenMap, old: FrozenMap) -> bool:
    renamed = _RENAMED_LABELS.get(old.get("key") or "")
    return new == old or (renamed is not None and new == old.set("key", renamed))


VOLUME: Final = Validation(
    validate_volume, validate_volume_update, "before", of_status=no_update_rules
)
