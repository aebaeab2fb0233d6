"""What a pod's status says: active, terminal, ready, available. Pure."""

from kcore.machinery.frozen import FrozenMap
from kcore.machinery.meta import condition_of
from kcore.machinery.timestamps import parse_time
from kcore.runtime.clock import SECOND_NS

TERMINAL_PHASES = ("Succeeded", "Failed")


def is_terminating(obj: FrozenMap) -> bool:
    """Whether the object has been deleted and only waits to be gone."""
    return obj.at("metadata", "deletionTimestamp") is not None


def is_terminal(pod: FrozenMap) -> bool:
    """Whether the pod has ended and will never run again."""
    return pod.at("status", "phase") in TERMINAL_PHASES


def is_active(pod: FrozenMap) -> bool:
    """Whether the pod counts as a replica: neither ended nor being deleted."""
    return not is_terminal(pod) and not is_terminating(pod)


def is_ready(pod: FrozenMap) -> bool:
    """Whether condition Ready is True."""
    condition = condition_of(pod, "Ready")
    return condition is not None and condition.get("status") == "True"


def ready_since_ns(pod: FrozenMap) -> int | None:
    """When a ready pod became ready; None when it is not ready or does not say."""
    condition = condition_of(pod, "Ready")
    if condition is None or condition.get("status") != "True":
        return None
    text = condition.get("lastTransitionTime")
    return parse_time(text) if text else None


def is_available(pod: FrozenMap, min_ready_s: int, now_ns: int) -> bool:
    """Whether the pod has been ready for `min_ready_s` without a break."""
    if not is_ready(pod):
        return False
    if min_ready_s == 0:
        return True
    since_ns = ready_since_ns(pod)
    return since_ns is not None and since_ns + min_ready_s * SECOND_NS <= now_ns


def next_availability_ns(pods: list[FrozenMap], min_ready_s: int, now_ns: int) -> int | None:
    """How long until the first ready pod becomes available; None when none is waiting."""
    delays = [
        since_ns + min_ready_s * SECOND_NS - now_ns
        for pod in pods
        if (since_ns := ready_since_ns(pod)) is not None
    ]
    return min((delay for delay in delays if delay > 0), default=None)
