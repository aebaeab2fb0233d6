"""Pods that no node would take, and those that are kept out of the active queue.

A gated pod waits for what its gate waits for and for nothing else. There may be tens of thousands
of them while the cluster is busy with others, so they are passed over together: an event that
concerns no gate is shown to the rest alone.
"""

from collections.abc import Mapping
from typing import Any, Self

from kcore.scheduler.framework.events import ClusterEvent
from kcore.scheduler.hints import HintTable
from kcore.scheduler.keyed_heap import KeyedHeap
from kcore.scheduler.queued_pod import QueuedPod

_Gate = tuple[str, str]
"""Scheduler name and PreEnqueue plugin."""


class UnschedulablePods(KeyedHeap):
    """A heap that knows which of its pods are gated, and by whom."""

    __slots__ = ("_gates", "_ungated")

    def __init__(self) -> None:
        super().__init__()
        self._gates: dict[_Gate, int] = {}
        # Keys of the rest, in the order in which they came in.
        self._ungated: dict[str, None] = {}

    def concerned_by(self, event: ClusterEvent, hints: Mapping[str, HintTable]) -> list[QueuedPod]:
        """Pods that such an event may help, in the order in which they came in.

        O(pods that are not gated), O(n) when it concerns a gate.
        """
        if not event.is_wildcard:
            for scheduler_name, plugin in self._gates:
                if hints[scheduler_name].concerns(plugin, event):
                    return self.values()
        return [self.live[key][2] for key in self._ungated]

    def set(self, key: str, order: Any, value: QueuedPod) -> None:
        """Put a pod in, or move it. O(log n)."""
        known = self.get(key)
        super().set(key, order, value)
        if known is not None:
            self._count(known, -1)
        self._count(value, 1)
        if value.gating_plugin:
            self._ungated.pop(key, None)
        else:
            self._ungated[key] = None

    def discard(self, key: str) -> QueuedPod | None:
        """Take a pod out; returns it, or None. O(1) amortised."""
        value = super().discard(key)
        if value is not None:
            self._count(value, -1)
            self._ungated.pop(key, None)
        return value

    def pop(self) -> QueuedPod | None:
        """Take the pod with the smallest order out. O(log n) amortised."""
        first = self.first()
        return None if first is None else self.discard(first[1].key)

    def clear(self) -> None:
        """Forget everything. O(1)."""
        super().clear()
        self._gates, self._ungated = {}, {}

    def fork(self) -> Self:
        """An independent heap with the same content. O(1); the first change copies."""
        twin = super().fork()
        twin._gates, twin._ungated = self._gates, self._ungated
        return twin

    def check_invariants(self) -> None:
        """Raise AssertionError unless gates and the rest are those of the pods. O(n)."""
        super().check_invariants()
        rest = [queued.key for queued in self.values() if not queued.gating_plugin]
        assert list(self._ungated) == rest, "pods that are not gated are not known in order"
        gated_count = len(self) - len(rest)
        assert sum(self._gates.values()) == gated_count, "gates are not counted right"

    def _own(self) -> None:
        self._gates, self._ungated = dict(self._gates), dict(self._ungated)
        super()._own()

    def _count(self, queued: QueuedPod, more: int) -> None:
        if not queued.gating_plugin:
            return
        gate = (queued.info.scheduler_name, queued.gating_plugin)
        count = self._gates.get(gate, 0) + more
        if count:
            self._gates[gate] = count
        else:
            del self._gates[gate]
