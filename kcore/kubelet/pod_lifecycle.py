"""The life of one pod on its node, as a function: (pod, record, world) -> next record. Pure.

A kubelet's rules, in the order in which one pass applies them:

1. Runs end: by themselves, by a probe that gave up, or because the pod is stopping.
2. The pod stops when it is deleted or out of time; sidecars stop last, in reverse order.
3. Containers start: init containers one after the other, a sidecar when the one before has
   started, then all others at once. What ended is restarted as the policies say, at once the
   first time, then after 10 s, 20 s, ... 5 min; ten quiet minutes forgive everything.

Passes repeat until nothing changes, so the record is always settled for its moment, and `wake_ns`
is the next moment at which it would change by itself. Source: pkg/kubelet/kuberuntime
(computePodActions, doBackOff) and pkg/kubelet/prober.
"""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from kcore.errors import InvariantError
from kcore.kubelet.behavior import Behavior, ContainerBehavior, to_ns
from kcore.kubelet.container_start import (
    CONFIG_ERROR,
    begin_pull,
    field_path,
    launch,
    refuse_config,
    retry_pull,
)
from kcore.kubelet.pod_record import ContainerRun, Failure, PodRecord, Remark, Termination
from kcore.kubelet.probes import ProbeTimes, probe_times
from kcore.kubelet.restart import back_off, should_restart
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.runtime.clock import SECOND_NS

GRACE_S_DEFAULT: Final = 30
KILLED_EXIT_CODE: Final = 137
DEADLINE_MESSAGE: Final = "Pod was active on the node longer than the specified deadline"
_PASSES_COUNT_MAX: Final = 1000


