"""Deletes pods nobody else will: on nodes that are gone, never scheduled, or too many that ended.

Runs every 20 seconds, and only when there is something to look for: a pass is scheduled when a pod
or node event gives a reason. A node must have been missing for 40 seconds, and the API must agree,
before its pods are removed.

Upstream: pkg/controller/podgc/gc_controller.go.
"""

from dataclasses import dataclass, field
from typing import Final, Self

from kcore.client.informer import Informer
from kcore.controllers.pod_condition import is_terminal, is_terminating
from kcore.errors import ApiError
from kcore.forking import ForkMemo
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap, freeze
from kcore.machinery.request import DeleteOptions
from kcore.machinery.resource import NamespacedName
from kcore.machinery.timestamps import format_time
from kcore.reconcile.controller import Controller, ControllerContext
from kcore.reconcile.reconciler import DONE, Reconciler, Result
from kcore.reconcile.sources import Handles
from kcore.reconcile.workqueue import WorkQueue
from kcore.runtime.clock import SECOND_NS

PERIOD_NS: Final = 20 * SECOND_NS
QUARANTINE_NS: Final = 40 * SECOND_NS
# kube-controller-manager's --terminated-pod-gc-threshold.
TERMINATED_COUNT_MAX: Final = 12_500

_PASS: Final = "/pass"


@dataclass(frozen=True, slots=True)
class PodGCOptions:
    """`terminated_count_max`: how many ended pods may stay; 0 means any number."""

    terminated_count_max: int = TERMINATED_COUNT_MAX


class MissingNodes:
    """Since when each node that pods are bound to has not existed."""

    def __init__(self) -> None:
        self.since_ns: dict[str, int] = {}

    def fork(self, memo: ForkMemo) -> Self:
        """An independent copy. O(missing nodes)."""
        twin = type(self)()
        twin.since_ns = dict(self.since_ns)
        return twin


def build_pod_gc_controller(
    context: ControllerContext, options: PodGCOptions | None = None
) -> Controller:
    """The pod garbage collector; it has a single key."""
    queue = WorkQueue()
    nodes = context.informers.informer("nodes")
    return Controller(
        "pod-garbage-collector-controller",
        context,
        PodGCReconciler(context, PodGCOptions() if options is None else options),
        [
            Handles("nodes", NodeGoneHandler(queue)),
            Handles("pods", SuspectPodHandler(queue, nodes)),
        ],
        queue=queue,
    )


@dataclass(frozen=True, slots=True)
class NodeGoneHandler:
    """A deleted node leaves pods behind."""

    queue: WorkQueue

    def on_add(self, node: FrozenMap) -> None:
        """A node that is there needs no collector."""

    def on_update(self, old: FrozenMap, new: FrozenMap) -> None:
        """A node that is there needs no collector."""

    def on_delete(self, node: FrozenMap) -> None:
        """Look for its pods."""
        self.queue.add(_PASS)

    def fork(self, memo: ForkMemo) -> Self:
        """The same handler before the forked queue."""
        return type(self)(memo(self.queue))


@dataclass(frozen=True, slots=True)
class SuspectPodHandler:
    """Pods that may have to go: bound to a missing node, ended, or going without a node."""

    queue: WorkQueue
    nodes: Informer = field(repr=False)

    def on_add(self, pod: FrozenMap) -> None:
        """A pod seen for the first time."""
        if self._is_suspect(pod):
            self.queue.add(_PASS)

    def on_update(self, old: FrozenMap, new: FrozenMap) -> None:
        """A pod changed."""
        self.on_add(new)

    def on_delete(self, pod: FrozenMap) -> None:
        """Nothing is left to collect."""

    def _is_suspect(self, pod: FrozenMap) -> bool:
        node = pod.at("spec", "nodeName", default="")
        if not node:
            return is_terminating(pod)
        if is_terminal(pod):
            return True
        return self.nodes.has_synced and self.nodes.lister.get("", node) is None

    def fork(self, memo: ForkMemo) -> Self:
        """The same handler before the forked queue and cache."""
        return type(self)(memo(self.queue), memo(self.nodes))


class PodGCReconciler(Reconciler):
    """One pass over the pods. O(pods), every 20 seconds while a node is missing."""

    def __init__(self, context: ControllerContext, options: PodGCOptions) -> None:
        self._client = context.client
        self._clock = context.clock
        self._pods = context.lister("pods")
        self._nodes = context.lister("nodes")
        self._options = options
        self._missing = MissingNodes()

    def restart(self) -> None:
        """Forget how long nodes have been missing."""
        self._missing.since_ns = {}

    def reconcile(self, request: NamespacedName) -> Result:
        """One pass; again later while nodes are in quarantine."""
        pods = self._pods.list()
        self._collect_terminated(pods)
        self._collect_unscheduled(pods)
        waiting = self._collect_orphaned(pods)
        return Result(requeue_after_ns=PERIOD_NS) if waiting else DONE

    def _collect_orphaned(self, pods: list[FrozenMap]) -> bool:
        """Remove pods of nodes missing for long enough; True while others still wait."""
        now_ns = self._clock.now_ns()
        bound = dict.fromkeys(pod.at("spec", "nodeName", default="") for pod in pods)
        missing = [name for name in bound if name and self._nodes.get("", name) is None]
        known = self._missing.since_ns
        self._missing.since_ns = {name: known.get(name, now_ns) for name in missing}
        due = [name for name in missing if now_ns - known.get(name, now_ns) >= QUARANTINE_NS]
        gone = {name for name in due if self._is_gone(name)}
        for pod in pods:
            if pod.at("spec", "nodeName", default="") in gone:
                self._delete(pod, "PodGC: node no longer exists")
        return len(missing) > len(gone)

    def _is_gone(self, node: str) -> bool:
        """Ask the API: the cache may simply not know the node yet."""
        try:
            self._client.get("nodes", node)
        except ApiError as error:
            return error.code == 404
        return False

    def _collect_unscheduled(self, pods: list[FrozenMap]) -> None:
        for pod in pods:
            if is_terminating(pod) and not pod.at("spec", "nodeName", default=""):
                self._delete(pod, None)

    def _collect_terminated(self, pods: list[FrozenMap]) -> None:
        limit = self._options.terminated_count_max
        ended = [pod for pod in pods if is_terminal(pod) and not is_terminating(pod)]
        if not limit or len(ended) <= limit:
            return
        ended.sort(key=lambda pod: (pod["metadata"]["creationTimestamp"], pod["metadata"]["name"]))
        for pod in ended[: len(ended) - limit]:
            self._delete(pod, None)

    def _delete(self, pod: FrozenMap, disruption: str | None) -> None:
        """Mark a pod that has not ended as failed, then remove it at once."""
        metadata = pod["metadata"]
        try:
            if disruption is not None and not is_terminal(pod):
                self._client.update_status(self._failed(pod, disruption))
            options = DeleteOptions(grace_period_s=0, uid=metadata["uid"])
            self._client.delete("pods", metadata["name"], metadata["namespace"], options)
        except ApiError as error:
            if error.code != 404:
                raise

    def _failed(self, pod: FrozenMap, message: str) -> FrozenMap:
        condition = {
            "type": "DisruptionTarget",
            "status": "True",
            "lastTransitionTime": format_time(self._clock.now_ns()),
            "reason": "DeletionByPodGC",
            "message": message,
        }
        present = pod.at("status", "conditions", default=EMPTY_LIST)
        others = [entry for entry in present if entry.get("type") != condition["type"]]
        failed = pod.set(("status", "phase"), "Failed")
        return failed.set(("status", "conditions"), freeze([*others, condition]))
