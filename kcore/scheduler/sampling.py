"""How many feasible nodes an attempt looks for, and which of equal nodes it takes."""

from collections.abc import Sequence
from enum import Enum
from typing import Final

from kcore.runtime.choice import ChoiceSource

# Upstream's minFeasibleNodesToFind and minFeasibleNodesPercentageToFind.
FEASIBLE_COUNT_MIN: Final = 100
PERCENTAGE_MIN: Final = 5
_ADAPTIVE_START: Final = 50
_ADAPTIVE_STEP_NODES: Final = 125


class TieRule(Enum):
    """Which of the best nodes wins.

    Upstream's choice follows from the order in which parallel workers finish, so it looks random.
    """

    RANDOM = "random"
    """Any of them: the choice source decides."""
    FIRST = "first"
    """The one met first."""
    HEAP = "heap"
    """The top of upstream's binary heap (1.35 and later, with one worker)."""


def feasible_count_wanted(percentage: int, nodes_count: int) -> int:
    """Enough feasible nodes to stop looking; `percentage` 0 adapts to the size of the cluster."""
    if nodes_count < FEASIBLE_COUNT_MIN:
        return nodes_count
    if percentage == 0:
        percentage = max(_ADAPTIVE_START - nodes_count // _ADAPTIVE_STEP_NODES, PERCENTAGE_MIN)
    wanted = nodes_count * percentage // 100
    return min(max(wanted, FEASIBLE_COUNT_MIN), nodes_count)


def pick(totals: Sequence[int], rule: TieRule, choices: ChoiceSource) -> int:
    """The position of the chosen one among the best. O(n)."""
    best = max(totals)
    if rule is TieRule.HEAP:
        return heap_pick(totals)
    ties = [index for index, total in enumerate(totals) if total == best]
    if rule is TieRule.FIRST or len(ties) == 1:
        return ties[0]
    return ties[choices.choose(len(ties), "scheduler/tie")]


def heap_pick(totals: Sequence[int]) -> int:
    """The top of a max-heap built over `totals` as Go's `container/heap` builds it. O(n).

    It is the first maximum met in pre-order of the implicit tree: a parent goes down only when a
    child is greater, and of two equal children the left one goes up.
    """
    best = max(totals)
    stack = [0]
    while stack:
        index = stack.pop()
        if totals[index] == best:
            return index
        stack.extend(child for child in (2 * index + 2, 2 * index + 1) if child < len(totals))
    raise ValueError("no totals")
