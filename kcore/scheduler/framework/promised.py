"""Room that is promised: pods that preemption made room for count on their nodes before they come.

They count for pods of no greater priority, and never for themselves.
"""

from kcore.scheduler.framework.handle import NominatedPods
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo


def promised_to_others(nominated: NominatedPods, pod: PodInfo, node_name: str) -> list[PodInfo]:
    """Pods that count on a node for `pod`, in the order of their nominations. O(promises there)."""
    return [one for one in nominated.pods_on(node_name) if counts_for(one, pod)]


def counts_for(promised: PodInfo, pod: PodInfo) -> bool:
    """Whether `pod` must leave room for a promised one."""
    return promised.priority >= pod.priority and promised.uid != pod.uid


def with_guests(nominated: NominatedPods, pod: PodInfo, node: NodeInfo) -> NodeInfo:
    """The node as if all who count on it for `pod` were there already. O(promises there)."""
    for one in promised_to_others(nominated, pod, node.name):
        node = node.with_pod(one)
    return node
