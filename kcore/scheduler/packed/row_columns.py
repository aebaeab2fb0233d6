"""Some rows as the columns that a user's plugin sees, read from the table instead of from nodes."""

from collections.abc import Sequence

import numpy

from kcore.scheduler.framework.row_plugins import Amounts, NodeColumns
from kcore.scheduler.packed.node_rows import NodeRows


class RowColumns(NodeColumns):
    """The nodes of chosen rows, in that order."""

    def __init__(self, rows: NodeRows, chosen: Sequence[int]) -> None:
        infos = rows.infos
        super().__init__([infos[row] for row in chosen])
        self._rows = rows
        self._chosen = numpy.asarray(chosen, dtype=numpy.int64)

    def capacity(self, resource: str) -> Amounts:
        """What a node has to give. O(rows)."""
        return self._column("capacity", resource)

    def used(self, resource: str) -> Amounts:
        """What the pods on a node ask for together. O(rows)."""
        return self._column("used", resource)

    def pods_count(self) -> Amounts:
        """How many pods a node holds. O(rows)."""
        _, count = self._rows.table.counts()
        chosen: Amounts = count[self._chosen].astype(numpy.int64)
        return chosen

    def _column(self, name: str, resource: str) -> Amounts:
        column = self._rows.table.column(name, self._rows.resource(resource))
        chosen: Amounts = column[self._chosen].astype(numpy.int64)
        return chosen
