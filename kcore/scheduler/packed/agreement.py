"""Paranoid mode: both engines search, and any difference is our bug."""

from collections.abc import Sequence
from typing import Final

from kcore.errors import InvariantError
from kcore.scheduler.attempt import Attempt, Found, NotFound, Search
from kcore.scheduler.dry_runs import DRY_RUNS, Outlook, walk
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.framework.runner import Runner
from kcore.scheduler.packed.attempt import PackedAttempt
from kcore.scheduler.packed.engine import PackedEngine
from kcore.scheduler.packed.plain_search import is_barred, is_plain, meet
from kcore.scheduler.packed.related_search import is_related, meet_related
from kcore.scheduler.packed.row_dry_runs import RowDryRuns
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.preemption import Thought
from kcore.scheduler.sampling import TieRule, pick
from kcore.scheduler.snapshot import Snapshot

_PARTS_OF_WORTH: Final = (
    "NodeResourcesFit",
    "NodeResourcesBalancedAllocation",
    "ImageLocality",
)


class ParanoidEngine(PackedEngine):
    """Takes the readable outcome, after comparing everything about it with the packed one."""

    def find_again(self, pod: PodInfo, snapshot: Snapshot, search: Search, handle: Handle) -> None:
        """Nothing is placed as before: each pod is searched for twice."""

    def find(
        self,
        runner: Runner,
        state: CycleState,
        pod: PodInfo,
        snapshot: Snapshot,
        search: Search,
    ) -> Found | NotFound:
        """Search twice and compare.

        Raises:
            InvariantError: what differs, and for which pod.
        """
        thought = CycleState(state.handle)
        attempt = self.prepare(runner, thought, pod, snapshot, search)
        readable = Attempt(runner, state, snapshot, search).find(pod, state.handle.choices)
        if isinstance(attempt, str):
            self.fallbacks[attempt] = self.fallbacks.get(attempt, 0) + 1
            return readable
        self.searches_count += 1
        self._state.check_invariants(snapshot)
        if len(state.handle.nominated):
            self._state.promises.check_invariants(state.handle.nominated, snapshot)
        if isinstance(attempt, Found):
            _same("promised node", attempt.node_name, _name_of(readable), pod)
            _same("next start", attempt.next_start_index, readable.next_start_index, pod)
            return readable
        if isinstance(readable, Found):
            _compare_found(attempt, readable, search, pod)
        else:
            packed = self.outcome(attempt)
            _same("outcome", type(packed), type(readable), pod)
            assert isinstance(packed, NotFound)
            _same("diagnosis", packed.diagnosis, readable.diagnosis, pod)
            _same("message", packed.diagnosis.message, readable.diagnosis.message, pod)
            order = list(packed.diagnosis.node_statuses), list(readable.diagnosis.node_statuses)
            _same("order of statuses", *order, pod)
            _same("failure", packed.failure, readable.failure, pod)
            _same("plugins stepped over", thought.skip_filter, state.skip_filter, pod)
            for key, value in attempt.completion.held.items():
                _same(f"what PreFilter left under {key}", value, state.find(key), pod)
            dry_runs: RowDryRuns | None = thought.find(DRY_RUNS)
            if dry_runs is not None:
                state.write(DRY_RUNS, _CheckedDryRuns(dry_runs, snapshot))
            _same("next start", packed.next_start_index, readable.next_start_index, pod)
        return readable

    def fork(self) -> "ParanoidEngine":
        """The engine of a forked scheduler."""
        twin = super().fork()
        twin.__class__ = ParanoidEngine
        assert isinstance(twin, ParanoidEngine)
        return twin


