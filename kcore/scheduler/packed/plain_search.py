"""A search that marks and counts of pods decide: no plugin is asked.

That is how most pods are placed, so nothing is made on the way that nobody reads. The outcome is
that of `PackedAttempt`, which finds out why where nothing is open.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kcore.runtime.choice import ChoiceSource
from kcore.scheduler.attempt import Found, Search, Spot
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.runner import ScoreTable
from kcore.scheduler.framework.status import Status
from kcore.scheduler.packed.columns import Columns
from kcore.scheduler.packed.kernels import Flags
from kcore.scheduler.sampling import TieRule

_RANDOM: Final = TieRule.RANDOM  # Reading it from its class takes ten times as long.
NO_SCORES: Final = ScoreTable()
NO_STATUSES: Final[Mapping[str, Status]] = MappingProxyType({})


def is_plain(columns: Columns, search: Search) -> bool:
    """Whether the first open rows are the candidates and the greatest mark is the best.

    The choice of the heap depends on all candidates, so it is not made here.
    """
    return (
        columns.is_plain
        and search.tie_rule is not TieRule.HEAP
        and (columns.guests is None or columns.guests_by_room)
    )


def is_barred(columns: Columns, search: Search) -> bool:
    """Likewise, but other pods bar some rows, or make some worse."""
    return columns.is_barred and search.tie_rule is not TieRule.HEAP and columns.guests is None


def meet(columns: Columns, search: Search) -> int:
    """Meet candidates; how many share the greatest mark. O(rows met), O(rows) with guests."""
    marks = columns.marks()
    return columns.peak.find(marks, search.start_index, columns.wanted(search.percentage))


def plainly_found(
    columns: Columns, marks: Flags, search: Search, choices: ChoiceSource
) -> Spot | None:
    """The best candidate's node, or None where there is none. O(rows met + domains of gates).

    The search must have begun for these columns (`Columns.begin_plain`, `Columns.begin_gated`).
    """
    peak = columns.peak
    ties_count = peak.find(marks, search.start_index, columns.enough)
    if not ties_count:
        return None
    turn = 0
    if ties_count > 1 and search.tie_rule is _RANDOM:
        turn = choices.choose(ties_count, "scheduler/tie")
    return columns.rows.infos[peak.row(turn)].name, peak.next_start


def outcome(idle: frozenset[str], state: CycleState, spot: Spot) -> Found:
    """The node that was found; plugins that say nothing of such a pod step aside."""
    state.skip_filter = state.skip_filter | idle if state.skip_filter else idle
    node_name, next_start_index = spot
    return Found(node_name, (), NO_STATUSES, next_start_index, NO_SCORES)
