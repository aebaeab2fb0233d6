"""Which fields a write through one endpoint never owns, because the server resets them.

Facts of upstream's strategies: the main endpoint of a resource with a status resets the status, the
status endpoint resets the rest as far as it is kept from the stored object.
"""

from collections.abc import Mapping
from typing import Final

from kcore.apiserver.endpoint import Endpoint
from kcore.machinery.apply.field_path import Path
from kcore.machinery.apply.field_set import EMPTY_SET, FieldSet

_STATUS: Final[Path] = ("status",)
_SPEC: Final[Path] = ("spec",)
_OF_STATUS: Final[Mapping[str, tuple[Path, ...]]] = {
    "deployments.apps": (_SPEC, ("metadata", "labels")),
    "pods": (_SPEC, ("metadata", "deletionTimestamp"), ("metadata", "ownerReferences")),
    "customresourcedefinitions.apiextensions.k8s.io": (("metadata",), _SPEC),
    "apiservices.apiregistration.k8s.io": (("metadata",), _SPEC),
}
_KEEPS_STATUS: Final = frozenset({"endpointslices.discovery.k8s.io"})


def reset_fields(endpoint: Endpoint, subresource: str) -> FieldSet:
    """The fields that writes through `subresource` (empty: the main endpoint) never own."""
    if subresource == "status":
        return FieldSet.of(*_OF_STATUS.get(endpoint.bucket, (_SPEC,)))
    if subresource or "status" not in endpoint.info.subresources:
        return EMPTY_SET
    return EMPTY_SET if endpoint.bucket in _KEEPS_STATUS else FieldSet.of(_STATUS)
