"""A more important pod takes the place of less important ones, once they have left."""

from kcore.testing.builders import pod

VIP = {
    "apiVersion": "scheduling.k8s.io/v1",
    "kind": "PriorityClass",
    "metadata": {"name": "vip"},
    "value": 1000,
}


def fill(cluster, **fields):
    cluster.apply(VIP)
    for number in range(3):
        cluster.apply(pod(f"filler-{number}", requests={"cpu": "3"}, **fields))
    cluster.settle()


def test_a_less_important_pod_is_evicted_and_the_preemptor_gets_its_node(cluster):
    fill(cluster)
    cluster.apply(pod("vip", requests={"cpu": "3"}, priorityClassName="vip"))
    cluster.settle()

    vip = cluster.client.get("pods", "vip", "default")
    left = [value.metadata.name for value in cluster.client.list("pods", "default")]
    assert vip.spec.nodeName is not None
    assert len([name for name in left if name.startswith("filler")]) == 2
    reasons = [event.reason for event in cluster.client.list("events", "default")]
    assert "Preempted" in reasons


def test_the_victim_is_marked_and_the_node_promised_before_it_leaves(cluster):
    fill(cluster)
    cluster.apply(pod("vip", requests={"cpu": "3"}, priorityClassName="vip"))

    def promised(cluster):
        value = cluster.client.get("pods", "vip", "default")
        return bool(value.at("status", "nominatedNodeName"))

    assert cluster.run_until(promised, "10s")
    victims = [
        value
        for value in cluster.client.list("pods", "default")
        if value.metadata.deletionTimestamp is not None
    ]
    assert len(victims) == 1
    kinds = {one.type: one.reason for one in victims[0].status.conditions}
    assert kinds["DisruptionTarget"] == "PreemptionByScheduler"


def test_equals_are_not_evicted(cluster):
    fill(cluster, priorityClassName="vip")
    cluster.apply(pod("peer", requests={"cpu": "3"}, priorityClassName="vip"))
    cluster.settle()

    assert cluster.client.get("pods", "peer", "default").spec.nodeName is None
    assert len(cluster.client.list("pods", "default")) == 4


def test_preemption_policy_never_waits(cluster):
    fill(cluster)
    cluster.apply({**VIP, "metadata": {"name": "polite"}, "preemptionPolicy": "Never"})
    cluster.apply(pod("polite", requests={"cpu": "3"}, priorityClassName="polite"))
    cluster.settle()

    value = cluster.client.get("pods", "polite", "default")
    assert value.spec.nodeName is None
    message = next(one.message for one in value.status.conditions if one.type == "PodScheduled")
    assert message.endswith("preemption: not eligible due to preemptionPolicy=Never.")


def test_a_victim_that_is_leaving_is_not_evicted_again(cluster):
    fill(cluster)
    for number in range(3):
        cluster.client.delete("pods", f"filler-{number}", "default")
    cluster.apply(pod("vip", requests={"cpu": "3"}, priorityClassName="vip"))

    def promised(cluster):
        value = cluster.client.get("pods", "vip", "default")
        return bool(value.at("status", "nominatedNodeName"))

    assert cluster.run_until(promised, "10s")
    pods = cluster.client.list("pods", "default")
    assert len(pods) == 4
    kinds = {
        condition.type for one in pods for condition in one.at("status", "conditions", default=())
    }
    assert "DisruptionTarget" not in kinds
    reasons = [event.reason for event in cluster.client.list("events", "default")]
    assert "Preempted" not in reasons
