"""What a node lacks for a pod: the arithmetic of the Fit filter and of explanations."""

from dataclasses import dataclass
from typing import Final

from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.resources import CPU, EPHEMERAL_STORAGE, MEMORY, is_extended

TOO_MANY_PODS: Final = "Too many pods"
_NATIVE: Final = (CPU, MEMORY, EPHEMERAL_STORAGE)


@dataclass(frozen=True, slots=True)
class Shortage:
    """One resource that a node lacks: how much is asked, used and there."""

    resource: str
    requested: int
    used: int
    capacity: int

    @property
    def reason(self) -> str:
        """Upstream's words."""
        return TOO_MANY_PODS if self.resource == "pods" else f"Insufficient {self.resource}"

    @property
    def missing(self) -> int:
        """How much more the node would need, in the resource's integer unit."""
        return self.requested + self.used - self.capacity

    @property
    def is_hopeless(self) -> bool:
        """Whether even the empty node would be too small."""
        return self.resource != "pods" and self.requested > self.capacity


@dataclass(frozen=True, slots=True)
class IgnoredResources:
    """Extended resources that somebody else looks after, by name and by domain."""

    names: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()

    def covers(self, name: str) -> bool:
        """Whether the scheduler leaves this resource alone."""
        if not is_extended(name):
            return False
        return name in self.names or name.partition("/")[0] in self.groups


def shortages(
    pod: PodInfo, node: NodeInfo, ignored: IgnoredResources = IgnoredResources()
) -> list[Shortage]:
    """Everything the node lacks for the pod, in upstream's order. O(resources)."""
    wanted = pod.requests.wanted
    found = []
    if node.pods_count + 1 > node.allowed_pods_count:
        found.append(Shortage("pods", 1, node.pods_count, node.allowed_pods_count))
    if wanted.is_empty:
        return found
    for name in (*_NATIVE, *wanted.scalars):
        amount = wanted.get(name)
        if amount <= 0 or ignored.covers(name):
            continue
        used, capacity = node.requested.get(name), node.allocatable.get(name)
        if amount > capacity - used:
            found.append(Shortage(name, amount, used, capacity))
    return found
