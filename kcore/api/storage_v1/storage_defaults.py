"""Defaults of StorageClass, CSIDriver and the like."""

from typing import Final

from kcore.api.core_v1.volume import default_source
from kcore.api.filling import fill, map_child
from kcore.machinery.frozen import FrozenMap, freeze

_DRIVER: Final = {
    "attachRequired": True,
    "podInfoOnMount": False,
    "storageCapacity": False,
    "fsGroupPolicy": "ReadWriteOnceWithFSType",
    "volumeLifecycleModes": freeze(["Persistent"]),
    "requiresRepublish": False,
    "seLinuxMount": False,
    "preventPodSchedulingIfMissing": False,
}


def default_storage_class(storage_class: FrozenMap) -> FrozenMap:
    """Volumes are deleted with their claims and made at once."""
    return fill(storage_class, {"reclaimPolicy": "Delete", "volumeBindingMode": "Immediate"})


def default_attachment(attachment: FrozenMap) -> FrozenMap:
    """The defaults of an inline volume."""
    return map_child(
        attachment,
        "spec",
        lambda spec: map_child(
            spec, "source", lambda source: map_child(source, "inlineVolumeSpec", default_source)
        ),
    )


def default_csi_driver(driver: FrozenMap) -> FrozenMap:
    """Attached, persistent, and nothing else."""
    return map_child(driver, "spec", lambda spec: fill(spec, _DRIVER))
