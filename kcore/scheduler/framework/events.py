"""Changes of the cluster as the scheduling queue speaks of them.

An event is a resource and a set of actions. A plugin registers the events after which a pod that
it refused might fit, each with an optional hint that looks closer. Names are upstream's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, Flag, auto
from typing import TYPE_CHECKING, Final, TypeAlias

from kcore.errors import KcoreError
from kcore.machinery.frozen import FrozenMap

if TYPE_CHECKING:
    from kcore.scheduler.framework.handle import Handle
    from kcore.scheduler.pod_info import PodInfo


class Action(Flag):
    """What happened to an object, as fine as upstream distinguishes it."""

    ADD = auto()
    DELETE = auto()
    UPDATE_NODE_ALLOCATABLE = auto()
    UPDATE_NODE_LABEL = auto()
    UPDATE_NODE_TAINT = auto()
    UPDATE_NODE_CONDITION = auto()
    UPDATE_NODE_ANNOTATION = auto()
    UPDATE_NODE_DECLARED_FEATURE = auto()
    UPDATE_NODE_PREEMPTION_POLICY = auto()
    UPDATE_POD_LABEL = auto()
    UPDATE_POD_SCALE_DOWN = auto()
    UPDATE_POD_SCALE_UP = auto()
    UPDATE_POD_TOLERATION = auto()
    UPDATE_POD_SCHEDULING_GATES_ELIMINATED = auto()
    UPDATE_POD_GENERATED_RESOURCE_CLAIM = auto()
    UPDATE_OTHER = auto()
    """An update that no finer action describes; only `UPDATE` and `ALL` cover it."""
    UPDATE = (
        UPDATE_NODE_ALLOCATABLE
        | UPDATE_NODE_LABEL
        | UPDATE_NODE_TAINT
        | UPDATE_NODE_CONDITION
        | UPDATE_NODE_ANNOTATION
        | UPDATE_NODE_DECLARED_FEATURE
        | UPDATE_NODE_PREEMPTION_POLICY
        | UPDATE_POD_LABEL
        | UPDATE_POD_SCALE_DOWN
        | UPDATE_POD_SCALE_UP
        | UPDATE_POD_TOLERATION
        | UPDATE_POD_SCHEDULING_GATES_ELIMINATED
        | UPDATE_POD_GENERATED_RESOURCE_CLAIM
        | UPDATE_OTHER
    )
    ALL = ADD | DELETE | UPDATE


ASSIGNED_POD: Final = "AssignedPod"
"""Another pod, which sits on a node."""
TARGET_POD: Final = "TargetPod"
"""The waiting pod itself."""
UNSCHEDULED_POD: Final = "UnscheduledPod"
"""Another pod, which waits too."""
NODE: Final = "Node"
PERSISTENT_VOLUME: Final = "PersistentVolume"
PERSISTENT_VOLUME_CLAIM: Final = "PersistentVolumeClaim"
CSI_NODE: Final = "storage.k8s.io/CSINode"
CSI_DRIVER: Final = "storage.k8s.io/CSIDriver"
CSI_STORAGE_CAPACITY: Final = "storage.k8s.io/CSIStorageCapacity"
STORAGE_CLASS: Final = "storage.k8s.io/StorageClass"
VOLUME_ATTACHMENT: Final = "storage.k8s.io/VolumeAttachment"
RESOURCE_CLAIM: Final = "resource.k8s.io/ResourceClaim"
RESOURCE_SLICE: Final = "resource.k8s.io/ResourceSlice"
DEVICE_CLASS: Final = "resource.k8s.io/DeviceClass"
WILDCARD: Final = "*"

_WORDS: Final = {Action.ALL: "All", Action.UPDATE: "Update", Action.UPDATE_OTHER: "Update"}


@dataclass(frozen=True, slots=True)
class ClusterEvent:
    """One kind of change: `NodeAdd`, `AssignedPodDelete`, or anything at all (`*`)."""

    resource: str
    action: Action
    name: str = ""

    @property
    def label(self) -> str:
        """Upstream's name of the event."""
        return self.name or f"{self.resource}{action_word(self.action)}"

    @property
    def is_wildcard(self) -> bool:
        """Whether it may concern any pod, without asking hints."""
        return self.resource == WILDCARD

    def covers(self, other: "ClusterEvent") -> bool:
        """Whether an occurrence of `other` is what somebody who waits for this waits for."""
        same = self.resource in (WILDCARD, other.resource)
        return same and bool(self.action & other.action)


def action_word(action: Action) -> str:
    """`UpdateNodeLabel` for `UPDATE_NODE_LABEL`."""
    word = _WORDS.get(action)
    if word is not None:
        return word
    return "".join(part.capitalize() for part in (action.name or "").split("_"))


UNSCHEDULABLE_TIMEOUT: Final = ClusterEvent(WILDCARD, Action.ALL, "UnschedulableTimeout")
FORCE_ACTIVATE: Final = ClusterEvent(WILDCARD, Action.ALL, "ForceActivate")


class HintError(KcoreError):
    """A hint could not decide; the pod is tried again, to be on the safe side."""


class Hint(Enum):
    """What a hint answers about one waiting pod and one change."""

    QUEUE = "Queue"
    SKIP = "QueueSkip"


@dataclass(frozen=True, slots=True)
class Change:
    """A cluster event with the object before and after it."""

    event: ClusterEvent
    old: FrozenMap | None = None
    new: FrozenMap | None = None


HintFunction: TypeAlias = Callable[["Handle", "PodInfo", Change], Hint]
"""`hint(handle, waiting, change)`: could the change make the waiting pod fit?"""


@dataclass(frozen=True, slots=True)
class EventRegistration:
    """An event a plugin waits for; without a hint every occurrence counts."""

    event: ClusterEvent
    hint: HintFunction | None = None
