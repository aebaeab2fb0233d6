"""What-if drains: where pods would go, on a fork that leaves the cluster alone."""

from typing import Any

import pytest

import kcore

DEPLOYMENT: dict[str, Any] = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "web"},
    "spec": {
        "replicas": 6,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {
                "containers": [
                    {"name": "c", "image": "i", "resources": {"requests": {"cpu": "1500m"}}}
                ]
            },
        },
    },
}


def settled(nodes: int) -> kcore.Cluster:
    """A cluster with six pods of one and a half cpus."""
    cluster = kcore.Cluster(nodes=nodes)
    cluster.apply(DEPLOYMENT)
    cluster.settle()
    return cluster


def on(cluster: kcore.Cluster, node: str) -> set[str]:
    """Keys of the pods on a node."""
    return {
        f"default/{pod['metadata']['name']}"
        for pod in cluster.client.list("pods")
        if pod.at("spec", "nodeName") == node
    }


def test_every_pod_gets_another_node_and_nothing_changes() -> None:
    """The plan covers the node's pods; digest and pods stay as they were."""
    cluster = settled(nodes=5)
    digest = cluster.trace.digest
    for node in cluster.client.list("nodes"):
        name = node["metadata"]["name"]
        plan = cluster.plan_drain(name)
        assert plan.is_possible
        assert set(plan.moves) == on(cluster, name)
        assert name not in plan.moves.values()
    assert cluster.trace.digest == digest


def test_pods_count_for_each_other() -> None:
    """Two nodes of four cpus hold two such pods each: of a third node's two pods none fits."""
    cluster = settled(nodes=3)
    name = cluster.client.list("nodes")[0]["metadata"]["name"]
    plan = cluster.plan_drain(name)
    assert not plan.is_possible
    assert set(plan.stuck) == on(cluster, name)
    assert "2 Insufficient cpu" in next(iter(plan.stuck.values()))


def test_pods_of_daemon_sets_stay() -> None:
    """They would be on the node again at once."""
    cluster = settled(nodes=5)
    name = cluster.client.list("nodes")[0]["metadata"]["name"]
    daemon = {**DEPLOYMENT, "kind": "DaemonSet", "metadata": {"name": "agents"}}
    template = DEPLOYMENT["spec"]["template"]
    daemon["spec"] = {"selector": {"matchLabels": {"app": "web"}}, "template": template}
    agents = cluster.client.create(daemon, "default")
    owner = {
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "name": "agents",
        "uid": agents["metadata"]["uid"],
        "controller": True,
    }
    cluster.client.create(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "agent", "ownerReferences": [owner]},
            "spec": {"nodeName": name, "containers": [{"name": "c", "image": "i"}]},
        }
    )
    cluster.run_for("1s")
    plan = cluster.plan_drain(name)
    assert plan.staying == ("default/agent",)
    assert "default/agent" not in plan.moves


def test_an_unknown_node_is_refused() -> None:
    """By name."""
    with pytest.raises(KeyError, match="no node 'nowhere'"):
        kcore.Cluster(nodes=1).plan_drain("nowhere")
