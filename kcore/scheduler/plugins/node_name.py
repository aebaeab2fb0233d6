"""`spec.nodeName` of a pod that asks for one node."""

from collections.abc import Sequence
from typing import Final

from kcore.machinery.frozen import FrozenMap
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.events import NODE, Action, ClusterEvent, EventRegistration
from kcore.scheduler.framework.interfaces import PASSED, PreFilterResult
from kcore.scheduler.framework.status import Status, unresolvable
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo

REFUSED: Final = unresolvable("node(s) didn't match the requested node name")


class NodeName:
    """PreFilter narrows to the named node; Filter refuses the others."""

    name: Final = "NodeName"
    is_blind_to_pods: Final = True

    def __init__(self, args: FrozenMap) -> None:
        """Takes no args."""

    def pre_filter(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> PreFilterResult:
        """The named node alone, if there is a name."""
        if not pod.node_name:
            return PASSED
        return PreFilterResult(node_names=frozenset((pod.node_name,)))

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Compare names."""
        wanted = pod.node_name
        return REFUSED if wanted and wanted != node.name else None

    def events_to_register(self) -> tuple[EventRegistration, ...]:
        """A node appeared."""
        return (EventRegistration(ClusterEvent(NODE, Action.ADD)),)
