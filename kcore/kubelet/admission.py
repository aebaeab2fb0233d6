"""Whether a node takes a pod that was assigned to it. Pure.

The scheduler decided on what it saw; the kubelet checks again on what is there, and a pod bound by
hand was never checked. Source: pkg/kubelet/lifecycle/predicate.go (generalFilter).
"""

from collections.abc import Iterable, Mapping
from typing import Final

from kcore.api.core_v1.affinity import required_node_affinity_matches
from kcore.api.core_v1.pod_resources import effective_requests, in_units
from kcore.api.core_v1.taint import NO_EXECUTE, find_untolerated
from kcore.kubelet.pod_record import Failure
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.quantity import Quantity

PODS: Final = "pods"
AFFINITY_MESSAGE: Final = (
    "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector"
)
PORTS_MESSAGE: Final = (
    "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports"
)
TAINT_MESSAGE: Final = (
    "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate"
)


def refuse(pod: FrozenMap, node: FrozenMap, active: Iterable[FrozenMap]) -> Failure | None:
    """Why the node does not take the pod next to its `active` ones; None when it does.

    O(active pods).
    """
    others = list(active)
    shortage = _shortage(pod, node, others)
    if shortage is not None:
        return shortage
    if not required_node_affinity_matches(pod, node):
        return Failure("NodeAffinity", AFFINITY_MESSAGE)
    taken = {port for other in others for port in host_ports(other)}
    if any(_conflicts(port, taken) for port in host_ports(pod)):
        return Failure("NodePorts", PORTS_MESSAGE)
    tolerations = pod.at("spec", "tolerations", default=EMPTY_LIST)
    taints = node.at("spec", "taints", default=EMPTY_LIST)
    if find_untolerated(taints, tolerations, (NO_EXECUTE,)) is not None:
        return Failure("TaintToleration", TAINT_MESSAGE)
    return None


def _shortage(pod: FrozenMap, node: FrozenMap, others: list[FrozenMap]) -> Failure | None:
    allocatable = node.at("status", "allocatable", default=EMPTY_MAP)
    capacity = {name: in_units(name, Quantity.parse(text)) for name, text in allocatable.items()}
    if len(others) + 1 > capacity.get(PODS, 0):
        return _out_of(PODS, 1, len(others), capacity.get(PODS, 0))
    used = _sum(others)
    for name, wanted in effective_requests(pod).items():
        held, free = used.get(name, 0), capacity.get(name, 0)
        if wanted and held + wanted > free:
            return _out_of(name, wanted, held, free)
    return None


def _out_of(name: str, wanted: int, used: int, capacity: int) -> Failure:
    message = (
        f"Node didn't have enough resource: {name}, requested: {wanted}, "
        f"used: {used}, capacity: {capacity}"
    )
    return Failure(f"OutOf{name}", message)


def _sum(pods: Iterable[FrozenMap]) -> Mapping[str, int]:
    totals: dict[str, int] = {}
    for pod in pods:
        for name, amount in effective_requests(pod).items():
            totals[name] = totals.get(name, 0) + amount
    return totals


HostPort = tuple[str, str, int]
"""Address, protocol, port."""


def host_ports(pod: FrozenMap) -> list[HostPort]:
    """Ports of the node that the pod's containers take. O(ports)."""
    return [
        (port.get("hostIP") or "0.0.0.0", port.get("protocol") or "TCP", port["hostPort"])
        for container in pod["spec"]["containers"]
        for port in container.get("ports") or EMPTY_LIST
        if port.get("hostPort")
    ]


def _conflicts(port: HostPort, taken: set[HostPort]) -> bool:
    address, protocol, number = port
    return any(
        (protocol, number) == (other_protocol, other_number)
        and (address == other or "0.0.0.0" in (address, other))
        for other, other_protocol, other_number in taken
    )