@dataclass(frozen=True, slots=True)
class World:
    """What surrounds the pod now.

    `config_errors`: why a container cannot be configured, by name. `mount_error`: why a volume
    cannot be mounted. `images`: what the node has pulled before.
    """

    now_ns: int
    behavior: Behavior = field(default_factory=Behavior)
    images: Container[str] = frozenset()
    config_errors: Mapping[str, str] = field(default_factory=dict)
    mount_error: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The settled record, when to look again, what to remark, what was pulled."""

    record: PodRecord
    wake_ns: int | None
    remarks: tuple[Remark, ...] = ()
    pulled: tuple[str, ...] = ()


def begin(pod: FrozenMap, address: str, now_ns: int) -> PodRecord:
    """The record of a pod the node has just accepted."""
    spec = pod["spec"]
    inits = [
        ContainerRun(spec_["name"], init=True, sidecar=spec_.get("restartPolicy") == "Always")
        for spec_ in spec.get("initContainers") or EMPTY_LIST
    ]
    mains = [ContainerRun(spec_["name"]) for spec_ in spec["containers"]]
    return PodRecord(pod["metadata"]["uid"], now_ns, address, (*inits, *mains))


def advance(pod: FrozenMap, record: PodRecord, world: World) -> Outcome:
    """Apply everything due by now. O(containers * passes), usually two passes."""
    if record.refused:
        return Outcome(record, None)
    life = _Life(pod, record, world)
    life.settle()
    return Outcome(life.record, life.wake_ns(), tuple(life.remarks), tuple(life.pulled))


def container_specs(pod: FrozenMap) -> dict[str, FrozenMap]:
    """Init and main containers by name."""
    spec = pod["spec"]
    both = [*(spec.get("initContainers") or EMPTY_LIST), *spec["containers"]]
    return {container["name"]: container for container in both}


def times_of(
    pod: FrozenMap, container: FrozenMap, run: ContainerRun, behavior: Behavior
) -> ProbeTimes:
    """What the probes of a running container show, and when."""
    return probe_times(container, behavior.of(pod, container, init=run.init), run.started_ns)


def ended_for_good(pod: FrozenMap, container: FrozenMap, run: ContainerRun) -> bool:
    """Whether the container has ended and its policies do not restart it."""
    return run.ended is not None and not run.running and not should_restart(pod, container, run)


class _Life:
    """One call of `advance`: the record so far, and what was said about it."""

    def __init__(self, pod: FrozenMap, record: PodRecord, world: World) -> None:
        self.record = record
        self.remarks: list[Remark] = []
        self.pulled: list[str] = []
        self._pod = pod
        self._world = world
        self._specs = container_specs(pod)

    def settle(self) -> None:
        for _ in range(_PASSES_COUNT_MAX):
            before = self.record
            for run in before.runs:
                self._end(run)
            self._stop()
            self._start()
            if self.record == before:
                return
        raise InvariantError(f"pod {self._pod['metadata']['name']} does not settle")

    # Ending

    def _end(self, run: ContainerRun) -> None:
        if not run.running:
            return
        run = self._give_up(run)
        finished_ns, exit_code = self._end_of(run)
        if finished_ns is None or finished_ns > self._world.now_ns:
            return
        reason = "Completed" if exit_code == 0 else "Error"
        ended = Termination(exit_code, reason, run.started_ns, finished_ns, run.serial)
        self._put(
            replace(run, state="terminated", ended=ended, stopping_ns=None, wake_ns=None, reason="")
        )

    def _give_up(self, run: ContainerRun) -> ContainerRun:
        """Begin to kill a container whose startup or liveness probe has failed too often."""
        times = self._times(run)
        due_ns = times.killed_ns
        if due_ns is None or due_ns > self._world.now_ns or run.stopping_ns is not None:
            return run
        path = field_path(run)
        kind = times.killed_by
        self.remarks.append(
            Remark("Warning", "Unhealthy", f"{kind.capitalize()} probe failed: ", path)
        )
        message = f"Container {run.name} failed {kind} probe, will be restarted"
        self.remarks.append(Remark("Normal", "Killing", message, path))
        return self._put(replace(run, stopping_ns=due_ns))

    def _end_of(self, run: ContainerRun) -> tuple[int | None, int]:
        """When this run ends as things are, and its exit code."""
        behavior = self._behavior(run)
        end_ns = None if behavior.run_s is None else run.started_ns + to_ns(behavior.run_s)
        if run.stopping_ns is None:
            return end_ns, behavior.exit_code
        grace_ns, stop_ns = self._grace_ns(), to_ns(behavior.stop_s)
        stopped_ns = run.stopping_ns + min(grace_ns, stop_ns)
        if end_ns is not None and end_ns <= stopped_ns:
            return end_ns, behavior.exit_code
        return stopped_ns, behavior.stop_exit_code if stop_ns <= grace_ns else KILLED_EXIT_CODE

    def _grace_ns(self) -> int:
        metadata, spec = self._pod["metadata"], self._pod["spec"]
        grace_s = metadata.get("deletionGracePeriodSeconds")
        if grace_s is None or metadata.get("deletionTimestamp") is None:
            grace_s = spec.get("terminationGracePeriodSeconds")
        return (GRACE_S_DEFAULT if grace_s is None else int(grace_s)) * SECOND_NS

    # Stopping

    def _stop(self) -> None:
        record, now_ns = self.record, self._world.now_ns
        if record.stopping_ns is None:
            deadline_ns = None if self._finished() else self._deadline_ns()
            if self._pod.at("metadata", "deletionTimestamp") is not None:
                self.record = record = replace(record, stopping_ns=now_ns)
            elif deadline_ns is not None and deadline_ns <= now_ns:
                failure = Failure("DeadlineExceeded", DEADLINE_MESSAGE)
                self.remarks.append(Remark("Normal", failure.reason, failure.message))
                self.record = record = replace(record, stopping_ns=now_ns, failure=failure)
        if record.stopping_ns is not None:
            for run in record.runs:
                if not run.sidecar:
                    self._begin_stop(run)
        if record.stopping_ns is not None or self._finished():
            self._stop_sidecars()

    def _stop_sidecars(self) -> None:
        """The last one first, each when those after it are gone."""
        if any(run.running for run in self.record.runs if not run.sidecar):
            return
        running = [run for run in self.record.runs if run.sidecar and run.running]
        if running:
            self._begin_stop(running[-1])

    def _begin_stop(self, run: ContainerRun) -> None:
        if run.running and run.stopping_ns is None:
            message = f"Stopping container {run.name}"
            self.remarks.append(Remark("Normal", "Killing", message, field_path(run)))
            self._put(replace(run, stopping_ns=self._world.now_ns))

    def _deadline_ns(self) -> int | None:
        seconds = self._pod.at("spec", "activeDeadlineSeconds")
        return None if seconds is None else self.record.started_ns + int(seconds) * SECOND_NS

    def _finished(self) -> bool:
        """Whether the pod's work is over: all main containers, or an init container for good."""
        mains = [run for run in self.record.runs if not run.init]
        if all(self._for_good(run) for run in mains):
            return True
        return any(
            self._for_good(run) and not run.succeeded
            for run in self.record.runs
            if run.init and not run.sidecar
        )

    def _for_good(self, run: ContainerRun) -> bool:
        return ended_for_good(self._pod, self._specs[run.name], run)

    # Starting

    def _start(self) -> None:
        if self.record.stopping_ns is not None or self._finished():
            return
        if not self._mount():
            return
        for index, run in enumerate(self.record.runs):
            # Whoever had its turn keeps it: a crashed sidecar stops nobody after it.
            passed = any(later.begun for later in self.record.runs[index + 1 :])
            if run.init and not run.sidecar:
                if run.succeeded or passed:
                    continue
                self._keep(run)
                return
            self._keep(run)
            if run.sidecar and not passed and not self._has_started(run.name):
                return

    def _mount(self) -> bool:
        if self.record.mounted:
            return True
        error = self._world.mount_error
        if error:
            if error != self.record.mount_error:
                self.remarks.append(Remark("Warning", "FailedMount", error))
                self.record = replace(self.record, mount_error=error)
            return False
        self.record = replace(self.record, mounted=True, mount_error="")
        return True

    def _has_started(self, name: str) -> bool:
        run = next(run for run in self.record.runs if run.name == name)
        return run.running and self._times(run).is_started(self._world.now_ns)

    def _keep(self, run: ContainerRun) -> None:
        """Start or restart a container that is not running."""
        if run.running:
            return
        now_ns = self._world.now_ns
        if run.state == "terminated" and run.wake_ns is None:
            if should_restart(self._pod, self._specs[run.name], run):
                run, remark = back_off(self._pod, run, to_ns(self._behavior(run).start_s))
                self._put(run)
                if remark is not None:
                    self.remarks.append(remark)
            return
        if run.wake_ns is None and run.reason != CONFIG_ERROR:
            self._change(begin_pull(self._specs[run.name], run, self._behavior(run), self._world))
        elif run.wake_ns is None or run.wake_ns <= now_ns:
            self._launch(run)

    def _launch(self, run: ContainerRun) -> None:
        spec, behavior = self._specs[run.name], self._behavior(run)
        failed = retry_pull(spec, run, behavior, self._world.now_ns)
        if failed is not None:
            self._change(failed)
            return
        error = self._world.config_errors.get(run.name)
        if error:
            self._change(refuse_config(run, error))
            return
        image = spec.get("image") or ""
        if run.pulling_since_ns is not None:
            self.pulled.append(image)
        self._change(launch(image, run, behavior, self._world.now_ns))

    def _change(self, change: tuple[ContainerRun, tuple[Remark, ...]]) -> None:
        run, remarks = change
        self._put(run)
        self.remarks.extend(remarks)

    # Waking

    def wake_ns(self) -> int | None:
        """The next moment at which something changes by itself."""
        record = self.record
        times: list[int | None] = [self._next_of(run) for run in record.runs]
        if record.stopping_ns is None and not self._finished():
            times.append(self._deadline_ns())
        return min((time for time in times if time is not None), default=None)

    def _next_of(self, run: ContainerRun) -> int | None:
        if not run.running:
            return run.wake_ns if self.record.stopping_ns is None else None
        end_ns, _ = self._end_of(run)
        change_ns = None
        if run.stopping_ns is None:
            change_ns = self._times(run).next_ns(self._world.now_ns)
        return min((time for time in (end_ns, change_ns) if time is not None), default=None)

    # Small things

    def _behavior(self, run: ContainerRun) -> ContainerBehavior:
        return self._world.behavior.of(self._pod, self._specs[run.name], init=run.init)

    def _times(self, run: ContainerRun) -> ProbeTimes:
        return times_of(self._pod, self._specs[run.name], run, self._world.behavior)

    def _put(self, run: ContainerRun) -> ContainerRun:
        self.record = replace(self.record, runs=self.record.with_run(run))
        return run
