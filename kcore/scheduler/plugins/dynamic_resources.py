"""Devices by claim: not modelled, so pods that claim devices are refused by name.

Upstream would allocate devices before placing such a pod; placing it without looking would be a
silent lie. For all other pods this plugin answers as upstream's: nothing to filter, score 0.
"""

from collections.abc import Sequence
from typing import Final

from kcore.machinery.frozen import FrozenMap
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.diagnosis import Diagnosis
from kcore.scheduler.framework.events import (
    DEVICE_CLASS,
    NODE,
    RESOURCE_CLAIM,
    RESOURCE_SLICE,
    TARGET_POD,
    Action,
    Change,
    ClusterEvent,
    EventRegistration,
    Hint,
)
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.framework.interfaces import PostFilterResult, PreFilterResult
from kcore.scheduler.framework.quiet import quiet
from kcore.scheduler.framework.scores import default_normalize
from kcore.scheduler.framework.status import SKIP, Status, failed, unresolvable, unschedulable
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.unmodelled import unmodelled_constraints


class DynamicResources:
    """Refuses claims; has no opinion otherwise."""

    name: Final = "DynamicResources"

    def __init__(self, args: FrozenMap) -> None:
        """Takes no args that matter without claims."""

    def pre_filter(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> PreFilterResult:
        """Name what is asked for and not modelled."""
        missing = unmodelled_constraints(pod.pod)
        state.write(self.name, missing)
        if not missing:
            return PreFilterResult(SKIP)
        return PreFilterResult(unresolvable(f"not modelled by kcore: {', '.join(missing)}"))

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Nothing to check."""
        return None

    def post_filter(
        self, state: CycleState, pod: PodInfo, diagnosis: Diagnosis
    ) -> PostFilterResult:
        """No claim to give back.

        When an earlier plugin's PreFilter refused the pod, this one's never ran, and upstream's
        message then ends in the bare words of its missing state.
        """
        ran = state.find(self.name) is not None
        return PostFilterResult(unschedulable() if ran else failed("not found"))

    def score(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """No devices, no preference."""
        return 0

    def normalize(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo], scores: Sequence[int]
    ) -> list[int]:
        """As upstream: relative to the best."""
        return default_normalize(scores)

    @quiet
    def pre_enqueue(self, handle: Handle, pod: PodInfo) -> Status | None:
        """Upstream waits here for generated claims; pods with claims are refused later."""
        return None

    @quiet
    def reserve(self, state: CycleState, pod: PodInfo, node_name: str) -> Status | None:
        """No devices to hold."""
        return None

    @quiet
    def unreserve(self, state: CycleState, pod: PodInfo, node_name: str) -> None:
        """No devices to give back."""

    @quiet
    def pre_bind(self, state: CycleState, pod: PodInfo, node_name: str) -> Status | None:
        """No claims to write."""
        return None

    def events_to_register(self) -> tuple[EventRegistration, ...]:
        """As upstream; claims and devices are not watched, so only nodes change."""
        nodes = Action.ADD | Action.UPDATE_NODE_ALLOCATABLE | Action.UPDATE_NODE_LABEL
        changed = Action.ADD | Action.UPDATE
        claims = Action.UPDATE_POD_GENERATED_RESOURCE_CLAIM
        return (
            EventRegistration(ClusterEvent(NODE, nodes)),
            EventRegistration(ClusterEvent(RESOURCE_CLAIM, changed | Action.DELETE), _unmodelled),
            EventRegistration(ClusterEvent(TARGET_POD, claims), _unmodelled),
            EventRegistration(ClusterEvent(DEVICE_CLASS, changed)),
            EventRegistration(ClusterEvent(RESOURCE_SLICE, changed)),
        )


def _unmodelled(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    return Hint.SKIP
