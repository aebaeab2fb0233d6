"""DefaultStorageClass: a claim that names no class gets the cluster's default one."""

from typing import Final

from kcore.apiserver.admission.plugin import CREATE, Attributes, Objects
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap

CLAIMS: Final = "persistentvolumeclaims"
CLASSES: Final = "storageclasses.storage.k8s.io"

_IS_DEFAULT: Final = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)
_BETA_CLASS: Final = "volume.beta.kubernetes.io/storage-class"


class StorageClass:
    """Fills in `spec.storageClassName` of new claims; an empty name is a choice and is kept."""

    __slots__ = ()

    name: Final = "DefaultStorageClass"
    repeatable: Final = True

    def handles(self, resource: str, subresource: str, operation: str) -> bool:
        """New claims."""
        return resource == CLAIMS and not subresource and operation == CREATE

    def mutate(self, attributes: Attributes, objects: Objects) -> FrozenMap:
        """The claim with a class, where there is a default."""
        claim = attributes.object
        assert claim is not None  # A create has an object.
        annotations = claim.at("metadata", "annotations", default=EMPTY_MAP)
        if claim.at("spec", "storageClassName") is not None or _BETA_CLASS in annotations:
            return claim
        chosen = default_class(objects)
        if not chosen:
            return claim
        return claim.set(("spec", "storageClassName"), chosen)


def default_class(objects: Objects) -> str:
    """The newest default class, the first by name among equally new ones; empty without one."""
    newest, name = "", ""
    for storage_class in objects.objects(CLASSES):
        metadata = storage_class["metadata"]
        annotations = metadata.get("annotations") or EMPTY_MAP
        created = metadata["creationTimestamp"]
        if any(annotations.get(key) == "true" for key in _IS_DEFAULT) and created > newest:
            newest, name = created, metadata["name"]
    return name
