"""How far pods are, learned from a watch: created, tried, scheduled, by namespace and labels."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap, Path
from kcore.machinery.watch_event import ObjectChange, WatchStream

ATTEMPTED: Final = "Attempted"
SCHEDULED: Final = "Scheduled"

_WAITING, _TRIED, _PLACED = range(3)
_NODE_NAME: Final = Path("spec", "nodeName")
_CONDITIONS: Final = Path("status", "conditions")


class PodProgress:
    """Counts by namespace, from everything the watch has delivered. O(1) an event."""

    def __init__(self, stream: WatchStream) -> None:
        self._stream = stream
        self._counts: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0])
        self._ever_scheduled: Counter[str] = Counter()
        self._observers: list[Callable[[FrozenMap], None]] = []

    def observe(self, scheduled: Callable[[FrozenMap], None]) -> None:
        """Tell this of each pod when it gets its node."""
        self._observers.append(scheduled)

    def catch_up(self) -> None:
        """Read what the watch has. O(events)."""
        next_change = self._stream.change
        while (change := next_change()) is not None:
            self._note(change)

    def _note(self, change: ObjectChange) -> None:
        pod, previous = change.value, change.previous_value
        before = None if previous is None else _stage(previous)
        stage = None if pod is None else _stage(pod)
        if stage == before:
            return
        namespace = change.key.partition("/")[0]
        counts = self._counts[namespace]
        if before is not None:
            counts[before] -= 1
        if pod is None or stage is None:
            return
        counts[stage] += 1
        if stage == _PLACED:
            self._ever_scheduled[namespace] += 1
            for observer in self._observers:
                observer(pod)

    def ever_scheduled(self, namespace: str) -> int:
        """Pods of a namespace that got a node, whether they are still there or not."""
        return self._ever_scheduled[namespace]

    def unfinished(self, namespaces: Iterable[str], stage: str) -> int:
        """Pods of these namespaces that have not reached the stage yet."""
        total = 0
        for namespace in namespaces:
            counts = self._counts[namespace]
            total += counts[_WAITING] + (counts[_TRIED] if stage == SCHEDULED else 0)
        return total

    def unscheduled(self, namespaces: Iterable[str]) -> list[tuple[str, str]]:
        """(namespace, name) of pods without a node. O(pods)."""
        view = self._stream.view
        return [
            (namespace, pod["metadata"]["name"])
            for namespace in namespaces
            for pod in view.list(namespace)
            if _stage(pod) != _PLACED
        ]


def has_labels(pod: FrozenMap, wanted: Mapping[str, str]) -> bool:
    """Whether the pod has all of these labels."""
    labels = pod["metadata"].get("labels") or EMPTY_MAP
    return all(labels.get(key) == value for key, value in wanted.items())


def _stage(pod: FrozenMap) -> int:
    if _NODE_NAME(pod):
        return _PLACED
    for condition in _CONDITIONS(pod, EMPTY_LIST):
        if condition.get("type") == "PodScheduled":
            return _TRIED
    return _WAITING
