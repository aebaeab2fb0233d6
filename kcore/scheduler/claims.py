"""The persistent volume claims of a pod, and what they say about themselves."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.machinery.quantity import quantity_of
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.pod_info import PodInfo

BIND_COMPLETED: Final = "pv.kubernetes.io/bind-completed"
BOUND_BY_CONTROLLER: Final = "pv.kubernetes.io/bound-by-controller"
SELECTED_NODE: Final = "volume.kubernetes.io/selected-node"
_BETA_CLASS: Final = "volume.beta.kubernetes.io/storage-class"
NO_PROVISIONER: Final = "kubernetes.io/no-provisioner"
WAIT_FOR_FIRST_CONSUMER: Final = "WaitForFirstConsumer"
VOLUMES: Final = "persistentvolumes"
CLAIMS: Final = "persistentvolumeclaims"
CLASSES: Final = "storageclasses.storage.k8s.io"


@dataclass(frozen=True, slots=True)
class ClaimUse:
    """One volume of a pod that stands for a claim; an ephemeral one has a claim made for it."""

    name: str
    is_ephemeral: bool = False

    @property
    def not_found(self) -> str:
        """Upstream's words when the claim is not there."""
        return f'persistentvolumeclaim "{self.name}" not found'


def claim_uses(pod: PodInfo) -> Iterator[ClaimUse]:
    """The claims a pod refers to, in the order of its volumes."""
    for volume in pod.spec.get("volumes") or EMPTY_LIST:
        claim = volume.get("persistentVolumeClaim")
        if claim is not None:
            yield ClaimUse(claim.get("claimName") or "")
        elif volume.get("ephemeral") is not None:
            yield ClaimUse(f"{pod.name}-{volume['name']}", is_ephemeral=True)


def ownership_problem(pod: PodInfo, claim: FrozenMap) -> str:
    """Why the claim of an ephemeral volume is not this pod's; empty when it is."""
    for owner in claim.at("metadata", "ownerReferences", default=EMPTY_LIST):
        if owner.get("controller") and owner.get("uid") == pod.pod.at("metadata", "uid"):
            return ""
    metadata = claim["metadata"]
    return (
        f"PVC {metadata['namespace']}/{metadata['name']} was not created for pod "
        f"{pod.namespace}/{pod.name} (pod is not owner)"
    )


def class_of(obj: FrozenMap) -> str:
    """The storage class of a claim or volume; the old annotation wins."""
    beta: str | None = obj.at("metadata", "annotations", _BETA_CLASS)
    if beta is not None:
        return beta
    name: str = obj.at("spec", "storageClassName", default="")
    return name


def is_fully_bound(claim: FrozenMap) -> bool:
    """Whether claim and volume point at each other, as the volume controller has confirmed."""
    annotations = claim.at("metadata", "annotations", default={})
    return bool(claim.at("spec", "volumeName")) and BIND_COMPLETED in annotations


def waits_for_consumer(handle: Handle, claim: FrozenMap) -> bool:
    """Whether the claim is bound only when a pod that uses it has a node."""
    name = class_of(claim)
    found = handle.lister(CLASSES).get("", name) if name else None
    return found is not None and found.get("volumeBindingMode") == WAIT_FOR_FIRST_CONSUMER


def requested_bytes(claim: FrozenMap) -> int | None:
    """How much a claim asks for, or None when it does not say."""
    raw = claim.at("spec", "resources", "requests", "storage")
    return None if raw is None else quantity_of(raw).value()


def capacity_bytes(volume: FrozenMap) -> int:
    """How much a volume holds."""
    raw = volume.at("spec", "capacity", "storage")
    return 0 if raw is None else quantity_of(raw).value()
