"""How far pods are, learned from a watch: created, tried, scheduled, by namespace and labels."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import compress, filterfalse, groupby
from operator import not_
from typing import Final

from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap, Path
from kcore.machinery.watch_event import WatchStream

ATTEMPTED: Final = "Attempted"
SCHEDULED: Final = "Scheduled"

Observer = Callable[[str, Sequence[FrozenMap]], None]
"""Told of pods of one namespace that have got their nodes."""

_NAMESPACE: Final = Path("metadata", "namespace")
_NODE_NAME: Final = Path("spec", "nodeName")
_CONDITIONS: Final = Path("status", "conditions")


class PodProgress:
    """Counts by namespace, from everything the watch has delivered. O(1) an event.

    Events are read by the hundred, so what is asked of each is asked by the iterators of
    `itertools`: an observer that takes the time of those it observes would measure itself.
    """

    def __init__(self, stream: WatchStream) -> None:
        self._stream = stream
        # Pods without a node that are there, and how many of them were tried.
        self._unplaced: Counter[str] = Counter()
        self._tried: Counter[str] = Counter()
        self._ever_scheduled: Counter[str] = Counter()
        self._observers: list[Observer] = []

    def observe(self, scheduled: Observer) -> None:
        """Tell this of the pods that get their nodes, whenever the watch has been read."""
        self._observers.append(scheduled)

    def catch_up(self) -> None:
        """Read what the watch has. O(events)."""
        pods, previous_pods = self._stream.drain()
        there = list(filter(None, pods))
        nodes = list(map(_NODE_NAME, there))
        self._count(compress(there, map(not_, nodes)), 1)
        self._count(filterfalse(_NODE_NAME, filter(None, previous_pods)), -1)
        on_nodes = compress(there, nodes)
        before = compress(compress(previous_pods, pods), nodes)
        newly_placed = [
            pod
            for pod, previous in zip(on_nodes, before, strict=True)
            if previous is None or not _NODE_NAME(previous)
        ]
        for namespace, run in groupby(newly_placed, _NAMESPACE):
            crowd = list(run)
            self._ever_scheduled[namespace] += len(crowd)
            for observer in self._observers:
                observer(namespace, crowd)

    def _count(self, waiting: Iterable[FrozenMap], sign: int) -> None:
        """Count pods without a node (1), or do not count them any more (-1)."""
        for namespace, run in groupby(waiting, _NAMESPACE):
            crowd = list(run)
            self._unplaced[namespace] += sign * len(crowd)
            self._tried[namespace] += sign * sum(map(_was_tried, filter(_CONDITIONS, crowd)))

    def ever_scheduled(self, namespace: str) -> int:
        """Pods of a namespace that got a node, whether they are still there or not."""
        return self._ever_scheduled[namespace]

    def unfinished(self, namespaces: Iterable[str], stage: str) -> int:
        """Pods of these namespaces that have not reached the stage yet."""
        return sum(
            self._unplaced[namespace] - (0 if stage == SCHEDULED else self._tried[namespace])
            for namespace in namespaces
        )

    def unscheduled(self, namespaces: Iterable[str]) -> list[tuple[str, str]]:
        """(namespace, name) of pods without a node. O(pods)."""
        view = self._stream.view
        return [
            (namespace, pod["metadata"]["name"])
            for namespace in namespaces
            for pod in view.list(namespace)
            if not _NODE_NAME(pod)
        ]


def has_labels(pod: FrozenMap, wanted: Mapping[str, str]) -> bool:
    """Whether the pod has all of these labels."""
    labels = pod["metadata"].get("labels") or EMPTY_MAP
    return all(labels.get(key) == value for key, value in wanted.items())


def _was_tried(pod: FrozenMap) -> bool:
    return any(one.get("type") == "PodScheduled" for one in _CONDITIONS(pod, EMPTY_LIST))
