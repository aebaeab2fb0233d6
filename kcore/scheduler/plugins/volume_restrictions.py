"""Disks that only one pod may use: old in-tree disks per node, ReadWriteOncePod claims anywhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.scheduler.claims import CLAIMS, claim_uses
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.events import (
    ASSIGNED_POD,
    NODE,
    PERSISTENT_VOLUME_CLAIM,
    Action,
    Change,
    ClusterEvent,
    EventRegistration,
    Hint,
)
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.framework.interfaces import PASSED, PreFilterResult
from kcore.scheduler.framework.status import SKIP, Status, unresolvable, unschedulable
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo

DISK_CONFLICT: Final = unschedulable("node(s) had no available disk")
CLAIM_CONFLICT: Final = unschedulable(
    "node(s) unavailable due to PersistentVolumeClaim with ReadWriteOncePod access mode "
    "already in-use by another pod"
)
_DISKS: Final = ("gcePersistentDisk", "awsElasticBlockStore", "rbd", "iscsi")


@dataclass(slots=True)
class _Conflicts:
    claims: frozenset[str]
    count: int

    def clone(self) -> "_Conflicts":
        return _Conflicts(self.claims, self.count)


class VolumeRestrictions:
    """Filter by exclusive disks and claims."""

    name: Final = "VolumeRestrictions"

    def __init__(self, args: FrozenMap) -> None:
        """Takes no args."""

    def pre_filter(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> PreFilterResult:
        """Count the exclusive claims that are in use somewhere. O(pods) if there are any."""
        exclusive: set[str] = set()
        for use in claim_uses(pod):
            if use.is_ephemeral:
                continue
            claim = state.handle.lister(CLAIMS).get(pod.namespace, use.name)
            if claim is None:
                return PreFilterResult(unresolvable(use.not_found))
            if "ReadWriteOncePod" in claim.at("spec", "accessModes", default=EMPTY_LIST):
                exclusive.add(use.name)
        conflicts = _Conflicts(frozenset(exclusive), 0)
        if exclusive:
            conflicts.count = len(exclusive & _claims_in_use(state.handle, pod.namespace))
        has_disks = any(_disk_of(volume) for volume in pod.spec.get("volumes") or EMPTY_LIST)
        if not has_disks and not conflicts.count:
            return PreFilterResult(SKIP)
        state.write(self.name, conflicts)
        return PASSED

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Disks first, then claims (which refuse every node)."""
        for volume in pod.spec.get("volumes") or EMPTY_LIST:
            if _disk_of(volume) and any(_collides(volume, other) for other in node.pods):
                return DISK_CONFLICT
        return CLAIM_CONFLICT if state.read(self.name).count > 0 else None

    def add_pod(self, state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo) -> None:
        """One pod more may use an exclusive claim."""
        _recount(state, pod, other, 1)

    def remove_pod(self, state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo) -> None:
        """One pod less may use an exclusive claim."""
        _recount(state, pod, other, -1)

    def events_to_register(self) -> tuple[EventRegistration, ...]:
        """A pod left, or a node or claim appeared."""
        return (
            EventRegistration(ClusterEvent(ASSIGNED_POD, Action.DELETE), _after_pod_deletion),
            EventRegistration(ClusterEvent(NODE, Action.ADD)),
            EventRegistration(
                ClusterEvent(PERSISTENT_VOLUME_CLAIM, Action.ADD), _after_claim_addition
            ),
        )


def _claims_in_use(handle: Handle, namespace: str) -> set[str]:
    """For counting only; never iterated."""
    return {
        use.name
        for node in handle.snapshot
        for other in node.pods
        if other.namespace == namespace
        for use in claim_uses(other)
        if not use.is_ephemeral
    }


def _recount(state: CycleState, pod: PodInfo, other: PodInfo, delta: int) -> None:
    if other.namespace == pod.namespace:
        conflicts: _Conflicts = state.read(VolumeRestrictions.name)
        for use in claim_uses(other):
            if not use.is_ephemeral and use.name in conflicts.claims:
                conflicts.count += delta


def _disk_of(volume: FrozenMap) -> str:
    return next((kind for kind in _DISKS if volume.get(kind) is not None), "")


def _collides(volume: FrozenMap, other: PodInfo) -> bool:
    return any(_same_disk(volume, existing) for existing in other.spec.get("volumes") or EMPTY_LIST)


def _same_disk(volume: FrozenMap, existing: FrozenMap) -> bool:
    """Whether two volumes are one disk that is not read-only in both."""
    for kind in _DISKS:
        mine, theirs = volume.get(kind), existing.get(kind)
        if mine is None or theirs is None:
            continue
        both_read = bool(mine.get("readOnly")) and bool(theirs.get("readOnly"))
        if kind == "awsElasticBlockStore":
            both_read = False
        if not both_read and _SAME[kind](mine, theirs):
            return True
    return False


def _same_rbd(mine: FrozenMap, theirs: FrozenMap) -> bool:
    monitors = theirs.get("monitors") or EMPTY_LIST
    return (
        any(monitor in monitors for monitor in mine.get("monitors") or EMPTY_LIST)
        and (mine.get("pool") or "") == (theirs.get("pool") or "")
        and (mine.get("image") or "") == (theirs.get("image") or "")
    )


_SAME: Final = {
    "gcePersistentDisk": lambda mine, theirs: mine.get("pdName") == theirs.get("pdName"),
    "awsElasticBlockStore": lambda mine, theirs: mine.get("volumeID") == theirs.get("volumeID"),
    "iscsi": lambda mine, theirs: mine.get("iqn") == theirs.get("iqn"),
    "rbd": _same_rbd,
}


def _after_pod_deletion(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    old = change.old
    if old is None or old.at("metadata", "namespace") != pod.namespace:
        return Hint.SKIP
    gone = PodInfo(old)
    wanted = {use.name for use in claim_uses(pod) if not use.is_ephemeral}
    shares = any(use.name in wanted for use in claim_uses(gone) if not use.is_ephemeral)
    disks = any(
        _disk_of(volume) and _collides(volume, gone)
        for volume in pod.spec.get("volumes") or EMPTY_LIST
    )
    return Hint.QUEUE if shares or disks else Hint.SKIP


def _after_claim_addition(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    new = change.new
    if new is None or new.at("metadata", "namespace") != pod.namespace:
        return Hint.SKIP
    name = new["metadata"]["name"]
    mine = any(use.name == name for use in claim_uses(pod) if not use.is_ephemeral)
    return Hint.QUEUE if mine else Hint.SKIP
