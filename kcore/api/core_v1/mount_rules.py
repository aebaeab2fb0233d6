"""Where a container mounts volumes and block devices."""

from typing import Final

from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.frozen import EMPTY_LIST, FrozenList, FrozenMap

_PROPAGATIONS: Final = ("Bidirectional", "HostToContainer", "None")
_RECURSIVE: Final = ("Disabled", "Enabled", "IfPossible")
_READ_ONLY: Final = "may only be specified when readOnly is true"
_NO_PROPAGATION: Final = "may only be specified when mountPropagation is None or not specified"
_BLOCK_ONLY: Final = (
    "can only use volume source type of PersistentVolumeClaim or Ephemeral for block mode"
)
_PRIVILEGED: Final = "Bidirectional mount propagation is available only to privileged containers"


def validate_mounts(
    container: FrozenMap, volumes: dict[str, FrozenMap], errors: FieldErrors, path: str
) -> None:
    """`volumeMounts` and `volumeDevices` of one container."""
    mounts = container.get("volumeMounts") or EMPTY_LIST
    devices = container.get("volumeDevices") or EMPTY_LIST
    seen: list[str] = []
    for position, mount in enumerate(mounts):
        here = index(child(path, "volumeMounts"), position)
        _validate_mount(mount, volumes, errors, here)
        where = mount.get("mountPath") or ""
        if where in seen:
            errors.invalid(child(here, "mountPath"), where, "must be unique")
        seen.append(where)
        if any(device.get("name") == mount.get("name") for device in devices):
            detail = "must not already exist in volumeDevices"
            errors.invalid(child(here, "name"), mount.get("name") or "", detail)
        if any((device.get("devicePath") or "") == where for device in devices):
            detail = "must not already exist as a path in volumeDevices"
            errors.invalid(child(here, "mountPath"), where, detail)
        _validate_options(mount, container, errors, child(path, "volumeMounts"), here)
    _validate_devices(mounts, devices, volumes, errors, child(path, "volumeDevices"))


def _validate_mount(
    mount: FrozenMap, volumes: dict[str, FrozenMap], errors: FieldErrors, here: str
) -> None:
    name = mount.get("name") or ""
    if not name:
        errors.required(child(here, "name"))
    if name not in volumes:
        errors.not_found(child(here, "name"), name)
    if not mount.get("mountPath"):
        errors.required(child(here, "mountPath"))


def _validate_options(
    mount: FrozenMap, container: FrozenMap, errors: FieldErrors, path: str, here: str
) -> None:
    sub_path, expression = mount.get("subPath") or "", mount.get("subPathExpr") or ""
    if sub_path:
        validate_descending_path(sub_path, errors, child(path, "subPath"))
    if expression:
        if sub_path:
            detail = "subPathExpr and subPath are mutually exclusive"
            errors.invalid(child(here, "subPathExpr"), expression, detail)
        validate_descending_path(expression, errors, child(path, "subPathExpr"))
    propagation = mount.get("mountPropagation")
    if propagation is not None:
        where = child(path, "mountPropagation")
        if propagation not in _PROPAGATIONS:
            errors.not_supported(where, propagation, _PROPAGATIONS)
        elif propagation == "Bidirectional" and not container.at("securityContext", "privileged"):
            errors.forbidden(where, _PRIVILEGED)
    _validate_recursive(mount, errors, child(path, "recursiveReadOnly"))


def _validate_recursive(mount: FrozenMap, errors: FieldErrors, path: str) -> None:
    mode = mount.get("recursiveReadOnly")
    if mode is None:
        return
    if mode == "Disabled":
        return
    if mode not in _RECURSIVE:
        errors.not_supported(path, mode, _RECURSIVE)
        return
    if not mount.get("readOnly"):
        errors.forbidden(path, _READ_ONLY)
    if mount.get("mountPropagation") not in (None, "None"):
        errors.forbidden(path, _NO_PROPAGATION)


def validate_descending_path(target: str, errors: FieldErrors, path: str) -> None:
    """A relative path that does not climb."""
    if target.startswith("/"):
        errors.invalid(path, target, "must be a relative path")
    validate_no_backsteps(target, errors, path)


def validate_no_backsteps(target: str, errors: FieldErrors, path: str) -> None:
    """No `..` anywhere."""
    if ".." in target.split("/"):
        errors.invalid(path, target, "must not contain '..'")


def _validate_devices(
    mounts: FrozenList,
    devices: FrozenList,
    volumes: dict[str, FrozenMap],
    errors: FieldErrors,
    path: str,
) -> None:
    paths: list[str] = []
    names: list[str] = []
    for position, device in enumerate(devices):
        here = index(path, position)
        name, where = device.get("name") or "", device.get("devicePath") or ""
        _validate_device_name(name, names, volumes, errors, child(here, "name"))
        if name not in volumes:
            errors.not_found(child(here, "name"), name)
        _validate_device_path(where, paths, errors, child(here, "devicePath"))
        if name:
            names.append(name)
        if any(mount.get("name") == name for mount in mounts):
            errors.invalid(child(here, "name"), name, "must not already exist in volumeMounts")
        if any((mount.get("mountPath") or "") == where for mount in mounts):
            detail = "must not already exist as a path in volumeMounts"
            errors.invalid(child(here, "devicePath"), where, detail)


def _validate_device_name(
    name: str, names: list[str], volumes: dict[str, FrozenMap], errors: FieldErrors, path: str
) -> None:
    if not name:
        errors.required(path)
    if name in names:
        errors.invalid(path, name, "must be unique")
    source = volumes.get(name)
    if source is not None and "persistentVolumeClaim" not in source and "ephemeral" not in source:
        errors.invalid(path, name, _BLOCK_ONLY)


def _validate_device_path(where: str, paths: list[str], errors: FieldErrors, path: str) -> None:
    if not where:
        errors.required(path)
    if where in paths:
        errors.invalid(path, where, "must be unique")
    if ".." in where:
        errors.invalid(path, where, "can not contain backsteps ('..')")
    else:
        paths.append(where)
