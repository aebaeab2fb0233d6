"""A search by a pod that names its node, as the pods of a daemon set do: one row is looked at.

Upstream narrows such a search to the node that the pod's affinity names, so one mark decides, and
nothing is scored. A row per node costs more than looking at one node, so only kinds of which many
pods come are searched for in this way: pods that name a node each are of as many kinds.
"""

from typing import TYPE_CHECKING, Final

from kcore.scheduler.attempt import Found, Search, Spot
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.packed.columns import Columns
from kcore.scheduler.packed.plain_search import outcome
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.snapshot import Snapshot

if TYPE_CHECKING:
    from kcore.scheduler.pod_facts import PodFacts

NAMERS_COUNT_MIN: Final = 16
"""After so many pods of one kind, columns are worth while."""
_KINDS_COUNT_MAX: Final = 4096


class Namers:
    """How many pods came of each kind that names its nodes."""

    __slots__ = ("_counts",)

    def __init__(self) -> None:
        self._counts: dict[PodFacts, int] = {}

    def are_many(self, pod: PodInfo) -> bool:
        """Note one more pod; whether its kind has come often. O(1)."""
        counts, facts = self._counts, pod.facts
        count = counts.get(facts, 0)
        if count < NAMERS_COUNT_MIN:
            if len(counts) >= _KINDS_COUNT_MAX:
                counts.clear()
            counts[facts] = count + 1
        return count >= NAMERS_COUNT_MIN

    def copy(self) -> "Namers":
        """Independent counts with the same content."""
        twin = Namers()
        twin._counts = dict(self._counts)
        return twin


def named_found(
    columns: Columns, state: CycleState, snapshot: Snapshot, search: Search
) -> Found | None:
    """The node that the pod names; None where it is closed, or its mark does not decide. O(1)."""
    if columns.guests is not None or columns.is_gated or not columns.is_quiet:
        return None
    row = snapshot.position(columns.recipe.named_node)
    if row is None:
        return None
    columns.begin_named(search, row)
    spot = found_at_name(columns, search)
    return None if spot is None else outcome(columns.idle, state, spot)


def found_at_name(columns: Columns, search: Search) -> Spot | None:
    """The node that the pod names, or None where it is closed. O(1).

    The search must have begun to be for one row of these columns (`Columns.begin_named`).
    """
    rows = columns.rows
    if not columns.demand.is_open(rows.table, columns.named_row):
        return None
    next_start_index = search.start_index + 1
    if next_start_index >= len(rows.infos):  # Rarely, and to divide takes as long as the rest.
        next_start_index %= len(rows.infos)
    return columns.recipe.named_node, next_start_index
