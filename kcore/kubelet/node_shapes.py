"""Sizes of nodes, and the Node object a kubelet of that size registers.

Labels are those a kubelet sets itself plus the zone, region and instance type a cloud provider
would add. Allocatable follows the kubelet's defaults: nothing reserved, hard eviction at 100 MiB
of memory and 10 % of ephemeral storage.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.quantity import parse_value
from kcore.machinery.timestamps import format_time

EVICTION_MEMORY_BYTES: Final = 100 * 1024 * 1024
EVICTION_STORAGE_PERCENT: Final = 10
KUBELET_VERSION: Final = "v1.37.2"


@dataclass(frozen=True, slots=True)
class NodeShape:
    """What a machine has. Quantities are texts as in a manifest; `extended` adds resources."""

    name: str
    cpu: str
    memory: str
    pods_count: int = 110
    ephemeral_storage: str = "100Gi"
    extended: Mapping[str, str] = field(default_factory=dict)
    architecture: str = "amd64"

    def capacity(self) -> dict[str, str]:
        """`status.capacity`."""
        return {
            "cpu": self.cpu,
            "ephemeral-storage": self.ephemeral_storage,
            "hugepages-1Gi": "0",
            "hugepages-2Mi": "0",
            "memory": self.memory,
            "pods": str(self.pods_count),
            **self.extended,
        }

    def allocatable(self) -> dict[str, str]:
        """`status.allocatable`: capacity less what hard eviction keeps back."""
        storage = parse_value(self.ephemeral_storage)
        memory = parse_value(self.memory)
        left = storage - storage * EVICTION_STORAGE_PERCENT // 100
        return {
            **self.capacity(),
            "ephemeral-storage": str(left),
            "memory": f"{(memory - EVICTION_MEMORY_BYTES) // 1024}Ki",
        }


SMALL: Final = NodeShape("small", "2", "4Gi")
MEDIUM: Final = NodeShape("medium", "4", "16Gi")
LARGE: Final = NodeShape("large", "16", "64Gi")
GPU: Final = NodeShape("gpu", "32", "128Gi", extended={"nvidia.com/gpu": "4"})
DEFAULT_SHAPE: Final = MEDIUM

SHAPES: Final[Mapping[str, NodeShape]] = {
    shape.name: shape for shape in (SMALL, MEDIUM, LARGE, GPU)
}
"""Shapes by name, for command lines and scenarios."""


@dataclass(frozen=True, slots=True)
class Registration:
    """Everything the Node object says that its kubelet was told at start."""

    name: str
    shape: NodeShape
    address: str
    zone: str = ""
    region: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: Sequence[Mapping[str, Any]] = ()

    def node_labels(self) -> dict[str, str]:
        """`metadata.labels`."""
        labels = {
            "kubernetes.io/arch": self.shape.architecture,
            "kubernetes.io/hostname": self.name,
            "kubernetes.io/os": "linux",
            "node.kubernetes.io/instance-type": self.shape.name,
        }
        if self.zone:
            labels["topology.kubernetes.io/zone"] = self.zone
        region = self.region or _region_of(self.zone)
        if region:
            labels["topology.kubernetes.io/region"] = region
        return {**labels, **self.labels}

    def node_object(self, now_ns: int) -> FrozenMap:
        """The Node a kubelet creates when it starts."""
        spec: dict[str, Any] = {"taints": list(self.taints)} if self.taints else {}
        value: FrozenMap = freeze(
            {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {"name": self.name, "labels": self.node_labels()},
                "spec": spec,
                "status": {
                    "addresses": [
                        {"type": "InternalIP", "address": self.address},
                        {"type": "Hostname", "address": self.name},
                    ],
                    "allocatable": self.shape.allocatable(),
                    "capacity": self.shape.capacity(),
                    "conditions": ready_conditions(now_ns),
                    "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
                    "nodeInfo": self._node_info(),
                },
            }
        )
        return value

    def _node_info(self) -> dict[str, str]:
        return {
            "architecture": self.shape.architecture,
            "bootID": "",
            "containerRuntimeVersion": "hollow://1",
            "kernelVersion": "",
            "kubeProxyVersion": "",
            "kubeletVersion": KUBELET_VERSION,
            "machineID": "",
            "operatingSystem": "linux",
            "osImage": "hollow",
            "systemUUID": "",
        }


_CONDITIONS: Final = (
    ("MemoryPressure", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    ("DiskPressure", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    ("PIDPressure", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
    ("Ready", "KubeletReady", "kubelet is posting ready status"),
)


def ready_conditions(now_ns: int) -> list[dict[str, str]]:
    """The conditions of a healthy node, all entered now."""
    now = format_time(now_ns)
    return [
        {
            "type": kind,
            "status": "True" if kind == "Ready" else "False",
            "reason": reason,
            "message": message,
            "lastHeartbeatTime": now,
            "lastTransitionTime": now,
        }
        for kind, reason, message in _CONDITIONS
    ]


def _region_of(zone: str) -> str:
    """`eu-west-1` of `eu-west-1a`; nothing of a zone that is named otherwise."""
    return zone[:-1] if len(zone) > 2 and zone[-1].isalpha() and zone[-2].isdigit() else ""
