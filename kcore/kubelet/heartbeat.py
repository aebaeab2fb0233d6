"""What a living kubelet tells the API server about its node: a lease and a status. Pure.

The lease is renewed every 10 s and is what the control plane watches. The status is written when
something in it changed, otherwise every 5 min. Source: pkg/kubelet/nodelease, nodestatus.
"""

from typing import Any, Final

from kcore.kubelet.node_shapes import Registration, ready_conditions
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap, freeze
from kcore.machinery.timestamps import format_micro_time
from kcore.runtime.clock import MINUTE_NS, SECOND_NS

LEASE_NAMESPACE: Final = "kube-node-lease"
LEASE_S: Final = 40
RENEW_NS: Final = LEASE_S * SECOND_NS // 4
REPORT_NS: Final = 5 * MINUTE_NS


def lease_object(node: FrozenMap | None, name: str, now_ns: int) -> FrozenMap:
    """The Lease of a node, owned by the Node object where that is known."""
    metadata: dict[str, Any] = {"name": name, "namespace": LEASE_NAMESPACE}
    if node is not None:
        metadata["ownerReferences"] = [
            {"apiVersion": "v1", "kind": "Node", "name": name, "uid": node["metadata"]["uid"]}
        ]
    value: FrozenMap = freeze(
        {
            "apiVersion": "coordination.k8s.io/v1",
            "kind": "Lease",
            "metadata": metadata,
            "spec": {
                "holderIdentity": name,
                "leaseDurationSeconds": LEASE_S,
                "renewTime": format_micro_time(now_ns),
            },
        }
    )
    return value


def renewal(now_ns: int) -> FrozenMap:
    """The patch that renews a lease."""
    value: FrozenMap = freeze({"spec": {"renewTime": format_micro_time(now_ns)}})
    return value


def reported_node(
    node: FrozenMap, registration: Registration, reported_ns: int, now_ns: int
) -> FrozenMap | None:
    """The Node as the kubelet wants it reported; None when there is nothing to write.

    Conditions of other types are kept, and a condition that stays keeps its transition time.
    """
    before = {row["type"]: row for row in node.at("status", "conditions", default=EMPTY_LIST)}
    wanted = ready_conditions(now_ns)
    changed = any(_differs(before.get(row["type"]), row) for row in wanted)
    if not changed and now_ns - reported_ns < REPORT_NS:
        return None
    own = [_keep_transition(before.get(row["type"]), row) for row in wanted]
    types, shape = [row["type"] for row in own], registration.shape
    others = [row for kind, row in before.items() if kind not in types]
    return (
        node.set(("status", "conditions"), freeze([*others, *own]))
        .set(("status", "capacity"), freeze(shape.capacity()))
        .set(("status", "allocatable"), freeze(shape.allocatable()))
    )


def _differs(before: FrozenMap | None, wanted: dict[str, str]) -> bool:
    if before is None:
        return True
    return any(before.get(key) != wanted[key] for key in ("status", "reason", "message"))


def _keep_transition(before: FrozenMap | None, wanted: dict[str, str]) -> dict[str, str]:
    if before is None or before.get("status") != wanted["status"]:
        return wanted
    since = before.get("lastTransitionTime") or wanted["lastTransitionTime"]
    return {**wanted, "lastTransitionTime": since}
