"""How many volumes of a CSI driver a node can hold."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.scheduler.claims import (
    CLAIMS,
    CLASSES,
    VOLUMES,
    claim_uses,
    class_of,
    ownership_problem,
)
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.events import (
    ASSIGNED_POD,
    CSI_NODE,
    PERSISTENT_VOLUME_CLAIM,
    VOLUME_ATTACHMENT,
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

EXCEEDED: Final = unschedulable("node(s) exceed max volume count")
# In-tree volumes that CSI drivers have taken over; in a pod itself they are not counted here.
_MIGRATED: Final = (
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "azureDisk",
    "azureFile",
    "cinder",
    "vsphereVolume",
    "portworxVolume",
)
CSI_NODES: Final = "csinodes.storage.k8s.io"
CSI_DRIVERS: Final = "csidrivers.storage.k8s.io"
ATTACHMENTS: Final = "volumeattachments.storage.k8s.io"


class _ClaimProblem(Exception):  # noqa: N818 - carries a refusal, not a bug
    """A claim of the incoming pod cannot be counted."""


@dataclass(frozen=True, slots=True)
class PresentVolumes:
    """CSI volumes on a node: unique name -> driver."""

    used: Mapping[str, str]
    """By its pods."""
    attached: Mapping[str, str]


class NodeVolumeLimits:
    """Filter by the limits of the node's CSINode."""

    name: Final = "NodeVolumeLimits"

    def __init__(self, args: FrozenMap) -> None:
        """Takes no args."""

    def pre_filter(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> PreFilterResult:
        """Skip pods without claims."""
        volumes = pod.spec.get("volumes") or EMPTY_LIST
        in_tree = any(kind in volume for volume in volumes for kind in _MIGRATED)
        return PASSED if in_tree or any(claim_uses(pod)) else PreFilterResult(SKIP)

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Count the volumes on the node and those the pod would add. O(volumes on the node)."""
        return self.judge(state.handle, pod, node.name, lambda: present_on(state.handle, node))

    def judge(
        self, handle: Handle, pod: PodInfo, node_name: str, present: Callable[[], PresentVolumes]
    ) -> Status | None:
        """What `filter` says of a node where these volumes are; they are asked for last."""
        try:
            wanted = _volumes(handle, pod, is_new=True)
        except _ClaimProblem as problem:
            return unresolvable(str(problem))
        if not wanted:
            return None
        csi_node = handle.lister(CSI_NODES).get("", node_name)
        missing = _missing_driver(handle, wanted, csi_node)
        if missing:
            return unschedulable(f"{missing} CSI driver is not installed on the node")
        limits = limits_of(csi_node)
        if not limits:
            return None
        return EXCEEDED if _exceeds(wanted, present(), limits) else None

    def stays_open(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> bool:
        """Whether the node is open whichever of its pods leave. O(attachments).

        No pod has more volumes that count than it has claims, and no more can be attached than are.
        """
        handle = state.handle
        wanted = wanted_drivers(handle, pod)
        if not wanted:
            return wanted is not None
        limits = limits_of(handle.lister(CSI_NODES).get("", node.name))
        if not limits:
            return True
        most = node.claims_count + len(_attached(handle, node.name))
        return all(
            most + count <= limits[driver] for driver, count in wanted.items() if driver in limits
        )

    def events_to_register(self) -> tuple[EventRegistration, ...]:
        """Room appeared: a limit grew, a volume left, or the claim is there now."""
        return (
            EventRegistration(ClusterEvent(CSI_NODE, Action.ADD)),
            EventRegistration(ClusterEvent(CSI_NODE, Action.UPDATE), _after_csi_node_change),
            EventRegistration(ClusterEvent(ASSIGNED_POD, Action.DELETE), _after_pod_deletion),
            EventRegistration(
                ClusterEvent(PERSISTENT_VOLUME_CLAIM, Action.ADD), _after_claim_addition
            ),
            EventRegistration(
                ClusterEvent(VOLUME_ATTACHMENT, Action.DELETE), _after_attachment_deletion
            ),
        )


def wanted_drivers(handle: Handle, pod: PodInfo) -> Mapping[str, int] | None:
    """How many volumes of each driver a pod would add to an empty node.

    None when that is not all that decides: a claim cannot be counted, or a driver insists on being
    installed.
    """
    try:
        wanted = _volumes(handle, pod, is_new=True)
    except _ClaimProblem:
        return None
    if not wanted or _missing_driver(handle, wanted, None):
        return None if wanted else {}
    counts: dict[str, int] = {}
    for driver in wanted.values():
        counts[driver] = counts.get(driver, 0) + 1
    return counts


def present_on(handle: Handle, node: NodeInfo) -> PresentVolumes:
    """The volumes on a node. O(its claims + attachments)."""
    used: dict[str, str] = {}
    for pod in node.pods:
        used.update(_volumes(handle, pod, is_new=False))
    return PresentVolumes(used, _attached(handle, node.name))


def _exceeds(wanted: Mapping[str, str], present: PresentVolumes, limits: Mapping[str, int]) -> bool:
    """Whether some driver would have to hold more volumes than it can."""
    added = {name: driver for name, driver in wanted.items() if name not in present.used}
    # An attachment of a volume that no pod here uses yet does not make room for it.
    counts = Counter(({**present.attached, **present.used, **added}).values())
    return any(counts[driver] > limits[driver] for driver in added.values() if driver in limits)


def _volumes(handle: Handle, pod: PodInfo, *, is_new: bool) -> dict[str, str]:
    """Unique volume name -> driver of a pod's CSI volumes.

    Raises:
        _ClaimProblem: a claim of a new pod is missing, or an ephemeral one is not its own.
    """
    found: dict[str, str] = {}
    for use in claim_uses(pod):
        claim = handle.lister(CLAIMS).get(pod.namespace, use.name)
        if claim is None:
            if is_new:
                raise _ClaimProblem(f"looking up PVC {pod.namespace}/{use.name}: {use.not_found}")
            continue
        problem = ownership_problem(pod, claim) if use.is_ephemeral else ""
        if problem:
            if is_new:
                raise _ClaimProblem(problem)
            continue
        driver, volume = _driver_of(handle, claim)
        if driver and volume:
            found[f"{driver}/{volume}"] = driver
    return found


def _driver_of(handle: Handle, claim: FrozenMap) -> tuple[str, str]:
    """Driver and volume handle; of a claim without a volume, its class's and a made-up one."""
    name = claim.at("spec", "volumeName", default="")
    volume = handle.lister(VOLUMES).get("", name) if name else None
    if volume is not None:
        source = volume.at("spec", "csi")
        if source is None:
            return "", ""
        return source.get("driver") or "", source.get("volumeHandle") or ""
    class_name = class_of(claim)
    storage_class = handle.lister(CLASSES).get("", class_name) if class_name else None
    if storage_class is None:
        return "", ""
    metadata = claim["metadata"]
    made_up = f"unbound/{metadata['namespace']}/{metadata['name']}"
    return storage_class.get("provisioner") or "", made_up


def _attached(handle: Handle, node_name: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for attachment in handle.lister(ATTACHMENTS).list():
        if attachment.at("spec", "nodeName") != node_name:
            continue
        name = attachment.at("spec", "source", "persistentVolumeName", default="")
        volume = handle.lister(VOLUMES).get("", name) if name else None
        source = None if volume is None else volume.at("spec", "csi")
        if source is not None:
            driver = attachment.at("spec", "attacher", default="")
            found[f"{driver}/{source.get('volumeHandle') or ''}"] = driver
    return found


def _drivers(csi_node: FrozenMap | None) -> list[FrozenMap]:
    return [] if csi_node is None else list(csi_node.at("spec", "drivers", default=EMPTY_LIST))


def _missing_driver(handle: Handle, wanted: dict[str, str], csi_node: FrozenMap | None) -> str:
    """A driver that insists on being installed and is not; empty when there is none."""
    installed = {driver["name"] for driver in _drivers(csi_node)}
    for driver in sorted(set(wanted.values())):
        found = handle.lister(CSI_DRIVERS).get("", driver)
        insists = found is not None and found.at("spec", "preventPodSchedulingIfMissing")
        if insists and driver not in installed:
            return driver
    return ""


def limits_of(csi_node: FrozenMap | None) -> dict[str, int]:
    """How many volumes of each driver a node may hold, where that is limited."""
    return {
        driver["name"]: driver.at("allocatable", "count")
        for driver in _drivers(csi_node)
        if driver.at("allocatable", "count") is not None
    }


def _after_csi_node_change(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    before, after = limits_of(change.old), limits_of(change.new)
    grew = any(driver not in before or limit > before[driver] for driver, limit in after.items())
    return Hint.QUEUE if grew else Hint.SKIP


def _after_pod_deletion(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    old = change.old
    if old is None or not old.at("spec", "nodeName"):
        return Hint.SKIP
    return Hint.QUEUE if any(claim_uses(PodInfo(old))) else Hint.SKIP


def _after_claim_addition(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    new = change.new
    if new is None or new.at("metadata", "namespace") != pod.namespace:
        return Hint.SKIP
    name = new["metadata"]["name"]
    return Hint.QUEUE if any(use.name == name for use in claim_uses(pod)) else Hint.SKIP


def _after_attachment_deletion(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    return Hint.QUEUE if any(claim_uses(pod)) else Hint.SKIP
