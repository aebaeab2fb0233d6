"""One hollow node: what its kubelet was told, and what its runtime holds. Immutable.

A write makes a new node with one pod replaced, so a fork of the fleet copies only the table of
nodes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from kcore.kubelet.node_shapes import Registration
from kcore.kubelet.pod_record import PodRecord


@dataclass(frozen=True, slots=True)
class HollowNode:
    """`running` is the kubelet, not the machine: containers outlive a stopped kubelet.

    `reported_ns` is when the kubelet last wrote the node's status.
    """

    registration: Registration
    running: bool = True
    reported_ns: int = 0
    pods: Mapping[str, PodRecord] = field(default_factory=dict)
    images: frozenset[str] = field(default_factory=frozenset)

    @property
    def name(self) -> str:
        """The Node's name."""
        return self.registration.name

    def with_pod(self, key: str, record: PodRecord) -> "HollowNode":
        """The node with this record under `namespace/name`. O(pods of the node)."""
        return replace(self, pods={**self.pods, key: record})

    def without_pod(self, key: str) -> "HollowNode":
        """The node without it. O(pods of the node)."""
        return replace(self, pods={name: kept for name, kept in self.pods.items() if name != key})
