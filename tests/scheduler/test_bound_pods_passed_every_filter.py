"""In running clusters: when a pod is bound, its node passes every filter, asked afresh."""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

import kcore
from kcore.config import scheduler_options
from kcore.scheduler.builtin import REGISTRY
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.testing.builders import pod

CONFIG = """
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles: [{plugins: {multiPoint: {enabled: [{name: Auditor}]}}}]
"""
ZONE = "topology.kubernetes.io/zone"
APPS = st.sampled_from(["a", "b"])
CLASSES = [
    {
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": name},
        "value": value,
    }
    for name, value in (("low", 1), ("high", 100))
]


def spread(app):
    return {
        "topologyKey": ZONE,
        "maxSkew": 1,
        "whenUnsatisfiable": "DoNotSchedule",
        "labelSelector": {"matchLabels": {"app": app}},
    }


def shy(app):
    term = {"labelSelector": {"matchLabels": {"app": app}}, "topologyKey": "kubernetes.io/hostname"}
    return {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [term]}}


WISHES = st.fixed_dictionaries(
    {},
    optional={
        "topologySpreadConstraints": APPS.map(lambda app: [spread(app)]),
        "affinity": APPS.map(shy),
        "nodeSelector": st.sampled_from(["zone-a", "zone-b"]).map(lambda zone: {ZONE: zone}),
        "priorityClassName": st.sampled_from(["low", "high"]),
        "tolerations": st.just([{"operator": "Exists"}]),
    },
)
PODS = st.lists(st.tuples(APPS, st.sampled_from(["500m", "1", "3"]), WISHES), max_size=8)


@dataclass
class Auditor:
    """PreBind: asks all filters again about the chosen node, in a state of its own."""

    refusals: list = field(default_factory=list)
    asked: int = 0
    name = "Auditor"

    def pre_bind(self, state, pod, node_name):
        handle = state.handle
        runner = handle.runners[pod.scheduler_name]
        fresh = CycleState(handle)
        self.asked += 1
        outcome = runner.pre_filter(fresh, pod, handle.snapshot.nodes)
        status = outcome.status or runner.filter(fresh, pod, handle.snapshot.get(node_name))
        inside = outcome.node_names is None or node_name in outcome.node_names
        if status is not None or not inside:
            self.refusals.append((pod.key, node_name, status))


@settings(max_examples=12)
@given(pods=PODS, taint=st.booleans(), seed=st.integers(0, 9))
def test_no_pod_is_bound_against_a_filter(pods, taint, seed):
    auditor = Auditor()
    registry = REGISTRY.with_plugin("Auditor", lambda args: auditor)
    taints = [{"key": "k", "effect": "NoSchedule"}] if taint else []
    nodes = (
        kcore.NodeSpec("n1", zone="zone-a"),
        kcore.NodeSpec("n2", zone="zone-b"),
        kcore.NodeSpec("n3", zone="zone-b", taints=taints),
    )
    options = scheduler_options(CONFIG, registry=registry)
    cluster = kcore.Cluster(config=kcore.ClusterConfig(nodes=nodes, seed=seed, scheduler=options))
    cluster.settle()
    for obj in CLASSES:
        cluster.apply(obj)
    for number, (app, cpu, wishes) in enumerate(pods):
        cluster.apply(pod(f"p{number}", labels={"app": app}, requests={"cpu": cpu}, **wishes))
    cluster.settle()

    assert auditor.refusals == []
    bound = [one for one in cluster.objects("pods", "default") if one.spec.nodeName]
    assert auditor.asked >= len(bound)
    assert bool(bound) == bool(pods)
