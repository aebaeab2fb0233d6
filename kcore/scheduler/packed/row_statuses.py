"""The statuses of many rows, kept as a few groups: counting them does not touch every row."""

from collections.abc import Iterator, Sequence

import numpy

from kcore.scheduler.framework.diagnosis import StatusGroups
from kcore.scheduler.framework.status import Code, Status
from kcore.scheduler.packed.kernels import Counts
from kcore.scheduler.snapshot import Snapshot


class RowStatuses(StatusGroups):
    """By node name, in the order of the visits from `start` on; rows without a group are out."""

    def __init__(
        self,
        snapshot: Snapshot,
        start: int,
        group_of: Counts,
        statuses: Sequence[Status],
        first: int | None = None,
    ) -> None:
        self._snapshot = snapshot
        self._first = first
        """A row that was visited before all others, wherever the visits started."""
        self._nodes = snapshot.nodes
        self._start = start
        self._group_of = group_of
        """By row; negative for a row that has no status."""
        self._statuses = statuses
        """By group, in the order in which groups are first met."""
        counts = numpy.bincount(group_of + 1, minlength=len(statuses) + 1)
        self._counts: list[int] = counts[1:].tolist()

    def __getitem__(self, name: str) -> Status:
        """The status of a node. O(1)."""
        row = self._snapshot.position(name)
        if row is None or self._group_of[row] < 0:
            raise KeyError(name)
        return self._statuses[int(self._group_of[row])]

    def __len__(self) -> int:
        """Return how many nodes have a status."""
        return sum(self._counts)

    def __iter__(self) -> Iterator[str]:
        rows = numpy.flatnonzero(self._group_of >= 0)
        turn = int(numpy.searchsorted(rows, self._start))
        if self._first is not None:
            yield self._nodes[self._first].name
        for row in numpy.concatenate([rows[turn:], rows[:turn]]).tolist():
            if row != self._first:
                yield self._nodes[row].name

    def groups(self) -> list[tuple[Status, int]]:
        """Each status and how many nodes have it, in the order of the first."""
        return list(zip(self._statuses, self._counts, strict=True))

    def positions_with(self, code: Code) -> list[int]:
        """Where in the snapshot's order nodes with this code stand. O(nodes)."""
        wanted = [group for group, status in enumerate(self._statuses) if status.code is code]
        if len(wanted) == len(self._statuses):
            rows = numpy.flatnonzero(self._group_of >= 0)
        else:
            rows = numpy.flatnonzero(numpy.isin(self._group_of, wanted))
        positions: list[int] = rows.tolist()
        return positions
