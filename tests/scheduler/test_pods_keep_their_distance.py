"""Spread constraints and pod affinity decide in whole worlds as they do in the vectors."""

from kcore.testing.builders import deployment, pod

ZONE = "topology.kubernetes.io/zone"
HOST = "kubernetes.io/hostname"


def places(cluster, app):
    return [
        value.spec.nodeName
        for value in cluster.client.list("pods", "default")
        if value.metadata.labels.app == app
    ]


def anti_affinity(app):
    term = {"labelSelector": {"matchLabels": {"app": app}}, "topologyKey": HOST}
    return {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


def test_replicas_that_refuse_each_other_get_a_node_each_and_no_more(cluster):
    cluster.apply(deployment("shy", replicas=4, affinity=anti_affinity("shy")))
    cluster.settle()

    found = places(cluster, "shy")
    assert sorted(found, key=str) == sorted(["node-1", "node-2", "node-3", None], key=str)
    waiting = next(
        value for value in cluster.client.list("pods", "default") if value.spec.nodeName is None
    )
    message = next(one.message for one in waiting.status.conditions)
    reason = "3 node(s) didn't match pod anti-affinity rules"
    assert message.startswith(f"0/3 nodes are available: {reason}.")
    assert cluster.explain(waiting).suggestions


def test_a_place_that_becomes_free_is_taken(cluster):
    cluster.apply(deployment("shy", replicas=4, affinity=anti_affinity("shy")))
    cluster.settle()
    first = next(value for value in cluster.client.list("pods", "default") if value.spec.nodeName)

    cluster.client.delete("pods", first.metadata.name, "default")
    cluster.settle()

    assert set(places(cluster, "shy")) >= {"node-1", "node-2", "node-3"}


def test_existing_pods_refuse_newcomers(cluster, place):
    guard = place("guard", affinity=anti_affinity("guest"))

    for number in range(4):
        cluster.apply(pod(f"guest-{number}", labels={"app": "guest"}))
    cluster.settle()

    assert guard.spec.nodeName not in places(cluster, "guest")
    assert None not in places(cluster, "guest")


def test_a_hard_spread_keeps_zones_even(cluster):
    constraint = {
        "topologyKey": ZONE,
        "maxSkew": 1,
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"app": "even"}},
    }
    cluster.apply(deployment("even", replicas=6, topologySpreadConstraints=[constraint]))
    cluster.settle()

    found = places(cluster, "even")
    assert sorted(found.count(name) for name in ("node-1", "node-2", "node-3")) == [2, 2, 2]


def test_pods_that_want_company_go_where_it_is(cluster, place):
    host = place("host")
    term = {"labelSelector": {"matchLabels": {"app": "host"}}, "topologyKey": HOST}
    affinity = {"podAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}
    cluster.apply(deployment("guest", replicas=3, affinity=affinity))
    cluster.settle()

    assert places(cluster, "guest") == [host.spec.nodeName] * 3
