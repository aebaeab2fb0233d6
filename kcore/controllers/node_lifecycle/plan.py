"""What to make of one node's heartbeats, conditions and labels. Pure.

Times are those at which the *controller* saw something change; the clocks of nodes are not
trusted. Source: pkg/controller/nodelifecycle/node_lifecycle_controller.go.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap, freeze
from kcore.machinery.meta import condition_of
from kcore.machinery.timestamps import format_time
from kcore.runtime.clock import SECOND_NS

NOT_READY: Final = "node.kubernetes.io/not-ready"
UNREACHABLE: Final = "node.kubernetes.io/unreachable"
UNSCHEDULABLE: Final = "node.kubernetes.io/unschedulable"

# Condition type -> status -> key of the NoSchedule taint it means.
_CONDITION_TAINTS: Final = (
    ("Ready", "False", NOT_READY),
    ("Ready", "Unknown", UNREACHABLE),
    ("MemoryPressure", "True", "node.kubernetes.io/memory-pressure"),
    ("DiskPressure", "True", "node.kubernetes.io/disk-pressure"),
    ("NetworkUnavailable", "True", "node.kubernetes.io/network-unavailable"),
    ("PIDPressure", "True", "node.kubernetes.io/pid-pressure"),
)
_OWN_TAINTS: Final = (*dict.fromkeys(key for _, _, key in _CONDITION_TAINTS), UNSCHEDULABLE)
_REPORTED: Final = ("Ready", "MemoryPressure", "DiskPressure", "PIDPressure")
# Old label names that follow the new ones.
_LABELS: Final = (
    ("kubernetes.io/os", "beta.kubernetes.io/os"),
    ("kubernetes.io/arch", "beta.kubernetes.io/arch"),
)


@dataclass(frozen=True, slots=True)
class NodeLifecycleOptions:
    """kube-controller-manager's flags of the same names, with its defaults."""

    monitor_period_ns: int = 5 * SECOND_NS
    monitor_grace_ns: int = 50 * SECOND_NS
    startup_grace_ns: int = 60 * SECOND_NS
    # --node-eviction-rate 0.1/s; --secondary-node-eviction-rate 0.01/s in large zones.
    eviction_period_ns: int = 10 * SECOND_NS
    secondary_eviction_period_ns: int = 100 * SECOND_NS
    unhealthy_zone_percent: int = 55
    large_cluster_nodes_count: int = 50


@dataclass(frozen=True, slots=True)
class NodeHealth:
    """What was last seen of a node, and when it last changed. Texts as on the wire."""

    probe_ns: int
    heartbeat: str | None
    renewed: str | None


def observe(
    node: FrozenMap, lease: FrozenMap | None, known: NodeHealth | None, now_ns: int
) -> NodeHealth:
    """The health after a look at the Node and its Lease: any news counts as a sign of life."""
    ready = condition_of(node, "Ready")
    # A node without a Ready condition has a heartbeat None; one that just has no time, "".
    heartbeat = None if ready is None else ready.get("lastHeartbeatTime") or ""
    renewed = None if lease is None else lease.at("spec", "renewTime")
    if known is None:
        return NodeHealth(now_ns, heartbeat, renewed)
    lives = heartbeat != known.heartbeat
    if renewed is not None and (known.renewed is None or renewed > known.renewed):
        lives = True
    else:
        renewed = known.renewed
    return NodeHealth(now_ns if lives else known.probe_ns, heartbeat, renewed)


def silenced(
    node: FrozenMap, health: NodeHealth, options: NodeLifecycleOptions, now_ns: int
) -> FrozenMap | None:
    """The Node with its conditions Unknown when it was silent for too long; else None."""
    started = condition_of(node, "Ready") is not None
    grace_ns = options.monitor_grace_ns if started else options.startup_grace_ns
    if now_ns <= health.probe_ns + grace_ns:
        return None
    now, created = format_time(now_ns), node["metadata"].get("creationTimestamp")
    rows = list(node.at("status", "conditions", default=EMPTY_LIST))
    known = {row["type"]: index for index, row in enumerate(rows)}
    changed = False
    for kind in _REPORTED:
        if kind not in known:
            rows.append(_never_posted(kind, created, now))
            changed = True
        elif rows[known[kind]].get("status") != "Unknown":
            rows[known[kind]] = _stopped_posting(rows[known[kind]], now)
            changed = True
    return node.set(("status", "conditions"), freeze(rows)) if changed else None


def _never_posted(kind: str, created: str | None, now: str) -> dict[str, Any]:
    return {
        "type": kind,
        "status": "Unknown",
        "reason": "NodeStatusNeverUpdated",
        "message": "Kubelet never posted node status.",
        "lastHeartbeatTime": created,
        "lastTransitionTime": now,
    }


