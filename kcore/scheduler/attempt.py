"""One pod's search for a node: narrow, filter, score, choose. Writes nothing.

Upstream's `schedulePod` with one worker: nodes are tried one after the other from a rotating start,
and the search stops at the node that would be one feasible node too many.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from kcore.records import record
from kcore.runtime.choice import ChoiceSource
from kcore.scheduler.batching import Batch, Cycle
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.diagnosis import Diagnosis
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.framework.runner import PreFilterOutcome, Runner, ScoreTable
from kcore.scheduler.framework.status import Code, Status
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.sampling import TieRule, feasible_count_wanted, pick
from kcore.scheduler.snapshot import Snapshot

NO_NODES = "no nodes available to schedule pods"


# One of the second is made for each pod that is searched for anew, and a frozen one takes thrice
# as long to make; of the first it is said before each search where to start.
@record
@dataclass(slots=True)
class Search:
    """How to search: the share of nodes, where to start, and what to do about ties."""

    percentage: int = 0
    start_index: int = 0
    tie_rule: TieRule = TieRule.RANDOM
    batch: Batch | None = None
    """What earlier attempts left for this one; None looks at every node each time."""
    number: int = 0
    """Which attempt of the scheduler this is, where a batch must know."""


@record
@dataclass(slots=True)
class Found:
    """The pod fits: the chosen node, the feasible ones, and what was learned on the way."""

    node_name: str
    feasible: tuple[NodeInfo, ...]
    statuses: Mapping[str, Status]
    next_start_index: int
    scores: ScoreTable = field(default_factory=ScoreTable)
    """Empty when only one node was feasible: then nothing is scored."""
    outside: Status | None = None
    """The status of nodes that were not worth trying, when the search was narrowed."""


Spot = tuple[str, int]
"""The node that was found, and where the next search starts: all that a placement needs."""

FindAgain = Callable[[PodInfo, Snapshot, Search, Handle], Spot | None]
"""Places a pod as the last of its like was placed, if nothing speaks against it."""


@dataclass(frozen=True, slots=True)
class NotFound:
    """The pod fits nowhere, or the search failed (`failure`)."""

    diagnosis: Diagnosis
    next_start_index: int
    failure: Status | None = None


class Attempt:
    """One search by one profile on one snapshot."""

    def __init__(
        self, runner: Runner, state: CycleState, snapshot: Snapshot, search: Search
    ) -> None:
        self._runner = runner
        self._state = state
        self._snapshot = snapshot
        self._search = search
        self._statuses: dict[str, Status] = {}
        self._next_start_index = search.start_index
        self._narrowed_by: tuple[str, ...] = ()
        self._outside: Status | None = None

    def find(self, pod: PodInfo, choices: ChoiceSource) -> Found | NotFound:
        """Search for the best node. O(plugins * nodes)."""
        nodes = self._snapshot.nodes
        if not nodes:
            return self._not_found(Status(Code.UNRESOLVABLE), failure=_no_nodes())
        outcome = self._runner.pre_filter(self._state, pod, nodes)
        self._outside = None if outcome.node_names is None else outcome.outside
        self._narrowed_by = outcome.narrowed_by
        if outcome.status is not None:
            return self._rejected(outcome.status)
        hint = self._hint(pod)
        feasible = self._promised(pod, pod.nominated_node_name or hint)
        if not feasible:
            feasible = self._feasible(pod, self._worth_trying(outcome))
        failure = self._failure()
        if failure is not None:
            return self._not_found(outcome.outside, failure=failure)
        if not feasible:
            return self._not_found(outcome.outside)
        return self._choose(pod, feasible, choices)

    def _choose(
        self, pod: PodInfo, feasible: Sequence[NodeInfo], choices: ChoiceSource
    ) -> Found | NotFound:
        scores = ScoreTable()
        index = 0
        if len(feasible) > 1:
            failure = self._runner.pre_score(self._state, pod, feasible)
            if failure is not None:
                return self._not_found(Status(Code.UNRESOLVABLE), failure=failure)
            scores = self._runner.score(self._state, pod, feasible)
            index = pick(scores.totals, self._search.tie_rule, choices)
        if self._search.batch is not None:
            self._search.batch.keep(self._cycle(pod), feasible[index].name, scores)
        return Found(
            feasible[index].name,
            tuple(feasible),
            self._statuses,
            self._next_start_index,
            scores,
            self._outside,
        )

    def _hint(self, pod: PodInfo) -> str:
        return "" if self._search.batch is None else self._search.batch.hint(self._cycle(pod))

    def _cycle(self, pod: PodInfo) -> Cycle:
        return Cycle(self._search.number, self._runner, self._state, pod, self._snapshot)

    def _promised(self, pod: PodInfo, node_name: str) -> list[NodeInfo]:
        """The node that was promised to the pod, or looks best, if it fits there now."""
        node = self._snapshot.get(node_name) if node_name else None
        if node is None:
            return []
        status = self._runner.filter_with_nominated(self._state, pod, node)
        if status is None:
            return [node]
        self._statuses[node.name] = status
        return []

    def _worth_trying(self, outcome: PreFilterOutcome) -> Sequence[NodeInfo]:
        names = outcome.node_names
        if names is None:
            return self._snapshot.nodes
        return self._snapshot.among(names)

    def _feasible(self, pod: PodInfo, nodes: Sequence[NodeInfo]) -> list[NodeInfo]:
        wanted = 1
        if self._runner.has_scoring:
            wanted = feasible_count_wanted(self._search.percentage, len(nodes))
        count, start = len(nodes), self._search.start_index
        feasible: list[NodeInfo] = []
        promises = len(self._state.handle.nominated)
        check = self._runner.filter_with_nominated if promises else self._runner.filter
        for offset in range(count):
            node = nodes[(start + offset) % count]
            status = check(self._state, pod, node)
            if status is not None:
                self._statuses[node.name] = status
                if status.code is Code.ERROR:
                    break
            elif len(feasible) == wanted:
                break
            else:
                feasible.append(node)
        processed = len(feasible) + len(self._statuses)
        self._next_start_index = (start + processed) % len(self._snapshot)
        return feasible

    def _failure(self) -> Status | None:
        for status in self._statuses.values():
            if status.code is Code.ERROR:
                return status
        return None

    def _rejected(self, status: Status) -> NotFound:
        """PreFilter refused the pod itself."""
        if not status.is_rejection:
            return self._not_found(status, failure=status)
        return self._not_found(status, pre_filter_message=status.message)

    def _not_found(
        self, absent: Status, *, pre_filter_message: str = "", failure: Status | None = None
    ) -> NotFound:
        refusals = [*self._statuses.values()]
        if pre_filter_message:
            refusals.append(absent)
        diagnosis = Diagnosis(
            nodes_count=len(self._snapshot),
            node_statuses=self._statuses,
            absent_status=absent,
            pre_filter_message=pre_filter_message,
            unschedulable_plugins=tuple(
                dict.fromkeys((*self._narrowed_by, *blamed(refusals, pending=False)))
            ),
            pending_plugins=blamed(refusals, pending=True),
        )
        return NotFound(diagnosis, self._next_start_index, failure)


def _no_nodes() -> Status:
    return Status(Code.UNRESOLVABLE, (NO_NODES,))


def blamed(refusals: Sequence[Status], *, pending: bool) -> tuple[str, ...]:
    """Plugins that refused, in the order of their first refusal. O(refusals)."""
    names = {
        status.plugin: None
        for status in refusals
        if status.plugin and status.is_rejection and (status.code is Code.PENDING) is pending
    }
    return tuple(names)


def nowhere(pod: PodInfo, snapshot: Snapshot, search: Search, handle: Handle) -> Spot | None:
    """No pod is placed as the last of its like by those who remember none."""
    return None
