"""The statuses of many rows, kept as a few groups: counting them does not touch every row."""

from collections.abc import Iterator, Sequence

from kcore.scheduler.framework.diagnosis import StatusGroups
from kcore.scheduler.framework.status import Code, Status
from kcore.scheduler.snapshot import Snapshot


class RowStatuses(StatusGroups):
    """By node name, in the order of the visits from `start` on; rows without a group are out."""

    def __init__(
        self, snapshot: Snapshot, start: int, group_of: Sequence[int], statuses: Sequence[Status]
    ) -> None:
        self._snapshot = snapshot
        self._nodes = tuple(snapshot.nodes)
        self._start = start
        self._group_of = group_of
        """By row; negative for a row that has no status."""
        self._statuses = statuses
        """By group, in the order in which groups are first met."""
        self._counts = [0] * len(statuses)
        for group in group_of:
            if group >= 0:
                self._counts[group] += 1

    def __getitem__(self, name: str) -> Status:
        """The status of a node. O(1)."""
        row = self._snapshot.position(name)
        if row is None or self._group_of[row] < 0:
            raise KeyError(name)
        return self._statuses[self._group_of[row]]

    def __len__(self) -> int:
        """Return how many nodes have a status."""
        return sum(self._counts)

    def __iter__(self) -> Iterator[str]:
        count = len(self._nodes)
        for offset in range(count):
            row = (self._start + offset) % count
            if self._group_of[row] >= 0:
                yield self._nodes[row].name

    def groups(self) -> list[tuple[Status, int]]:
        """Each status and how many nodes have it, in the order of the first."""
        return list(zip(self._statuses, self._counts, strict=True))

    def positions_with(self, code: Code) -> list[int]:
        """Where in the snapshot's order nodes with this code stand. O(nodes)."""
        wanted = {group for group, status in enumerate(self._statuses) if status.code is code}
        return [row for row, group in enumerate(self._group_of) if group in wanted]
