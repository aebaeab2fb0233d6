"""Spread pods evenly over the values of node labels: as a must, and as a wish.

Filter keeps the skew of each `DoNotSchedule` constraint within bounds:

    skew = pods in this node's domain (+ 1 if the pod counts itself) - pods in the emptiest domain

Score prefers nodes in domains with few matching pods; a domain counts for more when there are many
of them (weight ln(domains + 2)).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Final, Self

from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.events import (
    ASSIGNED_POD,
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
from kcore.scheduler.framework.scores import divide, go_log, round_half_away
from kcore.scheduler.framework.status import SKIP, Status, unresolvable, unschedulable
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.spread_constraints import (
    DO_NOT_SCHEDULE,
    HOSTNAME,
    SCHEDULE_ANYWAY,
    SYSTEM_DEFAULTS,
    SpreadConstraint,
    default_constraints,
    has_all_keys,
    own_constraints,
)

REFUSED: Final = unschedulable("node(s) didn't match pod topology spread constraints")
REFUSED_WITHOUT_LABEL: Final = unresolvable(
    "node(s) didn't match pod topology spread constraints (missing required label)"
)
_FILTER_KEY: Final = "PodTopologySpread/filter"
_SCORE_KEY: Final = "PodTopologySpread/score"
_NOBODY: Final = 2**31 - 1


class Domains:
    """How many matching pods each domain of one constraint has, and the emptiest two.

    Only the emptiest two are followed when pods come and go in thought, as upstream does; after
    several changes the minimum may be stale.
    """

    __slots__ = ("counts", "lowest", "second")

    def __init__(self, counts: dict[str, int]) -> None:
        self.counts = counts
        self.lowest: tuple[str, int] = ("", _NOBODY)
        self.second: tuple[str, int] = ("", _NOBODY)
        for value, count in counts.items():
            self._follow(value, count)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Domains) and (
            (self.counts, self.lowest, self.second) == (other.counts, other.lowest, other.second)
        )

    __hash__ = None  # type: ignore[assignment]  # They change.

    def change(self, value: str, delta: int) -> None:
        """One matching pod more or less in a domain."""
        count = self.counts.get(value, 0) + delta
        self.counts[value] = count
        self._follow(value, count)

    def minimum(self, domains_count_wanted: int) -> int:
        """Pods in the emptiest domain; 0 while there are too few domains."""
        return 0 if len(self.counts) < domains_count_wanted else self.lowest[1]

    def clone(self) -> Self:
        """An independent copy."""
        twin = object.__new__(type(self))
        twin.counts = dict(self.counts)
        twin.lowest, twin.second = self.lowest, self.second
        return twin

    def _follow(self, value: str, count: int) -> None:
        if value == self.lowest[0]:
            self.lowest = (value, count)
        elif value == self.second[0]:
            self.second = (value, count)
        elif count < self.lowest[1]:
            self.lowest, self.second = (value, count), self.lowest
            return
        elif count < self.second[1]:
            self.second = (value, count)
            return
        if self.lowest[1] > self.second[1]:
            self.lowest, self.second = self.second, self.lowest


@dataclass(frozen=True, slots=True)
class _Filtering:
    constraints: tuple[SpreadConstraint, ...]
    domains: tuple[Domains, ...]

    def clone(self) -> "_Filtering":
        return _Filtering(self.constraints, tuple(one.clone() for one in self.domains))


@dataclass(frozen=True, slots=True)
class _Wish:
    """One constraint's part of the score: per domain; None for hosts, which are their own."""

    constraint: SpreadConstraint
    weight: float
    parts: dict[str, float] | None

    def part(self, count: int) -> float:
        return score_for_count(count, self.constraint.max_skew, self.weight)


@dataclass(frozen=True, slots=True)
class _Scoring:
    wishes: tuple[_Wish, ...]
    ignored: frozenset[str] = field(default_factory=frozenset)


