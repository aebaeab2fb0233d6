"""Refuses pods that ask for something this scheduler does not decide, instead of ignoring it.

Upstream would look at device claims and gangs before placing such a pod; placing it without looking
would be a silent lie. `docs/reference/fidelity.md` lists what is meant.
"""

from collections.abc import Sequence
from typing import Final

from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.events import TARGET_POD, Action, ClusterEvent, EventRegistration
from kcore.scheduler.framework.interfaces import PASSED, PreFilterResult
from kcore.scheduler.framework.status import unresolvable
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo


class UnmodelledConstraints:
    """PreFilter: name what is asked for and not modelled. Not one of upstream's plugins."""

    name: Final = "UnmodelledConstraints"

    def __init__(self, args: FrozenMap) -> None:
        """Takes no args."""

    def pre_filter(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> PreFilterResult:
        """Refuse for good: no change of the cluster helps."""
        missing = unmodelled_constraints(pod.pod)
        if not missing:
            return PASSED
        return PreFilterResult(unresolvable(f"not modelled by kcore: {', '.join(missing)}"))

    def events_to_register(self) -> tuple[EventRegistration, ...]:
        """Only another spec would help."""
        return (EventRegistration(ClusterEvent(TARGET_POD, Action.UPDATE)),)


def unmodelled_constraints(pod: FrozenMap) -> list[str]:
    """What a pod asks of the scheduler that no plugin here decides: `field (plugin)`."""
    spec = pod["spec"]
    found = []
    if spec.get("resourceClaims") or EMPTY_LIST:
        found.append("spec.resourceClaims (DynamicResources)")
    if spec.get("schedulingGroup") is not None:
        found.append("spec.schedulingGroup (GangScheduling)")
    return found
