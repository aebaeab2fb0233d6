"""Rows of the storage kinds."""

from collections.abc import Iterable, Sequence
from typing import Final

from kcore.machinery.frozen import FrozenMap
from kcore.printing.cells import UNSET, age, items, mapping, name, quantity, word
from kcore.printing.column import NAME, Cell, Column, Printer, integers, text, wide
from kcore.printing.columns.core import CREATED_AT

CLASS_ANNOTATION: Final = "volume.beta.kubernetes.io/storage-class"
_SHORT_MODES: Final = (
    ("ReadWriteOnce", "RWO"),
    ("ReadOnlyMany", "ROX"),
    ("ReadWriteMany", "RWX"),
    ("ReadWriteOncePod", "RWOP"),
)


def _modes(wanted: Iterable[str]) -> str:
    given = list(wanted)
    return ",".join(short for mode, short in _SHORT_MODES if mode in given)


def _class_name(obj: FrozenMap) -> str:
    annotations = mapping(obj, "metadata", "annotations")
    if CLASS_ANNOTATION in annotations:
        return str(annotations[CLASS_ANNOTATION])
    return word(obj, "spec", "storageClassName")


def _phase(obj: FrozenMap) -> str:
    if obj.at("metadata", "deletionTimestamp") is not None:
        return "Terminating"
    return word(obj, "status", "phase")


def _or_unset(obj: FrozenMap, field: str) -> str:
    value = obj.at("spec", field)
    return UNSET if value is None else str(value)


def persistent_volume(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a PersistentVolume."""
    claim = ""
    if obj.at("spec", "claimRef") is not None:
        claim = (
            f"{word(obj, 'spec', 'claimRef', 'namespace')}/{word(obj, 'spec', 'claimRef', 'name')}"
        )
    return [
        name(obj),
        quantity(mapping(obj, "spec", "capacity").storage),
        _modes(items(obj, "spec", "accessModes")),
        word(obj, "spec", "persistentVolumeReclaimPolicy"),
        _phase(obj),
        claim,
        _class_name(obj),
        _or_unset(obj, "volumeAttributesClassName"),
        word(obj, "status", "reason"),
        age(obj, now_ns),
        _or_unset(obj, "volumeMode"),
    ]


def persistent_volume_claim(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a PersistentVolumeClaim; capacity and modes show once it is bound."""
    volume = word(obj, "spec", "volumeName")
    return [
        name(obj),
        _phase(obj),
        volume,
        quantity(mapping(obj, "status", "capacity").storage) if volume else "",
        _modes(items(obj, "status", "accessModes")) if volume else "",
        _class_name(obj),
        _or_unset(obj, "volumeAttributesClassName"),
        age(obj, now_ns),
        _or_unset(obj, "volumeMode"),
    ]


def storage_class(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a StorageClass."""
    return [
        name(obj),
        word(obj, "provisioner"),
        word(obj, "reclaimPolicy", default="Delete"),
        word(obj, "volumeBindingMode", default="Immediate"),
        bool(obj.allowVolumeExpansion),
        age(obj, now_ns),
    ]


def volume_attachment(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a VolumeAttachment."""
    return [
        name(obj),
        word(obj, "spec", "attacher"),
        word(obj, "spec", "source", "persistentVolumeName"),
        word(obj, "spec", "nodeName"),
        bool(obj.at("status", "attached")),
        age(obj, now_ns),
    ]


def csi_driver(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a CSIDriver."""
    audiences = [word(request, "audience") for request in items(obj, "spec", "tokenRequests")]
    attach = obj.at("spec", "attachRequired")
    return [
        name(obj),
        True if attach is None else attach,
        bool(obj.at("spec", "podInfoOnMount")),
        bool(obj.at("spec", "storageCapacity")),
        ",".join(audiences) if audiences else UNSET,
        bool(obj.at("spec", "requiresRepublish")),
        ",".join(map(str, items(obj, "spec", "volumeLifecycleModes"))) or "<none>",
        age(obj, now_ns),
    ]


def csi_node(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a CSINode."""
    return [name(obj), len(items(obj, "spec", "drivers")), age(obj, now_ns)]


def volume_attributes_class(obj: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """Cells of a VolumeAttributesClass."""
    return [name(obj), word(obj, "driverName"), age(obj, now_ns)]


PRINTERS = {
    ("", "PersistentVolume"): Printer(
        (
            NAME,
            *text("Capacity", "Access Modes", "Reclaim Policy", "Status", "Claim"),
            *text("StorageClass", "VolumeAttributesClass", "Reason", "Age"),
            *wide("VolumeMode"),
        ),
        persistent_volume,
    ),
    ("", "PersistentVolumeClaim"): Printer(
        (
            NAME,
            *text("Status", "Volume", "Capacity", "Access Modes"),
            *text("StorageClass", "VolumeAttributesClass", "Age"),
            *wide("VolumeMode"),
        ),
        persistent_volume_claim,
    ),
    ("storage.k8s.io", "StorageClass"): Printer(
        (
            NAME,
            *text("Provisioner", "ReclaimPolicy", "VolumeBindingMode"),
            *text("AllowVolumeExpansion", "Age"),
        ),
        storage_class,
    ),
    ("storage.k8s.io", "VolumeAttachment"): Printer(
        (
            NAME,
            Column("Attacher", format="name"),
            *text("PV", "Node"),
            Column("Attached", type="boolean"),
            *text("Age"),
        ),
        volume_attachment,
    ),
    ("storage.k8s.io", "CSIDriver"): Printer(
        (
            NAME,
            Column("AttachRequired", type="boolean"),
            Column("PodInfoOnMount", type="boolean"),
            Column("StorageCapacity", type="boolean"),
            *text("TokenRequests"),
            Column("RequiresRepublish", type="boolean"),
            *text("Modes", "Age"),
        ),
        csi_driver,
    ),
    ("storage.k8s.io", "CSINode"): Printer((NAME, *integers("Drivers"), *text("Age")), csi_node),
    ("storage.k8s.io", "VolumeAttributesClass"): Printer(
        (NAME, *text("DriverName", "Age")), volume_attributes_class
    ),
    ("storage.k8s.io", "CSIStorageCapacity"): CREATED_AT,
}
