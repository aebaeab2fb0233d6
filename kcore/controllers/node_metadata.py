"""What kube-controller-manager writes on every node's metadata: old label names and a cache's age.

Two of upstream's controllers meet here in one write per node, because both only look at the node:

* `beta.kubernetes.io/os` and `/arch` follow the labels that replaced them;
* `node.alpha.kubernetes.io/ttl` tells kubelets for how many seconds they may cache ConfigMaps and
  Secrets, depending on the number of nodes. Upstream's steps have some slack on the way down, so
  that it depends on the past; here the number of nodes alone decides.

Upstream: pkg/controller/nodelifecycle (reconcileNodeLabels), pkg/controller/ttl/ttl_controller.go.
"""

from typing import Any, Final

from kcore.machinery.frozen import EMPTY_MAP, FrozenMap, freeze
from kcore.machinery.resource import NamespacedName
from kcore.reconcile.controller import Controller, ControllerContext
from kcore.reconcile.reconciler import DONE, Reconciler, Result
from kcore.reconcile.sources import For

TTL: Final = "node.alpha.kubernetes.io/ttl"

# The newer label, and the older one that follows it.
_LABELS: Final = (
    ("kubernetes.io/os", "beta.kubernetes.io/os"),
    ("kubernetes.io/arch", "beta.kubernetes.io/arch"),
)
# Up to so many nodes, so many seconds.
_STEPS: Final = ((100, 0), (500, 15), (1000, 30), (2000, 60), (10_000, 300))
_TTL_S_MAX: Final = 600


def build_node_metadata_controller(context: ControllerContext) -> Controller:
    """The writer; its keys are nodes."""
    return Controller(
        "ttl-controller", context, NodeMetadataReconciler(context), [For("nodes", _may_matter)]
    )


def ttl_s(nodes_count: int) -> int:
    """How long kubelets of a cluster of this size may cache, in seconds."""
    for count_max, seconds in _STEPS:
        if nodes_count <= count_max:
            return seconds
    return _TTL_S_MAX


class NodeMetadataReconciler(Reconciler):
    """Patches what is missing or stale; writes nothing otherwise. O(1)."""

    def __init__(self, context: ControllerContext) -> None:
        self._client = context.client
        self._nodes = context.lister("nodes")

    def reconcile(self, request: NamespacedName) -> Result:
        """One node."""
        node = self._nodes.get("", request.name)
        if node is None or node.at("metadata", "deletionTimestamp") is not None:
            return DONE
        patch = metadata_patch(node, len(self._nodes))
        if patch:
            self._client.patch("nodes", request.name, freeze({"metadata": patch}))
        return DONE


def metadata_patch(node: FrozenMap, nodes_count: int) -> dict[str, Any]:
    """The labels and annotations that a node should have and has not."""
    patch: dict[str, Any] = {}
    labels = node.at("metadata", "labels", default=EMPTY_MAP)
    stale = {
        old: labels[new] for new, old in _LABELS if new in labels and labels.get(old) != labels[new]
    }
    if stale:
        patch["labels"] = stale
    seconds = str(ttl_s(nodes_count))
    if node.at("metadata", "annotations", default=EMPTY_MAP).get(TTL) != seconds:
        patch["annotations"] = {TTL: seconds}
    return patch


def _may_matter(old: FrozenMap | None, new: FrozenMap | None) -> bool:
    """Heartbeats change the status alone, and are most of a node's changes."""
    if old is None or new is None:
        return True
    before, after = old["metadata"], new["metadata"]
    return any(before.get(field) != after.get(field) for field in ("labels", "annotations"))
