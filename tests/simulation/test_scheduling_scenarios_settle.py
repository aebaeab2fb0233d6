"""Taints, priorities and eviction in whole worlds: who ends where, and what everybody reads."""

import pytest

import kcore
from kcore.testing.builders import deployment, pod


def priority_class(name, value, **fields):
    return {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": name},
        "value": value,
        **fields,
    }


@pytest.fixture
def cluster():
    cluster = kcore.Cluster(nodes=3, seed=3)
    cluster.apply(priority_class("high", 1000))
    cluster.apply(priority_class("low", 10))
    cluster.settle()
    return cluster


def get(cluster, name):
    return cluster.client.get("pods", name, "default")


def scheduled(value):
    return next(one for one in value.status.conditions if one.type == "PodScheduled")


def told(cluster, name, reason):
    return [
        event.message
        for event in cluster.client.list("events", "default")
        if event.involvedObject.name == name and event.reason == reason
    ]


def test_a_tainted_node_is_for_those_who_tolerate_it(cluster):
    taint = {"key": "team", "value": "ml", "effect": "NoSchedule"}
    cluster.client.patch("nodes", "node-1", {"spec": {"taints": [taint]}})
    others = {"spec": {"unschedulable": True}}
    cluster.client.patch("nodes", "node-2", others)
    cluster.client.patch("nodes", "node-3", others)
    tolerations = [{"key": "team", "operator": "Exists"}]
    cluster.apply(deployment("web", replicas=2))
    cluster.apply(deployment("train", replicas=2, tolerations=tolerations))
    cluster.settle()

    nodes = {
        app: {
            one.spec.nodeName
            for one in cluster.client.list("pods", "default")
            if one.metadata.labels.app == app
        }
        for app in ("web", "train")
    }
    assert nodes == {"web": {None}, "train": {"node-1"}}
    waiting = next(one for one in cluster.objects("pods", "default") if not one.spec.nodeName)
    message = (
        "0/3 nodes are available: 1 node(s) had untolerated taint(s), "
        "2 node(s) were unschedulable. preemption: 0/3 nodes are available: "
        "3 Preemption is not helpful for scheduling."
    )
    assert scheduled(waiting).message == message
    assert told(cluster, waiting.metadata.name, "FailedScheduling") == [message]

    cluster.client.patch("nodes", "node-1", {"spec": {"taints": None}})
    cluster.settle()

    places = {one.spec.nodeName for one in cluster.objects("pods", "default")}
    assert places == {"node-1"}


def test_eviction_is_told_to_both_sides(cluster):
    for number in range(3):
        cluster.apply(pod(f"low-{number}", requests={"cpu": "3"}, priorityClassName="low"))
    cluster.settle()
    cluster.apply(pod("vip", requests={"cpu": "3"}, priorityClassName="high"))
    cluster.settle()

    vip = get(cluster, "vip")
    gone = {f"low-{number}" for number in range(3)} - {
        one.metadata.name for one in cluster.objects("pods", "default")
    }
    assert len(gone) == 1
    node = vip.spec.nodeName
    assert scheduled(vip).status == "True"
    assert vip.at("status", "nominatedNodeName") is None
    assert vip.metadata.labels["topology.kubernetes.io/zone"]
    uid = vip.metadata.uid
    assert told(cluster, gone.pop(), "Preempted") == [f"Preempted by pod {uid} on node {node}"]
    waited = (
        "0/3 nodes are available: 3 Insufficient cpu. preemption: found a potential placement "
        f"for pod on node {node}, preempting 1 victims"
    )
    assert told(cluster, "vip", "FailedScheduling") == [waited]
    assert told(cluster, "vip", "Scheduled") == [f"Successfully assigned default/vip to {node}"]


def test_the_least_important_go_first(cluster):
    cluster.apply(pod("keep", requests={"cpu": "3"}, priorityClassName="low"))
    cluster.apply(pod("go-1", requests={"cpu": "3"}))
    cluster.apply(pod("go-2", requests={"cpu": "3"}))
    cluster.settle()
    for number in range(2):
        cluster.apply(pod(f"vip-{number}", requests={"cpu": "3"}, priorityClassName="high"))
    cluster.settle()

    left = {one.metadata.name: one.spec.nodeName for one in cluster.objects("pods", "default")}
    assert sorted(left) == ["keep", "vip-0", "vip-1"]
    assert None not in left.values()


def test_a_deployment_that_loses_pods_gets_them_back_when_there_is_room(cluster):
    cluster.apply(deployment("web", replicas=3, requests={"cpu": "3"}))
    cluster.settle()
    cluster.apply(pod("vip", requests={"cpu": "3"}, priorityClassName="high"))
    cluster.settle()
    assert cluster.client.get("deployments.apps", "web", "default").status.availableReplicas == 2

    cluster.client.delete("pods", "vip", "default")
    cluster.settle()

    assert cluster.client.get("deployments.apps", "web", "default").status.availableReplicas == 3


def test_a_pod_that_prefers_a_zone_takes_another_when_it_must(cluster):
    wish = {
        "weight": 100,
        "preference": {
            "matchExpressions": [
                {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["zone-b"]}
            ]
        },
    }
    affinity = {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [wish]}}
    for number in range(2):
        cluster.apply(pod(f"p-{number}", requests={"cpu": "3"}, affinity=affinity))
        cluster.settle()

    assert get(cluster, "p-0").spec.nodeName == "node-2"
    assert get(cluster, "p-1").spec.nodeName in {"node-1", "node-3"}
