"""Nodes as createNodes prepares them: labels in turn, allocatable resources, CSI limits."""

from collections.abc import Mapping
from typing import Any, Final

from kcore.machinery.frozen import EMPTY_MAP, FrozenMap, freeze
from kcore.scheduler_perf.config import Operation

HOSTNAME: Final = "kubernetes.io/hostname"


def prepared_node(node: FrozenMap, operation: Operation, index: int, number: int) -> FrozenMap:
    """The operation's node `index`, the workload's node `number`, labelled and sized.

    It has a name of its own and, as kubelets see to, that name as its hostname label.
    """
    metadata = node.get("metadata") or EMPTY_MAP
    name = metadata.get("name") or f"{metadata.get('generateName') or ''}{number:05}"
    node = node.set(("metadata", "name"), name).remove(("metadata", "generateName"))
    if not node.at("metadata", "labels", HOSTNAME, default=""):
        node = _labelled(node, HOSTNAME, name)
    fields = operation.fields
    strategy = fields.get("labelNodePrepareStrategy")
    if strategy:
        values = strategy["labelValues"]
        node = _labelled(node, strategy["labelKey"], values[index % len(values)])
    unique = fields.get("uniqueNodeLabelStrategy")
    if unique:
        node = _labelled(node, unique["labelKey"], str(index))
    return _sized(node, (fields.get("nodeAllocatableStrategy") or {}).get("nodeAllocatable") or {})


def csi_node(node: FrozenMap, operation: Operation) -> FrozenMap | None:
    """The CSINode that says how many volumes each driver may attach; None if nothing is said."""
    strategy = operation.fields.get("nodeAllocatableStrategy") or {}
    limits: Mapping[str, Any] = strategy.get("csiNodeAllocatable") or {}
    if not limits:
        return None
    metadata = node["metadata"]
    migrated = ",".join(strategy.get("migratedPlugins") or ())
    annotations = {"storage.alpha.kubernetes.io/migrated-plugins": migrated} if migrated else {}
    drivers = [
        {"name": driver, "nodeID": metadata["name"], "allocatable": dict(allocatable)}
        for driver, allocatable in limits.items()
    ]
    result: FrozenMap = freeze(
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "CSINode",
            "metadata": {"name": metadata["name"], "annotations": annotations},
            "spec": {"drivers": drivers},
        }
    )
    return result


def _labelled(node: FrozenMap, key: str, value: str) -> FrozenMap:
    labels = node.at("metadata", "labels", default=EMPTY_MAP)
    return node.set(("metadata", "labels"), {**labels, key: value})


def _sized(node: FrozenMap, extra: Mapping[str, Any]) -> FrozenMap:
    """What a node has and what it may give away: a node that says one says both."""
    status = node.get("status") or EMPTY_MAP
    capacity = status.get("capacity") or EMPTY_MAP
    allocatable = status.get("allocatable")
    if extra:
        added = {name: str(amount) for name, amount in extra.items()}
        capacity = freeze({**capacity, **added})
        allocatable = freeze({**(allocatable or capacity), **added})
    if allocatable is None:
        allocatable = capacity
    return node.set("status", {**status, "capacity": capacity, "allocatable": allocatable})
