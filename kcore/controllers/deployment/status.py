"""Pure: what a Deployment's status says, and when a rollout counts as stuck.

Upstream: pkg/controller/deployment/progress.go, sync.go and util/deployment_util.go.
"""

from collections.abc import Sequence
from typing import Final

from kcore.controllers.deployment.plan import (
    max_unavailable,
    replicas_of,
    status_count,
    total_replicas,
    total_status,
)
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap, freeze
from kcore.machinery.meta import condition_of
from kcore.machinery.timestamps import format_time, parse_time
from kcore.runtime.clock import SECOND_NS

PROGRESSING: Final = "Progressing"
AVAILABLE: Final = "Available"
REPLICA_FAILURE: Final = "ReplicaFailure"

NEW_REPLICA_SET: Final = "NewReplicaSetCreated"
FOUND_REPLICA_SET: Final = "FoundNewReplicaSet"
REPLICA_SET_UPDATED: Final = "ReplicaSetUpdated"
FAILED_CREATE: Final = "ReplicaSetCreateError"
NEW_AVAILABLE: Final = "NewReplicaSetAvailable"
TIMED_OUT: Final = "ProgressDeadlineExceeded"
PAUSED: Final = "DeploymentPaused"
RESUMED: Final = "DeploymentResumed"

# math.MaxInt32 in a deadline or a history limit means "none".
NO_LIMIT: Final = 2**31 - 1

_COUNTS: Final = (
    "replicas",
    "updatedReplicas",
    "readyReplicas",
    "availableReplicas",
    "unavailableReplicas",
    "observedGeneration",
)


def new_condition(
    condition_type: str, status: str, reason: str, message: str, now_ns: int
) -> FrozenMap:
    """A condition that changes now."""
    now = format_time(now_ns)
    condition: FrozenMap = freeze(
        {
            "type": condition_type,
            "status": status,
            "lastUpdateTime": now,
            "lastTransitionTime": now,
            "reason": reason,
            "message": message,
        }
    )
    return condition


def with_condition(status: FrozenMap, condition: FrozenMap) -> FrozenMap:
    """The status with the condition set; same status and reason means nothing changes."""
    current = condition_in(status, condition["type"])
    if current is not None and current.get("status") == condition["status"]:
        if current.get("reason") == condition["reason"]:
            return status
        since = current.get("lastTransitionTime")
        condition = condition.set(("lastTransitionTime",), since)
    others = _others(status, condition["type"])
    return status.set(("conditions",), freeze([*others, condition]))


def without_condition(status: FrozenMap, condition_type: str) -> FrozenMap:
    """The status without that condition."""
    if condition_in(status, condition_type) is None:
        return status
    others = _others(status, condition_type)
    if not others:
        return status.remove(("conditions",))
    return status.set(("conditions",), freeze(others))


def condition_in(status: FrozenMap, condition_type: str) -> FrozenMap | None:
    """The condition of that type in a status, or None."""
    return condition_of(EMPTY_MAP.set(("status",), status), condition_type)


def _others(status: FrozenMap, condition_type: str) -> list[FrozenMap]:
    conditions = status.get("conditions") or EMPTY_LIST
    return [entry for entry in conditions if entry.get("type") != condition_type]


def has_deadline(deployment: FrozenMap) -> bool:
    """Whether progress is watched."""
    return bool(deployment.at("spec", "progressDeadlineSeconds", default=NO_LIMIT) != NO_LIMIT)


def counted_status(
    deployment: FrozenMap, every: Sequence[FrozenMap], new: FrozenMap | None, now_ns: int
) -> FrozenMap:
    """Counts, observed generation and condition Available, from the ReplicaSets' statuses."""
    available = total_status(every, "availableReplicas")
    counts = {
        "replicas": total_status(every, "replicas"),
        "updatedReplicas": 0 if new is None else status_count(new, "replicas"),
        "readyReplicas": total_status(every, "readyReplicas"),
        "availableReplicas": available,
        "unavailableReplicas": max(0, total_replicas(every) - available),
        "observedGeneration": deployment.at("metadata", "generation", default=0),
    }
    status: FrozenMap = deployment.get("status") or EMPTY_MAP
    for name in _COUNTS:
        if counts[name]:
            status = status.set((name,), counts[name])
        elif name in status:
            status = status.remove((name,))
    status = _with_terminating(status, every)
    enough = available >= replicas_of(deployment) - max_unavailable(deployment)
    return with_condition(status, _availability(enough, now_ns))


def _with_terminating(status: FrozenMap, every: Sequence[FrozenMap]) -> FrozenMap:
    """The sum over ReplicaSets; unknown while one of them has not counted."""
    counts = [replica_set.at("status", "terminatingReplicas") for replica_set in every]
    if None not in counts:
        return status.set(("terminatingReplicas",), sum(counts))
    return status.remove(("terminatingReplicas",)) if "terminatingReplicas" in status else status


def _availability(enough: bool, now_ns: int) -> FrozenMap:
    if enough:
        words = "Deployment has minimum availability."
        return new_condition(AVAILABLE, "True", "MinimumReplicasAvailable", words, now_ns)
    words = "Deployment does not have minimum availability."
    return new_condition(AVAILABLE, "False", "MinimumReplicasUnavailable", words, now_ns)


def rollout_status(
    deployment: FrozenMap, every: Sequence[FrozenMap], new: FrozenMap | None, now_ns: int
) -> FrozenMap:
    """The counted status plus conditions Progressing and ReplicaFailure."""
    status = counted_status(deployment, every, new, now_ns)
    if not has_deadline(deployment):
        status = without_condition(status, PROGRESSING)
    elif not _was_complete(deployment, status):
        status = _with_progress(deployment, status, new, now_ns)
    failure = _replica_failure(every, new)
    if failure is None:
        return without_condition(status, REPLICA_FAILURE)
    return with_condition(status, failure)


