"""The long form of a Node: capacity, conditions, and what runs on it and asks for how much."""

from collections.abc import Sequence

from kcore.api.core_v1.pod_resources import effective_requests
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.quantity import parse_milli, parse_value
from kcore.printing.cells import NONE, items, mapping, name, word
from kcore.printing.columns.node import address, roles
from kcore.printing.columns.pod import TERMINAL_PHASES
from kcore.printing.describe_pod import add_conditions
from kcore.printing.sections import Sections
from kcore.printing.table import aligned


def describe_node(sections: Sections, node: FrozenMap, objects: Sequence[FrozenMap]) -> None:
    """Add everything about a node but its metadata and events."""
    sections.field("Roles", ", ".join(roles(node)) or NONE)
    taints = [_taint(taint) for taint in items(node, "spec", "taints")]
    sections.field("Taints", ", ".join(taints) or NONE)
    sections.field("Unschedulable", bool(node.at("spec", "unschedulable")))
    add_conditions(sections, node, ("type", "status", "reason", "message"))
    sections.field("InternalIP", address(node, "InternalIP"))
    for field, title in (("capacity", "Capacity"), ("allocatable", "Allocatable")):
        sections.outline(title, mapping(node, "status", field))
    pods = [
        pod
        for pod in objects
        if pod.kind == "Pod"
        and pod.at("spec", "nodeName") == name(node)
        and pod.at("status", "phase") not in TERMINAL_PHASES
    ]
    _pods(sections, pods)
    _allocated(sections, node, pods)


def _taint(taint: FrozenMap) -> str:
    value = word(taint, "value")
    key = f"{word(taint, 'key')}={value}" if value else word(taint, "key")
    return f"{key}:{word(taint, 'effect')}"


def _pods(sections: Sections, pods: Sequence[FrozenMap]) -> None:
    if not pods:
        sections.field("Pods", NONE)
        return
    rows = [["Namespace", "Name", "CPU Requests", "Memory Requests"]]
    for pod in pods:
        requests = effective_requests(pod)
        rows.append(
            [
                word(pod, "metadata", "namespace"),
                name(pod),
                f"{requests.get('cpu', 0)}m",
                str(requests.get("memory", 0)),
            ]
        )
    sections.block(f"Pods ({len(pods)})", aligned(rows))


def _allocated(sections: Sections, node: FrozenMap, pods: Sequence[FrozenMap]) -> None:
    totals: dict[str, int] = {}
    for pod in pods:
        for resource, amount in effective_requests(pod).items():
            totals[resource] = totals.get(resource, 0) + amount
    allocatable = mapping(node, "status", "allocatable")
    rows = [["Resource", "Requests", "Allocatable", "Share"]]
    for resource in sorted(allocatable):
        is_cpu = resource == "cpu"
        text = str(allocatable[resource])
        size = parse_milli(text) if is_cpu else parse_value(text)
        used = len(pods) if resource == "pods" else totals.get(resource, 0)
        share = f"{100 * used // size}%" if size else "-"
        rows.append([resource, f"{used}m" if is_cpu else str(used), text, share])
    sections.block("Allocated resources", aligned(rows))
