"""Opportunistic batching: the next equal pod takes a node that the last search left over."""

from dataclasses import dataclass, field, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kcore
from kcore.machinery.frozen import freeze
from kcore.scheduler.builtin import REGISTRY
from kcore.scheduler.configuration import options_from
from kcore.scheduler.framework.runner import Runner
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.score_heap import heap_order
from kcore.scheduler.signature import signature
from kcore.testing.builders import pod

SPREAD_BY_LIST = {"name": "PodTopologySpread", "args": {"defaultingType": "List"}}
CONFIG = {
    "apiVersion": "kubescheduler.config.k8s.io/v1",
    "kind": "KubeSchedulerConfiguration",
    "profiles": [{"pluginConfig": [SPREAD_BY_LIST]}],
}


@dataclass
class Counting:
    """A filter that lets everything pass and counts how often it is asked about a pod."""

    asked: dict = field(default_factory=dict)
    name = "Counting"

    def filter(self, state, pod, node):
        self.asked[pod.name] = self.asked.get(pod.name, 0) + 1

    def sign(self, pod):
        return {"shape": pod.labels.get("shape")}


def run(*, batching, pods):
    counting = Counting()
    config = freeze(CONFIG).set(
        ("profiles", 0, "plugins"), {"multiPoint": {"enabled": [{"name": "Counting"}]}}
    )
    registry = REGISTRY.with_plugin("Counting", lambda args: counting)
    options = options_from(config, registry=registry)
    options = replace(options, opportunistic_batching=batching)
    names = [kcore.NodeSpec(f"node-{number}") for number in range(8)]
    cluster = kcore.Cluster(config=kcore.ClusterConfig(nodes=tuple(names), scheduler=options))
    cluster.settle()
    for name, fields in pods.items():
        cluster.apply(pod(name, **fields))
    cluster.settle()
    return cluster, counting.asked


EQUAL = {f"web-{number}": {"labels": {"shape": "a"}, "image": "web:1"} for number in range(4)}


def test_equal_pods_are_filtered_on_few_nodes():
    cluster, asked = run(batching=True, pods=EQUAL)

    assert asked["web-0"] == 8
    # The node used last, and the hint.
    assert [asked[f"web-{number}"] for number in (1, 2, 3)] == [2, 2, 2]
    nodes = [one.spec.nodeName for one in cluster.client.list("pods", "default")]
    assert len(set(nodes)) == 4


def test_without_it_every_pod_looks_at_every_node():
    _, asked = run(batching=False, pods=EQUAL)

    assert set(asked.values()) == {8}


def test_another_signature_starts_a_new_search():
    _, asked = run(batching=True, pods={"a": {}, "b": {"labels": {"shape": "b"}}})

    assert asked == {"a": 8, "b": 8}


def test_batches_are_forked():
    cluster, _ = run(batching=True, pods={"a": {}})
    cluster.apply(pod("b"))
    twin = cluster.fork()

    assert cluster.settle()
    assert twin.settle()
    assert twin.client.get("pods", "b", "default") == cluster.client.get("pods", "b", "default")


@pytest.mark.parametrize(
    "fields",
    [
        {"affinity": {"podAntiAffinity": {}}},
        {"topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone"}]},
        {"resourceClaims": [{"name": "gpu", "resourceClaimName": "gpu"}]},
    ],
)
def test_a_pod_whose_place_depends_on_others_has_no_signature(fields):
    runner = Runner(options_from(freeze(CONFIG)).profiles[0], REGISTRY)

    assert signature(runner, PodInfo(freeze(pod("free")))) is not None
    assert signature(runner, PodInfo(freeze(pod("tied", **fields)))) is None


@given(st.lists(st.integers(0, 5), max_size=40))
def test_the_heap_gives_everything_out_best_first(totals):
    order = heap_order(totals)

    assert sorted(order) == list(range(len(totals)))
    assert [totals[index] for index in order] == sorted(totals, reverse=True)
