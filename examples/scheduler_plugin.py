"""A scheduler plugin of one's own, and two profiles in one cluster.

    python examples/scheduler_plugin.py

`LicensedNodes` filters (a pod with the label `licensed` needs a node with a licence) and scores
(nodes with more licences first). The profile `licensed` uses it with args and a weight of its
own; the profile `packing` fills nodes up; everybody else gets the default profile.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass

import kcore
from kcore.config import scheduler_options
from kcore.scheduler.builtin import REGISTRY
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.events import NODE, Action, ClusterEvent, EventRegistration
from kcore.scheduler.framework.scores import default_normalize
from kcore.scheduler.framework.status import Status, unresolvable
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo

CONFIGURATION = """
apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
profiles:
- schedulerName: default-scheduler
- schedulerName: licensed
  plugins:
    multiPoint:
      enabled: [{name: LicensedNodes, weight: 5}]
  pluginConfig:
  - name: LicensedNodes
    args: {label: example.com/licenses}
- schedulerName: packing
  pluginConfig:
  - name: NodeResourcesFit
    args: {scoringStrategy: {type: MostAllocated}}
"""


@dataclass(frozen=True)
class LicenseArgs:
    """The plugin's args: the node label that counts licences."""

    label: str = "licenses"

    def __post_init__(self) -> None:
        """Refuse an empty label."""
        if not self.label:
            raise ValueError("label: must not be empty")


class LicensedNodes:
    """Filter and Score by the number of licences on a node."""

    name = "LicensedNodes"

    def __init__(self, args: LicenseArgs) -> None:
        """Remember which label to read; plugins keep nothing else."""
        self._label = args.label

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """A licensed pod needs a licence."""
        if not pod.labels.get("licensed") or self._licenses(node):
            return None
        return unresolvable("node(s) had no license")

    def score(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """More licences are better."""
        return self._licenses(node)

    def normalize(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo], scores: Sequence[int]
    ) -> list[int]:
        """The most licences count 100."""
        return default_normalize(scores)

    def events_to_register(self) -> tuple[EventRegistration, ...]:
        """Only new nodes and new labels can help a pod that this plugin refused."""
        event = ClusterEvent(NODE, Action.ADD | Action.UPDATE_NODE_LABEL)
        return (EventRegistration(event),)

    def _licenses(self, node: NodeInfo) -> int:
        return int(node.labels.get(self._label) or 0)


def build_cluster() -> kcore.Cluster:
    """Three nodes, two of them with licences, and a scheduler with three profiles."""
    registry = REGISTRY.with_plugin("LicensedNodes", LicensedNodes, args_type=LicenseArgs)
    nodes = (
        kcore.NodeSpec("plain"),
        kcore.NodeSpec("few", labels={"example.com/licenses": "2"}),
        kcore.NodeSpec("many", labels={"example.com/licenses": "9"}),
    )
    scheduler = scheduler_options(CONFIGURATION, registry=registry)
    cluster = kcore.Cluster(config=kcore.ClusterConfig(nodes=nodes, seed=1, scheduler=scheduler))
    cluster.settle()
    return cluster


def pod(name: str, scheduler_name: str, labels: dict[str, str] | None = None) -> kcore.FrozenMap:
    """A pod of one profile that asks for half a core."""
    container = {"name": "main", "image": "x", "resources": {"requests": {"cpu": "500m"}}}
    value: kcore.FrozenMap = kcore.freeze(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "labels": labels or {}},
            "spec": {"schedulerName": scheduler_name, "containers": [container]},
        }
    )
    return value


def main() -> int:
    """Place a few pods and show where they went."""
    cluster = build_cluster()
    cluster.apply(pod("solver", "licensed", {"licensed": "yes"}))
    for number in range(3):
        cluster.apply(pod(f"packed-{number}", "packing"))
        cluster.settle()
    cluster.apply(pod("orphan", "nobody"))
    cluster.settle()
    for value in cluster.objects("pods", "default"):
        print(f"{value.metadata.name:10} {value.spec.nodeName or '(waits for a scheduler)'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
