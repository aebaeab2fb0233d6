"""Requests against what a node has left: the filter every pod meets, and three ways to score.

Score strategies (args `scoringStrategy.type`): `LeastAllocated` prefers empty nodes,
`MostAllocated` full ones, `RequestedToCapacityRatio` follows a broken line over utilisation.
Scores use the node's non-zero sums, so that pods without requests count for something.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from kcore.errors import InvariantError, ManifestError
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.scheduler.fit_args import fit_args_errors
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.events import (
    ASSIGNED_POD,
    DEVICE_CLASS,
    NODE,
    TARGET_POD,
    Action,
    Change,
    ClusterEvent,
    EventRegistration,
    Hint,
)
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.framework.interfaces import MAX_NODE_SCORE, PASSED, PreFilterResult
from kcore.scheduler.framework.scores import piecewise_linear, round_half_away
from kcore.scheduler.framework.status import Code, Status
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.resources import CPU, EPHEMERAL_STORAGE, MEMORY, Resources
from kcore.scheduler.shortage import IgnoredResources, shortages

# Shape scores are 0..10 in the configuration.
_SHAPE_SCORE_MAX: Final = 10
_NATIVE: Final = (CPU, MEMORY, EPHEMERAL_STORAGE)

NodeScore = Callable[[Sequence[tuple[int, int, int]]], int]
"""Score of one node from (requested, allocatable, weight) per resource."""


class NodeResourcesFit:
    """Filter and score by requests."""

    name: Final = "NodeResourcesFit"

    def __init__(self, args: FrozenMap) -> None:
        """Read ignored resources and the scoring strategy.

        Raises:
            ManifestError: args that upstream refuses, in its words.
        """
        errors = fit_args_errors(args)
        if errors:
            raise ManifestError(errors.message())
        self.ignored = IgnoredResources(
            frozenset(args.get("ignoredResources") or EMPTY_LIST),
            frozenset(args.get("ignoredResourceGroups") or EMPTY_LIST),
        )
        strategy = args.get("scoringStrategy")
        resources = None if strategy is None else strategy.get("resources")
        self.weights = (
            [(item["name"], item.get("weight") or 1) for item in resources]
            if resources
            else [(CPU, 1), (MEMORY, 1)]
        )
        self.strategy = _strategy(strategy)
        self._strategy_key = f"fit/{strategy}/"

    def pre_filter(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> PreFilterResult:
        """Nothing to prepare: requests are known per pod."""
        return PASSED

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Name every resource that the node lacks. O(resources)."""
        return self.refusal(pod, node)

    def refusal(self, pod: PodInfo, node: NodeInfo) -> Status | None:
        """What Filter says; it follows from pod and node alone."""
        wanted, free_of = pod.requests.wanted, node.allocatable
        used = node.requested
        if (
            node.pods_count < node.allowed_pods_count
            and wanted.milli_cpu <= free_of.milli_cpu - used.milli_cpu
            and wanted.memory <= free_of.memory - used.memory
            and not wanted.ephemeral_storage
            and not wanted.scalars
        ):
            return None
        missing = shortages(pod, node, self.ignored)
        if not missing:
            return None
        hopeless = any(shortage.is_hopeless for shortage in missing)
        code = Code.UNRESOLVABLE if hopeless else Code.UNSCHEDULABLE
        return Status(code, tuple(shortage.reason for shortage in missing))

    def needs(self, pod: PodInfo) -> list[tuple[str, int]]:
        """How much of what must be free; besides a slot, nothing else matters to Filter."""
        wanted = pod.requests.wanted
        return [
            (name, wanted.get(name))
            for name in (*_NATIVE, *wanted.scalars)
            if wanted.get(name) > 0 and not self.ignored.covers(name)
        ]

    def pre_score(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> Status | None:
        """Look up once what the pod asks of each scored resource."""
        state.write(self.name, self._wanted(pod))
        return None

    def _wanted(self, pod: PodInfo) -> tuple[str, list[tuple[str, int, int]]]:
        """What is asked of each scored resource, and a key that stands for it in node memos."""
        rows = self.rows(pod)
        return f"{self._strategy_key}{rows}", rows

    def rows(self, pod: PodInfo) -> list[tuple[str, int, int]]:
        """Each scored resource, its weight, and how much the pod asks of it."""
        scored = pod.requests.scored
        return [
            (name, weight, scored.get(name))
            for name, weight in self.weights
            if name in _NATIVE or scored.get(name)
        ]

    def score(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """Apply the strategy to the resources that the node has. O(resources)."""
        # A profile may switch PreScore off.
        key, wanted_rows = state.find(self.name) or self._wanted(pod)
        known: int | None = node.memo.get(key)
        if known is None:
            known = node.remember(key, self._fresh_score(wanted_rows, node))
        return known

    def _fresh_score(self, wanted_rows: list[tuple[str, int, int]], node: NodeInfo) -> int:
        rows = []
        for name, weight, wanted in wanted_rows:
            allocatable = node.allocatable.get(name)
            if allocatable:
                rows.append((_used(node, name) + wanted, allocatable, weight))
        return self.strategy(rows)

    def events_to_register(self) -> tuple[EventRegistration, ...]:
        """Somebody left or shrank, or a node appeared or grew."""
        after_pod, after_node = self._after_pod_event, self._after_node_change
        return (
            EventRegistration(ClusterEvent(ASSIGNED_POD, Action.DELETE), after_pod),
            EventRegistration(
                ClusterEvent(NODE, Action.ADD | Action.UPDATE_NODE_ALLOCATABLE), after_node
            ),
            EventRegistration(
                ClusterEvent(DEVICE_CLASS, Action.ADD | Action.UPDATE), _after_device_class_event
            ),
            EventRegistration(ClusterEvent(ASSIGNED_POD, Action.UPDATE_POD_SCALE_DOWN), after_pod),
            EventRegistration(ClusterEvent(TARGET_POD, Action.UPDATE_POD_SCALE_DOWN), after_pod),
        )

    def _after_pod_event(self, handle: Handle, pod: PodInfo, change: Change) -> Hint:
        old, new = change.old, change.new
        if new is None:
            placed = old is not None and (
                old.at("spec", "nodeName") or old.at("status", "nominatedNodeName")
            )
            return Hint.QUEUE if placed else Hint.SKIP
        if new.at("metadata", "uid") == pod.uid:
            return Hint.QUEUE
        if old is None or not new.at("spec", "nodeName"):
            return Hint.SKIP
        before, after = PodInfo(old).requests.requested, PodInfo(new).requests.requested
        wanted = pod.requests.wanted
        shrank = any(
            wanted.get(name) and before.get(name) > after.get(name)
            for name in (*_NATIVE, *wanted.scalars)
        )
        return Hint.QUEUE if shrank else Hint.SKIP

    def _after_node_change(self, handle: Handle, pod: PodInfo, change: Change) -> Hint:
        old, new = change.old, change.new
        if new is None:
            return Hint.SKIP
        node = NodeInfo(new)
        if shortages(pod, node, self.ignored):
            return Hint.SKIP
        if old is None or _grew(pod.requests.wanted, NodeInfo(old), node):
            return Hint.QUEUE
        return Hint.SKIP


def _grew(wanted: Resources, before: NodeInfo, after: NodeInfo) -> bool:
    if after.allowed_pods_count > before.allowed_pods_count:
        return True
    return any(
        wanted.get(name) and after.allocatable.get(name) > before.allocatable.get(name)
        for name in (*_NATIVE, *wanted.scalars)
    )


def _after_device_class_event(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    old, new = change.old, change.new
    """Only an extended resource that a device class provides could be concerned."""
    names = {
        device_class.at("spec", "extendedResourceName")
        for device_class in (old, new)
        if device_class is not None
    }
    return Hint.QUEUE if any(name in names for name in pod.requests.wanted.scalars) else Hint.SKIP


def _used(node: NodeInfo, name: str) -> int:
    if name == CPU:
        return node.non_zero_cpu
    if name == MEMORY:
        return node.non_zero_memory
    return node.requested.get(name)


def _strategy(strategy: FrozenMap | None) -> NodeScore:
    kind = "LeastAllocated" if strategy is None else strategy.get("type") or "LeastAllocated"
    if kind == "LeastAllocated":
        return least_allocated
    if kind == "MostAllocated":
        return most_allocated
    if kind == "RequestedToCapacityRatio" and strategy is not None:
        points = strategy.at("requestedToCapacityRatio", "shape", default=EMPTY_LIST)
        scale = MAX_NODE_SCORE // _SHAPE_SCORE_MAX
        return RequestedToCapacityRatio(
            tuple(
                (point.get("utilization") or 0, (point.get("score") or 0) * scale)
                for point in points
            )
        )
    raise InvariantError(f"no scoring strategy {kind!r}: the args were not checked")


def least_allocated(rows: Sequence[tuple[int, int, int]]) -> int:
    """The share that stays free, averaged by weight."""
    total = weights = 0
    for requested, allocatable, weight in rows:
        if requested <= allocatable:
            total += (allocatable - requested) * MAX_NODE_SCORE // allocatable * weight
        weights += weight
    return total // weights if weights else 0


def most_allocated(rows: Sequence[tuple[int, int, int]]) -> int:
    """The share that is taken, averaged by weight; more than everything counts as everything."""
    total = weights = 0
    for requested, allocatable, weight in rows:
        total += min(requested, allocatable) * MAX_NODE_SCORE // allocatable * weight
        weights += weight
    return total // weights if weights else 0


@dataclass(frozen=True, slots=True)
class RequestedToCapacityRatio:
    """A broken line over utilisation, averaged over the resources that score above 0."""

    shape: tuple[tuple[int, int], ...]

    def __call__(self, rows: Sequence[tuple[int, int, int]]) -> int:
        """The node's score, rounded to the nearest."""
        total = weights = 0
        for requested, allocatable, weight in rows:
            utilization = MAX_NODE_SCORE
            if requested <= allocatable:
                utilization = requested * MAX_NODE_SCORE // allocatable
            score = piecewise_linear(self.shape, utilization)
            if score > 0:
                total += score * weight
                weights += weight
        return round_half_away(total / weights) if weights else 0
