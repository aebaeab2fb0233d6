"""Decisions alone: the same workloads with pods that the API never sees.

Nodes and namespaces are created as ever. Pods are decoded and defaulted once for each body, made in
the scheduler's memory, searched for and counted on their nodes; nothing is stored, watched or
bound. What depends on stored pods (churn, deletions, barriers, volumes) is refused by name.
"""

from collections.abc import Callable
from typing import Any, Final

from kcore.errors import NotModelledError
from kcore.machinery.frozen import FrozenMap, Template
from kcore.scheduler.attempt import Found
from kcore.scheduler.pod_info import PodInfos
from kcore.scheduler_perf.config import Operation
from kcore.scheduler_perf.execution import Execution, WorkloadStuckError

NEEDS_API: Final = frozenset(
    (
        "barrier",
        "churn",
        "deletePods",
        "sleep",
        "startCollectingMetrics",
        "stopCollectingMetrics",
        "updateAny",
    )
)

_OWN: Final = (("metadata", "name"), ("metadata", "uid"))


class CoreExecution(Execution):
    """Runs a workload's operations with pods in the scheduler's memory alone."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._infos = PodInfos()
        self._templates: dict[tuple[int, str], tuple[FrozenMap, Template]] = {}
        self._pod_count = 0

    def check(self) -> None:
        """Refuse operations that need the API.

        Raises:
            NotModelledError: there is one.
        """
        super().check()
        for operation in self._workload.operations:
            if operation.opcode in NEEDS_API:
                raise NotModelledError(f"--core-only has no pods in the API for {operation.opcode}")
            if operation.text("persistentVolumeClaimTemplatePath"):
                raise NotModelledError("--core-only has no pods with volumes")

    def _pour(self, operation: Operation, namespace: str) -> None:
        """Decide for each pod, and count it on its node."""
        pods = self._pod_manifest(operation)
        scheduler = self._world.scheduler
        count = operation.count()
        for index in range(count):
            pod = self._made(pods.object(index, count), namespace)
            info = self._infos.of(pod)
            found = scheduler.find_node(info)
            if isinstance(found, Found):
                scheduler.world.cache.assume(info.on_node(found.node_name))
                self._scheduled(namespace, (pod,))
            elif not operation.flag("skipWaitToCompletion"):
                why = found.diagnosis.message
                raise WorkloadStuckError(f"{self._workload.full_name}: {info.key}: {why}")
            if index % 64 == 0:
                self._sample()

    def _wait(self, namespaces: list[str], is_over: Callable[[], bool]) -> None:
        """Nothing to wait for: every pod was decided when it was made."""

    def _made(self, body: FrozenMap, namespace: str) -> FrozenMap:
        """The body as the API would store it, under a name and uid of its own."""
        key = id(body), namespace
        known = self._templates.get(key)
        if known is None:
            stored = self._client.create(body, namespace, dry_run=True)
            known = self._templates[key] = body, Template(stored, *_OWN)
        self._pod_count += 1
        number = f"{self._pod_count:08}"
        pod: FrozenMap = known[1](f"pod-{number}", f"uid-{number}")
        return pod
