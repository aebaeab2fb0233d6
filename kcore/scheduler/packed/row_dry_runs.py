"""Dry runs over columns: what `kcore.scheduler.dry_runs.walk` finds, many rows at once.

Room decides (`Losses`) on rows that nothing else closes. Rows whose volumes are in doubt are
thought about as the plugins are written; all others that are closed stay so whoever goes.
Candidates and statuses are made when somebody reads them.
"""

from collections.abc import Mapping, Sequence
from typing import overload

import numpy

from kcore.errors import InvariantError
from kcore.scheduler.dry_runs import Outlook, walk
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.status import Status
from kcore.scheduler.packed.columns import Columns
from kcore.scheduler.packed.kernels import Counts
from kcore.scheduler.packed.label_masks import Mask
from kcore.scheduler.packed.losses import HELPS, NO_NEED, Losses, Preemptor
from kcore.scheduler.packed.refusals import group_for
from kcore.scheduler.packed.row_statuses import RowStatuses
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.preemption import Candidate, Thought, least_costly, victims_on
from kcore.scheduler.snapshot import Snapshot


class RowDryRuns:
    """Dry runs for one search over columns, until the next one."""

    def __init__(
        self, columns: Columns, snapshot: Snapshot, signs: Counts, doubt: Mask | None
    ) -> None:
        """Take what closes rows: `signs` are not 0 there, and equal where the same does."""
        self._columns = columns
        self._snapshot = snapshot
        self._signs = signs
        self._doubt = doubt

    def outlook(
        self,
        thought: Thought,
        state: CycleState,
        pod: PodInfo,
        positions: Sequence[int],
        wanted: int,
    ) -> Outlook:
        """Think about rows in turn until enough have candidates. O(rows), O(pods) where changed."""
        room = thought.room
        if room is None or thought.budgets:
            nodes = self._snapshot.nodes
            return walk(thought, state, pod, [nodes[position] for position in positions], wanted)
        nominated = state.handle.nominated
        if not len(nominated):
            # A search that nobody's promise could matter to has not looked.
            self._columns.promises.follow(nominated, self._snapshot)
        losses = self._columns.losses.losses(pod.priority, room.needs)
        found = RowOutlook(self._snapshot, losses, self._signs, (thought, state, pod))
        preemptor = Preemptor(pod, nominated, thought.now_ns)
        losses.begin(preemptor)
        start, end = 0, wanted
        while start < len(positions):
            rows = positions[start:end]
            losses.think(rows, preemptor)
            if found.visit(rows, self._doubt, wanted):
                break
            # Where candidates are rare, ever more rows at once.
            start, end = end, 2 * end
        return found

    def check_invariants(self, pod: PodInfo, state: CycleState, thought: Thought) -> None:
        """Raise AssertionError unless what is kept of rows is what would be thought now."""
        if thought.room is not None:
            losses = self._columns.losses.losses(pod.priority, thought.room.needs)
            losses.check_invariants(Preemptor(pod, state.handle.nominated, thought.now_ns))