class PodTopologySpread:
    """Filter and score by spread constraints; without its own, a pod gets the profile's."""

    name: Final = "PodTopologySpread"

    def __init__(self, args: FrozenMap) -> None:
        """Take the default constraints: upstream's, or those of `defaultingType: List`."""
        self.is_system = args.get("defaultingType") in (None, "", "System")
        listed = args.get("defaultConstraints") or EMPTY_LIST
        self.defaults: Sequence[FrozenMap] = SYSTEM_DEFAULTS if self.is_system else listed

    def pre_filter(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> PreFilterResult:
        """Count matching pods per domain. O(constraints * nodes)."""
        constraints = self.constraints(state.handle, pod, DO_NOT_SCHEDULE)
        if not constraints:
            return PreFilterResult(SKIP)
        counts: list[dict[str, int]] = [{} for _ in constraints]
        for node in nodes:
            if not has_all_keys(node.labels, constraints):
                continue
            for constraint, counted in zip(constraints, counts, strict=True):
                if constraint.includes(pod, node):
                    value = node.labels[constraint.topology_key]
                    counted[value] = counted.get(value, 0) + constraint.count(node)
        domains = tuple(Domains(counted) for counted in counts)
        state.write(_FILTER_KEY, _Filtering(constraints, domains))
        return PASSED

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Check the skew of each constraint, in order."""
        filtering: _Filtering = state.read(_FILTER_KEY)
        for constraint, domains in zip(filtering.constraints, filtering.domains, strict=True):
            value = node.labels.get(constraint.topology_key)
            if value is None:
                return REFUSED_WITHOUT_LABEL
            skew = domains.counts.get(value, 0) + constraint.means(pod)
            if skew - domains.minimum(constraint.min_domains_count) > constraint.max_skew:
                return REFUSED
        return None

    def add_pod(self, state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo) -> None:
        """Count one pod more."""
        _recount(state, pod, other, node, 1)

    def remove_pod(self, state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo) -> None:
        """Count one pod less."""
        _recount(state, pod, other, node, -1)

    def pre_score(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> Status | None:
        """Count matching pods in the domains of the feasible nodes. O(constraints * all nodes)."""
        constraints = self.constraints(state.handle, pod, SCHEDULE_ANYWAY)
        if not constraints or not nodes:
            return SKIP
        needs_all = not self.is_system or bool(pod.spec.get("topologySpreadConstraints"))
        everywhere: Sequence[NodeInfo] = state.handle.snapshot.nodes
        if needs_all:
            taking_part = [node for node in nodes if has_all_keys(node.labels, constraints)]
            everywhere = [node for node in everywhere if has_all_keys(node.labels, constraints)]
            ignored = frozenset(node.name for node in nodes) - {node.name for node in taking_part}
        else:
            taking_part, ignored = list(nodes), frozenset()
        wishes = (_wish(one, pod, taking_part, everywhere) for one in constraints)
        state.write(_SCORE_KEY, _Scoring(tuple(wishes), ignored))
        return None

    def score(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """Weighted matching pods in the node's domains: the fewer the better."""
        scoring: _Scoring = state.read(_SCORE_KEY)
        if node.name in scoring.ignored:
            return 0
        score, labels = 0.0, node.labels
        for wish in scoring.wishes:
            value = labels.get(wish.constraint.topology_key)
            if value is not None:
                parts = wish.parts
                score += wish.part(wish.constraint.count(node)) if parts is None else parts[value]
        return round_half_away(score)

    def normalize(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo], scores: Sequence[int]
    ) -> list[int]:
        """Turn round and scale; nodes without the labels get 0."""
        ignored = state.read(_SCORE_KEY).ignored
        counted = [
            score for node, score in zip(nodes, scores, strict=True) if node.name not in ignored
        ]
        lowest, highest = min(counted, default=0), max(counted, default=0)
        # Many nodes, few different scores.
        scaled = {score: _scaled(score, lowest, highest) for score in dict.fromkeys(counted)}
        return [
            0 if node.name in ignored else scaled[score]
            for node, score in zip(nodes, scores, strict=True)
        ]

    def sign(self, pod: PodInfo) -> Mapping[str, Any] | None:
        """Nothing without constraints; with some, a place depends on where other pods are."""
        return None if self.defaults or pod.spec.get("topologySpreadConstraints") else {}

    def events_to_register(self) -> tuple[EventRegistration, ...]:
        """Matching pods came, went or changed, or nodes did."""
        pods = Action.ADD | Action.DELETE | Action.UPDATE_POD_LABEL
        target = Action.UPDATE_POD_LABEL | Action.UPDATE_POD_TOLERATION
        nodes = Action.ADD | Action.DELETE | Action.UPDATE_NODE_LABEL | Action.UPDATE_NODE_TAINT
        return (
            EventRegistration(ClusterEvent(ASSIGNED_POD, pods), self._after_pod_change),
            EventRegistration(ClusterEvent(TARGET_POD, target), self._after_pod_change),
            EventRegistration(ClusterEvent(NODE, nodes), self._after_node_change),
        )

    def constraints(
        self, handle: Handle, pod: PodInfo, action: str
    ) -> tuple[SpreadConstraint, ...]:
        """The pod's constraints with this `whenUnsatisfiable`: its own, else the profile's."""
        if pod.spec.get("topologySpreadConstraints"):
            return own_constraints(pod, action)
        return default_constraints(handle, pod, action, self.defaults)

    def _after_pod_change(self, handle: Handle, pod: PodInfo, change: Change) -> Hint:
        old = None if change.old is None else PodInfo(change.old)
        new = None if change.new is None else PodInfo(change.new)
        if any(one is not None and one.namespace != pod.namespace for one in (old, new)):
            return Hint.SKIP
        constraints = self.constraints(handle, pod, DO_NOT_SCHEDULE)
        if old is not None and new is not None:
            tolerates_more = new.uid == pod.uid and old.spec.get("tolerations") != new.spec.get(
                "tolerations"
            )
            helps = any(
                one.means(old) != one.means(new) or (tolerates_more and one.honours_taints)
                for one in constraints
            )
        else:
            moved = old or new
            helps = (
                moved is not None
                and bool(moved.node_name)
                and any(one.means(moved) for one in constraints)
            )
        return Hint.QUEUE if helps else Hint.SKIP

    def _after_node_change(self, handle: Handle, pod: PodInfo, change: Change) -> Hint:
        constraints = self.constraints(handle, pod, DO_NOT_SCHEDULE)
        old = None if change.old is None else NodeInfo(change.old)
        new = None if change.new is None else NodeInfo(change.new)
        was = old is not None and has_all_keys(old.labels, constraints)
        is_now = new is not None and has_all_keys(new.labels, constraints)
        if old is None or new is None:
            return Hint.QUEUE if was or is_now else Hint.SKIP
        moved = is_now and (
            old.facts.taints != new.facts.taints
            or any(
                old.labels.get(one.topology_key) != new.labels.get(one.topology_key)
                for one in constraints
            )
        )
        return Hint.QUEUE if was != is_now or moved else Hint.SKIP


