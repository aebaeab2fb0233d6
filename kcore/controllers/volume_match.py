"""Which volume a claim may have, and which of several it gets. Thinks only."""

from collections.abc import Iterable

from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.machinery.labels import SelectorError, from_label_selector
from kcore.machinery.quantity import parse_value

_BETA_CLASS = "volume.beta.kubernetes.io/storage-class"


def is_bound_to(volume: FrozenMap, claim: FrozenMap) -> bool:
    """Whether the volume is reserved for the claim, by name or by uid as well."""
    reference = volume.at("spec", "claimRef")
    if reference is None:
        return False
    metadata = claim["metadata"]
    same = (reference.get("namespace"), reference.get("name")) == (
        metadata["namespace"],
        metadata["name"],
    )
    return same and reference.get("uid") in (None, "", metadata["uid"])


def mismatch(volume: FrozenMap, claim: FrozenMap) -> str:
    """Why the claim cannot have the volume, whoever it is reserved for; empty when it can."""
    if _bytes(volume, "capacity") < _bytes(claim, "resources", "requests"):
        return "requested PV is too small"
    if class_name(volume) != class_name(claim):
        return "storageClassName does not match"
    if _mode(volume) != _mode(claim):
        return "incompatible volumeMode"
    offered = volume.at("spec", "accessModes", default=EMPTY_LIST)
    if any(mode not in offered for mode in claim.at("spec", "accessModes", default=EMPTY_LIST)):
        return "incompatible accessMode"
    return ""


def best_volume(
    claim: FrozenMap, volumes: Iterable[FrozenMap], *, delayed: bool
) -> FrozenMap | None:
    """The volume reserved for the claim, or else the best free one. O(volumes).

    Volumes with few access modes go first, then small ones, then by name. With `delayed` only a
    reserved volume counts: the rest waits for the pod.
    """
    wanted = _bytes(claim, "resources", "requests")
    free: list[FrozenMap] = []
    for volume in volumes:
        usable = volume.at("metadata", "deletionTimestamp") is None
        if not usable or _mode(volume) != _mode(claim) or _bytes(volume, "capacity") < wanted:
            continue
        if is_bound_to(volume, claim):
            return volume
        if not delayed and _is_free(volume) and not mismatch(volume, claim):
            free.append(volume)
    return min((one for one in free if _selects(claim, one)), key=_cost, default=None)


def class_name(obj: FrozenMap) -> str:
    """The storage class; the old annotation wins."""
    beta: str | None = obj.at("metadata", "annotations", _BETA_CLASS)
    name: str = obj.at("spec", "storageClassName", default="")
    return name if beta is None else beta


def _is_free(volume: FrozenMap) -> bool:
    unclaimed = volume.at("spec", "claimRef") is None
    return unclaimed and volume.at("status", "phase") == "Available"


def _selects(claim: FrozenMap, volume: FrozenMap) -> bool:
    selector = claim.at("spec", "selector")
    if selector is None:
        return True
    try:
        return from_label_selector(selector).matches(volume.at("metadata", "labels"))
    except SelectorError:
        return False


def _cost(volume: FrozenMap) -> tuple[int, int, str]:
    modes = volume.at("spec", "accessModes", default=EMPTY_LIST)
    return len(modes), _bytes(volume, "capacity"), volume["metadata"]["name"]


def _mode(obj: FrozenMap) -> str:
    mode: str = obj.at("spec", "volumeMode", default="Filesystem")
    return mode


def _bytes(obj: FrozenMap, *path: str) -> int:
    raw = obj.at("spec", *path, "storage")
    return 0 if raw is None else parse_value(raw)
