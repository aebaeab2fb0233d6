"""How far pods are, learned from a watch: created, tried, scheduled, by namespace and labels."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Final

from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.watch_event import DELETED, WatchStream

ATTEMPTED: Final = "Attempted"
SCHEDULED: Final = "Scheduled"

_WAITING, _TRIED, _PLACED = range(3)


class PodProgress:
    """Counts by namespace, from everything the watch has delivered. O(1) an event."""

    def __init__(self, stream: WatchStream) -> None:
        self._stream = stream
        self._stages: dict[str, dict[str, int]] = defaultdict(dict)
        self._counts: dict[str, Counter[int]] = defaultdict(Counter)
        self._ever_scheduled: Counter[str] = Counter()
        self._observers: list[Callable[[FrozenMap], None]] = []

    def observe(self, scheduled: Callable[[FrozenMap], None]) -> None:
        """Tell this of each pod when it gets its node."""
        self._observers.append(scheduled)

    def catch_up(self) -> None:
        """Read what the watch has. O(events)."""
        stream = self._stream
        while (event := stream.next()) is not None:
            self._note(event.object, gone=event.type == DELETED)

    def _note(self, pod: FrozenMap, *, gone: bool) -> None:
        metadata = pod["metadata"]
        namespace, name = metadata["namespace"], metadata["name"]
        stages, counts = self._stages[namespace], self._counts[namespace]
        before = stages.get(name)
        if gone:
            if before is not None:
                counts[before] -= 1
                del stages[name]
            return
        stage = _stage(pod)
        if stage == before:
            return
        if before is not None:
            counts[before] -= 1
        counts[stage] += 1
        stages[name] = stage
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
        return [
            (namespace, name)
            for namespace in namespaces
            for name, stage in self._stages[namespace].items()
            if stage != _PLACED
        ]


def has_labels(pod: FrozenMap, wanted: Mapping[str, str]) -> bool:
    """Whether the pod has all of these labels."""
    labels = pod["metadata"].get("labels") or EMPTY_MAP
    return all(labels.get(key) == value for key, value in wanted.items())


def _stage(pod: FrozenMap) -> int:
    if pod.at("spec", "nodeName"):
        return _PLACED
    for condition in pod.at("status", "conditions", default=EMPTY_LIST):
        if condition.get("type") == "PodScheduled":
            return _TRIED
    return _WAITING
