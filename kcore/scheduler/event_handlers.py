"""What the informers' events mean for the cache and the queue.

A pod with a node counts on it; a pod without one waits, if it is ours; a pod that has run to its
end is as good as deleted. Handlers never write to the API.
"""

from typing import Final, Self

from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap, Path
from kcore.scheduler.cache import SchedulerCache
from kcore.scheduler.changes import node_events, pod_events
from kcore.scheduler.framework.events import (
    ASSIGNED_POD,
    CSI_DRIVER,
    CSI_NODE,
    CSI_STORAGE_CAPACITY,
    NODE,
    PERSISTENT_VOLUME,
    PERSISTENT_VOLUME_CLAIM,
    STORAGE_CLASS,
    UNSCHEDULED_POD,
    VOLUME_ATTACHMENT,
    Action,
    Change,
    ClusterEvent,
)
from kcore.scheduler.pod_info import FINISHED_PHASES, PodInfo, PodInfos
from kcore.scheduler.queue import SchedulingQueue

POD_ADDED: Final = ClusterEvent(ASSIGNED_POD, Action.ADD)
POD_DELETED: Final = ClusterEvent(ASSIGNED_POD, Action.DELETE)
NODE_ADDED: Final = ClusterEvent(NODE, Action.ADD)
NODE_DELETED: Final = ClusterEvent(NODE, Action.DELETE)

_PHASE: Final = Path("status", "phase")
_NODE_NAME: Final = Path("spec", "nodeName")
_UID: Final = Path("metadata", "uid")


class PodEvents:
    """Pods of the cluster: on nodes, or waiting."""

    def __init__(
        self,
        cache: SchedulerCache,
        queue: SchedulingQueue,
        infos: PodInfos,
        scheduler_names: frozenset[str],
    ) -> None:
        self._cache = cache
        self._queue = queue
        self._infos = infos
        self._ours = scheduler_names
        # Looked into without a call: each placement that is confirmed asks for them.
        self._tried, self._refused = queue.audience

    def on_add(self, obj: FrozenMap) -> None:
        """Count the pod, or let it wait."""
        info = self._infos.of(obj)
        if info.is_finished:
            return
        if info.node_name:
            self._queue.delete(info)
            self._cache.set_pod(info)
            if self._queue.has_audience:
                self._queue.move_all([Change(POD_ADDED, None, obj)])
        elif info.facts.scheduler_name in self._ours:
            self._queue.add(info)

    def on_update(self, old: FrozenMap, new: FrozenMap) -> None:
        """Tell a change apart from a placement and from an end."""
        counted = self._cache.counted.get(_UID(new, ""))
        if counted is not None:
            # Nearly always the placement that was assumed. What counts has not ended, nor does it
            # wait, and neither a condition nor labels change that.
            after = self._infos.confirmed(counted, new)
            if after is not None:
                self._cache.confirm(counted, after)
                if self._tried or self._refused:
                    self._tell(old, new)
                return
        if _PHASE(old) in FINISHED_PHASES:
            self.on_add(new)
        elif _PHASE(new) in FINISHED_PHASES:
            self.on_delete(old)
        elif _NODE_NAME(new):
            self._on_assigned_update(counted, old, new)
        else:
            self._on_waiting_update(self._infos.of(old), self._infos.of(new))

    def on_delete(self, obj: FrozenMap) -> None:
        """Stop counting or waiting; either may make room for others."""
        info = self._infos.of(obj)
        if info.is_finished:
            return
        counted = self._cache.remove_pod(info.uid)
        if info.node_name or counted is not None:
            self._queue.move_all([Change(POD_DELETED, (counted or info).pod, None)])
            return
        if not self._is_ours(info):
            return
        self._queue.delete(info)
        if info.nominated_node_name:
            # Others treated the promised room as taken; only those that had to give way gain.
            self._queue.move_all([Change(POD_DELETED, obj, None)], priority_max=info.priority)

    def _on_assigned_update(self, counted: PodInfo | None, old: FrozenMap, new: FrozenMap) -> None:
        after = self._infos.of(new) if counted is None else self._infos.later(counted, new)
        if not _NODE_NAME(old):
            self._queue.delete(after)
        self._cache.set_pod(after)
        if self._queue.has_audience:
            self._tell(old, new)

    def _tell(self, old: FrozenMap, new: FrozenMap) -> None:
        """Try pods again that a change of a pod on a node, or that it has one now, may help."""
        if _PHASE(old) in FINISHED_PHASES or not _NODE_NAME(old):
            if self._queue.has_audience_for(POD_ADDED):
                self._queue.move_all([Change(POD_ADDED, None, new)])
            return
        events = pod_events(ASSIGNED_POD, old, new)
        self._queue.move_all([Change(event, old, new) for event in events])

    def _on_waiting_update(self, before: PodInfo, after: PodInfo) -> None:
        if not self._is_ours(after) or self._cache.is_assumed(after.uid):
            return
        self._queue.update(before, after)
        events = pod_events(UNSCHEDULED_POD, before.pod, after.pod)
        self._queue.move_all([Change(event, before.pod, after.pod) for event in events])

    def _is_ours(self, info: PodInfo) -> bool:
        return info.scheduler_name in self._ours

    def fork(self, memo: ForkMemo) -> Self:
        """The handler of a forked informer."""
        return type(self)(memo(self._cache), memo(self._queue), self._infos, self._ours)