def _stopped_posting(row: FrozenMap, now: str) -> FrozenMap:
    return (
        row.set("status", "Unknown")
        .set("reason", "NodeStatusUnknown")
        .set("message", "Kubelet stopped posting node status.")
        .set("lastTransitionTime", now)
    )


def with_condition_taints(node: FrozenMap, now_ns: int) -> FrozenMap | None:
    """The Node with exactly the NoSchedule taints its conditions mean; None when it has them."""
    wanted = [
        key
        for kind, status, key in _CONDITION_TAINTS
        if (row := condition_of(node, kind)) is not None and row.get("status") == status
    ]
    if node.at("spec", "unschedulable"):
        wanted.append(UNSCHEDULABLE)
    return swap_taints(node, "NoSchedule", _OWN_TAINTS, wanted, now_ns)


def with_eviction_taint(node: FrozenMap, key: str | None, now_ns: int) -> FrozenMap | None:
    """The Node with the NoExecute taint `key` (None: without any of ours); None: no change."""
    wanted = [] if key is None else [key]
    return swap_taints(node, "NoExecute", (NOT_READY, UNREACHABLE), wanted, now_ns)


def eviction_key(node: FrozenMap) -> str | None:
    """Which NoExecute taint the node's Ready condition means; None for a ready node."""
    status = ready_status(node)
    if status == "True":
        return None
    return NOT_READY if status == "False" else UNREACHABLE


def swap_taints(
    node: FrozenMap, effect: str, own: Iterable[str], wanted: Sequence[str], now_ns: int
) -> FrozenMap | None:
    """The Node with, of the taints `own` of this effect, exactly those `wanted`. O(taints)."""
    taints = list(node.at("spec", "taints", default=EMPTY_LIST))
    ours = dict.fromkeys(own)
    held = [taint["key"] for taint in taints if taint.get("effect") == effect]
    missing = [key for key in wanted if key not in held]
    kept = [
        taint
        for taint in taints
        if taint.get("effect") != effect or taint["key"] not in ours or taint["key"] in wanted
    ]
    if not missing and len(kept) == len(taints):
        return None
    added = [{"key": key, "effect": effect, "timeAdded": format_time(now_ns)} for key in missing]
    if not kept and not added:
        return node.remove(("spec", "taints"))
    return node.set(("spec", "taints"), freeze([*kept, *added]))


def with_legacy_labels(node: FrozenMap) -> FrozenMap | None:
    """The Node with the old names of the os and arch labels; None when it has them."""
    labels = node.at("metadata", "labels", default=EMPTY_MAP)
    changed = node
    for new, old in _LABELS:
        if new in labels and labels.get(old) != labels[new]:
            changed = changed.set(("metadata", "labels", old), labels[new])
    return None if changed is node else changed


def unready_pod(pod: FrozenMap, now_ns: int) -> FrozenMap | None:
    """The pod of a silent node with Ready False; None when it does not claim to be ready."""
    rows = pod.at("status", "conditions", default=EMPTY_LIST)
    for index, row in enumerate(rows):
        if row.get("type") == "Ready" and row.get("status") == "True":
            now = format_time(now_ns)
            told = row.set("status", "False").set("lastTransitionTime", now)
            return pod.set(("status", "conditions", index), told)
    return None


ZoneState = Literal["Normal", "PartialDisruption", "FullDisruption"]


def zone_of(node: FrozenMap) -> str:
    """Region and zone, as upstream joins them; nodes without either share the empty zone."""
    labels = node.at("metadata", "labels", default=EMPTY_MAP)
    region = labels.get("topology.kubernetes.io/region") or ""
    zone = labels.get("topology.kubernetes.io/zone") or ""
    return f"{region}:\x00:{zone}" if region or zone else ""


def zone_state(ready: Sequence[bool], options: NodeLifecycleOptions) -> ZoneState:
    """How bad it is in a zone, from the readiness of its nodes."""
    good = sum(ready)
    bad = len(ready) - good
    if bad and not good:
        return "FullDisruption"
    if bad > 2 and bad * 100 >= options.unhealthy_zone_percent * len(ready):
        return "PartialDisruption"
    return "Normal"


def eviction_period_ns(
    state: ZoneState, nodes_count: int, options: NodeLifecycleOptions
) -> int | None:
    """How long between two nodes tainted in a zone; None: none at all."""
    if state != "PartialDisruption":
        return options.eviction_period_ns
    if nodes_count > options.large_cluster_nodes_count:
        return options.secondary_eviction_period_ns
    return None


def ready_status(node: FrozenMap) -> str:
    """`True`, `False` or `Unknown`; a node that never said is unknown."""
    row = condition_of(node, "Ready")
    return "Unknown" if row is None else str(row.get("status"))
