"""Who must go from which row so that a pod fits: known for rows that did not change since.

Pods of one priority and one need lose a row the same pods. A loss is worked out when somebody asks
for the row, and is good while the row and the promises there stay the same, so a walk over rows
costs a glance at each that did not change. Losses of one cost are one object: the least costly of
many rows is found among a few.

Nominated pods are taken to be on their nodes, as in `kcore.scheduler.preemption`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy

from kcore.scheduler.framework.handle import NominatedPods
from kcore.scheduler.framework.promised import with_guests
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.packed.kernels import Counts, Flags, Ids
from kcore.scheduler.packed.node_rows import NodeRows
from kcore.scheduler.packed.promises import Promises
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.preemption import Candidate, importance_key
from kcore.scheduler.room_trial import Likeness, RoomTrial, likeness, places_to_go, starts_of

KINDS_COUNT_MAX: Final = 16
ALIKE_COUNT_MIN: Final = 8
"""Among so few rows nobody looks for rows that are alike."""
NO_USE, HELPS, NO_NEED = 0, 1, 2
"""A loss leaves too little room, or enough; or there is enough without any."""
Needs = tuple[tuple[str, int], ...]
"""(resource, amount) that must be free."""


@dataclass(frozen=True, slots=True)
class Loss:
    """What a row loses, or why no loss helps."""

    places: tuple[int, ...] = ()
    """Of those who go, among the pods of less priority; the most important first."""
    weights: tuple[tuple[int, str | None], ...] = ()
    """Their priorities and starts, which all that they cost follows from."""
    short_of: tuple[str, ...] = ()
    """What is missing even when everybody of less priority is gone."""


NOBODY: Final = Loss(short_of=("victims",))
"""Nobody is of less priority."""


@dataclass(frozen=True, slots=True)
class Preemptor:
    """Who wants to know, and when."""

    pod: PodInfo
    nominated: NominatedPods
    now_ns: int


class Losses:
    """What rows lose to pods of one priority and one need."""

    def __init__(self, rows: NodeRows, promises: Promises, priority: int, needs: Needs) -> None:
        self._rows, self._promises = rows, promises
        self._priority, self._needs = priority, needs
        self._promises_seen = promises.change_count
        self._own_row: int | None = None
        self._forget()

    def begin(self, preemptor: Preemptor) -> None:
        """Get ready for one pod's walk, whose own promise does not count for it.

        O(promises changed), O(rows) now and then.
        """
        count, promises = len(self._rows), self._promises
        arrangement = self._rows.table.arrangement
        changed = promises.changed_since(self._promises_seen)
        is_old = arrangement != self._arrangement or len(self._known) > 4 * count + 1024
        if is_old or changed is None:
            self._forget()
            changed = ()
        self._promises_seen = promises.change_count
        for row in changed:
            self._nodes[row] = None
        self._own_row = promises.row_of(preemptor.pod.uid)
        if self._own_row is not None:
            self._nodes[self._own_row] = None

    def think(self, rows: Sequence[int], preemptor: Preemptor) -> None:
        """Know the losses of these rows. O(rows), and O(pods) for each that changed."""
        infos, nodes = self._rows.infos, self._nodes
        changed = [row for row in rows if nodes[row] is not infos[row]]
        # Likeness goes by identity: it must not outlive the nodes. For a few it is not worth while.
        alike: dict[Likeness, Loss] | None = {} if len(changed) > ALIKE_COUNT_MIN else None
        for row in changed:
            self._think_of(row, preemptor, alike)

    def of(self, row: int) -> Loss:
        """The loss of a row that was thought about."""
        return self._known[int(self._ids[row])]

    def ids(self, rows: Counts) -> Ids:
        """Numbers that stand for the losses of rows."""
        ids: Ids = self._ids[rows]
        return ids

    def gains(self, rows: Counts) -> Flags:
        """`HELPS`, `NO_USE` or `NO_NEED` for each row. O(rows + losses)."""
        gains = numpy.array([_gain(loss) for loss in self._known], dtype=numpy.uint8)
        found: Flags = gains[self._ids[rows]]
        return found

    def candidate(self, row: int) -> Candidate:
        """The node of a row and those who go from it. O(pods there)."""
        info = self._rows.infos[row]
        possible = self._possible(info)
        return Candidate(info.name, tuple(possible[place] for place in self.of(row).places), 0)

    def check_invariants(self, preemptor: Preemptor) -> None:
        """Raise AssertionError unless what is known is what would be thought now. O(pods)."""
        assert [self._numbers[loss] for loss in self._known] == [*range(len(self._known))]
        infos = self._rows.infos
        for row, info in enumerate(self._nodes):
            if info is not None and info is infos[row]:
                loss, is_lasting = self._loss(info, preemptor, None)
                assert is_lasting, f"{info.name}: a loss of the moment is kept"
                assert self.of(row) == loss, f"{info.name}: {self.of(row)} instead of {loss}"

    def _think_of(self, row: int, preemptor: Preemptor, alike: dict[Likeness, Loss] | None) -> None:
        info = self._rows.infos[row]
        loss, is_lasting = self._loss(info, preemptor, alike)
        self._nodes[row] = info if is_lasting and row != self._own_row else None
        number = self._numbers.get(loss)
        if number is None:
            number = self._numbers[loss] = len(self._known)
            self._known.append(loss)
        self._ids[row] = number

    def _loss(
        self, info: NodeInfo, preemptor: Preemptor, alike: dict[Likeness, Loss] | None
    ) -> tuple[Loss, bool]:
        """The loss of a node, and whether it stays the same as time goes by."""
        if info.lowest_priority >= self._priority:
            return NOBODY, True
        possible, nominated = self._possible(info), preemptor.nominated
        starts, full = starts_of(possible), info
        if nominated.pods_on(info.name):
            full = with_guests(nominated, preemptor.pod, info)
        key = None if alike is None else likeness(self._needs, full, possible, starts)
        loss = None if alike is None else alike.get(key)
        if loss is None:
            loss = self._fresh_loss(full, possible, starts, preemptor.now_ns)
            if alike is not None:
                alike[key] = loss
        # Who has not started counts as starting now: later it may come before another one.
        return loss, all(starts) or not any(starts)

    def _fresh_loss(
        self,
        full: NodeInfo,
        possible: Sequence[PodInfo],
        starts: Sequence[str | None],
        now_ns: int,
    ) -> Loss:
        trial = RoomTrial(self._needs, full, possible)
        short_of = trial.short_of
        if short_of:
            return Loss(short_of=short_of)
        places = places_to_go(trial, possible, importance_key(now_ns)) or ()
        return Loss(places, tuple((possible[place].priority, starts[place]) for place in places))

    def _forget(self) -> None:
        count = len(self._rows)
        self._arrangement: int = self._rows.table.arrangement
        self._ids: Ids = numpy.zeros(count, dtype=numpy.int32)
        self._nodes: list[NodeInfo | None] = [None] * count
        self._known: list[Loss] = []
        self._numbers: dict[Loss, int] = {}

    def _possible(self, info: NodeInfo) -> list[PodInfo]:
        priority = self._priority
        return [one for one in info.pods if one.priority < priority]


class LossTables:
    """Losses by priority and need; the ones used last are kept."""

    def __init__(self, rows: NodeRows, promises: Promises) -> None:
        self._rows, self._promises = rows, promises
        self._tables: dict[tuple[int, Needs], Losses] = {}

    def losses(self, priority: int, needs: Needs) -> Losses:
        """Losses to pods of this priority that need so much. O(1), O(rows) for a new kind."""
        key = priority, needs
        table = self._tables.pop(key, None)
        if table is None:
            while len(self._tables) >= KINDS_COUNT_MAX:
                del self._tables[next(iter(self._tables))]
            table = Losses(self._rows, self._promises, priority, needs)
        self._tables[key] = table
        return table


def _gain(loss: Loss) -> int:
    if loss.short_of:
        return NO_USE
    return HELPS if loss.places else NO_NEED
