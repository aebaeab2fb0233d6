"""VolumeAttachment: its rules."""

from typing import Final

from kcore.api.core_v1.persistent_volume_rules import validate_inline_volume
from kcore.api.core_v1.volume_rules import validate_csi_driver
from kcore.api.kept_fields import NULL, same
from kcore.api.object_rules import Validation
from kcore.machinery.field_errors import FieldErrors, child
from kcore.machinery.formats import dns1123_subdomain, inclusive_range_message
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.meta import IMMUTABLE

_METADATA_BYTES_MAX: Final = 256 * 1024
_MESSAGE_BYTES_MAX: Final = 1024
_ONE_SOURCE: Final = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
_SOURCE: Final = "spec.source"


def validate_attachment(attachment: FrozenMap, errors: FieldErrors) -> None:
    """A volume, the driver that attaches it, and the node."""
    spec = attachment.get("spec") or EMPTY_MAP
    validate_csi_driver(spec.get("attacher") or "", errors, "spec.attacher")
    source = spec.get("source") or EMPTY_MAP
    _validate_source(source, errors)
    node = spec.get("nodeName") or ""
    errors.invalid_each("spec.nodeName", node, dns1123_subdomain(node))
    _validate_status(attachment.get("status") or EMPTY_MAP, errors)
    volume = source.get("persistentVolumeName")
    if volume is not None:
        here = child(_SOURCE, "persistentVolumeName")
        errors.invalid_each(here, volume, dns1123_subdomain(volume))


def _validate_source(source: FrozenMap, errors: FieldErrors) -> None:
    inline, name = source.get("inlineVolumeSpec"), source.get("persistentVolumeName")
    if inline is None and name is None:
        errors.required(_SOURCE, _ONE_SOURCE)
    elif inline is not None and name is not None:
        errors.forbidden(_SOURCE, _ONE_SOURCE)
    elif name == "":
        detail = "must specify non empty persistentVolumeName"
        errors.required(child(_SOURCE, "persistentVolumeName"), detail)
    elif inline is not None:
        validate_inline_volume(inline, errors, child(_SOURCE, "inlineVolumeSpec"))


def _validate_status(status: FrozenMap, errors: FieldErrors) -> None:
    metadata = status.get("attachmentMetadata") or EMPTY_MAP
    size = sum(len(k.encode()) + len(v.encode()) for k, v in metadata.items())
    if size > _METADATA_BYTES_MAX:
        errors.too_long("status.attachmentMetadata", _METADATA_BYTES_MAX)
    for name in ("attachError", "detachError"):
        problem = status.get(name) or EMPTY_MAP
        path = child("status", name)
        if len((problem.get("message") or "").encode()) > _MESSAGE_BYTES_MAX:
            errors.too_long(child(path, "message"), _MESSAGE_BYTES_MAX)
        code = problem.get("errorCode")
        if code is not None and code < 0:
            detail = inclusive_range_message(0, 2**31 - 1)
            errors.invalid(child(path, "errorCode"), code, detail)


def validate_attachment_update(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """The spec stays."""
    if not same(new.get("spec"), old.get("spec")):
        errors.declared.invalid("spec", NULL, IMMUTABLE)


def validate_attachment_status(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    """As any other change."""
    validate_attachment(new, errors)
    validate_attachment_update(new, old, errors)


ATTACHMENT: Final = Validation(
    validate_attachment,
    validate_attachment_update,
    "before",
    of_status=validate_attachment_status,
)
