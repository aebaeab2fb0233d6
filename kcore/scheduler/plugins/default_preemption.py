"""PostFilter: when a pod fits nowhere, evict less important pods from one node.

The pod is not placed at once: it is nominated to the node, waits for the victims to leave, and
meanwhile others treat the room as taken. Upstream deletes victims in the background; here it
happens in the same step, one write after the other.
"""

from collections.abc import Sequence
from typing import Final

from kcore.errors import ApiError
from kcore.machinery.frozen import FrozenMap
from kcore.scheduler import pod_status
from kcore.scheduler.dry_runs import DRY_RUNS, DryRuns, Outlook, PlainOutlook, walk
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.diagnosis import Diagnosis, StatusGroups
from kcore.scheduler.framework.events import (
    ASSIGNED_POD,
    Action,
    Change,
    ClusterEvent,
    EventRegistration,
    Hint,
)
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.framework.interfaces import PostFilterResult
from kcore.scheduler.framework.quiet import quiet
from kcore.scheduler.framework.status import Code, Status, failed, unresolvable
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.preemption import Candidate, Thought

NEVER: Final = "not eligible due to preemptionPolicy=Never."
TERMINATING: Final = "not eligible due to a terminating pod on the nominated node."
NOT_HELPFUL: Final = unresolvable("Preemption is not helpful for scheduling")
PREEMPTED: Final = "PreemptionByScheduler"
# Upstream's defaults of minCandidateNodesPercentage and minCandidateNodesAbsolute.
CANDIDATES_PERCENTAGE_MIN: Final = 10
CANDIDATES_COUNT_MIN: Final = 100


