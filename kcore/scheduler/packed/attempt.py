"""One pod's search for a node over columns, with the outcome of `kcore.scheduler.attempt`.

    marks and gates -> candidates -> other plugins' filters -> scores -> choice

Plugins that do not run on columns are asked about the candidates that the columns leave: Filter
about one after the other until there are enough, Score about all.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

import numpy

from kcore.runtime.choice import ChoiceSource
from kcore.scheduler.attempt import Found, NotFound, Search, blamed
from kcore.scheduler.dry_runs import DRY_RUNS, DryRuns
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.diagnosis import Diagnosis
from kcore.scheduler.framework.interfaces import FilterPlugin
from kcore.scheduler.framework.row_plugins import RowFilter
from kcore.scheduler.framework.runner import PreFilterOutcome
from kcore.scheduler.framework.status import Code, Status
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.packed import kernels
from kcore.scheduler.packed.columns import Columns
from kcore.scheduler.packed.named_search import named_found
from kcore.scheduler.packed.plain_search import NO_SCORES, NO_STATUSES
from kcore.scheduler.packed.refusals import Refusals, group_for, in_order
from kcore.scheduler.packed.row_dry_runs import RowDryRuns
from kcore.scheduler.packed.scoring import Scoring
from kcore.scheduler.packed.shortages import Shortages
from kcore.scheduler.packed.ties import pick
from kcore.scheduler.packed.volume_answers import VolumeAnswers, volume_answers
from kcore.scheduler.plugins.node_volume_limits import NodeVolumeLimits
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.snapshot import Snapshot

if TYPE_CHECKING:
    from kcore.scheduler.packed.relation import Closing
from kcore.scheduler.packed.row_columns import RowColumns
from kcore.scheduler.packed.row_statuses import RowStatuses

NOT_WORTH_TRYING: Final = Status(Code.UNRESOLVABLE)
_NO_VOLUMES: Final = VolumeAnswers()


class PackedAttempt:
    """One search by one profile over columns that are up to date."""

    def __init__(
        self,
        columns: Columns,
        state: CycleState,
        snapshot: Snapshot,
        search: Search,
        pod: PodInfo,
    ) -> None:
        self._columns = columns
        self._plan = columns.plan
        self.state = state
        self.snapshot = snapshot
        self._search = search
        self.pod = pod
        self._closings: Sequence[Closing] = ()
        self._volumes = _NO_VOLUMES
        self._asked: dict[int, Status] = {}
        self._answers: dict[str, dict[int, bool]] = {}
        self._guests = columns.guests
        """Of whom it matters alone how much room they take."""
        self._promised: frozenset[int] = frozenset()
        """Rows where more than that matters: there all plugins are asked as they are written."""
        self._first: int | None = None
        self._known_shortages: Shortages | None = None
        self._visited = 0
        self._scoring: Scoring | None = None

    @property
    def columns(self) -> Columns:
        """What it runs over."""
        return self._columns

    @property
    def scoring(self) -> Scoring:
        """The scores of the candidates."""
        if self._scoring is None:
            self._scoring = Scoring(self._columns, self.state, self.pod)
        return self._scoring

    def others_outcome(self) -> PreFilterOutcome | None:
        """Run PreFilter of the plugins that do not run on columns; None when there are none."""
        plan, is_idle = self._plan, self._columns.recipe.is_idle
        plugins = plan.working_pre_filters if is_idle else plan.other_pre_filters
        outcome = None
        if plugins:
            nodes = self.snapshot.nodes
            outcome = plan.runner.pre_filter(self.state, self.pod, nodes, plugins)
        if is_idle:
            self.state.skip_filter |= plan.idle
        return outcome

    def named(self) -> Found | None:
        """The outcome where a single node is named and open, and no plugin need be asked."""
        return named_found(self._columns, self.state, self.snapshot, self._search)

    def look(self) -> None:
        """Look what closes rows, beside marks."""
        columns, guests = self._columns, self._guests
        if not columns.relation.closes_nothing:
            self._closings = columns.relations.closings(columns.relation)
        self._ask_volumes()
        if guests is None:
            return
        doubt = self._volumes.doubts.get(NodeVolumeLimits.name)
        if not columns.guests_by_room or not self._volumes.asks_the_blind_alone:
            self._promised, self._guests = frozenset(guests.rows.tolist()), None
        elif doubt is not None:
            rows = guests.rows
            self._promised = frozenset(rows[doubt[rows]].tolist())
        if self._promised:
            self.complete_state()

    def refusal(self, row: int) -> Status | None:
        """Why a row is closed, or None."""
        return self._as_written(row) if row in self._promised else self._refusals().of(row)

    def find(self, refused: int | None = None) -> None:
        """Look for candidates; `refused` is a row that was tried first and is closed.

        Raises:
            OverflowError: too many gates.
        """
        columns = self._columns
        self._first = refused
        gates = [closing.gate for closing in self._closings]
        wanted, start = columns.wanted(self._search.percentage), self._search.start_index
        asked = self._volumes.asked
        marks = self._marks()
        if not asked and not self._promised:
            columns.search.find(marks, gates, start, wanted)
            self._visited = columns.search.visited
        else:
            columns.search.find(marks, gates, start, len(columns.rows))
            self._ask(asked, self._rows_to_ask(asked), wanted)

    def _ask_volumes(self) -> None:
        """Look which filters are left that do not run on columns and did not step aside."""
        columns, plan, skipped = self._columns, self._plan, self.state.skip_filter
        others = plan.working_filters if columns.recipe.is_idle else plan.other_filters
        left = [one for one in others if one.name not in skipped]
        if not left:
            self._volumes = _NO_VOLUMES
            return
        self._volumes = volume_answers(self.state, self.pod, left, columns, self._guests)
        self._closings = (*self._closings, *self._volumes.closings)

    @property
    def next_start_index(self) -> int:
        """Where the next search starts."""
        return (self._search.start_index + self.visited) % len(self._columns.rows)

    @property
    def visited(self) -> int:
        """How many rows were met, one that was tried before the search among them."""
        if self._first is None:
            return self._visited
        offset = (self._first - self._search.start_index) % len(self._columns.rows)
        return self._visited + (offset >= self._visited)

    @property
    def failure(self) -> Status | None:
        """The status of a plugin that could not decide."""
        if self._asked:
            for status in self._asked.values():
                if status.code is Code.ERROR:
                    return status
        return None

    @property
    def count(self) -> int:
        """How many candidates there are."""
        return self._columns.search.count

    @property
    def choices(self) -> ChoiceSource:
        """Chance."""
        return self.state.handle.choices

    def totals(self) -> list[int]:
        """The candidates' totals, once scored."""
        totals: list[int] = self._columns.search.totals.tolist()
        return totals

    def ties(self) -> list[int]:
        """The positions of the best candidates."""
        search = self._columns.search
        return [search.tie(turn) for turn in range(search.ties_count())]

    def feasible(self) -> list[NodeInfo]:
        """The candidates as nodes."""
        infos = self._columns.rows.infos
        return [infos[row] for row in self._columns.search.rows.tolist()]

    def choose(self) -> str:
        """The best candidate's node, once scores are added up."""
        search = self._columns.search
        position = 0
        if search.count > 1:
            position = pick(search, self._search.tie_rule, self.choices)
        return self._columns.rows.infos[search.row(position)].name

    def found(self) -> Found | NotFound:
        """The outcome when there are candidates; lists are left out, they are not needed."""
        if self._columns.search.count > 1:
            failure = self.scoring.run()
            if failure is not None:
                return self.not_found(NOT_WORTH_TRYING, failure=failure)
        return Found(self.choose(), (), NO_STATUSES, self.next_start_index, NO_SCORES)

    def found_at(self, row: int) -> Found:
        """The outcome when a row is open that was tried first, and no other."""
        name = self._columns.rows.infos[row].name
        return Found(name, (), NO_STATUSES, self._search.start_index, NO_SCORES)

    def not_found(self, outside: Status, *, failure: Status | None = None) -> NotFound:
        """The outcome when there are none: why not, for each node that was visited."""
        statuses = self.statuses()
        refusals = [status for status, _ in statuses.groups()]
        diagnosis = Diagnosis(
            nodes_count=len(self.snapshot),
            node_statuses=statuses,
            absent_status=outside,
            unschedulable_plugins=blamed(refusals, pending=False),
            pending_plugins=blamed(refusals, pending=True),
        )
        return NotFound(diagnosis, self.next_start_index, failure)

    def statuses(self) -> RowStatuses:
        """Why each visited node is not a candidate, in the order of the visits."""
        rows, start = self._columns.rows, self._search.start_index
        visited = numpy.concatenate([numpy.arange(start, len(rows)), numpy.arange(start)])
        visited = visited[: self._visited]
        first = self._first
        if first is not None:
            visited = numpy.concatenate([[first], visited[visited != first]])
        refusals = self._refusals()
        special = [*self._asked, *self._promised]
        if not special:
            return RowStatuses(self.snapshot, start, *refusals.groups(visited), first)
        is_special = numpy.isin(visited, special)
        group_of, statuses = refusals.groups(visited[~is_special])
        for row in visited[is_special].tolist():
            status = self._asked.get(row)
            if status is None:
                status = self._as_written(row)
            group_of[row] = group_for(statuses, status)
        return RowStatuses(self.snapshot, start, *in_order(visited, group_of, statuses), first)

    def _asker(self, plugin: FilterPlugin) -> Callable[[int], Status | None]:
        return lambda row: self._answer(plugin, row)

    def complete_state(self) -> None:
        """Run PreFilter of the plugins that ran on columns: PostFilter thinks with their states.

        About pods of one kind they say the same of the same nodes, so they are asked once.
        """
        self.state.take(self.completion)

    @property
    def completion(self) -> CycleState:
        """What these plugins say."""
        columns, stamp = self._columns, self.snapshot.stamp
        known = columns.completion
        if known is None or known[0] is not stamp:
            known = columns.completion = stamp, self._asked_on_columns()
        return known[1]

    def _asked_on_columns(self) -> CycleState:
        plan, state = self._plan, CycleState(self.state.handle)
        plugins = [
            one
            for one in plan.pre_filters
            if one.name in plan.filters or (self._columns.recipe.is_idle and one.name in plan.idle)
        ]
        plan.runner.pre_filter(state, self.pod, self.snapshot.nodes, plugins)
        return state

    def leave_dry_runs(self) -> None:
        """Let PostFilter think about rows, where room alone decides about evictions."""
        columns, volumes = self._columns, self._volumes
        if not columns.guests_by_room or any(
            one.name not in volumes.doubts for one in volumes.asked
        ):
            return
        signs = self._refusals().signs_beside_room()
        if signs is not None:
            doubt = volumes.doubts.get(NodeVolumeLimits.name)
            dry_runs: DryRuns = RowDryRuns(columns, self.snapshot, signs, doubt)
            self.state.write(DRY_RUNS, dry_runs)

    def _rows_to_ask(self, plugins: Sequence[FilterPlugin]) -> list[int]:
        """Rows that the other plugins are asked about, candidates among them, in order.

        A plugin is not asked about a row that one before it closes. It is about a row that only
        plugins after it close: what it says there is what counts, and it may fail.
        """
        columns, start = self._columns, self._search.start_index
        is_early = self._plan.is_asked_early([one.name for one in plugins])
        if is_early or (plugins and columns.pod_class.has_features):
            count = len(columns.rows)
            return [*range(start, count), *range(start)]
        rows: list[int] = columns.search.rows.tolist()
        if plugins and self._closings:
            aside = kernels.Search()
            aside.find(self._marks(), (), start, len(columns.rows))
            rows = aside.rows.tolist()
        return rows

    def _ask(self, plugins: Sequence[FilterPlugin], rows: Sequence[int], wanted: int) -> None:
        search, count = self._columns.search, len(self._columns.rows)
        candidates = set(search.rows.tolist())
        self._answer_by_rows(plugins, search.rows.tolist())
        refusals = self._refusals()
        chosen: list[int] = []
        self._visited = count
        for row in rows:
            is_candidate = row in candidates
            status = self._ask_one(plugins, row) if is_candidate else refusals.of(row)
            if status is not None:
                self._asked[row] = status
                if status.code is Code.ERROR:
                    self._visited = (row - self._search.start_index) % count + 1
                    break
            elif len(chosen) == wanted:
                self._visited = (row - self._search.start_index) % count
                break
            else:
                chosen.append(row)
        search.take(chosen)

    def _refusals(self) -> Refusals:
        others = {one.name: self._asker(one) for one in self._volumes.asked}
        return Refusals(self._columns, self._closings, others, self._guests, self._shortages)

    def _shortages(self) -> Shortages:
        if self._known_shortages is None:
            self._known_shortages = self._columns.shortages(self._guests)
        return self._known_shortages

    def _marks(self) -> kernels.Flags:
        if self._guests is None:
            marks: kernels.Flags = self._columns.pod_class.demand.marks
            return marks
        return self._columns.marks(self._shortages())

    def _as_written(self, row: int) -> Status | None:
        info = self._columns.rows.infos[row]
        return self._plan.runner.filter_with_nominated(self.state, self.pod, info)

    def _ask_one(self, plugins: Sequence[FilterPlugin], row: int) -> Status | None:
        if row in self._promised:
            return self._as_written(row)
        for plugin in plugins:
            status = self._answer(plugin, row)
            if status is not None:
                return status.blame(plugin.name)
        return None

    def _answer_by_rows(self, plugins: Sequence[FilterPlugin], rows: Sequence[int]) -> None:
        """Let plugins that can answer for many rows do so at once."""
        columns = RowColumns(self._columns.rows, rows)
        for plugin in plugins:
            if isinstance(plugin, RowFilter):
                passes = plugin.filter_rows(self.state, self.pod, columns)
                self._answers[plugin.name] = dict(zip(rows, passes, strict=True))

    def _answer(self, plugin: FilterPlugin, row: int) -> Status | None:
        if not self._volumes.asks_about(plugin.name, row):
            return None
        info = self._columns.rows.infos[row]
        if type(plugin) is NodeVolumeLimits:
            handle, volumes = self.state.handle, self._columns.volumes
            return plugin.judge(handle, self.pod, info.name, lambda: volumes.present(handle, row))
        if isinstance(plugin, RowFilter) and row in self._answers.get(plugin.name, ()):
            passes = self._answers[plugin.name][row]
            return None if passes else plugin.refusal(self.state, self.pod, info)
        return plugin.filter(self.state, self.pod, info)