STORAGE_EVENTS: Final = {
    "persistentvolumes": PERSISTENT_VOLUME,
    "persistentvolumeclaims": PERSISTENT_VOLUME_CLAIM,
    "storageclasses.storage.k8s.io": STORAGE_CLASS,
    "csinodes.storage.k8s.io": CSI_NODE,
    "csidrivers.storage.k8s.io": CSI_DRIVER,
    "csistoragecapacities.storage.k8s.io": CSI_STORAGE_CAPACITY,
    "volumeattachments.storage.k8s.io": VOLUME_ATTACHMENT,
}
"""Resources whose changes may help waiting pods, and what events call them."""


class ObjectEvents:
    """Objects of any resource that plugins wait for; they count in no cache."""

    def __init__(self, resource: str, queue: SchedulingQueue) -> None:
        self._resource = resource
        self._queue = queue

    def on_add(self, obj: FrozenMap) -> None:
        """A new object."""
        self._move(Action.ADD, None, obj)

    def on_update(self, old: FrozenMap, new: FrozenMap) -> None:
        """Any change counts; hints look closer."""
        self._move(Action.UPDATE_OTHER, old, new)

    def on_delete(self, obj: FrozenMap) -> None:
        """An object is gone."""
        self._move(Action.DELETE, obj, None)

    def _move(self, action: Action, old: FrozenMap | None, new: FrozenMap | None) -> None:
        self._queue.move_all([Change(ClusterEvent(self._resource, action), old, new)])

    def fork(self, memo: ForkMemo) -> Self:
        """The handler of a forked informer."""
        return type(self)(self._resource, memo(self._queue))


class NodeEvents:
    """Nodes of the cluster."""

    def __init__(self, cache: SchedulerCache, queue: SchedulingQueue) -> None:
        self._cache = cache
        self._queue = queue

    def on_add(self, obj: FrozenMap) -> None:
        """A new node may take anybody."""
        self._cache.set_node(obj)
        self._queue.move_all([Change(NODE_ADDED, None, obj)])

    def on_update(self, old: FrozenMap, new: FrozenMap) -> None:
        """Only some changes may help somebody."""
        self._cache.set_node(new)
        self._queue.move_all([Change(event, old, new) for event in node_events(old, new)])

    def on_delete(self, obj: FrozenMap) -> None:
        """Fewer nodes can help a pod that wants to be spread."""
        name = obj["metadata"]["name"]
        self._cache.remove_node(name)
        self._queue.forget_node(name)
        self._queue.move_all([Change(NODE_DELETED, obj, None)])

    def fork(self, memo: ForkMemo) -> Self:
        """The handler of a forked informer."""
        return type(self)(memo(self._cache), memo(self._queue))
