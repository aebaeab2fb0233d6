"""One workload, operation by operation, against a world of its own.

Churn and gradual deletion follow the real clock, as upstream; so does everything that is measured.
Virtual time moves only when nobody can act: to the next retry.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from kcore.errors import KcoreError, NotModelledError
from kcore.machinery.durations import parse_duration
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap, freeze
from kcore.machinery.request import ListOptions
from kcore.runtime.clock import Clock
from kcore.scheduler.options import SchedulerOptions
from kcore.scheduler_perf.background import Background, Churn, GradualDeletion, GradualUpdate
from kcore.scheduler_perf.claims import bound, claim_for, pod_with_claim, volume_for
from kcore.scheduler_perf.config import Operation, Workload
from kcore.scheduler_perf.manifests import Manifest, default_node
from kcore.scheduler_perf.measurements import ThroughputCollector
from kcore.scheduler_perf.nodes import csi_node, prepared_node
from kcore.scheduler_perf.pod_progress import SCHEDULED, PodProgress, has_labels
from kcore.scheduler_perf.world import BenchmarkWorld, build_benchmark_world

CREATED_PER_SLICE_COUNT: Final = 256
"""Pods created before the scheduler gets its turn again."""

JUMPS_WITHOUT_PROGRESS_COUNT_MAX: Final = 8

NOT_MODELLED: Final[Mapping[str, str]] = {
    "createPodGroups": "gang scheduling (PodGroup)",
    "createResourceClaims": "dynamic resource allocation",
    "allocResourceClaims": "dynamic resource allocation",
}


class WorkloadStuckError(KcoreError):
    """Pods that the workload waits for cannot be scheduled, and nothing is left to happen."""


@dataclass(slots=True)
class Outcome:
    """What a workload's run measured."""

    workload: Workload
    collectors: list[ThroughputCollector] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def average(self) -> float:
        """Pods per second over all collectors; 0 when nothing was measured."""
        seconds = sum(one.seconds for one in self.collectors)
        return sum(one.scheduled for one in self.collectors) / seconds if seconds else 0.0


