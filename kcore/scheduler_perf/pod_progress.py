"""How far pods are, learned from a watch: created, tried, scheduled, by namespace and labels."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import compress, filterfalse, groupby
from operator import attrgetter, not_
from typing import Final

from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap, Path
from kcore.machinery.watch_event import ObjectChange, WatchStream

ATTEMPTED: Final = "Attempted"
SCHEDULED: Final = "Scheduled"

Observer = Callable[[str, Sequence[FrozenMap]], None]
"""Told of pods of one namespace that have got their nodes."""

_VALUE: Final = attrgetter("value")
_PREVIOUS_VALUE: Final = attrgetter("previous_value")
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
        changes = list(iter(self._stream.change, None))
        pods, previous_pods = list(map(_VALUE, changes)), list(map(_PREVIOUS_VALUE, changes))
        self._count(pods, 1)
        self._count(previous_pods, -1)
        there = list(filter(_VALUE, changes))
        on_nodes = list(compress(there, map(_NODE_NAME, map(_VALUE, there))))
        for namespace, run in groupby(_newly_placed(on_nodes), _NAMESPACE):
            crowd = list(run)
            self._ever_scheduled[namespace] += len(crowd)
            for observer in self._observers:
                observer(namespace, crowd)

    def _count(self, pods: Iterable[FrozenMap | None], sign: int) -> None:
        """Count those without a node (1), or do not count them any more (-1)."""
        there = filter(None, pods)
        for namespace, run in groupby(filterfalse(_NODE_NAME, there), _NAMESPACE):
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


def _newly_placed(changes: Sequence[ObjectChange]) -> list[FrozenMap]:
    """Pods that had no node before these changes, of which each left a pod on one."""
    before = (change.previous_value or EMPTY_MAP for change in changes)
    return list(compress(map(_VALUE, changes), map(not_, map(_NODE_NAME, before))))


def _was_tried(pod: FrozenMap) -> bool:
    return any(one.get("type") == "PodScheduled" for one in _CONDITIONS(pod, EMPTY_LIST))
