"""Volumes of a pod: a name each, one source each, and the rules of the sources."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from kcore.api.core_v1.claim_rules import validate_claim_spec
from kcore.api.core_v1.mount_rules import validate_descending_path, validate_no_backsteps
from kcore.api.core_v1.projection_rules import validate_projected
from kcore.api.core_v1.volume_files import validate_downward_file, validate_items, validate_mode
from kcore.api.core_v1.volume_sources import (
    Needs,
    WithSecret,
    validate_azure_disk,
    validate_block_target,
    validate_driver_options,
    validate_storage_os,
)
from kcore.api.field_rules import validate_one_of
from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.formats import dns1123_label, dns1123_subdomain, in_range
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.meta import validate_annotations, validate_labels
from kcore.machinery.quantity import quantity_of

Check = Callable[[FrozenMap, FieldErrors, str], None]

_ONE_TYPE: Final = "may not specify more than 1 volume type"
_HOST_PATH_TYPES: Final = (
    "",
    "BlockDevice",
    "CharDevice",
    "Directory",
    "DirectoryOrCreate",
    "File",
    "FileOrCreate",
    "Socket",
)
_PULL_POLICIES: Final = ("Always", "IfNotPresent", "Never")


def validate_volumes(
    volumes: Any, pod_name: str, errors: FieldErrors, path: str
) -> dict[str, FrozenMap]:
    """All volumes; returns the well-formed ones by name."""
    known: dict[str, FrozenMap] = {}
    for position, volume in enumerate(volumes):
        here = index(path, position)
        found = FieldErrors()
        name = volume.get("name") or ""
        _validate_source(volume, name, pod_name, found, here)
        if name:
            found.invalid_each(child(here, "name"), name, dns1123_label(name))
        else:
            found.required(child(here, "name"))
        if name in known:
            found.duplicate(child(here, "name"), name)
        if found:
            errors.extend(found)
        else:
            known[name] = volume
    return known


def _validate_source(
    volume: FrozenMap, name: str, pod_name: str, errors: FieldErrors, path: str
) -> None:
    count = 0
    for field, check in SOURCES.items():
        source = volume.get(field)
        if source is None:
            continue
        count += 1
        here = child(path, _SHOWN_AS.get(field, field))
        if count > 1:
            errors.forbidden(child(path, _FORBIDDEN_AS.get(field, field)), _ONE_TYPE)
        else:
            check(source, errors, here)
            if field == "ephemeral" and pod_name and name:
                _validate_claim_name(f"{pod_name}-{name}", name, errors, path)
    if count == 0:
        errors.required(path, "must specify a volume type")


_SHOWN_AS: Final = {"gcePersistentDisk": "persistentDisk"}
_FORBIDDEN_AS: Final = {"downwardAPI": "downwarAPI", "cephfs": "cephFS"}


def _validate_claim_name(claim: str, name: str, errors: FieldErrors, path: str) -> None:
    for message in dns1123_subdomain(claim):
        errors.invalid(child(path, "name"), name, f'PVC name "{claim}": {message}')


def _empty_dir(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    limit = source.get("sizeLimit")
    if limit is not None and quantity_of(limit).sign() < 0:
        detail = "SizeLimit field must be a valid resource quantity"
        errors.forbidden(child(path, "sizeLimit"), detail)


def _host_path(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    target = source.get("path") or ""
    if not target:
        errors.required(child(path, "path"))
        return
    validate_no_backsteps(target, errors, child(path, "path"))
    kind = source.get("type")
    if kind is not None and kind not in _HOST_PATH_TYPES:
        errors.not_supported(child(path, "type"), kind, _HOST_PATH_TYPES)


def _git_repo(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    if not source.get("repository"):
        errors.required(child(path, "repository"))
    validate_descending_path(source.get("directory") or "", errors, child(path, "directory"))


def _partition(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    number = source.get("partition") or 0
    if not 0 <= number <= 255:
        errors.invalid_each(child(path, "partition"), number, in_range(number, 1, 255))


def _gce_disk(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    Needs("pdName")(source, errors, path)
    _partition(source, errors, path)


def _aws_store(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    Needs("volumeID")(source, errors, path)
    _partition(source, errors, path)


def _secret(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    Needs("secretName")(source, errors, path)
    validate_mode(source, "defaultMode", errors, path)
    validate_items(source, errors, path)


def _config_map(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    Needs("name")(source, errors, path)
    validate_mode(source, "defaultMode", errors, path)
    validate_items(source, errors, path)


def _downward_api(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    validate_mode(source, "defaultMode", errors, path)
    for item in source.get("items") or EMPTY_LIST:
        validate_downward_file(item, errors, path)


def _nfs(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    Needs("server", "path")(source, errors, path)
    if not (source.get("path") or "").startswith("/"):
        errors.invalid(child(path, "path"), source.get("path") or "", "must be an absolute path")


def _flocker(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    name, uuid = source.get("datasetName") or "", source.get("datasetUUID") or ""
    if not name and not uuid:
        errors.required(path, "one of datasetName and datasetUUID is required")
    if name and uuid:
        detail = "datasetName and datasetUUID can not be specified simultaneously"
        errors.invalid(path, "resource", detail)
    if "/" in name:
        errors.invalid(child(path, "datasetName"), name, "must not contain '/'")


def _csi(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    driver = source.get("driver") or ""
    validate_csi_driver(driver, errors, child(path, "driver"))
    secret = source.get("nodePublishSecretRef")
    if secret is None:
        return
    name = secret.get("name") or ""
    if not name:
        errors.required(child(path, "nodePublishSecretRef", "name"))
    else:
        errors.invalid_each(child(path, "name"), name, dns1123_subdomain(name))


def validate_csi_driver(driver: str, errors: FieldErrors, path: str) -> None:
    """The name of a storage driver."""
    if not driver:
        errors.required(path)
        return
    if len(driver) > 63:
        errors.too_long(path, 63)
    errors.invalid_each(path, driver, dns1123_subdomain(driver.lower()))


def _image(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    if not source.get("reference"):
        errors.required(child(path, "reference"))
    policy = source.get("pullPolicy") or ""
    validate_one_of(policy, _PULL_POLICIES, errors, child(path, "pullPolicy"))


def _fc(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    names, ids = source.get("targetWWNs") or EMPTY_LIST, source.get("wwids") or EMPTY_LIST
    if not names and not ids:
        detail = "must specify either targetWWNs or wwids, but not both"
        errors.required(child(path, "targetWWNs"), detail)
    if names and ids:
        detail = "targetWWNs and wwids can not be specified simultaneously"
        errors.invalid(child(path, "targetWWNs"), names, detail)
    if names:
        lun = source.get("lun")
        if lun is None:
            errors.required(child(path, "lun"), "lun is required if targetWWNs is specified")
        elif not 0 <= lun <= 255:
            errors.invalid_each(child(path, "lun"), lun, in_range(lun, 0, 255))


def _quobyte(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    registry = source.get("registry") or ""
    pairs = "must be a host:port pair or multiple pairs separated by commas"
    if not registry:
        errors.required(child(path, "registry"), pairs)
    elif any(pair.count(":") != 1 or not all(pair.split(":")) for pair in registry.split(",")):
        errors.invalid(child(path, "registry"), registry, pairs)
    Needs("volume")(source, errors, path)


def _storage_os(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    validate_storage_os(source, errors, path)
    if source.get("secretRef") is not None:
        Needs("name")(source["secretRef"], errors, child(path, "secretRef"))


def _ephemeral(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    template, here = source.get("volumeClaimTemplate"), child(path, "volumeClaimTemplate")
    if template is None:
        errors.required(here)
        return
    metadata = template.get("metadata") or EMPTY_MAP
    where = child(here, "metadata")
    validate_annotations(metadata.get("annotations"), errors, child(where, "annotations"))
    validate_labels(metadata.get("labels"), errors, child(where, "labels"))
    for name, shown in _NOT_OF_TEMPLATES.items():
        if metadata.get(name) is not None and metadata[name] not in _UNSET:
            errors.forbidden(child(where, shown), "cannot be set")
    validate_claim_spec(template.get("spec") or EMPTY_MAP, errors, child(here, "spec"))


# Fields of metadata that a template has not, and what upstream calls them.
_NOT_OF_TEMPLATES: Final = {
    "name": "name",
    "generateName": "generateName",
    "namespace": "namespace",
    "selfLink": "selfLink",
    "uid": "uID",
    "resourceVersion": "resourceVersion",
    "generation": "generation",
    "creationTimestamp": "creationTimestamp",
    "deletionTimestamp": "deletionTimestamp",
    "deletionGracePeriodSeconds": "deletionGracePeriodSeconds",
    "ownerReferences": "ownerReferences",
    "finalizers": "finalizers",
    "managedFields": "managedFields",
}
_UNSET: Final = ("", 0)
SOURCES: Final[Mapping[str, Check]] = {
    "emptyDir": _empty_dir,
    "hostPath": _host_path,
    "gitRepo": _git_repo,
    "gcePersistentDisk": _gce_disk,
    "awsElasticBlockStore": _aws_store,
    "secret": _secret,
    "nfs": _nfs,
    "iscsi": validate_block_target,
    "glusterfs": Needs("endpoints", "path"),
    "flocker": _flocker,
    "persistentVolumeClaim": Needs("claimName"),
    "rbd": Needs("monitors", "image"),
    "cinder": WithSecret(Needs("volumeID"), "name"),
    "cephfs": Needs("monitors"),
    "quobyte": _quobyte,
    "downwardAPI": _downward_api,
    "fc": _fc,
    "flexVolume": validate_driver_options,
    "configMap": _config_map,
    "azureFile": Needs("secretName", "shareName"),
    "vsphereVolume": Needs("volumePath"),
    "photonPersistentDisk": Needs("pdID"),
    "portworxVolume": Needs("volumeID"),
    "azureDisk": validate_azure_disk,
    "storageos": _storage_os,
    "projected": validate_projected,
    "scaleIO": Needs("gateway", "system", "volumeName"),
    "csi": _csi,
    "ephemeral": _ephemeral,
    "image": _image,
}
