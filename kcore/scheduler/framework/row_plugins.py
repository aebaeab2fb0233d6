"""Plugins that answer for many nodes at once, with numpy.

A plugin that inherits from `RowFilter` or `RowScore` writes one method over columns instead of one
over a node. The packed engine asks it once per search; the readable path asks it once per node,
with columns of one row. Both get the same answers, so the method must look at each row by itself.

    class Emptiest(RowScore):
        name = "Emptiest"

        def score_rows(self, state, pod, nodes):
            return 100 - 100 * nodes.used("cpu") // nodes.capacity("cpu")
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy
from numpy.typing import NDArray

from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.status import Status, unschedulable
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo

Amounts = NDArray[numpy.int64]
"""A whole number per row."""


class NodeColumns:
    """Nodes as columns: row i of each is about the same node."""

    def __init__(self, infos: Sequence[NodeInfo]) -> None:
        self.infos = infos
        """The nodes themselves, for what no column holds."""

    def __len__(self) -> int:
        """Return how many rows there are."""
        return len(self.infos)

    def capacity(self, resource: str) -> Amounts:
        """What a node has to give, in the resource's integer unit. O(rows)."""
        return self.each(lambda info: info.allocatable.get(resource))

    def used(self, resource: str) -> Amounts:
        """What the pods on a node ask for together. O(rows)."""
        return self.each(lambda info: info.requested.get(resource))

    def pods_count(self) -> Amounts:
        """How many pods a node holds. O(rows)."""
        return self.each(lambda info: info.pods_count)

    def label(self, key: str) -> NDArray[Any]:
        """The value of a label, None where there is none. O(rows)."""
        values = [info.labels.get(key) for info in self.infos]
        return numpy.array(values, dtype=object)

    def each(self, read: Callable[[NodeInfo], int]) -> Amounts:
        """Any other number. O(rows) calls."""
        return numpy.fromiter(map(read, self.infos), dtype=numpy.int64, count=len(self))


class RowFilter:
    """A Filter over columns; `refusal` says why a node is refused."""

    name: str

    def filter_rows(self, state: CycleState, pod: PodInfo, nodes: NodeColumns) -> Any:
        """True per row where the pod may run."""
        raise NotImplementedError(f"{self.name} must say which rows it lets through")

    def refusal(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status:
        """Why a node is refused."""
        return unschedulable(f"node(s) were refused by {self.name}")

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """The readable path's question, about one node."""
        passes = bool(self.filter_rows(state, pod, NodeColumns([node]))[0])
        return None if passes else self.refusal(state, pod, node)


class RowScore:
    """A Score over columns: whole numbers, 0 to 100 unless the plugin normalises."""

    name: str

    def score_rows(self, state: CycleState, pod: PodInfo, nodes: NodeColumns) -> Any:
        """A score per row."""
        raise NotImplementedError(f"{self.name} must score rows")

    def score(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """The readable path's question, about one node."""
        return int(self.score_rows(state, pod, NodeColumns([node]))[0])
