"""A pod that fits gets a node and an event; one that does not says why in upstream's words."""

import kcore
from kcore.testing.builders import pod


def events(cluster, name):
    return [
        (event.reason, event.message)
        for event in cluster.client.list("events", "default")
        if event.involvedObject.name == name and event.source.component == "default-scheduler"
    ]


def condition(value):
    found = [one for one in value.status.conditions if one.type == "PodScheduled"]
    return found[0].status, found[0].reason, found[0].message


def test_a_pod_that_fits_is_bound_and_announced(cluster, place):
    value = place("web", requests={"cpu": "100m"})

    assert value.spec.nodeName in {"node-1", "node-2", "node-3"}
    message = f"Successfully assigned default/web to {value.spec.nodeName}"
    assert events(cluster, "web") == [("Scheduled", message)]


def test_a_pod_that_fits_nowhere_says_why(cluster, place):
    value = place("big", requests={"cpu": "1k"})

    message = (
        "0/3 nodes are available: 3 Insufficient cpu. preemption: 0/3 nodes are available: "
        "3 Preemption is not helpful for scheduling."
    )
    assert value.spec.nodeName is None
    assert condition(value) == ("False", "Unschedulable", message)
    assert events(cluster, "big") == [("FailedScheduling", message)]


def test_reasons_are_counted_and_sorted_as_words(cluster, place):
    cluster.client.patch("nodes", "node-1", {"spec": {"unschedulable": True}})
    taint = {"key": "team", "value": "a", "effect": "NoSchedule"}
    cluster.client.patch("nodes", "node-2", {"spec": {"taints": [taint]}})
    cluster.settle()

    value = place("picky", nodeSelector={"disk": "ssd"})

    assert condition(value)[2].startswith(
        "0/3 nodes are available: 1 node(s) didn't match Pod's node affinity/selector, "
        "1 node(s) had untolerated taint(s), 1 node(s) were unschedulable."
    )


def test_a_waiting_pod_is_tried_again_when_the_cluster_changes(cluster, place):
    assert place("late", nodeSelector={"disk": "ssd"}).spec.nodeName is None

    cluster.client.patch("nodes", "node-2", {"metadata": {"labels": {"disk": "ssd"}}})
    cluster.settle()

    assert cluster.client.get("pods", "late", "default").spec.nodeName == "node-2"


def test_a_pod_of_another_scheduler_is_left_alone(cluster, place):
    value = place("foreign", schedulerName="somebody-else")

    assert value.spec.nodeName is None
    assert value.at("status", "conditions") is None


def test_gated_pods_wait_outside_until_the_last_gate_is_gone(cluster, place):
    value = place("gated", schedulingGates=[{"name": "example.com/quota"}])
    assert value.spec.nodeName is None
    assert events(cluster, "gated") == []

    cluster.client.patch("pods", "gated", {"spec": {"schedulingGates": None}}, "default")
    cluster.settle()

    assert cluster.client.get("pods", "gated", "default").spec.nodeName is not None


def test_without_nodes_pods_wait_and_the_world_settles():
    cluster = kcore.Cluster(nodes=0, seed=1)
    cluster.apply(pod("alone"))

    assert cluster.settle().quiet
    value = cluster.client.get("pods", "alone", "default")
    assert condition(value)[2] == "no nodes available to schedule pods"


def test_claims_on_devices_are_refused_by_name(cluster, place):
    value = place("accelerated", resourceClaims=[{"name": "gpu", "resourceClaimName": "gpu"}])

    assert value.spec.nodeName is None
    assert "not modelled by kcore: spec.resourceClaims (DynamicResources)" in condition(value)[2]
