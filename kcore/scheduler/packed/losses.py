"""Who must go from which row so that a pod fits: known for rows that did not change since.

Pods of one priority and one need lose a row the same pods. A loss is worked out when somebody asks
for the row, and is good while row and promises there stay the same objects, so a walk over rows
costs a glance at each that did not change. Losses of one cost are one object: the least costly of
many rows is found among a few.

Nominated pods are taken to be on their nodes, as in `kcore.scheduler.preemption`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy

from kcore.scheduler.framework.handle import NominatedPods
from kcore.scheduler.framework.promised import crowded
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.packed.kernels import Counts, Ids
from kcore.scheduler.packed.label_masks import Mask
from kcore.scheduler.packed.node_rows import NodeRows
from kcore.scheduler.packed.promises import Promises
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.preemption import Candidate, importance_key
from kcore.scheduler.room_trial import Likeness, RoomTrial, likeness, places_to_go

KINDS_COUNT_MAX: Final = 16
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
        self._forget()

    def begin(self, preemptor: Preemptor) -> None:
        """Get ready for one pod's walk, whose own promise does not count for it. O(1) mostly."""
        count = len(self._rows)
        arrangement = self._rows.table.arrangement
        if arrangement != self._arrangement or len(self._known) > 4 * count + 1024:
            self._forget()
        if len(preemptor.nominated):
            own = self._promises.row_of(preemptor.pod.uid)
            if own is not None:
                self._nodes[own] = None

    def think(self, rows: Sequence[int], preemptor: Preemptor) -> None:
        """Know the losses of these rows. O(rows), and O(pods) for each that changed."""
        infos, nodes, seen = self._rows.infos, self._nodes, self._seen
        promised = self._promises.by_row if len(preemptor.nominated) else {}
        if promised or seen:
            changed = [
                row
                for row in rows
                if nodes[row] is not infos[row] or promised.get(row) is not seen.get(row)
            ]
        else:
            changed = [row for row in rows if nodes[row] is not infos[row]]
        # Likeness goes by identity: it must not outlive the nodes.
        alike: dict[Likeness, Loss] = {}
        for row in changed:
            self._think_of(row, promised.get(row), preemptor, alike)

    def of(self, row: int) -> Loss:
        """The loss of a row that was thought about."""
        return self._known[int(self._ids[row])]

    def ids(self, rows: Counts) -> Ids:
        """Numbers that stand for the losses of rows."""
        ids: Ids = self._ids[rows]
        return ids

    def help(self, rows: Counts) -> Mask:
        """Which rows have room when enough pods are gone. O(rows + losses)."""
        helps = numpy.array([not loss.short_of for loss in self._known], dtype=numpy.bool_)
        mask: Mask = helps[self._ids[rows]]
        return mask

    def candidate(self, row: int) -> Candidate:
        """The node of a row and those who go from it. O(pods there)."""
        info = self._rows.infos[row]
        possible = self._possible(info)
        return Candidate(info.name, tuple(possible[place] for place in self.of(row).places), 0)

    def _think_of(
        self,
        row: int,
        here: tuple[PodInfo, ...] | None,
        preemptor: Preemptor,
        alike: dict[Likeness, Loss],
    ) -> None:
        info = self._rows.infos[row]
        is_lasting = True
        if info.lowest_priority >= self._priority:
            loss = NOBODY
        else:
            possible = self._possible(info)
            full = info if here is None else crowded(preemptor.nominated, preemptor.pod, info)
            key = likeness(self._needs, full, possible)
            known = alike.get(key)
            if known is None:
                trial = RoomTrial(self._needs, full, possible)
                known = alike[key] = _loss(trial, possible, preemptor.now_ns)
            loss = known
            # Who has not started counts as starting now: later it may come before another one.
            starts = [start_of(one) for one in possible]
            is_lasting = all(starts) or not any(starts)
        if here is None:
            self._seen.pop(row, None)
        else:
            self._seen[row] = here
            is_lasting = is_lasting and all(one.uid != preemptor.pod.uid for one in here)
        self._nodes[row] = info if is_lasting else None
        number = self._numbers.get(loss)
        if number is None:
            number = self._numbers[loss] = len(self._known)
            self._known.append(loss)
        self._ids[row] = number

    def _forget(self) -> None:
        count = len(self._rows)
        self._arrangement: int = self._rows.table.arrangement
        self._ids: Ids = numpy.zeros(count, dtype=numpy.int32)
        self._nodes: list[NodeInfo | None] = [None] * count
        self._seen: dict[int, tuple[PodInfo, ...]] = {}
        self._known: list[Loss] = []
        self._numbers: dict[Loss, int] = {}

    def _possible(self, info: NodeInfo) -> list[PodInfo]:
        return [one for one in info.pods if one.priority < self._priority]


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


def start_of(pod: PodInfo) -> str | None:
    """When the pod started, if it has."""
    start: str | None = pod.pod.at("status", "startTime")
    return start


def _loss(trial: RoomTrial, possible: Sequence[PodInfo], now_ns: int) -> Loss:
    short_of = trial.short_of
    if short_of:
        return Loss(short_of=short_of)
    places = places_to_go(trial, possible, importance_key(now_ns)) or ()
    victims = [possible[place] for place in places]
    return Loss(places, tuple((one.priority, start_of(one)) for one in victims))
