"""Which cluster events a change of a node or a pod amounts to.

Pure functions from (old, new) to events, in upstream's order
(`NodeSchedulingPropertiesChange`, `PodSchedulingPropertiesChange`).
"""

from collections.abc import Callable
from typing import Final

from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.scheduler.framework.events import NODE, Action, ClusterEvent
from kcore.scheduler.pod_requests import pod_requests, request_fields
from kcore.scheduler.resources import Resources

_Change = Callable[[FrozenMap, FrozenMap], Action | None]


def node_events(old: FrozenMap, new: FrozenMap) -> list[ClusterEvent]:
    """What changed about a node; nothing when no plugin could care."""
    return _events(NODE, old, new, _NODE_CHANGES)


def pod_events(resource: str, old: FrozenMap, new: FrozenMap) -> list[ClusterEvent]:
    """What changed about a pod, seen as `resource` (`AssignedPod`, `TargetPod`, ...).

    A change that no finer action describes is still an update.
    """
    events = _events(resource, old, new, _POD_CHANGES)
    return events or [ClusterEvent(resource, Action.UPDATE_OTHER)]


def _events(
    resource: str, old: FrozenMap, new: FrozenMap, changes: tuple[_Change, ...]
) -> list[ClusterEvent]:
    actions = [change(old, new) for change in changes]
    return [ClusterEvent(resource, action) for action in actions if action is not None]


def _unschedulable(old: FrozenMap, new: FrozenMap) -> Action | None:
    was, is_now = old.at("spec", "unschedulable"), new.at("spec", "unschedulable")
    return Action.UPDATE_NODE_TAINT if bool(was) and not is_now else None


def _allocatable(old: FrozenMap, new: FrozenMap) -> Action | None:
    same = _map(old, "status", "allocatable") == _map(new, "status", "allocatable")
    return None if same else Action.UPDATE_NODE_ALLOCATABLE


def _node_labels(old: FrozenMap, new: FrozenMap) -> Action | None:
    same = _map(old, "metadata", "labels") == _map(new, "metadata", "labels")
    return None if same else Action.UPDATE_NODE_LABEL


def _taints(old: FrozenMap, new: FrozenMap) -> Action | None:
    before = old.at("spec", "taints", default=EMPTY_LIST)
    same = before == new.at("spec", "taints", default=EMPTY_LIST)
    return None if same else Action.UPDATE_NODE_TAINT


def _conditions(old: FrozenMap, new: FrozenMap) -> Action | None:
    same = _condition_states(old) == _condition_states(new)
    return None if same else Action.UPDATE_NODE_CONDITION


def _condition_states(node: FrozenMap) -> dict[str, str]:
    """Heartbeats and words do not count."""
    conditions = node.at("status", "conditions", default=EMPTY_LIST)
    return {condition["type"]: condition.get("status") or "" for condition in conditions}


def _annotations(old: FrozenMap, new: FrozenMap) -> Action | None:
    same = _map(old, "metadata", "annotations") == _map(new, "metadata", "annotations")
    return None if same else Action.UPDATE_NODE_ANNOTATION


def _declared_features(old: FrozenMap, new: FrozenMap) -> Action | None:
    before = old.at("status", "declaredFeatures", default=EMPTY_LIST)
    same = before == new.at("status", "declaredFeatures", default=EMPTY_LIST)
    return None if same else Action.UPDATE_NODE_DECLARED_FEATURE


def _pod_labels(old: FrozenMap, new: FrozenMap) -> Action | None:
    same = _map(old, "metadata", "labels") == _map(new, "metadata", "labels")
    return None if same else Action.UPDATE_POD_LABEL


def _scale_down(old: FrozenMap, new: FrozenMap) -> Action | None:
    return Action.UPDATE_POD_SCALE_DOWN if _shrinks(old, new) else None


def _scale_up(old: FrozenMap, new: FrozenMap) -> Action | None:
    return Action.UPDATE_POD_SCALE_UP if _shrinks(new, old) else None


def _shrinks(old: FrozenMap, new: FrozenMap) -> bool:
    if request_fields(old) == request_fields(new):
        return False
    before, after = pod_requests(old).requested, pod_requests(new).requested
    return any(before.get(name) > after.get(name) for name in _names(before))


def _names(resources: Resources) -> tuple[str, ...]:
    return ("cpu", "memory", "ephemeral-storage", *resources.scalars)


def _gates_eliminated(old: FrozenMap, new: FrozenMap) -> Action | None:
    gone = old.at("spec", "schedulingGates") and not new.at("spec", "schedulingGates")
    return Action.UPDATE_POD_SCHEDULING_GATES_ELIMINATED if gone else None


def _tolerations(old: FrozenMap, new: FrozenMap) -> Action | None:
    # The API only lets a pod gain tolerations, so a longer list is a change.
    before = old.at("spec", "tolerations", default=EMPTY_LIST)
    same = len(before) == len(new.at("spec", "tolerations", default=EMPTY_LIST))
    return None if same else Action.UPDATE_POD_TOLERATION


def _generated_claims(old: FrozenMap, new: FrozenMap) -> Action | None:
    before = old.at("status", "resourceClaimStatuses", default=EMPTY_LIST)
    same = before == new.at("status", "resourceClaimStatuses", default=EMPTY_LIST)
    return None if same else Action.UPDATE_POD_GENERATED_RESOURCE_CLAIM


def _map(obj: FrozenMap, *path: str) -> FrozenMap:
    value: FrozenMap = obj.at(*path, default=EMPTY_MAP)
    return value


_NODE_CHANGES: Final[tuple[_Change, ...]] = (
    _unschedulable,
    _allocatable,
    _node_labels,
    _taints,
    _conditions,
    _annotations,
    _declared_features,
)
_POD_CHANGES: Final[tuple[_Change, ...]] = (
    _pod_labels,
    _scale_down,
    _scale_up,
    _gates_eliminated,
    _tolerations,
    _generated_claims,
)
