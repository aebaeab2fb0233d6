"""The row of a Pod: what kubectl makes of phases, conditions and container states."""

from collections.abc import Sequence
from dataclasses import dataclass

from kcore.machinery.frozen import FrozenMap
from kcore.printing.cells import NONE, age, condition_is_true, items, name, number, since, word
from kcore.printing.column import NAME, Cell, Printer, text, wide

TERMINAL_PHASES = ("Succeeded", "Failed")


@dataclass(slots=True)
class _Tally:
    """What is counted over the containers of one pod; `reason` becomes the Status cell."""

    reason: str
    failure: str = ""
    ready_count: int = 0
    total_count: int = 0
    restart_count: int = 0
    last_restart: str = ""

    def add_restarts(self, status: FrozenMap) -> None:
        """Count a container's restarts and remember the latest end."""
        self.restart_count += number(status, "restartCount")
        finished = word(status, "lastState", "terminated", "finishedAt")
        self.last_restart = max(self.last_restart, finished)


def is_restartable_init(container: FrozenMap | None) -> bool:
    """Whether an init container is a sidecar."""
    return container is not None and container.restartPolicy == "Always"


def _exit_words(terminated: FrozenMap, prefix: str = "") -> str:
    if terminated.reason:
        return f"{prefix}{terminated.reason}"
    if terminated.signal:
        return f"{prefix}Signal:{terminated.signal}"
    return f"{prefix}ExitCode:{terminated.exitCode or 0}"


def _init_trouble(status: FrozenMap, position: int, init_count: int) -> str:
    """The Status of a pod that still stands at this init container."""
    terminated = status.at("state", "terminated")
    if terminated is not None:
        return _exit_words(terminated, "Init:")
    waiting_reason = word(status, "state", "waiting", "reason")
    if waiting_reason and waiting_reason != "PodInitializing":
        return f"Init:{waiting_reason}"
    return f"Init:{position}/{init_count}"


def _add_init_containers(pod: FrozenMap, tally: _Tally, sidecars: _Tally) -> bool:
    """Count init containers; True while the pod still initialises."""
    by_name = {
        word(container, "name"): container for container in items(pod, "spec", "initContainers")
    }
    for position, status in enumerate(items(pod, "status", "initContainerStatuses")):
        sidecar = is_restartable_init(by_name.get(word(status, "name")))
        tally.add_restarts(status)
        if sidecar:
            sidecars.add_restarts(status)
        terminated = status.at("state", "terminated")
        if terminated is not None and not terminated.exitCode:
            continue
        if sidecar and status.started:
            tally.ready_count += 1 if status.ready else 0
            continue
        tally.reason = _init_trouble(status, position, len(by_name))
        return True
    return False


def _add_container(status: FrozenMap, tally: _Tally) -> bool:
    """Count one main container; True when it runs and is ready."""
    tally.add_restarts(status)
    waiting_reason = word(status, "state", "waiting", "reason")
    terminated = status.at("state", "terminated")
    if waiting_reason:
        tally.reason = waiting_reason
    elif terminated is not None:
        tally.reason = _exit_words(terminated)
        if terminated.exitCode:
            tally.failure = tally.reason
    elif status.ready and status.at("state", "running") is not None:
        tally.ready_count += 1
        return True
    return False


def _not_quite_completed(pod: FrozenMap, tally: _Tally, *, is_running: bool) -> str:
    """What a pod is whose first container has completed: others may run, or have failed."""
    if is_running and condition_is_true(pod, "Ready"):
        return "Running"
    if tally.failure:
        return tally.failure
    return "NotReady" if is_running else "Completed"


def _is_gated(pod: FrozenMap) -> bool:
    return any(
        condition.type == "PodScheduled" and condition.reason == "SchedulingGated"
        for condition in items(pod, "status", "conditions")
    )


def _tally(pod: FrozenMap) -> _Tally:
    phase = word(pod, "status", "phase")
    tally = _Tally(word(pod, "status", "reason", default=phase))
    if _is_gated(pod):
        tally.reason = "SchedulingGated"
    init_containers = items(pod, "spec", "initContainers")
    tally.total_count = len(items(pod, "spec", "containers")) + sum(
        1 for container in init_containers if is_restartable_init(container)
    )
    sidecars = _Tally("")
    initialising = _add_init_containers(pod, tally, sidecars)
    if not initialising or condition_is_true(pod, "Initialized"):
        tally.restart_count = sidecars.restart_count
        tally.last_restart = sidecars.last_restart
        running = [
            _add_container(status, tally)
            for status in reversed(items(pod, "status", "containerStatuses"))
        ]
        if tally.reason == "Completed":
            tally.reason = _not_quite_completed(pod, tally, is_running=any(running))
    if pod.at("metadata", "deletionTimestamp") is not None:
        if pod.at("status", "reason") == "NodeLost":
            tally.reason = "Unknown"
        elif phase not in TERMINAL_PHASES:
            tally.reason = "Terminating"
    return tally


def status_word(pod: FrozenMap) -> str:
    """The Status cell: `Running`, `CrashLoopBackOff`, `Init:0/1`. O(containers)."""
    return _tally(pod).reason


def _restarts(tally: _Tally, now_ns: int) -> str:
    if tally.restart_count and tally.last_restart:
        return f"{tally.restart_count} ({since(tally.last_restart, now_ns)} ago)"
    return str(tally.restart_count)


def _readiness_gates(pod: FrozenMap) -> str:
    gates = items(pod, "spec", "readinessGates")
    if not gates:
        return NONE
    met_count = sum(1 for gate in gates if condition_is_true(pod, word(gate, "conditionType")))
    return f"{met_count}/{len(gates)}"


def _ip(pod: FrozenMap) -> str:
    addresses = items(pod, "status", "podIPs")
    first = word(addresses[0], "ip") if addresses else word(pod, "status", "podIP")
    return first or NONE


def cells(pod: FrozenMap, now_ns: int) -> Sequence[Cell]:
    """The cells of one pod."""
    tally = _tally(pod)
    return [
        name(pod),
        f"{tally.ready_count}/{tally.total_count}",
        tally.reason,
        _restarts(tally, now_ns),
        age(pod, now_ns),
        _ip(pod),
        word(pod, "spec", "nodeName", default=NONE),
        word(pod, "status", "nominatedNodeName", default=NONE),
        _readiness_gates(pod),
    ]


PRINTERS = {
    ("", "Pod"): Printer(
        (
            NAME,
            *text("Ready", "Status", "Restarts", "Age"),
            *wide("IP", "Node", "Nominated Node", "Readiness Gates"),
        ),
        cells,
    ),
}
