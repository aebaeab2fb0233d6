"""What the scheduler writes into a pod's status: why it has no node, and a promise of one."""

from typing import Any, Final

from kcore.client.client import Client
from kcore.errors import ApiError
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap, Path, freeze
from kcore.machinery.request import STRATEGIC_MERGE_PATCH
from kcore.machinery.timestamps import format_time

UNSCHEDULABLE: Final = "Unschedulable"
SCHEDULER_ERROR: Final = "SchedulerError"
POD_SCHEDULED: Final = "PodScheduled"
# Upstream's NoteLengthLimit: events with longer messages are refused.
MESSAGE_LENGTH_MAX: Final = 1024

_GENERATION: Final = Path("metadata", "generation")
_CONDITIONS: Final = Path("status", "conditions")
_PROMISE: Final = Path("status", "nominatedNodeName")


def truncated(message: str) -> str:
    """A message as it fits into an Event."""
    if len(message) <= MESSAGE_LENGTH_MAX:
        return message
    return message[: MESSAGE_LENGTH_MAX - len(" ...")] + " ..."


def condition(pod: FrozenMap, content: tuple[str, str, str, str], now_ns: int) -> FrozenMap:
    """A condition (type, status, reason, message) for a pod.

    The transition time stays while the status does.
    """
    kind, status, reason, message = content
    known = find_condition(pod, kind)
    since = None
    if known is not None and known.get("status") == status:
        since = known.get("lastTransitionTime")
    fields: dict[str, Any] = {
        "type": kind,
        "status": status,
        "reason": reason,
        "message": message,
        "lastTransitionTime": since or format_time(now_ns),
    }
    generation = _GENERATION(pod)
    if generation is not None:
        fields["observedGeneration"] = generation
    value: FrozenMap = freeze(fields)
    return value


def unscheduled_condition(pod: FrozenMap, reason: str, message: str, now_ns: int) -> FrozenMap:
    """The condition PodScheduled=False."""
    return condition(pod, (POD_SCHEDULED, "False", reason, message), now_ns)


def find_condition(pod: FrozenMap, kind: str) -> FrozenMap | None:
    """The condition of this type, or None."""
    for one in _CONDITIONS(pod, EMPTY_LIST):
        if one.get("type") == kind:
            found: FrozenMap = one
            return found
    return None


def report(
    client: Client, pod: FrozenMap, shown: FrozenMap, nominated_node_name: str | None
) -> ApiError | None:
    """Write a condition and a nomination; None leaves the nomination, empty removes it.

    Nothing is written when nothing would change. Returns the API's refusal, which upstream logs
    and forgets: the next attempt says it again.
    """
    status: dict[str, Any] = {}
    if not _says(find_condition(pod, shown["type"]), shown):
        status["conditions"] = [shown]
    if nominated_node_name is not None and nominated_node_name != _PROMISE(pod, ""):
        status["nominatedNodeName"] = nominated_node_name or None
    return _patch(client, pod, status) if status else None


def nominate(client: Client, pod: FrozenMap, node_name: str) -> ApiError | None:
    """Write a promise of a node into a pod's status."""
    if _PROMISE(pod) == node_name:
        return None
    return _patch(client, pod, {"nominatedNodeName": node_name})


def clear_nomination(client: Client, pod: FrozenMap) -> ApiError | None:
    """Take a promise out of a pod's status."""
    if not _PROMISE(pod):
        return None
    return _patch(client, pod, {"nominatedNodeName": None})


def _patch(client: Client, pod: FrozenMap, status: dict[str, Any]) -> ApiError | None:
    metadata = pod["metadata"]
    name, namespace = metadata["name"], metadata["namespace"]
    try:
        client.patch(
            "pods",
            name,
            freeze({"status": status}),
            namespace,
            patch_type=STRATEGIC_MERGE_PATCH,
            subresource="status",
        )
    except ApiError as error:
        return error
    return None


def _says(known: FrozenMap | None, shown: FrozenMap) -> bool:
    return known is not None and all(known.get(key) == value for key, value in shown.items())
