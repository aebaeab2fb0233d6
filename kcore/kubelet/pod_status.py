"""The status a kubelet reports for a pod record: phase, conditions, container statuses. Pure.

Source: pkg/kubelet/kubelet_pods.go (getPhase, convertStatusToAPIStatus) and
pkg/kubelet/status/generate.go.
"""

from collections.abc import Sequence
from typing import Any, Final

from kcore.api.core_v1.qos import qos_class
from kcore.kubelet.behavior import Behavior
from kcore.kubelet.pod_lifecycle import container_specs, ended_for_good, times_of
from kcore.kubelet.pod_record import ContainerRun, PodRecord, Termination
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap, freeze
from kcore.machinery.timestamps import format_time

TERMINAL_PHASES: Final = ("Succeeded", "Failed")
_OWN_CONDITIONS: Final = (
    "PodReadyToStartContainers",
    "Initialized",
    "Ready",
    "ContainersReady",
    "PodScheduled",
)

Verdict = tuple[str, str, str]
"""Status, reason, message of one condition."""

_TRUE: Final[Verdict] = ("True", "", "")


def status_of(
    pod: FrozenMap, record: PodRecord, behavior: Behavior, node_address: str, now_ns: int
) -> FrozenMap:
    """The pod's next `status`; parts that other actors wrote are kept. O(containers)."""
    before: FrozenMap = pod.get("status") or EMPTY_MAP
    phase = phase_of(pod, record)
    ready = {run.name: _is_ready(pod, record, run, behavior, now_ns) for run in record.runs}
    status: dict[str, Any] = dict(before.items())
    status |= {
        "phase": phase,
        "startTime": format_time(record.started_ns),
        "qosClass": before.get("qosClass") or qos_class(pod),
    }
    if record.failure is not None and phase == "Failed":
        status |= {"reason": record.failure.reason, "message": record.failure.message}
    if record.refused:
        return _finish(pod, status)
    status |= _addresses(pod, record, node_address)
    status["conditions"] = _conditions(pod, record, phase, ready, now_ns)
    for key, init in (("initContainerStatuses", True), ("containerStatuses", False)):
        rows = [
            _container_status(pod, record, run, ready[run.name], behavior, now_ns)
            for run in record.runs
            if run.init is init
        ]
        if rows:
            status[key] = rows
    return _finish(pod, status)


def _finish(pod: FrozenMap, status: dict[str, Any]) -> FrozenMap:
    generation = pod.at("metadata", "generation")
    if generation:
        status["observedGeneration"] = generation
    value: FrozenMap = freeze(status)
    return value


def phase_of(pod: FrozenMap, record: PodRecord) -> str:
    """Where the pod is in its life; Succeeded and Failed are never left. O(containers)."""
    known = pod.at("status", "phase")
    if known in TERMINAL_PHASES:
        return str(known)
    if record.refused:
        return "Failed"
    if record.stopped and (final := _final_phase(pod, record)):
        return final
    mains = [run for run in record.runs if not run.init]
    initialized = any(run.serial for run in mains) or all(
        run.succeeded for run in record.runs if run.init and not run.sidecar
    )
    return "Running" if initialized and all(run.serial for run in mains) else "Pending"


def _final_phase(pod: FrozenMap, record: PodRecord) -> str:
    """Succeeded or Failed once nothing runs and nothing will; else empty."""
    specs = container_specs(pod)
    mains = [run for run in record.runs if not run.init]
    if record.failure is not None or any(
        ended_for_good(pod, specs[run.name], run) and not run.succeeded
        for run in record.runs
        if run.init and not run.sidecar
    ):
        return "Failed"
    over = all(ended_for_good(pod, specs[run.name], run) for run in mains)
    if not over and record.stopping_ns is None:
        return ""
    return "Succeeded" if all(run.succeeded for run in mains) else "Failed"


def _addresses(pod: FrozenMap, record: PodRecord, node_address: str) -> dict[str, Any]:
    own = node_address if pod.at("spec", "hostNetwork") else record.address
    addresses: dict[str, Any] = {"hostIP": node_address, "hostIPs": [{"ip": node_address}]}
    if record.mounted:
        addresses |= {"podIP": own, "podIPs": [{"ip": own}]}
    return addresses


def _is_ready(
    pod: FrozenMap, record: PodRecord, run: ContainerRun, behavior: Behavior, now_ns: int
) -> bool:
    if run.init and not run.sidecar:
        return run.succeeded
    if not run.running:
        return False
    # A container that is being stopped stays ready until it ends, but a deleted pod's readiness
    # probes no longer count.
    spec = container_specs(pod)[run.name]
    return times_of(pod, spec, run, behavior).is_ready(now_ns)


# Conditions


def _conditions(
    pod: FrozenMap, record: PodRecord, phase: str, ready: dict[str, bool], now_ns: int
) -> list[dict[str, Any] | FrozenMap]:
    containers = _containers_ready(record, phase, ready)
    verdicts = {
        "PodReadyToStartContainers": _sandbox(record, phase),
        "Initialized": _initialized(record, phase),
        "Ready": _ready(pod, phase, containers),
        "ContainersReady": containers,
        "PodScheduled": _TRUE,
    }
    before = {
        condition["type"]: condition
        for condition in pod.at("status", "conditions", default=EMPTY_LIST)
    }
    generation = pod.at("metadata", "generation")
    own = [
        _condition(kind, verdicts[kind], before.get(kind), generation, now_ns)
        for kind in _OWN_CONDITIONS
    ]
    others = [condition for kind, condition in before.items() if kind not in verdicts]
    return [*own, *others]


