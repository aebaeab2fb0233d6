"""The record of a pod that ran before this fleet knew it: rebuilt from its status. Pure.

A saved world has objects but no container runtime. What a status says is taken at its word, to
the second; what it cannot say (how far a pull was, how long a back-off lasts) starts anew.
"""

from dataclasses import replace

from kcore.kubelet.pod_lifecycle import begin
from kcore.kubelet.pod_record import ContainerRun, PodRecord, Termination
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.timestamps import parse_time


def resume(pod: FrozenMap, address: str, now_ns: int) -> PodRecord:
    """The record behind `pod.status`; a fresh one when it says nothing of containers."""
    status: FrozenMap = pod.get("status") or EMPTY_MAP
    record = begin(pod, status.get("podIP") or address, now_ns)
    rows = {
        row["name"]: row
        for key in ("initContainerStatuses", "containerStatuses")
        for row in status.get(key) or EMPTY_LIST
    }
    if not rows:
        return record
    since = status.get("startTime")
    return replace(
        record,
        started_ns=parse_time(since) if since else now_ns,
        mounted=bool(status.get("podIP")),
        runs=tuple(_run(run, rows.get(run.name)) for run in record.runs),
    )


def _run(run: ContainerRun, row: FrozenMap | None) -> ContainerRun:
    if row is None:
        return run
    restarts = row.get("restartCount") or 0
    state = row.get("state") or EMPTY_MAP
    last = _termination(row.at("lastState", "terminated"), restarts)
    known = replace(run, restart_count=restarts, last=last)
    if state.running is not None:
        started_ns = parse_time(state["running"]["startedAt"])
        return replace(known, state="running", started_ns=started_ns, serial=restarts + 1)
    ended = _termination(state.terminated, restarts + 1)
    if ended is not None:
        return replace(known, state="terminated", ended=ended, serial=restarts + 1)
    if last is not None:  # a back-off: its length is forgotten, its reason is not
        return replace(known, state="terminated", ended=last, serial=restarts + 1)
    return known


def _termination(row: FrozenMap | None, serial: int) -> Termination | None:
    if row is None:
        return None
    started, finished = row.get("startedAt"), row.get("finishedAt")
    return Termination(
        row.get("exitCode") or 0,
        row.get("reason") or "",
        parse_time(started) if started else 0,
        parse_time(finished) if finished else 0,
        serial,
    )
