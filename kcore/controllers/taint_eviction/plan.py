"""How long a pod may stay on its node. Pure.

Source: pkg/controller/tainteviction/taint_eviction.go, `processPodOnNode`.
"""

from dataclasses import dataclass
from typing import Final

from kcore.api.core_v1.taint import NO_EXECUTE, toleration_seconds_min, used_tolerations
from kcore.machinery.frozen import EMPTY_LIST, FrozenList, FrozenMap, freeze
from kcore.machinery.timestamps import format_time
from kcore.runtime.clock import SECOND_NS

CONDITION: Final = "DisruptionTarget"


@dataclass(frozen=True, slots=True)
class Eviction:
    """A pod will be deleted at `due_ns`; the decision was first taken at `since_ns`."""

    since_ns: int
    due_ns: int


def eviction_taints(node: FrozenMap) -> list[FrozenMap]:
    """The node's NoExecute taints. O(taints)."""
    taints = node.at("spec", "taints", default=EMPTY_LIST)
    return [taint for taint in taints if taint.get("effect") == NO_EXECUTE]


def plan_eviction(
    pod: FrozenMap, taints: list[FrozenMap], planned: Eviction | None, now_ns: int
) -> Eviction | None:
    """When to delete the pod; None: it may stay. A planned eviction is never put off.

    A stay counts from the first decision, so a second taint does not start it anew.
    """
    if not taints:
        return None
    tolerations = pod.at("spec", "tolerations", default=EMPTY_LIST)
    used = used_tolerations(taints, tolerations)
    if used is None:
        return Eviction(now_ns, now_ns)
    seconds = toleration_seconds_min(used)
    if seconds is None:
        return None
    due_ns = now_ns + seconds * SECOND_NS
    if planned is None:
        return Eviction(now_ns, due_ns)
    sooner_ns = planned.since_ns + seconds * SECOND_NS
    return planned if sooner_ns < due_ns else Eviction(planned.since_ns, due_ns)


def with_disruption(pod: FrozenMap, now_ns: int) -> FrozenMap:
    """The pod with the condition that says why it is being deleted."""
    condition = {
        "type": CONDITION,
        "status": "True",
        "reason": "DeletionByTaintManager",
        "message": "Taint manager: deleting due to NoExecute taint",
        "lastProbeTime": None,
        "lastTransitionTime": format_time(now_ns),
    }
    generation = pod.at("metadata", "generation")
    if generation:
        condition["observedGeneration"] = generation
    rows: FrozenList = pod.at("status", "conditions", default=EMPTY_LIST)
    kept = [row for row in rows if row.get("type") != CONDITION]
    return pod.set(("status", "conditions"), freeze([*kept, condition]))
