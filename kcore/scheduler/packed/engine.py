"""The engine: keeps columns beside the snapshot, searches over them, and says when it does not.

    follow the snapshot -> class of the pod -> search -> outcome
                        or the readable path, with a reason that is counted

Forks share the columns until one side searches again.
"""

from collections.abc import Mapping
from typing import Final

from kcore.machinery.labels import SelectorError
from kcore.scheduler.attempt import Attempt, Found, NotFound, Search, Spot
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.framework.runner import Runner
from kcore.scheduler.framework.status import Code
from kcore.scheduler.packed.attempt import NOT_WORTH_TRYING, PackedAttempt
from kcore.scheduler.packed.columns import Columns
from kcore.scheduler.packed.named_search import Namers, found_at_name, named_found
from kcore.scheduler.packed.packed_state import PackedState
from kcore.scheduler.packed.plain_search import is_barred, is_plain, outcome, plainly_found
from kcore.scheduler.packed.profile_plan import ProfilePlan
from kcore.scheduler.packed.related_search import is_related, related_found
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.snapshot import Snapshot

NO_NODES: Final = "there are no nodes"
FEW_NODES: Final = "there are few nodes"
BATCHING: Final = "opportunistic batching is on"
PROMISED_NODE: Final = "a plugin cannot decide about the pod's nominated node"
NAMED_NODES: Final = "the pod names its nodes"
AMOUNTS: Final = "an amount is 2**53 or more, or there are too many resources"
BAD_SELECTOR: Final = "a selector of the pod cannot be parsed"
REFUSED_OUTRIGHT: Final = "a PreFilter plugin refuses the pod or narrows its search"
MANY_RELATIONS: Final = "too many relations to other pods"


