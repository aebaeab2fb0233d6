"""Whom to evict so that a pod fits: victims on one node, and the least costly node.

Thinks only: nodes are immutable, the cycle state is cloned per node, and nothing is written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.labels import Selector, SelectorError, from_label_selector
from kcore.machinery.timestamps import parse_time
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.handle import FilterRunner
from kcore.scheduler.framework.promised import with_guests
from kcore.scheduler.framework.room import Room
from kcore.scheduler.framework.status import Status, failed, unresolvable
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.room_trial import Likeness, RoomTrial, likeness, places_to_go, starts_of

NO_VICTIMS: Final = unresolvable("No preemption victims found for incoming pod")
# Upstream adds this to each priority, so that a pod more counts even at negative priorities.
_PRIORITY_OFFSET: Final = 2**31


@dataclass(frozen=True, slots=True)
class Candidate:
    """A node and the pods that would have to go, most important first."""

    node_name: str
    victims: tuple[PodInfo, ...]
    violations_count: int
    """Victims whose disruption budget would be broken."""


class Budget:
    """A PodDisruptionBudget during one walk: how many disruptions are left."""

    __slots__ = ("_allowed_count", "_disrupted", "_namespace", "_selector")

    def __init__(self, budget: FrozenMap) -> None:
        self._namespace: str = budget["metadata"].get("namespace") or ""
        self._allowed_count: int = budget.at("status", "disruptionsAllowed", default=0)
        self._disrupted: Mapping[str, object] = budget.at(
            "status", "disruptedPods", default=EMPTY_MAP
        )
        self._selector = _budget_selector(budget)

    def covers(self, pod: PodInfo) -> bool:
        """Whether evicting the pod uses up this budget; an empty selector covers nothing."""
        selector = self._selector
        return (
            selector is not None
            and self._namespace == pod.namespace
            and selector.matches(pod.labels)
            and pod.name not in self._disrupted
        )

    def take(self) -> bool:
        """Use up one disruption; whether it was there."""
        self._allowed_count -= 1
        return self._allowed_count >= 0


def _budget_selector(budget: FrozenMap) -> Selector | None:
    try:
        selector = from_label_selector(budget.at("spec", "selector"))
    except SelectorError:
        return None
    return None if selector.is_empty() else selector


@dataclass(frozen=True, slots=True)
class Thought:
    """One dry run's surroundings."""

    runner: FilterRunner
    budgets: Sequence[FrozenMap]
    now_ns: int
    room: Room | None = None
    """What must be free, when evictions can change nothing else."""
    known: dict[Likeness, tuple[int, ...] | None] = field(default_factory=dict)
    """Who must go from nodes that were alike; lives as long as the nodes do."""


def victims_on(
    thought: Thought, state: CycleState, pod: PodInfo, node: NodeInfo
) -> Candidate | Status:
    """The fewest, least important pods of a node that make room, or why there are none.

    All pods of lower priority are taken away; then, in order of importance, each is put back that
    leaves room: those first whose disruption budget would be broken. O(victims * filters), or
    O(victims) for a node like one that was thought about.
    """
    if node.lowest_priority >= pod.priority:
        return NO_VICTIMS
    possible = [other for other in node.pods if other.priority < pod.priority]
    found = _victims_by_room(thought, state, pod, node, possible)
    if found is not None:
        return found
    trial = _Trial(thought.runner, state.clone(), pod, node)
    for other in possible:
        trial.remove(other)
    status = trial.check()
    if status is not None:
        return status
    return _fewest(thought, node, possible, trial)


def _victims_by_room(
    thought: Thought,
    state: CycleState,
    pod: PodInfo,
    node: NodeInfo,
    possible: list[PodInfo],
) -> Candidate | Status | None:
    """What numbers alone say; None when it takes more: why not is the plugins' to say.

    Pods that were promised room here are taken to be here: that refuses no less than their absence.
    """
    room = thought.room
    if room is None:
        return None
    full = with_guests(state.handle.nominated, pod, node)
    if thought.budgets:
        trial = RoomTrial(room.needs, full, possible)
        if not trial.has_room or _is_refused_later(room, state, pod, full):
            return None
        return _fewest(thought, node, possible, trial)
    key = likeness(room.needs, full, possible, starts_of(possible))
    if key in thought.known:
        places = thought.known[key]
    else:
        trial = RoomTrial(room.needs, full, possible)
        places = places_to_go(trial, possible, importance_key(thought.now_ns))
        thought.known[key] = places
    if places is None or _is_refused_later(room, state, pod, full):
        return None
    return _candidate(node, [possible[place] for place in places], 0)


