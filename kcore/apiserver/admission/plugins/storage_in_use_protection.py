"""StorageObjectInUseProtection: claims and volumes are not removed while somebody uses them.

Adds the finalizers at birth; the volume protection controller takes them away.
"""

from typing import Final

from kcore.apiserver.admission.plugin import CREATE, Attributes, Objects
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap

FINALIZERS: Final = {
    "persistentvolumeclaims": "kubernetes.io/pvc-protection",
    "persistentvolumes": "kubernetes.io/pv-protection",
}


class StorageInUseProtection:
    """Adds one finalizer."""

    __slots__ = ()

    name: Final = "StorageObjectInUseProtection"
    repeatable: Final = True

    def handles(self, resource: str, subresource: str, operation: str) -> bool:
        """New claims and volumes."""
        return resource in FINALIZERS and not subresource and operation == CREATE

    def mutate(self, attributes: Attributes, objects: Objects) -> FrozenMap:
        """The object with its finalizer, once."""
        obj = attributes.object
        assert obj is not None  # A create has an object.
        finalizer = FINALIZERS[attributes.resource]
        own = obj["metadata"].get("finalizers") or EMPTY_LIST
        if finalizer in own:
            return obj
        return obj.set(("metadata", "finalizers"), [*own, finalizer])
