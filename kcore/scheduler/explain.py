"""Why a pod is, or is not, where it is: every plugin's verdict about every node.

Other than an attempt this asks all Filter plugins, not only up to the first refusal, and it asks
them about all nodes. It reads the scheduler's present caches and changes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from kcore.scheduler.advice import Advice, advise
from kcore.scheduler.attempt import NO_NODES
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.diagnosis import Diagnosis
from kcore.scheduler.framework.runner import Runner, ScoreTable
from kcore.scheduler.framework.status import Status
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.snapshot import Snapshot
from kcore.scheduler.world import SchedulerWorld


@dataclass(frozen=True, slots=True)
class Verdict:
    """One plugin about one node; without reasons it agrees."""

    plugin: str
    code: str = "Success"
    reasons: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the plugin lets the pod run there."""
        return self.code == "Success"

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"plugin": self.plugin, "code": self.code, "reasons": list(self.reasons)}


@dataclass(frozen=True, slots=True)
class PluginScore:
    """One plugin's opinion of one feasible node: raw, and normalised times weight."""

    plugin: str
    raw: int
    weighted: int

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {"plugin": self.plugin, "raw": self.raw, "weighted": self.weighted}


@dataclass(frozen=True, slots=True)
class NodeExplanation:
    """Everything about the pod on one node."""

    node: str
    verdicts: tuple[Verdict, ...]
    scores: tuple[PluginScore, ...] = ()
    total: int | None = None
    advice: tuple[Advice, ...] = ()
    """What would have to change for the pod to fit here; empty when it fits or nothing helps."""

    @property
    def feasible(self) -> bool:
        """Whether the pod fits here."""
        return all(verdict.passed for verdict in self.verdicts)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        return {
            "node": self.node,
            "feasible": self.feasible,
            "verdicts": [verdict.to_dict() for verdict in self.verdicts],
            "scores": [score.to_dict() for score in self.scores],
            "total": self.total,
            "advice": [advice.to_dict() for advice in self.advice],
        }


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer to "why (not) there?" for one pod."""

    namespace: str
    name: str
    node: str
    """Where the pod is now; empty when it waits."""
    message: str
    """Upstream's sentence when no node is feasible, else empty."""
    nodes: tuple[NodeExplanation, ...] = ()
    best: tuple[str, ...] = ()
    """The feasible nodes with the highest total; any of them may be taken."""
    suggestions: tuple[str, ...] = ()
    """The smallest changes that would make the pod fit, best first; empty when it fits."""
    pod_verdicts: tuple[Verdict, ...] = field(default=())
    """Refusals of the pod as such, before any node is looked at."""

    @property
    def feasible(self) -> bool:
        """Whether the pod fits anywhere."""
        return any(node.feasible for node in self.nodes) and not self.pod_verdicts

    def to_dict(self) -> dict[str, Any]:
        """The whole explanation as plain data, stable for scripts."""
        return {
            "namespace": self.namespace,
            "name": self.name,
            "node": self.node,
            "feasible": self.feasible,
            "message": self.message,
            "best": list(self.best),
            "suggestions": list(self.suggestions),
            "podVerdicts": [verdict.to_dict() for verdict in self.pod_verdicts],
            "nodes": [node.to_dict() for node in self.nodes],
        }


def explain(pod: PodInfo, runner: Runner, world: SchedulerWorld) -> Explanation:
    """Ask every plugin about every node. O(plugins * nodes)."""
    node_name = pod.node_name
    snapshot = _without(pod, world.cache.refresh())
    if node_name:
        pod = PodInfo(pod.pod.remove(("spec", "nodeName")), pod.requests)
    return _Explainer(pod, runner, CycleState(world.showing(snapshot)), snapshot).run(node_name)


