"""The process: one changed node or pod, or one due eviction, per step.

A pod is deleted once. What was deleted is remembered by uid until it is gone, because a
terminating pod still sits on its tainted node.
"""

from typing import Final, Self

from kcore.controllers.taint_eviction.plan import (
    Eviction,
    eviction_taints,
    plan_eviction,
    with_disruption,
)
from kcore.errors import ApiError
from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.request import DeleteOptions
from kcore.reconcile.controller import ControllerContext, fork_clock
from kcore.reconcile.reconciler import REQUEST_ERRORS
from kcore.reconcile.sources import Watches, key_of
from kcore.reconcile.workqueue import WorkQueue
from kcore.runtime.clock import SECOND_NS
from kcore.runtime.timers import Timers

RETRY_NS: Final = SECOND_NS


def build_taint_eviction_controller(context: ControllerContext) -> "TaintEvictionController":
    """The controller with its handlers registered."""
    return TaintEvictionController(context)


def queue_key(obj: FrozenMap) -> tuple[str, ...]:
    """`/name` of a node, `namespace/name` of a pod: they cannot be confused."""
    return (key_of(obj),)


def taints_changed(old: FrozenMap | None, new: FrozenMap | None) -> bool:
    """Whether a node event can concern its pods."""
    before = [] if old is None else eviction_taints(old)
    after = [] if new is None else eviction_taints(new)
    return before != after


def placement_changed(old: FrozenMap | None, new: FrozenMap | None) -> bool:
    """Whether a pod event can concern its stay: arrival, departure, new tolerations."""
    if old is None or new is None:
        return True
    return any(
        old.at("spec", field) != new.at("spec", field) for field in ("nodeName", "tolerations")
    )


class TaintEvictionController:
    """Evictions planned by pod key, with a timer each."""

    __slots__ = (
        "_client",
        "_clock",
        "_done",
        "_informers",
        "_planned",
        "_queue",
        "_recorder",
        "_timers",
    )

    def __init__(self, context: ControllerContext) -> None:
        self._client = context.client
        self._clock = context.clock
        self._recorder = context.recorder_for("taint-eviction-controller")
        nodes, pods = context.informers.informer("nodes"), context.informers.informer("pods")
        self._informers = (nodes, pods)
        self._queue = WorkQueue()
        self._timers = Timers()
        self._planned: dict[str, Eviction] = {}
        self._done: dict[str, str] = {}
        nodes.add_handler(Watches("nodes", queue_key, taints_changed).handler(self._queue))
        pods.add_handler(Watches("pods", queue_key, placement_changed).handler(self._queue))

    @property
    def name(self) -> str:
        """`taint-eviction-controller`."""
        return "taint-eviction-controller"

    def ready(self) -> bool:
        """Whether something changed or an eviction is due. O(1)."""
        now_ns = self._clock.now_ns()
        due_ns = self._timers.next_deadline_ns()
        waiting = self._queue.ready(now_ns) or (due_ns is not None and due_ns <= now_ns)
        return waiting and all(informer.has_synced for informer in self._informers)

    def step(self) -> str:
        """Look at one changed node or pod, or delete one pod."""
        now_ns = self._clock.now_ns()
        key = self._queue.get()
        if key is not None:
            self._queue.done(key)
            return self._look(key, now_ns)
        due = self._timers.pop_due(now_ns)
        return "nothing to do" if due is None else self._evict(due, now_ns)

    def next_deadline_ns(self) -> int | None:
        """When the next pod's stay ends."""
        return self._timers.next_deadline_ns()

    def next_heartbeat_ns(self) -> int | None:
        """Nothing periodic."""
        return None

    def restart(self) -> None:
        """Forget all stays: they count anew, as after a real restart."""
        self._queue.clear()
        self._timers = Timers()
        self._planned = {}
        self._done = {}
        for informer in self._informers:
            informer.restart()

    def fork(self, memo: ForkMemo) -> Self:
        """The same controller in the forked world. O(planned evictions)."""
        twin = memo.adopt(self, object.__new__(type(self)))
        twin._planned = dict(self._planned)
        twin._done = dict(self._done)
        twin._clock = fork_clock(self._clock, memo)
        twin._client = memo(self._client)
        twin._recorder = memo(self._recorder)
        twin._queue = memo(self._queue)
        twin._timers = memo(self._timers)
        nodes, pods = (memo(informer) for informer in self._informers)
        twin._informers = (nodes, pods)
        return twin

    def _look(self, key: str, now_ns: int) -> str:
        namespace, _, name = key.partition("/")
        if namespace:
            self._look_at_pod(key, self._informers[1].lister.get(namespace, name), now_ns)
            return f"look at pod {key}"
        for pod in self._informers[1].lister.by_index("node", name):
            self._look_at_pod(key_of(pod), pod, now_ns)
        return f"look at node {name}"

    def _look_at_pod(self, key: str, pod: FrozenMap | None, now_ns: int) -> None:
        if pod is None:
            self._cancel(key, None)
            self._done.pop(key, None)
            return
        if self._done.get(key) == pod["metadata"]["uid"]:
            return
        node = self._informers[0].lister.get("", pod.at("spec", "nodeName", default=""))
        taints = [] if node is None else eviction_taints(node)
        planned = self._planned.get(key)
        eviction = plan_eviction(pod, taints, planned, now_ns)
        if eviction is None:
            self._cancel(key, pod)
        elif eviction != planned:
            self._planned[key] = eviction
            self._timers.set(key, eviction.due_ns)

    def _cancel(self, key: str, pod: FrozenMap | None) -> None:
        """Drop a planned eviction and say so."""
        self._timers.discard(key)
        if self._planned.pop(key, None) is not None and pod is not None:
            self._recorder.event(
                pod, "Normal", "TaintManagerEviction", f"Cancelling deletion of Pod {key}"
            )

    def _evict(self, key: str, now_ns: int) -> str:
        namespace, _, name = key.partition("/")
        pod = self._informers[1].lister.get(namespace, name)
        if pod is None:
            self._planned.pop(key, None)
            return f"evict {key}: gone"
        self._recorder.event(
            pod, "Normal", "TaintManagerEviction", f"Marking for deletion Pod {key}"
        )
        try:
            self._delete(pod, now_ns)
        except REQUEST_ERRORS as error:
            self._timers.set(key, now_ns + RETRY_NS)
            return f"evict {key}: {error}"
        self._planned.pop(key, None)
        self._done[key] = pod["metadata"]["uid"]
        return f"evict {key}"

    def _delete(self, pod: FrozenMap, now_ns: int) -> None:
        metadata = pod["metadata"]
        try:
            self._client.update_status(with_disruption(pod, now_ns))
            options = DeleteOptions(uid=metadata["uid"])
            self._client.delete("pods", metadata["name"], metadata["namespace"], options)
        except ApiError as error:
            if error.code != 404:
                raise
