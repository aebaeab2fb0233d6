"""Dry runs over many nodes: where evictions help, in which order, and why not elsewhere.

`walk` is what they mean. A search that keeps nodes as columns may leave `DryRuns` in the cycle's
state that find the same with less work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.status import Status
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.preemption import NO_VICTIMS, Candidate, Thought, least_costly, victims_on

DRY_RUNS: Final = "preemption/dry-runs"
"""Where in a cycle's state quicker dry runs are found."""


class Outlook(Protocol):
    """What dry runs found."""

    @property
    def candidates(self) -> Sequence[Candidate]:
        """Nodes where eviction helps, those without broken budgets first."""

    @property
    def statuses(self) -> Mapping[str, Status]:
        """Why the other nodes that were thought about are none."""

    def best(self, now_ns: int) -> Sequence[Candidate]:
        """The least costly candidates; empty when there are none."""


class DryRuns(Protocol):
    """Dry runs that know the nodes of one search."""

    def outlook(
        self,
        thought: Thought,
        state: CycleState,
        pod: PodInfo,
        positions: Sequence[int],
        wanted: int,
    ) -> Outlook:
        """What `walk` finds over the nodes at these positions of the snapshot."""


@dataclass(frozen=True, slots=True)
class PlainOutlook:
    """An outlook in so many words."""

    candidates: Sequence[Candidate] = ()
    statuses: Mapping[str, Status] = field(default_factory=dict)

    def best(self, now_ns: int) -> Sequence[Candidate]:
        """The least costly candidates."""
        return least_costly(self.candidates, now_ns) if self.candidates else ()


def walk(
    thought: Thought, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo], wanted: int
) -> PlainOutlook:
    """Think about one node after the other, until enough are found, one without a broken budget.

    O(nodes * victims * filters).
    """
    clean: list[Candidate] = []
    violating: list[Candidate] = []
    statuses: dict[str, Status] = {}
    if all(node.lowest_priority >= pod.priority for node in nodes):
        return PlainOutlook((), dict.fromkeys((node.name for node in nodes), NO_VICTIMS))
    for node in nodes:
        found = victims_on(thought, state, pod, node)
        if isinstance(found, Status):
            statuses[node.name] = found
            continue
        (violating if found.violations_count else clean).append(found)
        if clean and len(clean) + len(violating) >= wanted:
            break
    return PlainOutlook([*clean, *violating], statuses)
