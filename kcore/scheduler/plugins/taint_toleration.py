"""Taints keep pods away that do not tolerate them: for certain, or as a preference."""

from collections.abc import Sequence
from typing import Final

from kcore.api.core_v1.taint import find_untolerated, tolerated_by_any
from kcore.machinery.frozen import EMPTY_LIST, FrozenList, FrozenMap
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
from kcore.scheduler.framework.scores import default_normalize
from kcore.scheduler.framework.status import Status, unresolvable
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo

# Up to 1.34 the words named the taint; since 1.35 they do not.
REFUSED: Final = unresolvable("node(s) had untolerated taint(s)")
HARD_EFFECTS: Final = ("NoSchedule", "NoExecute")


class TaintToleration:
    """Filter by hard taints; score by the number of soft ones that the pod does not tolerate."""

    name: Final = "TaintToleration"
    is_blind_to_pods: Final = True

    def __init__(self, args: FrozenMap) -> None:
        """Takes no args."""

    def pre_filter(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> PreFilterResult:
        """Never skips: since 1.37 the plugin takes part in PreFilter."""
        return PASSED

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Refuse a node with a hard taint that no toleration covers. O(taints * tolerations)."""
        taints = node.facts.taints
        if not taints:
            return None
        return REFUSED if first_untolerated(taints, pod.spec) is not None else None

    def pre_score(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> Status | None:
        """Keep the tolerations that speak about soft taints."""
        tolerations = [
            toleration
            for toleration in pod.spec.get("tolerations") or EMPTY_LIST
            if toleration.get("effect") in (None, "", "PreferNoSchedule")
        ]
        state.write(self.name, tolerations)
        return None

    def score(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """How many soft taints the pod does not tolerate."""
        taints = node.facts.taints
        if not taints:
            return 0
        tolerations = state.read(self.name)
        return sum(
            taint.get("effect") == "PreferNoSchedule" and not tolerated_by_any(tolerations, taint)
            for taint in taints
        )

    def normalize(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo], scores: Sequence[int]
    ) -> list[int]:
        """The fewer the better."""
        return default_normalize(scores, reverse=True)

    def events_to_register(self) -> tuple[EventRegistration, ...]:
        """A node appeared or lost taints, or the pod became tolerant."""
        return (
            EventRegistration(
                ClusterEvent(NODE, Action.ADD | Action.UPDATE_NODE_TAINT), _after_node_change
            ),
            EventRegistration(
                ClusterEvent(TARGET_POD, Action.UPDATE_POD_TOLERATION), _after_pod_change
            ),
        )


def first_untolerated(taints: FrozenList, spec: FrozenMap) -> FrozenMap | None:
    """The first hard taint, in the node's order, that the pod does not tolerate."""
    return find_untolerated(taints, spec.get("tolerations"), HARD_EFFECTS)


def _is_repelled(pod: PodInfo, node: FrozenMap) -> bool:
    return first_untolerated(node.at("spec", "taints", default=EMPTY_LIST), pod.spec) is not None


def _after_node_change(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    old, new = change.old, change.new
    was_repelled = old is None or _is_repelled(pod, old)
    is_repelled = new is None or _is_repelled(pod, new)
    return Hint.QUEUE if was_repelled and not is_repelled else Hint.SKIP


def _after_pod_change(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    new = change.new
    is_self = new is not None and new.at("metadata", "uid") == pod.uid
    return Hint.QUEUE if is_self else Hint.SKIP