class PackedEngine:
    """Searches for one scheduler."""

    def __init__(self, runners: Mapping[str, Runner], nodes_count_min: int = 0) -> None:
        self._plans = {name: ProfilePlan(runner) for name, runner in runners.items()}
        self._nodes_count_min = nodes_count_min
        self.clear()
        self.searches_count = 0
        """Searches that ran over columns."""
        self.fallbacks: dict[str, int] = {}
        """How many searches took the readable path instead, by reason."""

    def clear(self) -> None:
        """Forget all columns, as after a crash."""
        self._state = PackedState()
        self._is_shared = False
        self._is_unfit = False
        self._namers = Namers()

    def find_again(
        self, pod: PodInfo, snapshot: Snapshot, search: Search, handle: Handle
    ) -> Spot | None:
        """The best node of a pod that is placed as the last of its like was, by marks and gates.

        Most are. So nothing is looked at here but what may be different now. None: `find` must
        see. Asked only while nothing is promised to anybody.
        """
        packed = self._state
        # Nothing is known of columns that are shared or unfit.
        columns = packed.known.get(pod.like)
        if (
            columns is None
            or columns.plain_for is not search  # And so of the same profile.
            or pod.node_name
            or pod.nominated_node_name
        ):
            return None
        try:
            version = packed.follow(snapshot)
        except OverflowError:
            self._give_up()
            return None
        if version is not columns.version or not columns.surroundings.is_the_same(handle):
            return None
        if columns.named_row >= 0:
            spot = found_at_name(columns, search)
        else:
            marks = columns.demand.refresh(packed.rows.table)
            spot = plainly_found(columns, marks, search, handle.choices)
        if spot is not None:
            self.searches_count += 1
        return spot

    def find(
        self,
        runner: Runner,
        state: CycleState,
        pod: PodInfo,
        snapshot: Snapshot,
        search: Search,
    ) -> Found | NotFound:
        """Search for the best node, over columns where that is possible."""
        columns = self._columns(runner, state, pod, snapshot, search)
        attempt: PackedAttempt | Found | str
        if not isinstance(columns, str) and (len(state.handle.nominated) or columns.guests):
            columns = self._with_guests(columns, state, pod, snapshot)
        if isinstance(columns, str):
            attempt = columns
        else:
            found = None
            if not pod.nominated_node_name:
                found = self._shortly(columns, state, snapshot, search)
            if found is not None:
                self.searches_count += 1
                return found
            attempt = _searched(PackedAttempt(columns, state, snapshot, search, pod))
        if isinstance(attempt, str):
            self.fallbacks[attempt] = self.fallbacks.get(attempt, 0) + 1
            return Attempt(runner, state, snapshot, search).find(pod, state.handle.choices)
        self.searches_count += 1
        return self.outcome(attempt) if isinstance(attempt, PackedAttempt) else attempt

    def idle_plugins(self, runner: Runner) -> frozenset[str]:
        """Those that step aside about every pod that `find_again` finds a node for."""
        return self._plans[runner.scheduler_name].idle

    def prepare(
        self,
        runner: Runner,
        state: CycleState,
        pod: PodInfo,
        snapshot: Snapshot,
        search: Search,
    ) -> PackedAttempt | Found | str:
        """Find the candidates, or that the promised node is open; or say why the readable path."""
        columns = self._columns(runner, state, pod, snapshot, search)
        if not isinstance(columns, str):
            columns = self._with_guests(columns, state, pod, snapshot)
        if isinstance(columns, str):
            return columns
        return _searched(PackedAttempt(columns, state, snapshot, search, pod))

    def _columns(
        self,
        runner: Runner,
        state: CycleState,
        pod: PodInfo,
        snapshot: Snapshot,
        search: Search,
    ) -> Columns | str:
        """What to search over, up to date; or why the readable path must be taken."""
        packed: PackedState | None = self._state
        known = self._state.known.get(pod.like)
        if (
            known is not None
            and search.batch is None
            and not pod.node_name
            and known.runner is runner
            and self._follow(snapshot) is packed
            and known.version is self._state.version
            and known.surroundings.is_the_same(state.handle)
        ):
            known.demand.refresh(known.rows.table)
            return known
        reason = self._unsuitable(pod, snapshot, search)
        if reason:
            return reason
        packed = self._follow(snapshot)
        return AMOUNTS if packed is None else self._new_columns(packed, runner, state, pod)

    def _new_columns(
        self, packed: PackedState, runner: Runner, state: CycleState, pod: PodInfo
    ) -> Columns | str:
        recipe = packed.recipe_of(self._plans[runner.scheduler_name], pod)
        if pod.names_nodes and not recipe.named_node:
            return NAMED_NODES
        try:
            columns = packed.columns_of(recipe, state.handle)
        except OverflowError:
            return AMOUNTS
        except SelectorError:
            return BAD_SELECTOR
        packed.remember(pod, columns)
        return columns

    def _with_guests(
        self, columns: Columns, state: CycleState, pod: PodInfo, snapshot: Snapshot
    ) -> Columns | str:
        """The columns with those who count on rows; or why the readable path must be taken."""
        nominated = state.handle.nominated
        try:
            guests = self._state.guests(nominated, pod, snapshot) if len(nominated) else None
            columns.expect(guests)
        except OverflowError:
            return AMOUNTS
        return columns

    def _shortly(
        self, columns: Columns, state: CycleState, snapshot: Snapshot, search: Search
    ) -> Found | None:
        """The outcome where columns alone decide; None where they do not, or nothing is open."""
        if columns.recipe.named_node:
            return named_found(columns, state, snapshot, search)
        if is_plain(columns, search):
            columns.begin_plain(search)
            return self._plainly_found(columns, state, search)
        if is_related(columns):
            try:
                if is_barred(columns, search):
                    columns.begin_gated(search)
                    return self._plainly_found(columns, state, search)
                return related_found(columns, state, search)
            except OverflowError:
                return None
        return None

    def _plainly_found(self, columns: Columns, state: CycleState, search: Search) -> Found | None:
        spot = plainly_found(columns, columns.marks(), search, state.handle.choices)
        return None if spot is None else outcome(columns.idle, state, spot)

    def outcome(self, attempt: PackedAttempt) -> Found | NotFound:
        """Score and choose, or say why there is no candidate."""
        failure = attempt.failure
        if failure is None and attempt.count:
            return attempt.found()
        result = attempt.not_found(NOT_WORTH_TRYING, failure=failure)
        attempt.complete_state()
        if failure is None:
            attempt.leave_dry_runs()
        return result

    def follow(self, snapshot: Snapshot) -> None:
        """Bring the columns up to date, so that forks made from now on share them."""
        self._follow(snapshot)

    def fork(self) -> "PackedEngine":
        """The engine of a forked scheduler. O(1); the next search of either side copies O(rows)."""
        twin = object.__new__(PackedEngine)
        twin._plans = self._plans
        twin._nodes_count_min = self._nodes_count_min
        twin._state, twin._is_unfit = self._state, self._is_unfit
        twin._namers = self._namers.copy()
        twin._is_shared = self._is_shared = True
        # Neither side may keep the other's world alive.
        self._state.forget_known()
        twin.searches_count, twin.fallbacks = self.searches_count, dict(self.fallbacks)
        return twin

    def check_invariants(self, snapshot: Snapshot) -> None:
        """Raise AssertionError unless columns are those of the snapshot. O(everything)."""
        packed = self._follow(snapshot)
        if packed is not None:
            packed.check_invariants(snapshot)

    def _unsuitable(self, pod: PodInfo, snapshot: Snapshot, search: Search) -> str:
        count = len(snapshot.nodes)
        if count == 0:
            return NO_NODES
        if count < self._nodes_count_min:
            return FEW_NODES
        if search.batch is not None:
            return BATCHING
        # Such a pod is tried on its nodes alone: the columns of all others need not be looked at.
        if pod.node_name or (pod.names_nodes and not self._namers.are_many(pod)):
            return NAMED_NODES
        return ""

    def _follow(self, snapshot: Snapshot) -> PackedState | None:
        """The columns, up to date; None when an amount of a node is too great for them."""
        if self._is_unfit:
            return None
        if self._is_shared:
            self._state = self._state.copy()
            self._is_shared = False
        try:
            self._state.follow(snapshot)
        except OverflowError:
            self._give_up()
            return None
        return self._state

    def _give_up(self) -> None:
        """Search over nodes themselves from now on."""
        self._is_unfit = True
        self._state.forget_known()


def _searched(attempt: PackedAttempt) -> PackedAttempt | Found | str:
    """Look for candidates; or find the promised node open, or why the readable path is taken."""
    if attempt.columns.recipe.named_node:
        found = None if attempt.pod.nominated_node_name else attempt.named()
        return NAMED_NODES if found is None else found
    outcome = attempt.others_outcome()
    if outcome is not None and not outcome.is_open:
        return REFUSED_OUTRIGHT
    attempt.look()
    promised = attempt.snapshot.position(attempt.pod.nominated_node_name)
    if promised is not None:
        refusal = attempt.refusal(promised)
        if refusal is None:
            return attempt.found_at(promised)
        if refusal.code is Code.ERROR:
            return PROMISED_NODE
    try:
        attempt.find(promised)
    except OverflowError:
        return MANY_RELATIONS
    return attempt
