"""Pods: what the server writes into their status at birth, and keeps when a kubelet reports."""

from typing import Final

from kcore.api.core_v1.qos import compute_qos_class
from kcore.apiserver.context import ServerContext
from kcore.apiserver.strategy.base import Hooks
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap, freeze

_GATED: Final = freeze(
    {
        "type": "PodScheduled",
        "status": "False",
        "reason": "SchedulingGated",
        "message": "Scheduling is blocked due to non-empty scheduling gates",
        "lastProbeTime": None,
    }
)


def born_pod(pod: FrozenMap, context: ServerContext) -> FrozenMap:
    """Pending, with its quality-of-service class; a gated pod says that it waits.

    A negative grace period means one second, as upstream.
    """
    status: dict[str, object] = {"phase": "Pending", "qosClass": compute_qos_class(pod)}
    if pod.at("spec", "schedulingGates"):
        status["conditions"] = [_GATED.set("lastTransitionTime", context.now_text())]
    grace_s = pod.at("spec", "terminationGracePeriodSeconds")
    if grace_s is not None and grace_s < 0:
        pod = pod.set(("spec", "terminationGracePeriodSeconds"), 1)
    return pod.set("status", status)


def reported_pod(new: FrozenMap, old: FrozenMap, context: ServerContext) -> FrozenMap:
    """The class of service was decided at birth; a report without it does not erase it."""
    kept = old.at("status", "qosClass")
    if kept is None or (new.get("status") or EMPTY_MAP).get("qosClass"):
        return new
    return new.set(("status", "qosClass"), kept)


POD: Final = Hooks(at_birth=born_pod, at_status_update=reported_pod)
