"""Prefer the node whose resources a pod would use more evenly than they are used now."""

import math
from collections.abc import Sequence
from typing import Final

from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.interfaces import MAX_NODE_SCORE
from kcore.scheduler.framework.scores import divide
from kcore.scheduler.framework.status import SKIP, Status
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.resources import CPU, EPHEMERAL_STORAGE, MEMORY

_NATIVE: Final = (CPU, MEMORY, EPHEMERAL_STORAGE)


class NodeResourcesBalancedAllocation:
    """Score by the change of evenness: 50 is neutral, more is better. Since 1.36."""

    name: Final = "NodeResourcesBalancedAllocation"

    def __init__(self, args: FrozenMap) -> None:
        """Read the resources to balance; weights do not matter here."""
        resources = args.get("resources") or EMPTY_LIST
        self.resource_names = tuple(item["name"] for item in resources) or (CPU, MEMORY)

    def pre_score(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> Status | None:
        """Skip pods that ask for none of the resources."""
        wanted = self._wanted(pod)
        if not any(amount for _, amount in wanted[1]):
            return SKIP
        state.write(self.name, wanted)
        return None

    def _wanted(self, pod: PodInfo) -> tuple[str, list[tuple[str, int]]]:
        """What is asked of each resource, and a key that stands for it in node memos."""
        requested = pod.requests.requested
        wanted = [(name, requested.get(name)) for name in self.resource_names]
        rows = [row for row in wanted if row[0] in _NATIVE or row[1]]
        return f"balance/{rows}", rows

    def score(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """Compare evenness with and without the pod. O(resources)."""
        # A profile may switch PreScore off.
        key, wanted = state.find(self.name) or self._wanted(pod)
        known: int | None = node.memo.get(key)
        if known is None:
            known = node.remember(key, _fresh_score(wanted, node))
        return known


def _fresh_score(wanted: list[tuple[str, int]], node: NodeInfo) -> int:
    before: list[float] = []
    after: list[float] = []
    for name, amount in wanted:
        allocatable = node.allocatable.get(name)
        if allocatable:
            used = node.requested.get(name)
            before.append(min(used / allocatable, 1.0))
            after.append(min((used + amount) / allocatable, 1.0))
    return balance_change(before, after)


def balance_change(before: Sequence[float], after: Sequence[float]) -> int:
    """0..100 from the used fractions per resource without and with the pod."""
    half = MAX_NODE_SCORE // 2
    return half + divide(half + evenness(after) - evenness(before), 2)


def evenness(fractions: Sequence[float]) -> int:
    """100 when all fractions are equal, less the more they spread."""
    return int((1.0 - _deviation(fractions)) * MAX_NODE_SCORE)


def _deviation(fractions: Sequence[float]) -> float:
    if len(fractions) == 2:
        return abs((fractions[0] - fractions[1]) / 2)
    if len(fractions) < 2:
        return 0.0
    total = 0.0
    for fraction in fractions:
        total += fraction
    mean = total / len(fractions)
    squares = 0.0
    for fraction in fractions:
        squares += (fraction - mean) * (fraction - mean)
    return math.sqrt(squares / len(fractions))
