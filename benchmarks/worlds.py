"""Worlds that several suites measure: seeded, so that every run measures the same one."""

from pathlib import Path
from typing import Any

import kcore
from kcore.machinery.frozen import freeze
from kcore.scheduler.options import SchedulerOptions
from kcore.scheduler.scheduler import Scheduler
from kcore.scheduler_perf.world import build_benchmark_world

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


def filled_scheduler(nodes: int, pods_per_node: int) -> Scheduler:
    """A scheduler that has seen so many nodes with so many bound pods on each; half full."""
    world = build_benchmark_world(SchedulerOptions(engine="packed"), SEED)
    client = world.client
    client.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "crowd"}})
    template = deployment("crowd", 1, cpu="50m")["spec"]["template"]
    for number in range(nodes):
        name = f"node-{number:05}"
        allocatable = {"cpu": str(pods_per_node // 10), "memory": "32Gi", "pods": "110"}
        node = {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": name, "labels": {"kubernetes.io/hostname": name}},
            "status": {"capacity": allocatable, "allocatable": allocatable},
        }
        client.create(node)
        body = freeze(
            {
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {**template["metadata"], "generateName": "crowd-"},
                "spec": {**template["spec"], "nodeName": name},
            }
        )
        for _ in range(pods_per_node):
            client.create(body, "crowd")
    while world.act():
        pass
    return world.scheduler