class _CheckedDryRuns:
    """Thinks about evictions in both ways, and finds what the readable one does."""

    def __init__(self, by_rows: RowDryRuns, snapshot: Snapshot) -> None:
        self._by_rows = by_rows
        self._snapshot = snapshot

    def outlook(
        self,
        thought: Thought,
        state: CycleState,
        pod: PodInfo,
        positions: Sequence[int],
        wanted: int,
    ) -> Outlook:
        """Think twice and compare.

        Raises:
            InvariantError: what differs, and for which pod.
        """
        packed = self._by_rows.outlook(thought, state, pod, positions, wanted)
        self._by_rows.check_invariants(pod, state, thought)
        nodes = [self._snapshot.nodes[position] for position in positions]
        # Nothing may be known of nodes but what follows from these.
        plain = Thought(thought.runner, thought.budgets, thought.now_ns, thought.room)
        readable = walk(plain, state, pod, nodes, wanted)
        _same("candidates", list(packed.candidates), list(readable.candidates), pod)
        statuses = list(packed.statuses.items()), list(readable.statuses.items())
        _same("statuses of dry runs", *statuses, pod)
        best = list(packed.best(thought.now_ns)), list(readable.best(thought.now_ns))
        _same("least costly candidates", *best, pod)
        return readable


def _compare_found(attempt: PackedAttempt, readable: Found, search: Search, pod: PodInfo) -> None:
    names = [info.name for info in attempt.feasible()]
    _same("feasible nodes", names, [info.name for info in readable.feasible], pod)
    _same("statuses", dict(attempt.statuses()), dict(readable.statuses), pod)
    _same("next start", attempt.next_start_index, readable.next_start_index, pod)
    if len(names) == 1:
        _compare_plain(attempt, search, [0], pod)
        _compare_related(attempt, search, names, [0], pod)
        return
    scoring = attempt.scoring
    scoring.raw = {}
    failure = scoring.run()
    _same("score failure", failure, None, pod)
    table = readable.scores
    for name, raw in scoring.raw.items():
        _same(f"raw scores of {name}", raw, list(table.raw[name]), pod)
        _same(f"scores of {name}", scoring.weighted[name], list(table.weighted[name]), pod)
    missing = [
        name
        for name, scores in table.weighted.items()
        if name not in scoring.raw and name not in _PARTS_OF_WORTH and any(scores)
    ]
    _same("plugins that score", missing, [], pod)
    _same("totals", attempt.totals(), list(table.totals), pod)
    _compare_plain(attempt, search, attempt.ties(), pod)
    if search.tie_rule is not TieRule.RANDOM:
        position = pick(table.totals, search.tie_rule, attempt.choices)
        _same("choice", attempt.choose(), names[position], pod)
    else:
        best = max(table.totals)
        ties = [index for index, total in enumerate(table.totals) if total == best]
        _same("ties", attempt.ties(), ties, pod)
    _compare_related(attempt, search, names, attempt.ties(), pod)


def _name_of(readable: Found | NotFound) -> str:
    return readable.node_name if isinstance(readable, Found) else ""


def _compare_plain(attempt: PackedAttempt, search: Search, ties: list[int], pod: PodInfo) -> None:
    """What marks and gates say, where they decide, is what all scores together say."""
    columns = attempt.columns
    if pod.nominated_node_name:
        return
    if is_barred(columns, search):
        columns.begin_gated(search)
    elif not is_plain(columns, search):
        return
    peak, rows = columns.peak, columns.search.rows.tolist()
    count = meet(columns, search)
    _same(
        "best rows by marks",
        [peak.row(turn) for turn in range(count)],
        [rows[position] for position in ties],
        pod,
    )
    _same("rows met by marks", (peak.count, peak.visited), (len(rows), attempt.visited), pod)


def _compare_related(
    attempt: PackedAttempt, search: Search, names: list[str], ties: list[int], pod: PodInfo
) -> None:
    """What is found on the short way is what was found; overwrites what the attempt found."""
    columns = attempt.columns
    if not is_related(columns) or pod.nominated_node_name:
        return
    visited, totals = attempt.visited, attempt.totals() if len(names) > 1 else []
    meet_related(columns, search)
    _same("nodes on the short way", [info.name for info in attempt.feasible()], names, pod)
    _same("rows met on the short way", columns.search.visited, visited, pod)
    if totals:
        # What is the same for all is added only for who looks at the numbers.
        shorter = [total - attempt.totals()[0] for total in attempt.totals()]
        longer = [total - totals[0] for total in totals]
        _same("distances of totals on the short way", shorter, longer, pod)
        _same("ties on the short way", attempt.ties(), ties, pod)


def _same(what: str, packed: object, readable: object, pod: PodInfo) -> None:
    if packed != readable:
        raise InvariantError(
            f"pod {pod.key}: the packed engine differs in {what}: {packed} instead of {readable}"
        )