def _was_complete(deployment: FrozenMap, status: FrozenMap) -> bool:
    """Whether this rollout was reported as complete: pods that come and go then say nothing."""
    current = condition_of(deployment, PROGRESSING)
    everything_updated = status.get("replicas") == status.get("updatedReplicas")
    return everything_updated and current is not None and current.get("reason") == NEW_AVAILABLE


def _with_progress(
    deployment: FrozenMap, status: FrozenMap, new: FrozenMap | None, now_ns: int
) -> FrozenMap:
    who = f'Deployment "{deployment["metadata"]["name"]}"'
    if new is not None:
        who = f'ReplicaSet "{new["metadata"]["name"]}"'
    if is_complete(deployment, status):
        words = f"{who} has successfully progressed."
        return with_condition(
            status, new_condition(PROGRESSING, "True", NEW_AVAILABLE, words, now_ns)
        )
    if is_progressing(deployment, status):
        words = f"{who} is progressing."
        condition = new_condition(PROGRESSING, "True", REPLICA_SET_UPDATED, words, now_ns)
        return _renewed(deployment, status, condition)
    if has_timed_out(deployment, status, now_ns):
        words = f"{who} has timed out progressing."
        return with_condition(status, new_condition(PROGRESSING, "False", TIMED_OUT, words, now_ns))
    return status


def _renewed(deployment: FrozenMap, status: FrozenMap, condition: FrozenMap) -> FrozenMap:
    """Set the condition even when only its update time is new: that time feeds the deadline."""
    current = condition_of(deployment, PROGRESSING)
    if current is not None and current.get("status") == "True":
        condition = condition.set(("lastTransitionTime",), current.get("lastTransitionTime"))
    return with_condition(without_condition(status, PROGRESSING), condition)


def _replica_failure(every: Sequence[FrozenMap], new: FrozenMap | None) -> FrozenMap | None:
    """The failure of the new ReplicaSet, or of the first other one that has one."""
    for replica_set in [*([] if new is None else [new]), *every]:
        condition = condition_of(replica_set, REPLICA_FAILURE)
        if condition is not None:
            since = condition.get("lastTransitionTime")
            return condition.set(("lastUpdateTime",), since)
    return None


def is_complete(deployment: FrozenMap, status: FrozenMap) -> bool:
    """Whether every wanted pod is updated and available and nothing old is left."""
    wanted = replicas_of(deployment)
    counts = [
        status.get(name) or 0 for name in ("updatedReplicas", "replicas", "availableReplicas")
    ]
    observed = status.get("observedGeneration") or 0
    generation = deployment.at("metadata", "generation", default=0)
    return counts == [wanted] * 3 and observed >= generation


def is_progressing(deployment: FrozenMap, status: FrozenMap) -> bool:
    """Whether more pods are new, fewer are old, or more are ready or available than before."""
    old: FrozenMap = deployment.get("status") or EMPTY_MAP

    def count(of: FrozenMap, name: str) -> int:
        number: int = of.get(name) or 0
        return number

    old_before = count(old, "replicas") - count(old, "updatedReplicas")
    old_now = count(status, "replicas") - count(status, "updatedReplicas")
    return old_now < old_before or any(
        count(status, name) > count(old, name)
        for name in ("updatedReplicas", "readyReplicas", "availableReplicas")
    )


def has_timed_out(deployment: FrozenMap, status: FrozenMap, now_ns: int) -> bool:
    """Whether nothing has progressed for the deadline."""
    condition = condition_in(status, PROGRESSING)
    if not has_deadline(deployment) or condition is None:
        return False
    if condition.get("reason") == NEW_AVAILABLE:
        return False
    if condition.get("reason") == TIMED_OUT:
        return True
    return _deadline_ns(deployment, condition) < now_ns


def stuck_check_delay_ns(deployment: FrozenMap, status: FrozenMap, now_ns: int) -> int | None:
    """When to look whether the rollout has stalled; None when there is nothing to watch.

    0 means: the deadline is so close that the key should come back through its backoff.
    """
    condition = condition_of(deployment, PROGRESSING)
    if not has_deadline(deployment) or condition is None:
        return None
    if is_complete(deployment, status) or condition.get("reason") == TIMED_OUT:
        return None
    after_ns = _deadline_ns(deployment, condition) - now_ns
    # A second more than the deadline, so that it has certainly passed by then.
    return 0 if after_ns < SECOND_NS else after_ns + SECOND_NS


def _deadline_ns(deployment: FrozenMap, condition: FrozenMap) -> int:
    seconds: int = deployment["spec"]["progressDeadlineSeconds"]
    return parse_time(condition["lastUpdateTime"]) + seconds * SECOND_NS


def pause_condition(deployment: FrozenMap, now_ns: int) -> FrozenMap | None:
    """The Progressing condition that says paused or resumed, when it has to change."""
    if not has_deadline(deployment):
        return None
    current = condition_of(deployment, PROGRESSING)
    reason = None if current is None else current.get("reason")
    if reason == TIMED_OUT:
        return None
    paused = bool(deployment.at("spec", "paused"))
    if paused and reason != PAUSED:
        return new_condition(PROGRESSING, "Unknown", PAUSED, "Deployment is paused", now_ns)
    if not paused and reason == PAUSED:
        return new_condition(PROGRESSING, "Unknown", RESUMED, "Deployment is resumed", now_ns)
    return None
