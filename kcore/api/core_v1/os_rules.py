"""What the operating system that a pod names rules out."""

from collections.abc import Iterator
from typing import Final

from kcore.machinery.field_errors import FieldErrors, child, index
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap

_NOT_WINDOWS: Final = "cannot be set for a windows pod"
_NOT_LINUX: Final = "windows options cannot be set for a linux pod"
# In upstream's order; a bare name belongs to the security context, `spec.` ones to the pod.
_POD_FIELDS: Final = (
    "appArmorProfile",
    "seLinuxOptions",
    "spec.hostUsers",
    "spec.hostPID",
    "spec.hostIPC",
    "seccompProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "sysctls",
    "spec.shareProcessNamespace",
    "runAsUser",
    "runAsGroup",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "seLinuxChangePolicy",
)
_CONTAINER_FIELDS: Final = (
    "appArmorProfile",
    "seLinuxOptions",
    "seccompProfile",
    "capabilities",
    "readOnlyRootFilesystem",
    "privileged",
    "allowPrivilegeEscalation",
    "procMount",
    "runAsUser",
    "runAsGroup",
)
_FLAGS: Final = ("spec.hostPID", "spec.hostIPC")


def validate_for_os(spec: FrozenMap, name: str, errors: FieldErrors, path: str) -> None:
    """Refuse what the named operating system does not have."""
    if name == "windows":
        _validate_windows(spec, errors, path)
    elif name == "linux":
        _validate_linux(spec, errors, path)


def _validate_windows(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    context = spec.get("securityContext")
    if context is not None:
        for name in _POD_FIELDS:
            bare = name.removeprefix("spec.")
            of_pod = bare != name
            value = (spec if of_pod else context).get(bare)
            given = bool(value) if name in _FLAGS else value is not None
            if given:
                here = child(path, bare) if of_pod else child(path, "securityContext", bare)
                errors.forbidden(here, _NOT_WINDOWS)
    for container, here in _containers(spec, path):
        own = container.get("securityContext") or EMPTY_MAP
        for name in _CONTAINER_FIELDS:
            if own.get(name) is not None:
                errors.forbidden(child(here, "securityContext", name), _NOT_WINDOWS)


def _validate_linux(spec: FrozenMap, errors: FieldErrors, path: str) -> None:
    if spec.at("securityContext", "windowsOptions") is not None:
        errors.forbidden(child(path, "securityContext", "windowsOptions"), _NOT_LINUX)
    for container, here in _containers(spec, path):
        if container.at("securityContext", "windowsOptions") is not None:
            errors.forbidden(child(here, "securityContext", "windowsOptions"), _NOT_LINUX)


def _containers(spec: FrozenMap, path: str) -> Iterator[tuple[FrozenMap, str]]:
    for name in ("initContainers", "containers", "ephemeralContainers"):
        for position, container in enumerate(spec.get(name) or EMPTY_LIST):
            yield container, index(child(path, name), position)
