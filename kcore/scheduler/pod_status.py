"""What the scheduler writes into a pod's status: why it has no node, and a promise of one."""

from typing import Any, Final

from kcore.client.client import Client
from kcore.errors import ApiError
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap, freeze, thaw
from kcore.machinery.timestamps import format_time

UNSCHEDULABLE: Final = "Unschedulable"
SCHEDULER_ERROR: Final = "SchedulerError"
POD_SCHEDULED: Final = "PodScheduled"
# Upstream's NoteLengthLimit: events with longer messages are refused.
MESSAGE_LENGTH_MAX: Final = 1024


def truncated(message: str) -> str:
    """A message as it fits into an Event."""
    if len(message) <= MESSAGE_LENGTH_MAX:
        return message
    return message[: MESSAGE_LENGTH_MAX - len(" ...")] + " ..."


def unscheduled_condition(pod: FrozenMap, reason: str, message: str, now_ns: int) -> FrozenMap:
    """The condition PodScheduled=False; the transition time stays while the status does."""
    known = find_condition(pod, POD_SCHEDULED)
    since = format_time(now_ns)
    if known is not None and known.get("status") == "False":
        since = known.get("lastTransitionTime") or since
    condition: dict[str, Any] = {
        "type": POD_SCHEDULED,
        "status": "False",
        "reason": reason,
        "message": message,
        "lastTransitionTime": since,
    }
    generation = pod.at("metadata", "generation")
    if generation is not None:
        condition["observedGeneration"] = generation
    value: FrozenMap = freeze(condition)
    return value


def find_condition(pod: FrozenMap, kind: str) -> FrozenMap | None:
    """The condition of this type, or None."""
    for condition in pod.at("status", "conditions", default=EMPTY_LIST):
        if condition.get("type") == kind:
            found: FrozenMap = condition
            return found
    return None


def report(
    client: Client, pod: FrozenMap, condition: FrozenMap, nominated_node_name: str | None
) -> ApiError | None:
    """Write a condition and a nomination; None leaves the nomination, empty removes it.

    Nothing is written when nothing would change. Returns the API's refusal, which upstream logs
    and forgets: the next attempt says it again.
    """
    status: dict[str, Any] = {}
    if not _says(find_condition(pod, condition["type"]), condition):
        status["conditions"] = _with_condition(pod, condition)
    known = pod.at("status", "nominatedNodeName", default="")
    if nominated_node_name is not None and nominated_node_name != known:
        status["nominatedNodeName"] = nominated_node_name or None
    if not status:
        return None
    metadata = pod["metadata"]
    try:
        client.patch(
            "pods",
            metadata["name"],
            {"status": status},
            metadata["namespace"],
            subresource="status",
        )
    except ApiError as error:
        return error
    return None


def _says(known: FrozenMap | None, condition: FrozenMap) -> bool:
    return known is not None and all(known.get(key) == value for key, value in condition.items())


def _with_condition(pod: FrozenMap, condition: FrozenMap) -> list[Any]:
    conditions = thaw(pod.at("status", "conditions", default=EMPTY_LIST))
    kept = [one for one in conditions if one.get("type") != condition["type"]]
    return [*kept, thaw(condition)]
