"""Volume sources that pods and persistent volumes share: disks, targets and drivers."""

import re
from typing import Final

from kcore.machinery.field_errors import FieldErrors, child, key
from kcore.machinery.formats import dns1123_label, in_range
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap

_IN_FORM: Final = "must be valid format"
_STARTING: Final = "must be valid format starting with iqn, eui, or naa"
_TARGET_FORMS: Final = {
    "iqn": re.compile(r"iqn\.\d{4}-\d{2}\.([A-Za-z0-9\-.]+)(:[^,;*&$|\s]+)\Z", re.ASCII),
    "eui": re.compile(r"\Aeui.[A-Za-z0-9]{16}\Z", re.ASCII),
    "naa": re.compile(r"\Anaa.[A-Za-z0-9]{32}\Z", re.ASCII),
}
_CACHING_MODES: Final = ("None", "ReadOnly", "ReadWrite")
_MANAGED: Final = "Managed"
_DISK_KINDS: Final = ("Dedicated", _MANAGED, "Shared")
_MANAGED_URI: Final = (
    "/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/"
    "{disk-id}"
)
_BLOB_URI: Final = "https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd"


class Needs:
    """A source that must name certain things, and has no other rule."""

    __slots__ = ("_fields",)

    def __init__(self, *fields: str) -> None:
        self._fields = fields

    def __call__(self, source: FrozenMap, errors: FieldErrors, path: str) -> None:
        """Append a problem for each name that is missing."""
        for field in self._fields:
            if not source.get(field):
                errors.required(child(path, field))


class WithSecret:
    """A source that must name certain things, and whose secret must be named in full.

    Args:
        check: the rules of the source but for its secret.
        fields: what the reference to the secret must have.
    """

    __slots__ = ("_check", "_secret")

    def __init__(self, check: Needs, *fields: str) -> None:
        self._check = check
        self._secret = Needs(*fields)

    def __call__(self, source: FrozenMap, errors: FieldErrors, path: str) -> None:
        """Append a problem for each name that is missing."""
        self._check(source, errors, path)
        if source.get("secretRef") is not None:
            self._secret(source["secretRef"], errors, child(path, "secretRef"))


def validate_block_target(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    """A block device on the network, as a pod names it."""
    Needs("targetPortal")(source, errors, path)
    _validate_target(source, errors, path, _STARTING)
    _validate_initiator(source, errors, path, _STARTING)


def validate_volume_block_target(
    source: FrozenMap, volume: str, errors: FieldErrors, path: str
) -> None:
    """A block device on the network, as a persistent volume names it."""
    portal = source.get("targetPortal") or ""
    Needs("targetPortal")(source, errors, path)
    if source.get("initiatorName") is not None and len(f"{volume}:{portal}".encode()) > 64:
        detail = (
            "Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if "
            "iscsi.initiatorName is specified."
        )
        errors.invalid(child(path, "targetportal"), portal, detail)
    _validate_target(source, errors, path, _IN_FORM)
    if source.get("secretRef") is not None:
        Needs("name")(source["secretRef"], errors, child(path, "secretRef"))
    _validate_initiator(source, errors, path, _IN_FORM)


def _validate_target(source: FrozenMap, errors: FieldErrors, path: str, unknown: str) -> None:
    target, here = source.get("iqn") or "", child(path, "iqn")
    if not target:
        errors.required(here)
    elif target[:3] not in _TARGET_FORMS:
        errors.invalid(here, target, unknown)
    else:
        _validate_form(target, errors, here)
    lun = source.get("lun") or 0
    errors.invalid_each(child(path, "lun"), lun, in_range(lun, 0, 255))
    signs_in = source.get("chapAuthDiscovery") or source.get("chapAuthSession")
    if signs_in and source.get("secretRef") is None:
        errors.required(child(path, "secretRef"))


def _validate_initiator(source: FrozenMap, errors: FieldErrors, path: str, unknown: str) -> None:
    initiator, here = source.get("initiatorName"), child(path, "initiatorname")
    if initiator is None:
        return
    if initiator[:3] in _TARGET_FORMS:
        _validate_form(initiator, errors, here)
    else:
        errors.invalid(here, initiator, unknown)


def _validate_form(name: str, errors: FieldErrors, path: str) -> None:
    if not _TARGET_FORMS[name[:3]].search(name):
        errors.invalid(path, name, _IN_FORM)


def validate_driver_options(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    """A driver of its own, whose options keep out of Kubernetes' domains."""
    Needs("driver")(source, errors, path)
    for name in sorted(source.get("options") or EMPTY_MAP):
        domain = f".{name.partition('/')[0].lower()}"
        if domain.endswith((".kubernetes.io", ".k8s.io")):
            detail = "kubernetes.io and k8s.io namespaces are reserved"
            errors.invalid(key(child(path, "options"), name), name, detail)


def validate_azure_disk(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    """A disk, whose place fits its kind."""
    Needs("diskName", "diskURI")(source, errors, path)
    place, kind = source.get("diskURI") or "", source.get("kind")
    for name, allowed in (("cachingMode", _CACHING_MODES), ("kind", _DISK_KINDS)):
        value = source.get(name)
        if value is not None and value not in allowed:
            errors.not_supported(child(path, name), value, allowed)
    is_managed = kind == _MANAGED
    start, form = ("/subscriptions/", _MANAGED_URI) if is_managed else ("https://", _BLOB_URI)
    if kind is not None and not place.startswith(start):
        errors.not_supported(child(path, "diskURI"), place, (form,))


def validate_storage_os(source: FrozenMap, errors: FieldErrors, path: str) -> None:
    """A volume by its name and the name of its space."""
    Needs("volumeName")(source, errors, path)
    for name in ("volumeName", "volumeNamespace"):
        value = source.get(name) or ""
        if value:
            errors.invalid_each(child(path, name), value, dns1123_label(value))