@lru_cache(maxsize=4096)  # A fact about a number; the same few are asked for at every search.
def domain_weight(domains_count: int) -> float:
    """How much a matching pod counts when there are so many domains."""
    return go_log(float(domains_count + 2))


def score_for_count(count: int, max_skew: int, weight: float) -> float:
    """One constraint's part of the raw score."""
    return float(count) * weight + float(max_skew - 1)


def _scaled(score: int, lowest: int, highest: int) -> int:
    if highest == 0:
        return MAX_NODE_SCORE
    return divide(MAX_NODE_SCORE * (highest + lowest - score), highest)


def _wish(
    constraint: SpreadConstraint,
    pod: PodInfo,
    nodes: Sequence[NodeInfo],
    everywhere: Sequence[NodeInfo],
) -> _Wish:
    """Count matching pods everywhere, in the domains that `nodes` lie in."""
    key = constraint.topology_key
    if key == HOSTNAME:
        return _Wish(constraint, domain_weight(len(nodes)), None)
    counts = {node.labels.get(key, ""): 0 for node in nodes}
    includes_all = constraint.includes_every_node(pod)
    for node in everywhere:
        value = node.labels.get(key, "")
        if value in counts and (includes_all or constraint.includes(pod, node)):
            counts[value] += constraint.count(node)
    wish = _Wish(constraint, domain_weight(len(counts)), {})
    parts = {value: wish.part(count) for value, count in counts.items()}
    return replace(wish, parts=parts)


def _recount(state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo, delta: int) -> None:
    filtering: _Filtering = state.read(_FILTER_KEY)
    constraints = filtering.constraints
    if other.namespace != pod.namespace or not has_all_keys(node.labels, constraints):
        return
    for constraint, domains in zip(constraints, filtering.domains, strict=True):
        if constraint.means(other) and constraint.includes(pod, node):
            domains.change(node.labels[constraint.topology_key], delta)
