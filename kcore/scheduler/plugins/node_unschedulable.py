"""Cordoned nodes take only pods that tolerate being there."""

from collections.abc import Sequence
from typing import Final

from kcore.api.core_v1.taint import tolerated_by_any
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap, freeze
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.events import (
    NODE,
    TARGET_POD,
    Action,
    Change,
    ClusterEvent,
    EventRegistration,
    Hint,
)
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.framework.interfaces import PASSED, PreFilterResult
from kcore.scheduler.framework.status import Status, unresolvable
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo

REFUSED: Final = unresolvable("node(s) were unschedulable")
UNSCHEDULABLE_TAINT: Final = freeze(
    {"key": "node.kubernetes.io/unschedulable", "effect": "NoSchedule"}
)


class NodeUnschedulable:
    """Filter: `spec.unschedulable` of the node."""

    name: Final = "NodeUnschedulable"
    is_blind_to_pods: Final = True

    def __init__(self, args: FrozenMap) -> None:
        """Takes no args."""

    def pre_filter(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> PreFilterResult:
        """Never skips: since 1.37 the plugin takes part in PreFilter."""
        return PASSED

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Let pods pass that tolerate the unschedulable taint."""
        if not node.facts.unschedulable:
            return None
        return None if _tolerates(pod.spec) else REFUSED

    def events_to_register(self) -> tuple[EventRegistration, ...]:
        """A node appeared or was uncordoned, or the pod became tolerant."""
        return (
            EventRegistration(
                ClusterEvent(NODE, Action.ADD | Action.UPDATE_NODE_TAINT), _after_node_change
            ),
            EventRegistration(
                ClusterEvent(TARGET_POD, Action.UPDATE_POD_TOLERATION), _after_pod_change
            ),
        )


def _tolerates(spec: FrozenMap) -> bool:
    return tolerated_by_any(spec.get("tolerations") or EMPTY_LIST, UNSCHEDULABLE_TAINT)


def _after_node_change(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    old, new = change.old, change.new
    was_closed = old is None or bool(old.at("spec", "unschedulable"))
    is_closed = new is None or bool(new.at("spec", "unschedulable"))
    return Hint.QUEUE if was_closed and not is_closed else Hint.SKIP


def _after_pod_change(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    new = change.new
    if new is None or new.at("metadata", "uid") != pod.uid:
        return Hint.SKIP
    return Hint.QUEUE if _tolerates(new["spec"]) else Hint.SKIP
