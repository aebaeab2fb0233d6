"""Running, looking, comparing: the verbs of a cluster."""

import pytest

import kcore
from kcore.reconcile.controller import Controller
from kcore.reconcile.reconciler import DONE, Reconciler
from kcore.reconcile.sources import For
from kcore.runtime.clock import SECOND_NS
from kcore.store.mvcc import Store
from kcore.testing.builders import deployment, pod


@pytest.fixture
def cluster() -> kcore.Cluster:
    return kcore.Cluster(nodes=2, seed=1)


def test_run_for_passes_exactly_that_time(cluster) -> None:
    cluster.run_for("1m30s")
    assert cluster.elapsed_ns == 90 * SECOND_NS


def test_run_until_stops_at_the_first_step_that_shows_it(cluster) -> None:
    cluster.apply(deployment("web"))

    def one_running(world: kcore.Cluster) -> bool:
        return any(pod.status.phase == "Running" for pod in world.client.list("pods"))

    assert cluster.run_until(one_running)
    assert sum(pod.status.phase == "Running" for pod in cluster.client.list("pods")) == 1
    assert not cluster.run_until(lambda world: len(world.client.list("pods")) > 3, timeout="5m")


def test_settling_says_what_is_missing(cluster) -> None:
    cluster.settle()  # both nodes have joined
    cluster.apply(pod("big", requests={"cpu": "64"}))
    result = cluster.settle()
    assert not result
    assert result.quiet
    (unmet,) = result.unmet
    assert (unmet.kind, unmet.name) == ("Pod", "big")
    assert "2 Insufficient cpu" in unmet.reasons[0]


def test_explain_names_each_nodes_reason(cluster) -> None:
    cluster.apply(pod("big", requests={"cpu": "64"}))
    cluster.settle()
    explanation = cluster.explain("big")
    assert {node.node for node in explanation.nodes} == {"node-1", "node-2"}
    assert "Insufficient cpu" in explanation.message
    with pytest.raises(kcore.ApiError, match='pods "gone" not found'):
        cluster.explain("gone")


def test_snapshots_differ_by_what_changed(cluster) -> None:
    cluster.apply(deployment("web"))
    cluster.settle()
    before = cluster.snapshot()
    cluster.client.deployments.delete("web")
    cluster.settle()
    changes = before.diff(cluster.snapshot())
    assert [str(change) for change in changes if change.resource == "deployments.apps"] == [
        "removed deployments.apps default/web"
    ]
    assert sum(change.resource == "pods" and change.action == "removed" for change in changes) == 3
    assert before.diff(before) == []


def test_a_failed_nodes_pods_move_and_it_can_come_back(cluster) -> None:
    cluster.apply(deployment("web", replicas=4))
    cluster.settle()
    cluster.fail_node("node-1")
    cluster.run_for("7m")
    running = [obj for obj in cluster.client.list("pods") if obj.metadata.deletionTimestamp is None]
    assert [obj.spec.nodeName for obj in running] == ["node-2"] * 4
    cluster.recover_node("node-1")
    cluster.run_for("2m")
    assert cluster.settle().settled
    assert len(cluster.client.list("pods")) == 4


def test_unknown_nodes_and_bad_descriptions_are_named(cluster) -> None:
    with pytest.raises(KeyError, match="node-9"):
        cluster.fail_node("node-9")
    with pytest.raises(ValueError, match="-1 is negative"):
        kcore.Cluster(nodes=-1)
    with pytest.raises(ValueError, match="'a' is used twice"):
        kcore.Cluster(nodes=["a", "a"])


class Tagger(Reconciler):
    """Labels every ConfigMap."""

    def __init__(self, context):
        self._client = context.client
        self._maps = context.lister("configmaps")

    def reconcile(self, request):
        found = self._maps.get(request.namespace, request.name)
        if found is not None and not found.at("metadata", "labels", "seen"):
            self._client.update(found.set(("metadata", "labels", "seen"), "yes"))
        return DONE


def build(context):
    return Controller("tagger", context, Tagger(context), [For("configmaps")])


def test_a_users_controller_takes_part_and_is_forked(cluster) -> None:
    cluster.add_controller("tagger-operator", build)
    fork = cluster.fork()
    fork.apply({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}})
    fork.settle()
    assert fork.client.configmaps.get("x").metadata.labels.seen == "yes"
    assert all(obj.metadata.name != "x" for obj in cluster.client.list("configmaps"))
    with pytest.raises(kcore.InvariantError, match="two processes are called"):
        cluster.add_controller("tagger-operator", build)


def test_paranoid_clusters_check_their_store(monkeypatch) -> None:
    checks = []

    def check(store: Store) -> None:
        checks.append(store.revision)

    monkeypatch.setattr(Store, "check_invariants", check)
    cluster = kcore.Cluster(config=kcore.ClusterConfig(paranoid=True))
    cluster.settle()
    assert checks == [max(checks)]
