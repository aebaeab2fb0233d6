"""Why a pod fits nowhere: the statuses of all nodes and upstream's sentence about them."""

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from kcore.scheduler.framework.status import Code, Status


class StatusGroups(Mapping[str, Status]):
    """Statuses of nodes that can also be read as a few groups of equal ones."""

    @abstractmethod
    def groups(self) -> list[tuple[Status, int]]:
        """Each status and how many nodes have it, in the order of the first."""

    @abstractmethod
    def positions_with(self, code: Code) -> list[int]:
        """Where in the snapshot's order nodes with this code stand."""


def status_groups(statuses: Mapping[str, Status]) -> list[tuple[Status, int]]:
    """Each status and how often it occurs, in the order of the first. O(nodes), or O(groups)."""
    if isinstance(statuses, StatusGroups):
        return statuses.groups()
    counts: dict[Status, int] = {}
    for status in statuses.values():
        counts[status] = counts.get(status, 0) + 1
    return list(counts.items())


UNTRIED: Final = Status(Code.UNRESOLVABLE)


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """The outcome of an attempt that found no node among `nodes_count`."""

    nodes_count: int
    node_statuses: Mapping[str, Status] = field(default_factory=dict)
    """Of the nodes that were tried, in the order in which they were refused."""
    absent_status: Status = UNTRIED
    """Of every other node."""
    pre_filter_message: str = ""
    post_filter_message: str = ""
    unschedulable_plugins: tuple[str, ...] = ()
    pending_plugins: tuple[str, ...] = ()

    def status_of(self, node_name: str) -> Status:
        """Why the pod does not fit there."""
        return self.node_statuses.get(node_name, self.absent_status)

    def with_post_filter_message(self, message: str) -> "Diagnosis":
        """The same, with what PostFilter said."""
        return replace(self, post_filter_message=message)

    @property
    def message(self) -> str:
        """Upstream's sentence: `0/5 nodes are available: 2 Insufficient cpu, ...`."""
        text = f"0/{self.nodes_count} nodes are available:"
        if self.pre_filter_message:
            text += f" {self.pre_filter_message}."
        else:
            histogram = self._histogram()
            if histogram:
                text += f" {', '.join(histogram)}."
        if self.post_filter_message:
            text += f" {self.post_filter_message}"
        return text

    def _histogram(self) -> list[str]:
        counts: dict[str, int] = {}
        for status, count in status_groups(self.node_statuses):
            for reason in status.reasons:
                counts[reason] = counts.get(reason, 0) + count
        absent_count = self.nodes_count - len(self.node_statuses)
        if absent_count > 0:
            for reason in self.absent_status.reasons:
                counts[reason] = counts.get(reason, 0) + absent_count
        # Upstream sorts the finished words, so "10 x" comes before "2 y".
        return sorted(f"{count} {reason}" for reason, count in counts.items())
