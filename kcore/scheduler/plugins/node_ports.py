"""Host ports: two pods cannot listen on one port of one node."""

from collections.abc import Sequence
from typing import Final

from kcore.machinery.frozen import FrozenMap
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.events import (
    ASSIGNED_POD,
    NODE,
    Action,
    Change,
    ClusterEvent,
    EventRegistration,
    Hint,
)
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.framework.interfaces import PASSED, PreFilterResult
from kcore.scheduler.framework.status import SKIP, Status, unschedulable
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo

REFUSED: Final = unschedulable("node(s) didn't have free ports for the requested pod ports")


class NodePorts:
    """Filter by (IP, protocol, port); 0.0.0.0 stands for every IP."""

    name: Final = "NodePorts"

    def __init__(self, args: FrozenMap) -> None:
        """Takes no args."""

    def pre_filter(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> PreFilterResult:
        """Skip pods without host ports."""
        return PASSED if pod.host_ports else PreFilterResult(SKIP)

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Refuse when any wanted port is taken."""
        return REFUSED if node.has_port_conflict(pod.host_ports) else None

    def events_to_register(self) -> tuple[EventRegistration, ...]:
        """A pod left, or a node appeared."""
        return (
            EventRegistration(ClusterEvent(ASSIGNED_POD, Action.DELETE), _after_pod_deletion),
            EventRegistration(ClusterEvent(NODE, Action.ADD)),
        )


def _after_pod_deletion(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    old = change.old
    if old is None or not old.at("spec", "nodeName"):
        return Hint.SKIP
    freed = NodeInfo().with_pod(PodInfo(old))
    return Hint.QUEUE if freed.has_port_conflict(pod.host_ports) else Hint.SKIP