def _is_refused_later(room: Room, state: CycleState, pod: PodInfo, node: NodeInfo) -> bool:
    """Whether a plugin that no eviction helps refuses, or one that evictions help may do so."""
    return any(one.filter(state, pod, node) is not None for one in room.later_filters) or not all(
        one.stays_open(state, pod, node) for one in room.eased_filters
    )


def _fewest(
    thought: Thought, node: NodeInfo, possible: list[PodInfo], trial: "_Trial | RoomTrial"
) -> Candidate | Status:
    """Put pods back, and see who finds no room."""
    importance = importance_key(thought.now_ns)
    possible.sort(key=importance)
    violating, others = split_by_budget(possible, [Budget(one) for one in thought.budgets])
    broken = [other for other in violating if not trial.reprieve(other)]
    gone = [other for other in others if not trial.reprieve(other)]
    victims = sorted((*broken, *gone), key=importance) if violating and others else broken + gone
    return _candidate(node, victims, len(broken))


def _candidate(
    node: NodeInfo, victims: Sequence[PodInfo], violations_count: int
) -> Candidate | Status:
    if not victims:
        return failed(f'expected at least one victim pod on node "{node.name}"')
    return Candidate(node.name, tuple(victims), violations_count)


class _Trial:
    """One node in thought."""

    def __init__(
        self, runner: FilterRunner, state: CycleState, pod: PodInfo, node: NodeInfo
    ) -> None:
        self._runner = runner
        self._state = state
        self._pod = pod
        self._node = node

    def remove(self, other: PodInfo) -> None:
        self._node = self._node.without_pod(other)
        self._runner.remove_pod(self._state, self._pod, other, self._node)

    def reprieve(self, other: PodInfo) -> bool:
        """Put a pod back if there is room for both."""
        self._node = self._node.with_pod(other)
        self._runner.add_pod(self._state, self._pod, other, self._node)
        if self.check() is None:
            return True
        self.remove(other)
        return False

    def check(self) -> Status | None:
        return self._runner.filter_with_nominated(self._state, self._pod, self._node)


def split_by_budget(
    pods: Sequence[PodInfo], budgets: Sequence[Budget]
) -> tuple[list[PodInfo], list[PodInfo]]:
    """Pods whose eviction would break a budget, and the others; uses the budgets up.

    A pod's walk ends at the first budget it breaks: the rest are not charged (since 1.37).
    """
    violating: list[PodInfo] = []
    others: list[PodInfo] = []
    for pod in pods:
        breaks = bool(pod.labels) and any(
            budget.covers(pod) and not budget.take() for budget in budgets
        )
        (violating if breaks else others).append(pod)
    return violating, others


def start_ns(pod: PodInfo, now_ns: int) -> int:
    """When the pod started; one that has not yet counts as starting now."""
    text = pod.pod.at("status", "startTime")
    return now_ns if text is None else parse_time(text)


def importance_key(now_ns: int) -> Callable[[PodInfo], tuple[int, int]]:
    """Sorts the more important pod first: higher priority, then earlier start."""
    return lambda pod: (-pod.priority, start_ns(pod, now_ns))


def least_costly(candidates: Sequence[Candidate], now_ns: int) -> list[Candidate]:
    """The candidates that survive all of upstream's criteria, in order; usually one.

    Fewest broken budgets, then lowest highest priority, smallest sum of priorities, fewest
    victims, and the latest start of the most important victims.
    """
    best = list(candidates)
    for cost in _costs(now_ns):
        costs = [cost(candidate) for candidate in best]
        lowest = min(costs)
        best = [candidate for candidate, one in zip(best, costs, strict=True) if one == lowest]
        if len(best) == 1:
            break
    return best


def _costs(now_ns: int) -> tuple[Callable[[Candidate], int], ...]:
    return (
        lambda one: one.violations_count,
        lambda one: one.victims[0].priority,
        lambda one: sum(victim.priority + _PRIORITY_OFFSET for victim in one.victims),
        lambda one: len(one.victims),
        lambda one: -_earliest_start_ns(one.victims, now_ns),
    )


def _earliest_start_ns(victims: Sequence[PodInfo], now_ns: int) -> int:
    """When the first of the victims of the highest priority started."""
    highest = max(victim.priority for victim in victims)
    return min(start_ns(victim, now_ns) for victim in victims if victim.priority == highest)
