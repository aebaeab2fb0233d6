"""What was found out for the last kind of pod is not taken for the next kind's."""

from hypothesis import given, settings
from hypothesis import strategies as st

import kcore
from kcore.config import scheduler_options
from kcore.scheduler.builtin import REGISTRY
from kcore.scheduler.framework.quiet import quiet_without
from kcore.testing.builders import pod

CONFIG = """
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- schedulerName: default-scheduler
- schedulerName: other
  plugins: {multiPoint: {enabled: [{name: Mine}]}}
"""
KINDS = {
    "plain": {},
    "gated": {"schedulingGates": [{"name": "later"}]},
    "dusty": {"volumes": [{"name": "dust", "emptyDir": {}}]},
    "other": {"schedulerName": "other"},
    "other-dusty": {"schedulerName": "other", "volumes": [{"name": "dust", "emptyDir": {}}]},
    "other-gated": {"schedulerName": "other", "schedulingGates": [{"name": "later"}]},
}


class Mine:
    """Wants to hear of its profile's bindings, and before them of pods with volumes."""

    name = "Mine"

    def __init__(self):
        self.asked, self.told = set(), set()

    @quiet_without("volumes")
    def pre_bind(self, state, pod, node_name):
        self.asked.add(pod.name)

    def post_bind(self, state, pod, node_name):
        self.told.add(pod.name)


@given(st.lists(st.sampled_from(sorted(KINDS)), min_size=1, max_size=8), st.booleans())
@settings(max_examples=12, deadline=None)
def test_every_pod_is_treated_as_its_own_kind_is(kinds, is_forked):
    mine = Mine()
    options = scheduler_options(CONFIG, registry=REGISTRY.with_plugin("Mine", lambda args: mine))
    nodes = (kcore.NodeSpec("node-1"),)
    cluster = kcore.Cluster(config=kcore.ClusterConfig(nodes=nodes, scheduler=options))
    names = [f"{kind}-{number}" for number, kind in enumerate(kinds)]
    for position, (name, kind) in enumerate(zip(names, kinds, strict=True)):
        if is_forked and position == len(kinds) // 2:
            cluster.settle()
            cluster = cluster.fork()
        cluster.apply(pod(name, **KINDS[kind]))
    cluster.settle()
    cluster._world.scheduler.check_invariants()
    cluster._world.loop.check_invariants()
    placed = {
        name for name in names if cluster.client.get("pods", name, "default").spec.get("nodeName")
    }
    assert placed == {name for name in names if "gated" not in name}
    assert mine.told == {name for name in placed if name.startswith("other")}
    assert mine.asked == {name for name in mine.told if "dusty" in name}
