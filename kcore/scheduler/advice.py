"""What would have to change for a pod to fit on a node, in words a person can act on.

Turns refusals of the built-in plugins into changes; a plugin it does not know gets its own reason
back, as something nobody can promise to help.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kcore.api.core_v1.taint import find_untolerated
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.scheduler.framework.status import Status
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.shortage import Shortage, shortages

_GIB: Final = 1024**3
_MIB: Final = 1024**2
_KIB: Final = 1024


@dataclass(frozen=True, slots=True)
class Advice:
    """One change: `needs 300m more cpu on node-2`. `cost` orders changes, small ones first."""

    plugin: str
    text: str
    cost: float = 1.0
    helps: bool = True
    """Whether the change surely satisfies the plugin."""

    def __str__(self) -> str:
        return self.text

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"plugin": self.plugin, "text": self.text, "helps": self.helps}


def advise(pod: PodInfo, node: NodeInfo, refusals: Sequence[Status]) -> tuple[Advice, ...]:
    """Changes that would lift all refusals of one node."""
    advice: list[Advice] = []
    for status in refusals:
        adviser = _ADVISERS.get(status.plugin)
        if adviser is None:
            advice.append(Advice(status.plugin, f"{node.name}: {status.message}", helps=False))
        else:
            advice.extend(adviser(pod, node))
    return tuple(advice)


def _resources(pod: PodInfo, node: NodeInfo) -> list[Advice]:
    return [_shortage(one, node) for one in shortages(pod, node)]


def _shortage(one: Shortage, node: NodeInfo) -> Advice:
    plugin = "NodeResourcesFit"
    if one.resource == "pods":
        text = f"needs room for {one.missing} more pod on {node.name}"
        return Advice(plugin, text, one.missing / max(one.capacity, 1))
    amount = format_amount(one.resource, one.missing)
    text = f"needs {amount} more {one.resource} on {node.name}"
    return Advice(plugin, text, one.missing / max(one.capacity, 1))


def format_amount(resource: str, amount: int) -> str:
    """An integer amount in the resource's customary unit: `300m`, `1.5Gi`, `2`."""
    if resource == "cpu":
        return str(amount // 1000) if amount % 1000 == 0 else f"{amount}m"
    if resource not in ("memory", "ephemeral-storage"):
        return str(amount)
    for size, unit in ((_GIB, "Gi"), (_MIB, "Mi"), (_KIB, "Ki")):
        if amount >= size:
            # Rounded up, so that following the advice suffices.
            return f"{-(-amount * 10 // size) / 10:g}{unit}"
    return str(amount)


def _taints(pod: PodInfo, node: NodeInfo) -> list[Advice]:
    advice = []
    tolerations = pod.spec.get("tolerations") or EMPTY_LIST
    for taint in node.facts.taints:
        if find_untolerated((taint,), tolerations, ("NoSchedule", "NoExecute")) is not None:
            text = f"tolerate taint {format_taint(taint)} of {node.name}"
            advice.append(Advice("TaintToleration", text))
    return advice


def format_taint(taint: FrozenMap) -> str:
    """`key=value:Effect`, as kubectl writes it."""
    value = f"={taint.get('value')}" if taint.get("value") else ""
    return f"{taint.get('key') or ''}{value}:{taint.get('effect') or ''}"


def _cordon(pod: PodInfo, node: NodeInfo) -> list[Advice]:
    return [Advice("NodeUnschedulable", f"uncordon {node.name}", 0.5)]


def _affinity(pod: PodInfo, node: NodeInfo) -> list[Advice]:
    plugin = "NodeAffinity"
    wanted = pod.spec.get("nodeSelector") or {}
    missing = [f"{key}={wanted[key]}" for key in wanted if node.labels.get(key) != wanted[key]]
    advice = []
    if missing:
        text = f"label {node.name} with {', '.join(missing)} or drop that from the node selector"
        advice.append(Advice(plugin, text))
    selector = pod.required_nodes.selector
    if selector is not None and not selector.matches(node.facts.node):
        text = f"label {node.name} to match the required node affinity, or relax it"
        advice.append(Advice(plugin, text, 2.0))
    return advice or [Advice(plugin, f"{node.name} is not allowed by the profile", helps=False)]


def _ports(pod: PodInfo, node: NodeInfo) -> list[Advice]:
    taken = [port for port in pod.host_ports if node.has_port_conflict((port,))]
    names = ", ".join(f"{number}/{protocol}" for _, protocol, number in taken)
    return [Advice("NodePorts", f"free host port {names} on {node.name}")]


def _name(pod: PodInfo, node: NodeInfo) -> list[Advice]:
    return [Advice("NodeName", f"set spec.nodeName to {node.name} or leave it empty")]


def _spread(pod: PodInfo, node: NodeInfo) -> list[Advice]:
    constraints = pod.spec.get("topologySpreadConstraints") or EMPTY_LIST
    hard = [one for one in constraints if one.get("whenUnsatisfiable") == "DoNotSchedule"]
    lacking = [one["topologyKey"] for one in hard if one["topologyKey"] not in node.labels]
    plugin = "PodTopologySpread"
    if lacking:
        return [Advice(plugin, f"label {node.name} with {', '.join(lacking)}", 2.0)]
    keys = ", ".join(f"{one['topologyKey']} (maxSkew {one.get('maxSkew')})" for one in hard)
    return [Advice(plugin, f"let {node.name} break the spread over {keys}", 3.0)]


def _pod_affinity(pod: PodInfo, node: NodeInfo) -> list[Advice]:
    plugin = "InterPodAffinity"
    if pod.required_affinity or pod.required_anti_affinity:
        text = f"relax the pod's required affinity to other pods for {node.name}"
        return [Advice(plugin, text, 3.0)]
    text = f"remove the pods from around {node.name} whose anti-affinity refuses this pod"
    return [Advice(plugin, text, 4.0)]


_ADVISERS: Final[Mapping[str, Callable[[PodInfo, NodeInfo], list[Advice]]]] = {
    "NodeResourcesFit": _resources,
    "TaintToleration": _taints,
    "NodeUnschedulable": _cordon,
    "NodeAffinity": _affinity,
    "NodePorts": _ports,
    "NodeName": _name,
    "PodTopologySpread": _spread,
    "InterPodAffinity": _pod_affinity,
}
