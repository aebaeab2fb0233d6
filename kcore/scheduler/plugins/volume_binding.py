"""Volumes that are bound late: a node must be able to reach or get what a pod claims.

The node is chosen first, then volumes are bound for it. PreBind writes the choice (a volume's
`claimRef`, or a claim's selected node) and makes the pod wait, promised to the node, until the
volume controller has confirmed every claim.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kcore.errors import ApiError
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.machinery.quantity import quantity_of
from kcore.scheduler.claims import (
    BOUND_BY_CONTROLLER,
    CLAIMS,
    SELECTED_NODE,
    VOLUMES,
    capacity_bytes,
    claim_uses,
    class_of,
    is_fully_bound,
    ownership_problem,
    requested_bytes,
    waits_for_consumer,
)
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.events import (
    CSI_DRIVER,
    CSI_NODE,
    CSI_STORAGE_CAPACITY,
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
from kcore.scheduler.framework.interfaces import MAX_NODE_SCORE, PASSED, PreFilterResult
from kcore.scheduler.framework.quiet import quiet, quiet_without
from kcore.scheduler.framework.scores import piecewise_linear, round_half_away
from kcore.scheduler.framework.status import (
    SKIP,
    Code,
    Status,
    failed,
    unresolvable,
)
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.volume_search import (
    Claims,
    NodeVolumes,
    VolumeSearchError,
    volumes_on,
)

UNBOUND_IMMEDIATE: Final = unresolvable("pod has unbound immediate PersistentVolumeClaims")
WAITING: Final = "waiting for volumes to be bound"
# Prefers the node with the most free capacity.
_DEFAULT_SHAPE: Final = ((0, 10), (100, 0))
_SHAPE_SCALE: Final = 10


@dataclass(slots=True)
class _Search:
    claims: Claims
    by_node: dict[str, NodeVolumes] = field(default_factory=dict)

    def on(self, handle: Handle, node: NodeInfo) -> NodeVolumes:
        found = volumes_on(handle, self.claims, node)
        self.by_node[node.name] = found
        return found


class VolumeBinding:
    """Filter, score and bind by claims."""

    name: Final = "VolumeBinding"
    is_blind_to_pods: Final = True

    def __init__(self, args: FrozenMap) -> None:
        """Read the scoring shape."""
        points = args.get("shape") or EMPTY_LIST
        shape = [(point.get("utilization") or 0, point.get("score") or 0) for point in points]
        self._shape = tuple(
            (utilization, score * _SHAPE_SCALE) for utilization, score in shape or _DEFAULT_SHAPE
        )

    def pre_filter(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> PreFilterResult:
        """Look all claims up; refuse a pod whose claims can never be bound by waiting for it."""
        found = _claims_of(state.handle, pod)
        if isinstance(found, Status):
            return PreFilterResult(found)
        if not found:
            return PreFilterResult(SKIP)
        bound = tuple(claim for claim in found if is_fully_bound(claim))
        unbound = tuple(claim for claim in found if not is_fully_bound(claim))
        for claim in unbound:
            if claim.at("spec", "volumeName") or not waits_for_consumer(state.handle, claim):
                return PreFilterResult(UNBOUND_IMMEDIATE)
        classes = {class_of(claim) for claim in unbound}
        volumes = [
            volume
            for volume in (state.handle.lister(VOLUMES).list() if unbound else ())
            if class_of(volume) in classes
        ]
        state.write(self.name, _Search(Claims(bound, unbound, volumes)))
        return PASSED

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Every claim must have a volume that the node can reach."""
        try:
            found = state.read(self.name).on(state.handle, node)
        except VolumeSearchError as error:
            return failed(str(error))
        return unresolvable(*found.reasons) if found.reasons else None

    def pre_score(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> Status | None:
        """Nothing to prepare: what Filter found is scored."""
        return None

    def score(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """How full the chosen storage would be, averaged over classes."""
        search: _Search | None = state.find(self.name)
        volumes = None if search is None else search.by_node.get(node.name)
        return 0 if volumes is None else capacity_score(_usage(volumes), self._shape)

    @quiet
    def reserve(self, state: CycleState, pod: PodInfo, node_name: str) -> Status | None:
        """Nothing to hold: the writes follow in the same step."""
        return None

    @quiet
    def unreserve(self, state: CycleState, pod: PodInfo, node_name: str) -> None:
        """Nothing to give back; upstream, too, leaves written volumes as they are."""

    @quiet_without("volumes")
    def pre_bind(self, state: CycleState, pod: PodInfo, node_name: str) -> Status | None:
        """Write what was chosen, and wait until every claim is bound."""
        search: _Search | None = state.find(self.name)
        if search is None or not search.claims.delayed:
            return None
        volumes = search.by_node[node_name]
        try:
            for claim, volume in volumes.matches:
                _promise(state.handle, claim, volume)
            for provision in volumes.provisions:
                _select_node(state.handle, provision.claim, node_name)
        except ApiError as error:
            return failed(error.message)
        return Status(Code.WAIT, (WAITING,))

    def events_to_register(self) -> tuple[EventRegistration, ...]:
        """Storage or nodes changed."""
        changed = Action.ADD | Action.UPDATE
        return (
            EventRegistration(ClusterEvent(STORAGE_CLASS, changed), _after_class_change),
            EventRegistration(ClusterEvent(PERSISTENT_VOLUME_CLAIM, changed), _after_claim_change),
            EventRegistration(ClusterEvent(PERSISTENT_VOLUME, changed)),
            EventRegistration(ClusterEvent(NODE, Action.ADD | Action.UPDATE_NODE_LABEL)),
            EventRegistration(ClusterEvent(CSI_NODE, changed), _after_csi_node_change),
            EventRegistration(ClusterEvent(CSI_DRIVER, Action.UPDATE), _after_driver_change),
            EventRegistration(ClusterEvent(CSI_STORAGE_CAPACITY, changed), _after_capacity_change),
        )


def scores_nothing(state: CycleState) -> bool:
    """Whether every node scores 0: no claim is to be bound."""
    search: _Search | None = state.find(VolumeBinding.name)
    return search is None or not search.claims.delayed


def bound_claims(state: CycleState) -> tuple[FrozenMap, ...] | None:
    """The pod's claims; None when one is to be bound yet, or PreFilter did not look at them."""
    search: _Search | None = state.find(VolumeBinding.name)
    return None if search is None or search.claims.delayed else search.claims.bound


def _claims_of(handle: Handle, pod: PodInfo) -> list[FrozenMap] | Status:
    found = []
    for use in claim_uses(pod):
        claim = handle.lister(CLAIMS).get(pod.namespace, use.name)
        problem = ""
        if claim is None:
            problem = use.not_found
            if use.is_ephemeral:
                problem = (
                    "waiting for ephemeral volume controller to create the "
                    f'persistentvolumeclaim "{use.name}"'
                )
        else:
            problem = _claim_problem(pod, claim, use.is_ephemeral)
        if problem or claim is None:
            return unresolvable(problem)
        found.append(claim)
    return found


def _claim_problem(pod: PodInfo, claim: FrozenMap, is_ephemeral: bool) -> str:
    name = claim["metadata"]["name"]
    if claim.at("status", "phase") == "Lost":
        volume = claim.at("spec", "volumeName", default="")
        return f'persistentvolumeclaim "{name}" bound to non-existent persistentvolume "{volume}"'
    if claim.at("metadata", "deletionTimestamp") is not None:
        return f'persistentvolumeclaim "{name}" is being deleted'
    return ownership_problem(pod, claim) if is_ephemeral else ""


def _usage(volumes: NodeVolumes) -> Mapping[str, tuple[int, int]]:
    """(requested, capacity) by class: of matched volumes, else of those to be made."""
    usage: dict[str, tuple[int, int]] = {}
    for claim, volume in volumes.matches:
        name = volume.at("spec", "storageClassName", default="")
        requested, capacity = usage.get(name, (0, 0))
        usage[name] = (
            requested + (requested_bytes(claim) or 0),
            capacity + capacity_bytes(volume),
        )
    if volumes.matches:
        return usage
    for provision in volumes.provisions:
        if provision.capacity is not None:
            name = provision.claim.at("spec", "storageClassName", default="")
            requested, _ = usage.get(name, (0, 0))
            # Not a sum: all claims of a class share what the node has.
            capacity = quantity_of(provision.capacity.get("capacity") or "0").value()
            usage[name] = (requested + (requested_bytes(provision.claim) or 0), capacity)
    return usage


def capacity_score(usage: Mapping[str, tuple[int, int]], shape: Sequence[tuple[int, int]]) -> int:
    """The mean over classes of the shape at each class's utilisation; 0 without classes."""
    if not usage:
        return 0
    total = 0
    for requested, capacity in usage.values():
        utilization = MAX_NODE_SCORE
        if capacity and requested <= capacity:
            utilization = requested * MAX_NODE_SCORE // capacity
        total += piecewise_linear(shape, utilization)
    return round_half_away(total / len(usage))


def _promise(handle: Handle, claim: FrozenMap, volume: FrozenMap) -> None:
    """Let a free volume name the claim; the volume controller does the rest."""
    metadata = claim["metadata"]
    reference = {
        "kind": "PersistentVolumeClaim",
        "apiVersion": "v1",
        "namespace": metadata["namespace"],
        "name": metadata["name"],
        "uid": metadata.get("uid") or "",
        "resourceVersion": metadata.get("resourceVersion") or "",
    }
    promised = volume.set(("spec", "claimRef"), reference)
    promised = promised.set(("metadata", "annotations", BOUND_BY_CONTROLLER), "yes")
    handle.client.update(promised)


def _select_node(handle: Handle, claim: FrozenMap, node_name: str) -> None:
    if claim.at("metadata", "annotations", SELECTED_NODE) != node_name:
        path = ("metadata", "annotations", SELECTED_NODE)
        handle.client.update(claim.set(path, node_name))


def _after_class_change(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    old, new = change.old, change.new
    if old is None or new is None:
        return Hint.QUEUE
    key = "allowedTopologies"
    return Hint.QUEUE if old.get(key) != new.get(key) else Hint.SKIP


def _after_claim_change(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    """Only a claim of this pod matters, and only when it got a volume."""
    new = change.new
    if new is None or new.at("metadata", "namespace") != pod.namespace:
        return Hint.SKIP
    name = new["metadata"]["name"]
    return Hint.QUEUE if any(use.name == name for use in claim_uses(pod)) else Hint.SKIP


def _after_csi_node_change(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    old, new = change.old, change.new
    if old is None or new is None:
        return Hint.QUEUE
    path = ("metadata", "annotations", "storage.alpha.kubernetes.io/migrated-plugins")
    return Hint.QUEUE if old.at(*path) != new.at(*path) else Hint.SKIP


def _after_driver_change(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    old, new = change.old, change.new
    if old is None or new is None:
        return Hint.QUEUE
    name, path = new["metadata"]["name"], ("spec", "storageCapacity")
    uses_it = any(
        volume.at("csi", "driver") == name for volume in pod.spec.get("volumes") or EMPTY_LIST
    )
    relaxed = bool(old.at(*path)) and not new.at(*path)
    return Hint.QUEUE if uses_it and relaxed else Hint.SKIP


def _after_capacity_change(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    old, new = change.old, change.new
    if old is None or new is None:
        return Hint.QUEUE
    return Hint.QUEUE if _limit_bytes(new) > _limit_bytes(old) else Hint.SKIP


def _limit_bytes(capacity: FrozenMap) -> int:
    """The largest volume that can be had; the explicit maximum is the more precise number."""
    raw = capacity.get("maximumVolumeSize") or capacity.get("capacity")
    return 0 if raw is None else quantity_of(raw).value()
