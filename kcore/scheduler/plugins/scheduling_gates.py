"""Gated pods wait outside the queue until somebody removes their last gate."""

from typing import Final

from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.scheduler.framework.events import (
    TARGET_POD,
    Action,
    Change,
    ClusterEvent,
    EventRegistration,
    Hint,
)
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.framework.quiet import quiet_without
from kcore.scheduler.framework.status import Status, unresolvable
from kcore.scheduler.pod_info import PodInfo


class SchedulingGates:
    """PreEnqueue: `spec.schedulingGates` must be empty."""

    name: Final = "SchedulingGates"

    def __init__(self, args: FrozenMap) -> None:
        """Takes no args."""

    @quiet_without("schedulingGates")
    def pre_enqueue(self, handle: Handle, pod: PodInfo) -> Status | None:
        """Name the gates that are left."""
        gates = pod.spec.get("schedulingGates") or EMPTY_LIST
        if not gates:
            return None
        names = " ".join(gate["name"] for gate in gates)
        return unresolvable(f"waiting for scheduling gates: [{names}]")

    def events_to_register(self) -> tuple[EventRegistration, ...]:
        """The pod lost its gates."""
        event = ClusterEvent(TARGET_POD, Action.UPDATE_POD_SCHEDULING_GATES_ELIMINATED)
        return (EventRegistration(event, _after_gates_eliminated),)


def _after_gates_eliminated(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    new = change.new
    is_self = new is not None and new.at("metadata", "uid") == pod.uid
    return Hint.QUEUE if is_self else Hint.SKIP
