"""A search that marks and other pods alone decide: no plugin is asked about any row.

That is how pods are placed that keep away from others, or together, or evenly spread. As in
`plain_search` nothing is made on the way that nobody reads, and the outcome is that of
`PackedAttempt`, which finds out why where nothing is open.
"""

from collections.abc import Sequence
from typing import Final

from kcore.scheduler.attempt import Found, Search
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.packed.columns import Columns
from kcore.scheduler.packed.kernels import Gate
from kcore.scheduler.packed.plain_search import outcome
from kcore.scheduler.packed.ties import pick

_NO_GATES: Final[Sequence[Gate]] = ()


def is_related(columns: Columns) -> bool:
    """Whether columns alone decide."""
    return columns.is_alone and (columns.guests is None or columns.guests_by_room)


def meet_related(columns: Columns, search: Search) -> int:
    """Find the candidates and add up their scores; how many there are.

    O(rows met), O(rows) with guests.

    Raises:
        OverflowError: too many gates.
    """
    finder, relation = columns.search, columns.relation
    gates = columns.relations.gates(relation) if columns.is_gated else _NO_GATES
    wanted = columns.wanted(search.percentage)
    count = finder.find(columns.marks(), gates, search.start_index, wanted)
    if count > 1:
        demand = columns.pod_class.demand
        finder.begin(demand.marks, demand.worth)
        if columns.is_drawn:
            for _ in columns.relations.score(columns.recipe.plan, relation, finder):
                pass
    return count


def related_found(columns: Columns, state: CycleState, search: Search) -> Found | None:
    """The best candidate's node, or None where there is no candidate. O(rows met).

    Raises:
        OverflowError: too many gates.
    """
    count = meet_related(columns, search)
    if not count:
        return None
    finder = columns.search
    place = 0 if count == 1 else pick(finder, search.tie_rule, state.handle.choices)
    infos = columns.rows.infos
    next_start_index = (search.start_index + finder.visited) % len(infos)
    return outcome(columns.idle, state, (infos[finder.row(place)].name, next_start_index))
