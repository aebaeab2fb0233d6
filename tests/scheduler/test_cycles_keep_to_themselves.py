"""What a plugin keeps in a cycle's state is its pod's alone, however shortly pods are placed."""

import pytest

import kcore
from kcore.config import scheduler_options
from kcore.errors import internal_error
from kcore.runtime.faults import Effect, Fault
from kcore.scheduler import options
from kcore.scheduler.builtin import REGISTRY
from kcore.scheduler.framework.quiet import quiet
from kcore.scheduler.packed.engine import PackedEngine
from kcore.testing.builders import pod

PODS_COUNT = 8
FAILURES_COUNT = 3
CONFIG = """
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- schedulerName: default-scheduler
  plugins: {multiPoint: {enabled: [{name: Scribe}]}}
"""


class Scribe:
    name = "Scribe"

    def __init__(self):
        self.read = []

    def note(self, state, pod):
        self.read.append((pod.name, state.find(self.name), sorted(state.skip_filter)))
        state.write(self.name, pod.name)


class OfBindings(Scribe):
    """Hears of bindings."""

    def post_bind(self, state, pod, node_name):
        self.note(state, pod)


class OfFailures(Scribe):
    """Hears of bindings that failed, and has nothing to say before any."""

    @quiet
    def reserve(self, state, pod, node_name):
        return None

    def unreserve(self, state, pod, node_name):
        self.note(state, pod)


@pytest.fixture(autouse=True)
def columns_at_once(monkeypatch):
    """A small cluster's pods are placed as a great one's are."""
    monkeypatch.setattr(options, "PACKED_NODES_COUNT_MIN", 1)


def told(scribe):
    """What one plugin reads while pods are placed of which some bindings fail."""
    registry = REGISTRY.with_plugin("Scribe", lambda args: scribe)
    config = kcore.ClusterConfig(
        nodes=(kcore.NodeSpec("node-1"), kcore.NodeSpec("node-2")),
        scheduler=scheduler_options(CONFIG, registry=registry),
    )
    cluster = kcore.Cluster(config=config)
    cluster.settle()
    error = internal_error("disk full")
    binding = "kube-scheduler/create/pods/binding"
    fault = Fault(binding, Effect.REFUSE, first=4, count=FAILURES_COUNT, error=error)
    cluster.faults.inject(fault)
    like = {
        "labels": {"app": "web"},
        "containers": [{"name": "web", "image": "web:1"}],
        "automountServiceAccountToken": False,  # Or each would have a volume of its own.
    }
    cluster.apply([pod(f"web-{number}", **like) for number in range(PODS_COUNT)])
    cluster.settle()
    return scribe.read


@pytest.mark.parametrize(
    ("scribe", "count"), [(OfBindings, PODS_COUNT), (OfFailures, FAILURES_COUNT)]
)
def test_each_pod_is_told_of_in_a_cycle_of_its_own(scribe, count, monkeypatch):
    shortly, spots = told(scribe()), []
    assert len(shortly) == count
    assert {found for _, found, _ in shortly} == {None}
    monkeypatch.setattr(PackedEngine, "find_again", lambda *args: spots.append(args))
    assert told(scribe()) == shortly
    assert spots
