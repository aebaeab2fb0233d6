"""Bound volumes with zone or region labels can only be used in that zone or region."""

from collections.abc import Sequence
from typing import Final

from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.scheduler.claims import (
    CLAIMS,
    CLASSES,
    VOLUMES,
    WAIT_FOR_FIRST_CONSUMER,
    claim_uses,
    class_of,
)
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.events import (
    NODE,
    PERSISTENT_VOLUME,
    PERSISTENT_VOLUME_CLAIM,
    STORAGE_CLASS,
    Action,
    Change,
    ClusterEvent,
    EventRegistration,
    Hint,
)
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.framework.interfaces import PASSED, PreFilterResult
from kcore.scheduler.framework.status import SKIP, Status, unresolvable
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo

REFUSED: Final = unresolvable("node(s) had no available volume zone")
_BETA_ZONE: Final = "failure-domain.beta.kubernetes.io/zone"
_BETA_REGION: Final = "failure-domain.beta.kubernetes.io/region"
_ZONE: Final = "topology.kubernetes.io/zone"
_REGION: Final = "topology.kubernetes.io/region"
ZONE_LABELS: Final = (_BETA_ZONE, _BETA_REGION, _ZONE, _REGION)
SUCCESSOR: Final = {_BETA_ZONE: _ZONE, _BETA_REGION: _REGION}

Places = tuple[tuple[str, frozenset[str]], ...]
"""(label, allowed values) of every bound volume."""


class VolumeZone:
    """Filter by the labels of bound volumes; `a__b` means a or b."""

    name: Final = "VolumeZone"
    is_blind_to_pods: Final = True

    def __init__(self, args: FrozenMap) -> None:
        """Takes no args."""

    def pre_filter(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> PreFilterResult:
        """Collect the labels of the pod's bound volumes; skip when there are none."""
        places = _places(state.handle, pod)
        if isinstance(places, Status):
            return PreFilterResult(places)
        if not places:
            return PreFilterResult(SKIP)
        state.write(self.name, places)
        return PASSED

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """A node without any zone or region label passes: the cluster has one zone."""
        labels = node.labels
        if not any(label in labels for label in ZONE_LABELS):
            return None
        places: Places = state.read(self.name)
        for label, values in places:
            value = labels.get(label)
            if value is None:
                value = labels.get(SUCCESSOR.get(label, label))
            if value is None or value not in values:
                return REFUSED
        return None

    def events_to_register(self) -> tuple[EventRegistration, ...]:
        """Storage appeared or changed, or nodes did."""
        changed = Action.ADD | Action.UPDATE
        return (
            EventRegistration(ClusterEvent(STORAGE_CLASS, Action.ADD), _after_class_addition),
            EventRegistration(ClusterEvent(NODE, Action.ADD | Action.UPDATE_NODE_LABEL)),
            EventRegistration(ClusterEvent(PERSISTENT_VOLUME_CLAIM, changed), _after_claim_change),
            EventRegistration(ClusterEvent(PERSISTENT_VOLUME, changed), _after_volume_change),
        )


def _places(handle: Handle, pod: PodInfo) -> Places | Status:
    places: list[tuple[str, frozenset[str]]] = []
    for use in claim_uses(pod):
        if use.is_ephemeral:
            continue
        claim = handle.lister(CLAIMS).get(pod.namespace, use.name)
        if claim is None:
            return unresolvable(use.not_found)
        name = claim.at("spec", "volumeName", default="")
        if not name:
            refusal = _unbound_problem(handle, claim)
            if refusal:
                return unresolvable(refusal)
            continue
        volume = handle.lister(VOLUMES).get("", name)
        if volume is None:
            return unresolvable(f'persistentvolume "{name}" not found')
        places.extend(volume_places(volume))
    return tuple(places)


def volume_places(volume: FrozenMap) -> Places:
    """The zone and region labels of a volume; one that cannot be read is left out."""
    labels = volume.at("metadata", "labels", default=EMPTY_MAP)
    found = []
    for label in ZONE_LABELS:
        if label in labels:
            values = frozenset(part.strip() for part in labels[label].split("__"))
            if "" not in values:
                found.append((label, values))
    return tuple(found)


def _unbound_problem(handle: Handle, claim: FrozenMap) -> str:
    """Why a claim without a volume keeps the pod waiting; empty when it may be bound late."""
    name = class_of(claim)
    if not name:
        return "PersistentVolumeClaim had no pv name and storageClass name"
    found = handle.lister(CLASSES).get("", name)
    if found is None:
        return f'storageclass.storage.k8s.io "{name}" not found'
    mode = found.get("volumeBindingMode")
    if mode is None:
        return f'VolumeBindingMode not set for StorageClass "{name}"'
    return "" if mode == WAIT_FOR_FIRST_CONSUMER else "PersistentVolume had no name"


def _after_class_addition(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    new = change.new
    late = new is not None and new.get("volumeBindingMode") == WAIT_FOR_FIRST_CONSUMER
    return Hint.QUEUE if late else Hint.SKIP


def _after_claim_change(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    new = change.new
    if new is None or new.at("metadata", "namespace") != pod.namespace:
        return Hint.SKIP
    name = new["metadata"]["name"]
    for volume in pod.spec.get("volumes") or EMPTY_LIST:
        if volume.at("persistentVolumeClaim", "claimName") == name:
            return Hint.QUEUE
    return Hint.SKIP


def _after_volume_change(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    old, new = change.old, change.new
    if old is None or new is None:
        return Hint.QUEUE
    return Hint.QUEUE if volume_places(old) != volume_places(new) else Hint.SKIP