class RowOutlook:
    """What dry runs over rows found; read before the next search."""

    def __init__(
        self,
        snapshot: Snapshot,
        losses: Losses,
        signs: Counts,
        question: tuple[Thought, CycleState, PodInfo],
    ) -> None:
        self._snapshot, self._losses, self._signs = snapshot, losses, signs
        self._thought, self._state, self._pod = question
        self._rows: list[int] = []
        self._visited: list[int] = []
        self._asked: dict[int, Candidate | Status] = {}
        """What was found on rows that were thought about as the plugins are written."""

    def visit(self, rows: Sequence[int], doubt: Mask | None, wanted: int) -> bool:
        """Look for candidates among rows that were thought about; whether there are enough."""
        here = numpy.array(rows, dtype=numpy.int64)
        gains = self._losses.gains(here)
        is_open = self._signs[here] == 0
        asks = is_open & (gains == NO_NEED)
        if doubt is not None:
            asks |= doubt[here]
        promising = asks | (is_open & (gains == HELPS))
        turns = numpy.flatnonzero(promising)
        if not asks.any():
            turns = turns[: wanted - len(self._rows)]
            self._rows += here[turns].tolist()
            last = int(turns[-1]) if len(turns) else 0
        else:
            last = self._asking(rows, turns.tolist(), asks, wanted)
        is_enough = len(self._rows) == wanted
        self._visited += rows[: last + 1] if is_enough else rows
        return is_enough

    def _asking(self, rows: Sequence[int], turns: Sequence[int], asks: Mask, wanted: int) -> int:
        """Ask about rows as the plugins are written where numbers do not decide; the last turn."""
        for turn in turns:
            row = rows[turn]
            if asks[turn]:
                self._asked[row] = found = self._ask(self._thought, row)
                if isinstance(found, Status):
                    continue
            self._rows.append(row)
            if len(self._rows) == wanted:
                break
        return turn

    @property
    def candidates(self) -> Sequence[Candidate]:
        """All of them, in order. O(candidates)."""
        return _Candidates(self, self._rows)

    @property
    def statuses(self) -> Mapping[str, Status]:
        """Why the other rows are none: rows that lack the same are asked about once."""
        others = numpy.array(self._visited, dtype=numpy.int64)
        others = others[~numpy.isin(others, self._rows)]
        group_of = numpy.full(len(self._snapshot), -1, dtype=numpy.int64)
        statuses: list[Status] = []
        if not len(others):
            return RowStatuses(self._snapshot, 0, group_of, statuses)
        kinds, sign_of = numpy.unique(self._signs[others], return_inverse=True)
        keys = self._losses.ids(others).astype(numpy.int64) * len(kinds) + sign_of
        alike: dict[int, int] = {}
        as_written = Thought(self._thought.runner, (), self._thought.now_ns)
        for row, key in zip(others.tolist(), keys.tolist(), strict=True):
            if row in self._asked:
                group_of[row] = self._group(statuses, self._asked[row])
                continue
            if key not in alike:
                alike[key] = self._group(statuses, self._ask(as_written, row))
            group_of[row] = alike[key]
        return RowStatuses(self._snapshot, int(self._visited[0]), group_of, statuses)

    def best(self, now_ns: int) -> Sequence[Candidate]:
        """The least costly candidates; rows of one loss cost the same. O(candidates)."""
        if not self._rows:
            return ()
        ids = self._losses.ids(numpy.array(self._rows, dtype=numpy.int64))
        if not self._asked and (ids == ids[0]).all():
            return self.candidates
        pairs = zip(self._rows, ids.tolist(), strict=True)
        # A row that was asked about costs what it costs: negative numbers stand for such.
        keys = [-1 - row if row in self._asked else number for row, number in pairs]
        samples: dict[int, int] = {}
        for row, key in zip(self._rows, keys, strict=True):
            samples.setdefault(key, row)
        cheapest = least_costly([self.candidate(row) for row in samples.values()], now_ns)
        names = {one.node_name for one in cheapest}
        infos = self._snapshot.nodes
        kept = {key for key, row in samples.items() if infos[row].name in names}
        rows = [row for row, key in zip(self._rows, keys, strict=True) if key in kept]
        return _Candidates(self, rows)

    def candidate(self, row: int) -> Candidate:
        """The candidate of a row that has one."""
        found = self._asked.get(row)
        return found if isinstance(found, Candidate) else self._losses.candidate(row)

    def _ask(self, thought: Thought, row: int) -> Candidate | Status:
        return victims_on(thought, self._state, self._pod, self._snapshot.nodes[row])

    def _group(self, statuses: list[Status], found: Candidate | Status) -> int:
        if isinstance(found, Candidate):
            raise InvariantError(f"evictions help on node {found.node_name!r} after all")
        return group_for(statuses, found)


class _Candidates(Sequence[Candidate]):
    """Candidates of rows, made when they are read."""

    def __init__(self, outlook: RowOutlook, rows: Sequence[int]) -> None:
        self._outlook = outlook
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, place: int) -> Candidate: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Candidate]: ...

    def __getitem__(self, place: int | slice) -> Candidate | Sequence[Candidate]:
        """The candidate of a place. O(pods on its node)."""
        if isinstance(place, slice):
            return _Candidates(self._outlook, self._rows[place])
        return self._outlook.candidate(self._rows[place])
