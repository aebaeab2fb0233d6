"""An explanation names every plugin's verdict about every node, and what would help."""

import json

from kcore.testing.builders import pod


def test_the_smallest_change_comes_first(cluster, place):
    for name in ("node-1", "node-3"):
        cluster.client.patch("nodes", name, {"spec": {"unschedulable": True}})
    cluster.settle()
    place("big", requests={"cpu": "4200m"})

    explanation = cluster.explain("big")

    assert not explanation.feasible
    assert explanation.message.startswith("0/3 nodes are available: ")
    assert explanation.suggestions[0].endswith("more cpu on node-2")
    assert "uncordon node-1" in explanation.suggestions[1]


def test_following_the_advice_makes_the_pod_fit(cluster, place):
    taint = {"key": "team", "value": "a", "effect": "NoSchedule"}
    for name in ("node-1", "node-2", "node-3"):
        cluster.client.patch("nodes", name, {"spec": {"taints": [taint]}})
    cluster.settle()
    place("shy")
    assert cluster.explain("shy").suggestions[0] == "tolerate taint team=a:NoSchedule of node-1"

    value = place("bold", tolerations=[{"key": "team", "operator": "Exists"}])

    assert value.spec.nodeName is not None


def test_a_bound_pod_is_explained_as_if_it_had_no_node(cluster, place):
    value = place("web", requests={"cpu": "100m"})

    explanation = cluster.explain("web")

    assert explanation.node == value.spec.nodeName
    assert explanation.feasible
    assert explanation.message == ""
    assert explanation.suggestions == ()
    assert set(explanation.best) <= {"node-1", "node-2", "node-3"}
    scores = {score.plugin for node in explanation.nodes for score in node.scores}
    assert {"NodeResourcesFit", "TaintToleration", "ImageLocality"} <= scores


def test_totals_are_the_sums_of_the_plugins(cluster, place):
    place("web", requests={"cpu": "100m"})

    for node in cluster.explain("web").nodes:
        assert node.total == sum(score.weighted for score in node.scores)


def test_all_refusals_of_a_node_are_named_not_only_the_first(cluster, place):
    cluster.client.patch("nodes", "node-1", {"spec": {"unschedulable": True}})
    cluster.settle()
    place("picky", requests={"cpu": "1k"}, nodeSelector={"disk": "ssd"})

    node = next(one for one in cluster.explain("picky").nodes if one.node == "node-1")

    refused = {verdict.plugin for verdict in node.verdicts if not verdict.passed}
    assert {"NodeUnschedulable", "NodeAffinity", "NodeResourcesFit"} <= refused


def test_explaining_changes_nothing_and_is_plain_data(cluster):
    value = pod("never-created")
    before = cluster.trace.digest

    text = json.dumps(cluster.explain(value).to_dict())

    assert json.loads(text)["name"] == "never-created"
    assert cluster.trace.digest == before
