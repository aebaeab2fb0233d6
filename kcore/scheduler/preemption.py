"""Whom to evict so that a pod fits: victims on one node, and the least costly node.

Thinks only: nodes are immutable, the cycle state is cloned per node, and nothing is written.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.labels import Selector, SelectorError, from_label_selector
from kcore.machinery.timestamps import parse_time
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.handle import FilterRunner
from kcore.scheduler.framework.room import Room
from kcore.scheduler.framework.status import Status, failed, unresolvable
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo

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


def victims_on(
    thought: Thought, state: CycleState, pod: PodInfo, node: NodeInfo
) -> Candidate | Status:
    """The fewest, least important pods of a node that make room, or why there are none.

    All pods of lower priority are taken away; then, in order of importance, each is put back that
    leaves room: those first whose disruption budget would be broken. O(victims * filters).
    """
    if node.lowest_priority >= pod.priority:
        return NO_VICTIMS
    possible = [other for other in node.pods if other.priority < pod.priority]
    trial: _Trial | _RoomTrial | None = _room_trial(thought, state, pod, node, possible)
    if trial is None:
        trial = _Trial(thought.runner, state.clone(), pod, node)
        for other in possible:
            trial.remove(other)
        status = trial.check()
        if status is not None:
            return status
    importance = importance_key(thought.now_ns)
    possible.sort(key=importance)
    violating, others = split_by_budget(possible, [Budget(one) for one in thought.budgets])
    broken = [other for other in violating if not trial.reprieve(other)]
    gone = [other for other in others if not trial.reprieve(other)]
    victims = sorted((*broken, *gone), key=importance) if violating and others else broken + gone
    if not victims:
        return failed(f'expected at least one victim pod on node "{node.name}"')
    return Candidate(node.name, tuple(victims), len(broken))


def _room_trial(
    thought: Thought,
    state: CycleState,
    pod: PodInfo,
    node: NodeInfo,
    possible: Sequence[PodInfo],
) -> "_RoomTrial | None":
    """The node without the possible victims, as numbers; None when it takes more than that."""
    room = thought.room
    if room is None or state.handle.nominated.pods_on(node.name):
        return None
    trial = _RoomTrial(room.needs, node)
    for other in possible:
        trial.remove(other)
    if not trial.has_room or any(one.filter(state, pod, node) for one in room.later_filters):
        # Why not is the plugins' to say.
        return None
    return trial


class _RoomTrial:
    """One node in thought: what is left of it once the incoming pod is there."""

    def __init__(self, needs: Sequence[tuple[str, int]], node: NodeInfo) -> None:
        self._slots = node.allowed_pods_count - node.pods_count - 1
        self._left = {
            name: node.allocatable.get(name) - node.requested.get(name) - amount
            for name, amount in needs
        }

    @property
    def has_room(self) -> bool:
        return self._slots >= 0 and all(amount >= 0 for amount in self._left.values())

    def remove(self, other: PodInfo) -> None:
        self._add(other, -1)

    def reprieve(self, other: PodInfo) -> bool:
        """Put a pod back if there is room for both."""
        self._add(other, 1)
        if self.has_room:
            return True
        self._add(other, -1)
        return False

    def _add(self, other: PodInfo, sign: int) -> None:
        self._slots -= sign
        requested = other.requests.requested
        for name in self._left:
            self._left[name] -= sign * requested.get(name)


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
        lowest = min(map(cost, best))
        best = [candidate for candidate in best if cost(candidate) == lowest]
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