class Execution:
    """Runs the operations of one workload."""

    def __init__(
        self,
        workload: Workload,
        options: SchedulerOptions,
        clock: Clock,
        tell: Callable[[str], None],
        seed: int = 1,
    ) -> None:
        """`tell` is given a line about what is going on, now and then."""
        self._workload = workload
        self._clock = clock
        self._tell = tell
        self._world: BenchmarkWorld = build_benchmark_world(options, seed)
        self._client = self._world.client
        from_now = ListOptions(resource_version=str(self._world.store.revision))
        self._progress = PodProgress(self._client.watch("pods", options=from_now))
        self._progress.observe(self._scheduled)
        self._outcome = Outcome(workload)
        self._background: list[Background] = []
        self._pod_namespaces: dict[str, None] = {}
        self._known_namespaces: set[str] = set()
        self._awaited: Counter[str] = Counter()
        self._node_count = 0

    def run(self) -> Outcome:
        """Everything, in order.

        Raises:
            NotModelledError: an operation needs a part of Kubernetes that kcore does not have.
            WorkloadStuckError: pods it waits for can never be scheduled.
            ManifestError: a template.
        """
        self.check()
        start_ns = self._clock.now_ns()
        for operation in self._workload.operations:
            self._tell(operation.opcode)
            self._HANDLERS[operation.opcode](self, operation)
        for collector in self._outcome.collectors:
            collector.stop()
        self._outcome.seconds = (self._clock.now_ns() - start_ns) / 1e9
        return self._outcome

    def check(self) -> None:
        """Refuse the workload before anything runs.

        Raises:
            NotModelledError: an operation needs what kcore does not have.
        """
        for operation in self._workload.operations:
            what = NOT_MODELLED.get(operation.opcode)
            if what is not None:
                raise NotModelledError(f"{what}, needed by {operation.opcode}")

    # --- operations ------------------------------------------------------------------------

    def _create_nodes(self, operation: Operation) -> None:
        manifest = self._manifest(operation, "nodeTemplatePath")
        count = operation.count()
        for index in range(count):
            node = default_node() if manifest is None else manifest.object(index, count)
            node = prepared_node(node, operation, index, self._node_count)
            self._node_count += 1
            created = self._client.create(node)
            csi = csi_node(created, operation)
            if csi is not None:
                self._client.create(csi)
        self._settle()

    def _create_namespaces(self, operation: Operation) -> None:
        manifest = self._manifest(operation, "namespaceTemplatePath")
        count = operation.count()
        for index in range(count):
            name = f"{operation.text('prefix')}-{index}"
            template = None if manifest is None else manifest.object(index, count)
            self._ensure_namespace(name, template)

    def _create_pods(self, operation: Operation) -> None:
        namespace = operation.text("namespace", f"namespace-{operation.index}")
        self._create_pods_in(operation, namespace)

    def _create_pod_sets(self, operation: Operation) -> None:
        inner = operation.fields["createPodsOp"]
        for index in range(operation.count()):
            self._create_pods_in(inner, f"{operation.text('namespacePrefix')}-{index}")

    def _create_pods_in(self, operation: Operation, namespace: str) -> None:
        if operation.flag("steadyState"):
            raise NotModelledError("dynamic resource allocation, needed by createPods.steadyState")
        self._ensure_namespace(namespace)
        self._pod_namespaces[namespace] = None
        collector = None
        if operation.flag("collectMetrics"):
            collector = self._collect(namespace, [namespace], {})
        self._pour(operation, namespace)
        if not operation.flag("skipWaitToCompletion"):
            self._awaited[namespace] += operation.count()
            self._wait([namespace], lambda: self._has_scheduled(namespace))
        if collector is not None:
            collector.stop()

    def _pour(self, operation: Operation, namespace: str) -> None:
        """Create the pods slice by slice, with the scheduler at work meanwhile."""
        pods = self._pod_manifest(operation)
        claims = self._manifest(operation, "persistentVolumeClaimTemplatePath")
        volumes = self._manifest(operation, "persistentVolumeTemplatePath")
        count, create = operation.count(), self._client.create
        for start in range(0, count, CREATED_PER_SLICE_COUNT):
            slice_of_pods = range(start, min(start + CREATED_PER_SLICE_COUNT, count))
            names: list[str] = []
            if claims is not None and volumes is not None:
                names = [
                    self._bound_claim(claims, volumes, namespace, index) for index in slice_of_pods
                ]
                # Caches follow within milliseconds upstream, long before a pod is tried.
                self._settle()
            for index in slice_of_pods:
                pod = pods.object(index, count)
                if names:
                    pod = pod_with_claim(pod, names[index - start])
                create(pod, namespace)
            if len(slice_of_pods) == CREATED_PER_SLICE_COUNT:
                self._settle()

    def _bound_claim(self, claims: Manifest, volumes: Manifest, namespace: str, index: int) -> str:
        """Create a claim and a volume that are bound to each other; the claim's name."""
        client, volume_name = self._client, f"{namespace}-pv-{index}"
        wanted = claim_for(claims.object(index), namespace, index, volume_name)
        claim = client.create(wanted, namespace)
        client.update_status(bound(claim))
        volume = client.create(volume_for(volumes.object(index), claim, index, volume_name))
        client.update_status(bound(volume))
        name: str = claim["metadata"]["name"]
        return name

    def _create_any(self, operation: Operation) -> None:
        manifest = self._require(operation, "templatePath")
        namespace = operation.text("namespace")
        if namespace:
            self._ensure_namespace(namespace)
        count = operation.count()
        for index in range(count):
            self._client.create(manifest.object(index, count), namespace)
        self._settle()

    def _update_any(self, operation: Operation) -> None:
        manifest = self._require(operation, "templatePath")
        self._background.append(
            GradualUpdate(
                self._client,
                self._clock,
                [manifest.object(index, operation.count()) for index in range(operation.count())],
                operation.text("namespace"),
                float(operation.text("updatePerSecond", "0")),
                tuple(operation.fields.get("subresources") or ()),
            )
        )
        self._drain(self._background[-1])

    def _delete_pods(self, operation: Operation) -> None:
        wanted = operation.fields.get("labelSelector") or {}
        namespace = operation.text("namespace")
        names = [
            pod["metadata"]["name"]
            for pod in self._client.list("pods", namespace)
            if has_labels(pod, wanted)
        ]
        rate = float(operation.text("deletePodsPerSecond", "0"))
        deletion = GradualDeletion(self._client, self._clock, names, namespace, rate)
        self._background.append(deletion)
        if not operation.flag("skipWaitToCompletion"):
            self._drain(deletion)

    def _churn(self, operation: Operation) -> None:
        paths = operation.fields.get("templatePaths") or ()
        self._background.append(
            Churn(
                self._client,
                self._clock,
                [Manifest(self._path(str(path)), {}) for path in paths],
                operation.text("namespace", "default"),
                int(operation.text("intervalMilliseconds", "500")) * 1_000_000,
                operation.number("number"),
                recreate=operation.text("mode") == "recreate",
            )
        )

    def _barrier(self, operation: Operation) -> None:
        namespaces = operation.fields.get("namespaces") or list(self._pod_namespaces)
        stage = operation.text("stageRequirement", SCHEDULED)
        labels = operation.fields.get("labelSelector") or {}
        self._wait(namespaces, lambda: self._reached(namespaces, stage, labels))

    def _sleep(self, operation: Operation) -> None:
        end_ns = self._clock.now_ns() + parse_duration(operation.text("duration", "0s"))
        while self._clock.now_ns() < end_ns:
            self._slice()

    def _start_collecting(self, operation: Operation) -> None:
        namespaces = operation.fields.get("namespaces") or list(self._pod_namespaces)
        name = operation.text("name", "-".join(map(str, namespaces)))
        self._collect(name, namespaces, operation.fields.get("labelSelector") or {})

    def _stop_collecting(self, operation: Operation) -> None:
        for collector in self._outcome.collectors:
            collector.stop()

    def _ignore_profile(self, operation: Operation) -> None:
        """Profiles of the Go runtime are not collected; a Python profiler sees the whole run."""
        self._tell(f"{operation.opcode}: no effect here")

    # --- waiting ---------------------------------------------------------------------------

    def _wait(self, namespaces: list[str], is_over: Callable[[], bool]) -> None:
        jumps, left = 0, -1
        self._progress.catch_up()
        while not is_over():
            if self._slice():
                continue
            remaining = self._progress.unfinished(namespaces, SCHEDULED)
            jumps = 0 if remaining != left else jumps + 1
            left = remaining
            if any(one.is_active for one in self._background):
                continue
            if jumps > JUMPS_WITHOUT_PROGRESS_COUNT_MAX or not self._world.jump():
                raise self._stuck(namespaces)

    def _has_scheduled(self, namespace: str) -> bool:
        """Whether as many pods got a node as operations wait for; others may be there too."""
        return self._progress.ever_scheduled(namespace) >= self._awaited[namespace]

    def _reached(self, namespaces: list[str], stage: str, labels: Mapping[str, str]) -> bool:
        if not self._progress.unfinished(namespaces, stage):
            return True
        if not labels:
            return False
        waiting = self._progress.unscheduled(namespaces)
        return not any(self._is_waiting(*one, stage, labels) for one in waiting)

    def _is_waiting(self, namespace: str, name: str, stage: str, labels: Mapping[str, str]) -> bool:
        pod = self._client.get("pods", name, namespace)
        if not has_labels(pod, labels) or pod.at("spec", "nodeName"):
            return False
        return stage == SCHEDULED or not pod.at("status", "conditions")

    def _stuck(self, namespaces: list[str]) -> WorkloadStuckError:
        waiting = self._progress.unscheduled(namespaces)
        namespace, name = waiting[0]
        pod = self._client.get("pods", name, namespace)
        conditions = pod.at("status", "conditions", default=EMPTY_LIST)
        why = next((one.get("message") or "" for one in conditions), "it was never tried")
        return WorkloadStuckError(
            f"{self._workload.full_name}: {len(waiting)} pods cannot be scheduled, "
            f"{namespace}/{name} among them: {why}"
        )

    def _settle(self) -> None:
        while self._slice():
            pass

    def _drain(self, background: Background) -> None:
        while background.is_active:
            self._slice()

    def _slice(self) -> bool:
        """A slice of everybody's work, and a look at clocks and counters."""
        acted = self._world.act()
        for background in self._background:
            acted = background.tick() or acted
        self._progress.catch_up()
        self._sample()
        return acted

    def _sample(self) -> None:
        for collector in self._outcome.collectors:
            collector.sample()

    # --- small things ----------------------------------------------------------------------

    def _scheduled(self, namespace: str, pods: Sequence[FrozenMap]) -> None:
        for collector in self._outcome.collectors:
            collector.note(namespace, pods)

    def _collect(
        self, name: str, namespaces: Iterable[str], labels: Mapping[str, str]
    ) -> ThroughputCollector:
        collector = ThroughputCollector(name, frozenset(namespaces), labels, self._clock)
        collector.start()
        self._outcome.collectors.append(collector)
        return collector

    def _ensure_namespace(self, name: str, template: FrozenMap | None = None) -> None:
        if name in self._known_namespaces or name == "default":
            return
        self._known_namespaces.add(name)
        body = dict(template or {"apiVersion": "v1", "kind": "Namespace"})
        body["metadata"] = {**(body.get("metadata") or EMPTY_MAP), "name": name}
        self._client.create(freeze(body))

    def _pod_manifest(self, operation: Operation) -> Manifest:
        if operation.text("podTemplatePath"):
            return self._require(operation, "podTemplatePath")
        path = self._workload.pod_template or "../templates/pod-default.yaml"
        return Manifest(self._path(path), operation.fields.get("templateParams") or {})

    def _require(self, operation: Operation, name: str) -> Manifest:
        manifest = self._manifest(operation, name)
        if manifest is None:
            raise NotModelledError(f"{operation.opcode} without {name}")
        return manifest

    def _manifest(self, operation: Operation, name: str) -> Manifest | None:
        path: Any = operation.fields.get(name)
        if not path:
            return None
        return Manifest(self._path(str(path)), operation.fields.get("templateParams") or {})

    def _path(self, relative: str) -> Path:
        return self._workload.folder / relative

    _HANDLERS: Final[Mapping[str, Callable[["Execution", Operation], None]]] = {
        "createNodes": _create_nodes,
        "createNamespaces": _create_namespaces,
        "createPods": _create_pods,
        "createPodSets": _create_pod_sets,
        "createAny": _create_any,
        "updateAny": _update_any,
        "deletePods": _delete_pods,
        "churn": _churn,
        "barrier": _barrier,
        "sleep": _sleep,
        "startCollectingMetrics": _start_collecting,
        "stopCollectingMetrics": _stop_collecting,
        "startCollectingProfile": _ignore_profile,
        "stopCollectingProfile": _ignore_profile,
    }