class _Explainer:
    def __init__(self, pod: PodInfo, runner: Runner, state: CycleState, snapshot: Snapshot) -> None:
        self._pod = pod
        self._runner = runner
        self._state = state
        self._snapshot = snapshot

    def run(self, node_name: str) -> Explanation:
        pod, nodes = self._pod, self._snapshot.nodes
        gate = self._runner.pre_enqueue(self._state.handle, pod)
        outcome = self._runner.pre_filter(self._state, pod, nodes)
        refused = tuple(_verdict(one.plugin, one) for one in (gate, outcome.status) if one)
        if outcome.status is not None:
            message = Diagnosis(len(nodes), pre_filter_message=outcome.status.message).message
            return self._result(node_name, message, (), refused)
        refusals: dict[str, list[Status]] = {}
        for node in nodes:
            refusals[node.name] = self._refusals(node, outcome.node_names, outcome.outside)
        feasible = [node for node in nodes if not refusals[node.name]]
        scores = self._scores(feasible)
        explained = tuple(self._node(node, refusals[node.name], scores) for node in nodes)
        return self._result(node_name, self._message(refusals, feasible), explained, refused)

    def _refusals(
        self, node: NodeInfo, names: frozenset[str] | None, outside: Status
    ) -> list[Status]:
        found = []
        if names is not None and node.name not in names:
            found.append(outside)
        found.extend(self._runner.filter_all(self._state, self._pod, node))
        return found

    def _scores(self, feasible: list[NodeInfo]) -> ScoreTable:
        if not feasible or self._runner.pre_score(self._state, self._pod, feasible) is not None:
            return ScoreTable()
        return self._runner.score(self._state, self._pod, feasible)

    def _message(self, refusals: Mapping[str, list[Status]], feasible: list[NodeInfo]) -> str:
        if not self._snapshot.nodes:
            return NO_NODES
        if feasible:
            return ""
        first = {name: statuses[0] for name, statuses in refusals.items()}
        return Diagnosis(len(self._snapshot), first).message

    def _node(self, node: NodeInfo, refusals: list[Status], scores: ScoreTable) -> NodeExplanation:
        by_plugin = {status.plugin: status for status in refusals}
        verdicts = [_verdict(name, by_plugin.pop(name, None)) for name in self._runner.filter_names]
        verdicts.extend(_verdict(name, status) for name, status in by_plugin.items())
        advice = advise(self._pod, node, refusals)
        position = next((i for i, one in enumerate(scores.nodes) if one.name == node.name), None)
        if position is None:
            return NodeExplanation(node.name, tuple(verdicts), advice=advice)
        plugin_scores = tuple(
            PluginScore(name, raw[position], scores.weighted[name][position])
            for name, raw in scores.raw.items()
        )
        return NodeExplanation(
            node.name, tuple(verdicts), plugin_scores, scores.totals[position], advice
        )

    def _result(
        self,
        node_name: str,
        message: str,
        nodes: tuple[NodeExplanation, ...],
        refused: tuple[Verdict, ...],
    ) -> Explanation:
        totals = {node.node: node.total for node in nodes if node.total is not None}
        highest = max(totals.values(), default=None)
        return Explanation(
            namespace=self._pod.namespace,
            name=self._pod.name,
            node=node_name,
            message=message,
            nodes=nodes,
            best=tuple(name for name, total in totals.items() if total == highest),
            suggestions=() if totals else _suggestions(nodes),
            pod_verdicts=refused,
        )


def _without(pod: PodInfo, snapshot: Snapshot) -> Snapshot:
    for name in dict.fromkeys((pod.node_name, *(node.name for node in snapshot))):
        node = snapshot.get(name)
        known = None if node is None else node.find(pod.uid)
        if node is not None and known is not None:
            return snapshot.with_node(node.without_pod(known))
    return snapshot


def _verdict(plugin: str, status: Status | None) -> Verdict:
    if status is None:
        return Verdict(plugin)
    return Verdict(plugin or "framework", status.code.value, status.reasons)


def _suggestions(nodes: tuple[NodeExplanation, ...]) -> tuple[str, ...]:
    """For each node that could be made to fit: its changes, the least costly node first."""
    helped = [node for node in nodes if node.advice and all(one.helps for one in node.advice)]
    helped.sort(key=lambda node: (len(node.advice), sum(one.cost for one in node.advice)))
    return tuple(dict.fromkeys(" and ".join(str(one) for one in node.advice) for node in helped))
