"""Worlds that several suites measure: seeded, so that every run measures the same one."""

from pathlib import Path
from typing import Any

import kcore

BOOKSHOP = Path(__file__).parent.parent / "examples" / "bookshop.yaml"
SEED = 1


def deployment(name: str, replicas: int, cpu: str = "100m") -> dict[str, Any]:
    """A Deployment of small pods that become ready at once."""
    labels = {"app": name}
    container = {
        "name": "main",
        "image": "example.com/main:1",
        "resources": {"requests": {"cpu": cpu, "memory": "64Mi"}},
    }
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


def bookshop() -> kcore.Cluster:
    """The example application, settled on five nodes."""
    cluster = kcore.Cluster(nodes=5, seed=SEED)
    cluster.apply(BOOKSHOP)
    cluster.settle()
    return cluster


def crowd(replicas: int, nodes: int) -> kcore.Cluster:
    """One settled Deployment of many replicas."""
    cluster = kcore.Cluster(nodes=nodes, seed=SEED)
    cluster.apply(deployment("crowd", replicas))
    cluster.settle()
    return cluster