class DefaultPreemption:
    """Finds, chooses and evicts victims."""

    name: Final = "DefaultPreemption"

    def __init__(self, args: FrozenMap) -> None:
        """Read how many candidate nodes are enough."""
        percentage = args.get("minCandidateNodesPercentage")
        absolute = args.get("minCandidateNodesAbsolute")
        self._percentage = CANDIDATES_PERCENTAGE_MIN if percentage is None else percentage
        self._absolute = CANDIDATES_COUNT_MIN if absolute is None else absolute

    @quiet
    def pre_enqueue(self, handle: Handle, pod: PodInfo) -> Status | None:
        """Upstream holds a preemptor here while victims are deleted in the background."""
        return None

    def post_filter(
        self, state: CycleState, pod: PodInfo, diagnosis: Diagnosis
    ) -> PostFilterResult:
        """Make room for `pod` if that is possible and allowed."""
        refusal = ineligibility(state.handle, pod, diagnosis)
        if refusal:
            return PostFilterResult(Status(Code.UNSCHEDULABLE, (f"preemption: {refusal}",)))
        outlook = self.outlook(state, pod, diagnosis)
        best = outlook.best(state.handle.clock.now_ns())
        if not best:
            count = len(state.handle.snapshot)
            message = Diagnosis(count, outlook.statuses, absent_status=NOT_HELPFUL).message
            status = Status(Code.UNSCHEDULABLE, (f"preemption: {message}",))
            return PostFilterResult(status, nominated_node_name="")
        turn = 0
        if len(best) > 1:
            turn = state.handle.choices.choose(len(best), "scheduler/preemption")
        chosen = best[turn]
        failure = _evict(state.handle, pod, chosen)
        if failure is not None:
            return PostFilterResult(failure)
        message = (
            f"preemption: found a potential placement for pod on node {chosen.node_name}, "
            f"preempting {len(chosen.victims)} victims"
        )
        return PostFilterResult(Status(Code.SUCCESS, (message,)), chosen.node_name)

    def outlook(self, state: CycleState, pod: PodInfo, diagnosis: Diagnosis) -> Outlook:
        """Where eviction helps, as far as that was thought through, and why not elsewhere."""
        handle = state.handle
        nodes = handle.snapshot.nodes
        positions = positions_where_it_may_help(nodes, diagnosis)
        if not positions:
            return PlainOutlook()
        wanted = self._wanted(len(positions))
        start = 0
        if wanted < len(positions):
            start = handle.choices.choose(len(positions), "scheduler/preemption-start")
        turn = positions[start:] + positions[:start]
        budgets = handle.lister("poddisruptionbudgets.policy").list()
        runner = handle.filters_of(pod.scheduler_name)
        room = runner.room(state, pod)
        thought = Thought(runner, budgets, handle.clock.now_ns(), room)
        dry_runs: DryRuns | None = state.find(DRY_RUNS)
        if dry_runs is None:
            return walk(thought, state, pod, [nodes[position] for position in turn], wanted)
        return dry_runs.outlook(thought, state, pod, turn, wanted)

    def events_to_register(self) -> tuple[EventRegistration, ...]:
        """A victim is gone. Its own plugin's hint decides; this one only keeps the event alive."""
        event = ClusterEvent(ASSIGNED_POD, Action.DELETE)
        return (EventRegistration(event, _after_pod_deletion),)

    def _wanted(self, count: int) -> int:
        return min(max(count * self._percentage // 100, self._absolute), count)


def ineligibility(handle: Handle, pod: PodInfo, diagnosis: Diagnosis) -> str:
    """Why the pod may not evict others now; empty when it may."""
    if pod.spec.get("preemptionPolicy") == "Never":
        return NEVER
    nominated = pod.nominated_node_name
    if not nominated or diagnosis.status_of(nominated).code is Code.UNRESOLVABLE:
        return ""
    node = handle.snapshot.get(nominated)
    if node is None:
        return ""
    leaving = any(
        other.priority < pod.priority and _is_being_preempted(other) for other in node.pods
    )
    return TERMINATING if leaving else ""


def positions_where_it_may_help(nodes: Sequence[NodeInfo], diagnosis: Diagnosis) -> list[int]:
    """Nodes that refused the pod for a reason that evictions may lift, in order."""
    statuses = diagnosis.node_statuses
    if (
        isinstance(statuses, StatusGroups)
        and diagnosis.absent_status.code is not Code.UNSCHEDULABLE
    ):
        return statuses.positions_with(Code.UNSCHEDULABLE)
    return [
        position
        for position, node in enumerate(nodes)
        if diagnosis.status_of(node.name).code is Code.UNSCHEDULABLE
    ]


def _is_being_preempted(pod: PodInfo) -> bool:
    if not pod.is_terminating:
        return False
    condition = pod_status.find_condition(pod.pod, "DisruptionTarget")
    return (
        condition is not None
        and condition.get("status") == "True"
        and condition.get("reason") == PREEMPTED
    )


def _evict(handle: Handle, pod: PodInfo, candidate: Candidate) -> Status | None:
    """Mark and delete the victims; end promises to less important pods on the node.

    A victim that is leaving already needs no other call, and nothing is said about it.
    """
    for victim in candidate.victims:
        if victim.is_terminating:
            continue
        try:
            _delete(handle, pod, victim)
        except ApiError as error:
            if error.code != 404:
                return failed(error.message)
            continue
        message = f"Preempted by pod {pod.uid} on node {candidate.node_name}"
        handle.recorder.event(victim.pod, "Normal", "Preempted", message)
    for other in handle.nominated.pods_on(candidate.node_name):
        if other.priority < pod.priority:
            pod_status.clear_nomination(handle.client, other.pod)
    return None


def _delete(handle: Handle, pod: PodInfo, victim: PodInfo) -> None:
    """Say why, then delete; a victim that is found gone is not asked for twice, as upstream.

    Raises:
        ApiError: 404, or why it cannot be deleted.
    """
    message = f"{pod.scheduler_name}: preempting to accommodate a higher priority pod"
    condition = pod_status.condition(
        victim.pod, ("DisruptionTarget", "True", PREEMPTED, message), handle.clock.now_ns()
    )
    refusal = pod_status.report(handle.client, victim.pod, condition, None)
    if refusal is not None:
        raise refusal
    handle.client.delete("pods", victim.name, victim.namespace)


def _after_pod_deletion(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    return Hint.SKIP