def _condition(
    kind: str, verdict: Verdict, before: FrozenMap | None, generation: int | None, now_ns: int
) -> dict[str, Any]:
    status, reason, message = verdict
    same = before is not None and before.get("status") == status
    since = before.get("lastTransitionTime") if before is not None and same else None
    condition: dict[str, Any] = {
        "type": kind,
        "status": status,
        "lastProbeTime": None,
        "lastTransitionTime": since or format_time(now_ns),
    }
    if generation:
        condition["observedGeneration"] = generation
    if reason:
        condition["reason"] = reason
    if message:
        condition["message"] = message
    return condition


def _sandbox(record: PodRecord, phase: str) -> Verdict:
    gone = phase in TERMINAL_PHASES or not record.mounted
    return ("False", "", "") if gone else _TRUE


def _initialized(record: PodRecord, phase: str) -> Verdict:
    if phase == "Succeeded":
        return ("True", "PodCompleted", "")
    if any(run.begun for run in record.runs if not run.init):
        return _TRUE
    missing = [
        run.name
        for run in record.runs
        if run.init and not (run.running if run.sidecar else run.succeeded)
    ]
    if not missing:
        return _TRUE
    return ("False", "ContainersNotInitialized", _names("incomplete", missing))


def _containers_ready(record: PodRecord, phase: str, ready: dict[str, bool]) -> Verdict:
    if phase == "Succeeded":
        return ("False", "PodCompleted", "")
    if phase == "Failed":
        return ("False", "PodFailed", "")
    counted = [run.name for run in record.runs if not run.init or run.sidecar]
    unready = [name for name in counted if not ready[name]]
    if not unready:
        return _TRUE
    return ("False", "ContainersNotReady", _names("unready", unready))


def _ready(pod: FrozenMap, phase: str, containers: Verdict) -> Verdict:
    if containers[0] != "True":
        return containers
    conditions = {
        condition["type"]: condition.get("status")
        for condition in pod.at("status", "conditions", default=EMPTY_LIST)
    }
    complaints = []
    for gate in pod.at("spec", "readinessGates", default=EMPTY_LIST):
        kind = gate["conditionType"]
        status = conditions.get(kind)
        if status is None:
            complaints.append(
                f'corresponding condition of pod readiness gate "{kind}" does not exist.'
            )
        elif status != "True":
            complaints.append(
                f'the status of pod readiness gate "{kind}" is not "True", but {status}'
            )
    if not complaints:
        return _TRUE
    text = complaints[0] if len(complaints) == 1 else f"[{', '.join(complaints)}]"
    return ("False", "ReadinessGatesNotReady", text)


def _names(what: str, names: Sequence[str]) -> str:
    return f"containers with {what} status: [{' '.join(names)}]"


# Container statuses


def _container_status(
    pod: FrozenMap,
    record: PodRecord,
    run: ContainerRun,
    ready: bool,
    behavior: Behavior,
    now_ns: int,
) -> dict[str, Any]:
    spec = container_specs(pod)[run.name]
    image = spec.get("image") or ""
    started = run.running and times_of(pod, spec, run, behavior).is_started(now_ns)
    status: dict[str, Any] = {
        "name": run.name,
        "state": _state(record, run),
        "lastState": {} if run.last is None else {"terminated": _terminated(record, run, run.last)},
        "ready": ready,
        "restartCount": run.restart_count,
        "image": image,
        "imageID": f"{image}@hollow" if run.serial else "",
        "started": started,
    }
    if run.serial:
        status["containerID"] = container_id(record, run, run.serial)
    return status


def _state(record: PodRecord, run: ContainerRun) -> dict[str, Any]:
    if run.running:
        return {"running": {"startedAt": format_time(run.started_ns)}}
    if run.state == "terminated" and run.ended is not None:
        return {"terminated": _terminated(record, run, run.ended)}
    waiting = {"reason": run.reason or _waiting_reason(record, run)}
    if run.message:
        waiting["message"] = run.message
    return {"waiting": waiting}


def _waiting_reason(record: PodRecord, run: ContainerRun) -> str:
    """With init containers, what has not begun is "PodInitializing"."""
    return "PodInitializing" if any(other.init for other in record.runs) else "ContainerCreating"


def _terminated(record: PodRecord, run: ContainerRun, end: Termination) -> dict[str, Any]:
    return {
        "exitCode": end.exit_code,
        "reason": end.reason,
        "startedAt": format_time(end.started_ns),
        "finishedAt": format_time(end.finished_ns),
        "containerID": container_id(record, run, end.serial),
    }


def container_id(record: PodRecord, run: ContainerRun, serial: int) -> str:
    """`hollow://<pod uid>/<container>/<how many there were before>`."""
    return f"hollow://{record.uid}/{run.name}/{serial - 1}"
