"""Some pod fields need a kubelet that knows them: nodes declare what they know."""

from collections.abc import Sequence
from typing import Final

from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
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
from kcore.scheduler.framework.status import SKIP, Status, unresolvable
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo

REFUSED: Final = unresolvable("node(s) didn't match Pod's required features")
RESTART_ALL: Final = "RestartAllContainersOnContainerExits"
USER_NAMESPACES_ON_HOST_NETWORK: Final = "UserNamespacesHostNetworkSupport"


class NodeDeclaredFeatures:
    """Filter by `status.declaredFeatures`."""

    name: Final = "NodeDeclaredFeatures"
    is_blind_to_pods: Final = True

    def __init__(self, args: FrozenMap) -> None:
        """Takes no args."""

    def pre_filter(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> PreFilterResult:
        """Infer what the pod needs; skip when every kubelet will do."""
        needed = required_features(pod.spec)
        if not needed:
            return PreFilterResult(SKIP)
        state.write(self.name, needed)
        return PASSED

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """All needed features must be declared."""
        needed: frozenset[str] = state.read(self.name)
        return None if needed <= node.facts.declared_features else REFUSED

    def events_to_register(self) -> tuple[EventRegistration, ...]:
        """A node appeared or declared more, or the pod needs less."""
        return (
            EventRegistration(
                ClusterEvent(NODE, Action.ADD | Action.UPDATE_NODE_DECLARED_FEATURE),
                _after_node_change,
            ),
            EventRegistration(ClusterEvent(TARGET_POD, Action.UPDATE), _after_pod_change),
        )


def required_features(spec: FrozenMap) -> frozenset[str]:
    """The features that a pod spec relies on. For membership only."""
    needed = []
    containers = (
        *(spec.get("initContainers") or EMPTY_LIST),
        *(spec.get("containers") or EMPTY_LIST),
    )
    rules = [rule for one in containers for rule in one.get("restartPolicyRules") or EMPTY_LIST]
    if any(rule.get("action") == "RestartAllContainers" for rule in rules):
        needed.append(RESTART_ALL)
    if spec.get("hostNetwork") and spec.get("hostUsers") is False:
        needed.append(USER_NAMESPACES_ON_HOST_NETWORK)
    return frozenset(needed)


def _after_node_change(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    if change.new is None:
        return Hint.SKIP
    declared = NodeInfo(change.new).facts.declared_features
    return Hint.QUEUE if required_features(pod.spec) <= declared else Hint.SKIP


def _after_pod_change(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    if change.old is None or change.new is None:
        return Hint.SKIP
    before = required_features(change.old["spec"])
    return Hint.QUEUE if required_features(change.new["spec"]) != before else Hint.SKIP
