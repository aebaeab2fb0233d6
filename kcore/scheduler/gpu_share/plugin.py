"""The plugin `GpuShare`: pods that share GPUs, placed by one of six policies.

    - schedulerName: default-scheduler
      plugins:
        multiPoint: {enabled: [{name: GpuShare, weight: 1000}]}
      pluginConfig:
      - name: GpuShare
        args: {policy: FGD, typicalPods: [{cpu: 4000, gpus: 1, milli: 500, share: 0.7}, ...]}

Filter keeps pods off nodes whose devices cannot take them, Score is the policy's, and PreBind
writes into the pod's annotations which devices it got. The same kernel replays traces; see
`kcore.replay`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kcore.errors import ApiError
from kcore.machinery.frozen import FrozenMap, freeze
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.interfaces import MAX_NODE_SCORE
from kcore.scheduler.framework.status import Status, failed, unresolvable, unschedulable
from kcore.scheduler.gpu_share.devices import (
    INDEX,
    GpuRequestError,
    best_devices,
    gpu_count,
    gpu_model,
    gpus_of,
    models_of,
    usage,
)
from kcore.scheduler.gpu_share.placement import POLICIES, Placement
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo

TYPICAL_FIELDS: Final = frozenset(("cpu", "gpus", "milli", "models", "share"))


@dataclass(frozen=True)
class GpuShareArgs:
    """`policy` is one of `POLICIES`; FGD needs the expected workload in `typicalPods`.

    A typical pod has `cpu` (milli), `gpus`, `milli` of each (1000 if absent), `models` (a list,
    any if absent) and its `share` of all pods.
    """

    policy: str = "BestFit"
    typicalPods: tuple[Any, ...] = ()  # noqa: N815 - as it stands in the configuration

    def __post_init__(self) -> None:
        """Refuse what the kernel could not use."""
        if self.policy not in POLICIES:
            raise ValueError(f"policy: must be one of {', '.join(POLICIES)}")
        if self.policy == "FGD" and not self.typicalPods:
            raise ValueError("typicalPods: Required value: FGD needs the expected workload")
        for index, pod in enumerate(self.typicalPods):
            if not isinstance(pod, dict) or not pod.keys() <= TYPICAL_FIELDS:
                fields = ", ".join(sorted(TYPICAL_FIELDS))
                raise ValueError(f"typicalPods[{index}]: must be an object with fields {fields}")


class GpuShare:
    """Filters by devices, scores by a policy, and writes down which devices a pod got."""

    name: Final = "GpuShare"

    def __init__(self, args: GpuShareArgs) -> None:
        """Remember the policy; plugins keep nothing else."""
        self._policy = args.policy
        self._typical = args.typicalPods

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """The pod needs devices that fit, of a model that it accepts. O(pods on the node)."""
        try:
            count, milli = gpus_of(pod.pod)
        except GpuRequestError as error:
            return unresolvable(str(error))
        if not count:
            return None
        models = models_of(pod.pod)
        if gpu_count(node) < count or (models and gpu_model(node) not in models):
            return unresolvable("node(s) had no such GPU")
        left, _ = usage((one.pod for one in node.pods), gpu_count(node))
        if len(best_devices(left, count, milli)) < count:
            return unschedulable("Insufficient alibabacloud.com/gpu-milli")
        return None

    def pre_score(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> Status | None:
        """Score all feasible nodes at once. O(nodes * pods on them)."""
        if self._policy == "Random":
            chosen = nodes[state.handle.choices.choose(len(nodes), "gpu-share")].name
            state.write(self.name, {chosen: MAX_NODE_SCORE})
            return None
        placement = self._placement(pod, nodes)
        for index, node in enumerate(nodes):
            placement.occupy(index, *usage((one.pod for one in node.pods), gpu_count(node)))
        scores = {node.name: placement.score(0, index) for index, node in enumerate(nodes)}
        state.write(self.name, scores)
        return None

    def score(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """What the policy gives this node, 0 to 100."""
        scores: Mapping[str, int] = state.read(self.name)
        return max(scores.get(node.name, 0), 0)

    def pre_bind(self, state: CycleState, pod: PodInfo, node_name: str) -> Status | None:
        """Choose devices by what the API holds at this moment, and write them down."""
        if not gpus_of(pod.pod)[0]:
            return None
        node = state.handle.snapshot.get(node_name)
        if node is None:
            return unschedulable("node(s) had no such GPU")
        bound = state.handle.client.list("pods", field_selector=f"spec.nodeName={node_name}")
        placement = self._placement(pod, [node])
        placement.occupy(0, *usage(bound, gpu_count(node)))
        if not placement.candidates(0):
            return unschedulable("Insufficient alibabacloud.com/gpu-milli")
        before = placement.left(0)[2]
        choices = placement.device_choices(0, 0)
        placement.place(0, 0, state.handle.choices.choose(choices, "gpu-device"))
        after = placement.left(0)[2]
        indexes = "-".join(
            str(place) for place in range(len(before)) if before[place] > after[place]
        )
        return _write(state, pod, indexes)

    def _placement(self, pod: PodInfo, nodes: Sequence[NodeInfo]) -> Placement:
        """The kernel's view of these nodes, of the pod (kind 0) and of the expected workload."""
        names = dict.fromkeys((*map(gpu_model, nodes), *models_of(pod.pod)))
        for one in self._typical:
            names.update(dict.fromkeys(one.get("models", ())))
        bits = {model: bit for bit, model in enumerate(names)}
        count, milli = gpus_of(pod.pod)
        # Cpu and memory are the business of NodeResourcesFit: nodes have what the pod asks for.
        wanted = pod.requests.wanted
        kinds = [(wanted.milli_cpu, 0, count, milli, _mask(bits, models_of(pod.pod)))]
        for one in self._typical:
            gpus = one.get("gpus", 0)
            each = one.get("milli", 1000) if gpus else 0
            kinds.append((one.get("cpu", 0), 0, gpus, each, _mask(bits, one.get("models", ()))))
        rows = [
            (
                max(node.allocatable.milli_cpu - node.requested.milli_cpu, wanted.milli_cpu),
                0,
                gpu_count(node),
                bits[gpu_model(node)],
            )
            for node in nodes
        ]
        typical = [(1 + place, one.get("share", 0.0)) for place, one in enumerate(self._typical)]
        return Placement(self._policy, rows, kinds, typical)


def _mask(bits: Mapping[str, int], models: Sequence[str]) -> int:
    return sum(1 << bits[model] for model in models)


def _write(state: CycleState, pod: PodInfo, indexes: str) -> Status | None:
    metadata: FrozenMap = pod.pod["metadata"]
    patch = freeze({"metadata": {"annotations": {INDEX: indexes}}})
    try:
        state.handle.client.patch("pods", metadata["name"], patch, metadata["namespace"])
    except ApiError as error:
        return failed(error.message)
    return None
