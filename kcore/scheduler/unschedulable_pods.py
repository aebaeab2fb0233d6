"""Pods that no node would take, and those that are kept out of the active queue.

A gated pod waits for what its gate waits for and for nothing else. There may be tens of thousands
of them while the cluster is busy with others, so they are passed over together: an event that
concerns no gate is shown to the rest alone. So are pods that the same plugins refused: an event for
which none of these waits is shown to nobody, as when pods come to nodes while others wait for room.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, Self, TypeVar

from kcore.runtime.clock import SECOND_NS
from kcore.scheduler.framework.events import ClusterEvent
from kcore.scheduler.hints import HintTable
from kcore.scheduler.keyed_heap import KeyedHeap
from kcore.scheduler.queued_pod import QueuedPod

# Upstream's podMaxInUnschedulablePodsDuration: nobody waits for a missed event for ever.
UNSCHEDULABLE_NS_MAX: Final = 300 * SECOND_NS
# How often upstream looks for such pods.
UNSCHEDULABLE_FLUSH_NS: Final = 30 * SECOND_NS

K = TypeVar("K")

_Gate = tuple[str, str]
"""Scheduler name and PreEnqueue plugin."""
_Refusal = tuple[str, tuple[str, ...]]
"""Scheduler name, and the plugins that refused."""


class UnschedulablePods(KeyedHeap):
    """A heap that knows which of its pods are gated, and who keeps or refused them."""

    __slots__ = ("_concerned", "_gates", "_ignored", "_refusals", "_ungated")

    def __init__(self) -> None:
        super().__init__()
        self._gates: dict[_Gate, int] = {}
        # How many of the rest were refused by the same plugins.
        self._refusals: dict[_Refusal, int] = {}
        # Whether an event may help anybody, while gates and refusals stay the same.
        self._concerned: dict[ClusterEvent, bool] = {}
        # The last event of those that help nobody: mostly the next one, too, and never looked up.
        self._ignored: ClusterEvent | None = None
        # Keys of the rest, in the order in which they came in.
        self._ungated: dict[str, None] = {}

    def concerned_by(self, event: ClusterEvent, hints: Mapping[str, HintTable]) -> list[QueuedPod]:
        """Pods that such an event may help, in the order in which they came in.

        O(1) when it helps nobody, O(n) when it concerns a gate, else O(pods that are not gated).
        """
        if not self.concerns(event, hints):
            return []
        if not event.is_wildcard and self._concerns_gate(event, hints):
            return self.values()
        return [self.live[key][2] for key in self._ungated]

    def concerns(self, event: ClusterEvent, hints: Mapping[str, HintTable]) -> bool:
        """Whether such an event may help anybody. O(1) while the same plugins keep pods out."""
        if event is self._ignored:
            return False
        found = self._concerned.get(event)
        if found is None:
            found = self._concerned[event] = (
                event.is_wildcard
                or self._concerns_gate(event, hints)
                or any(
                    hints[scheduler_name].may_help(plugins, event)
                    for scheduler_name, plugins in self._refusals
                )
            )
        if not found:
            self._ignored = event
        return found

    def next_timeout_ns(self) -> int | None:
        """When the first pod will have waited too long; None when none ever will. O(1)."""
        first = self.first()
        if first is None or first[1].gating_plugin:
            return None
        late_ns: int = first[1].timestamp_ns + UNSCHEDULABLE_NS_MAX
        return late_ns - late_ns % UNSCHEDULABLE_FLUSH_NS + UNSCHEDULABLE_FLUSH_NS

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
        self._refusals, self._concerned, self._ignored = {}, {}, None

    def fork(self) -> Self:
        """An independent heap with the same content. O(1); the first change copies."""
        twin = super().fork()
        twin._gates, twin._ungated = self._gates, self._ungated
        twin._refusals, twin._concerned, twin._ignored = self._refusals, {}, None
        return twin

    def check_invariants(self) -> None:
        """Raise AssertionError unless gates and the rest are those of the pods. O(n)."""
        super().check_invariants()
        rest = [queued for queued in self.values() if not queued.gating_plugin]
        assert list(self._ungated) == [queued.key for queued in rest], (
            "pods that are not gated are not known in order"
        )
        gated_count = len(self) - len(rest)
        assert sum(self._gates.values()) == gated_count, "gates are not counted right"
        refusals = Counter((one.info.scheduler_name, one.rejectors) for one in rest)
        assert self._refusals == refusals, "refusals are not counted right"

    def _own(self) -> None:
        self._gates, self._ungated = dict(self._gates), dict(self._ungated)
        self._refusals = dict(self._refusals)
        super()._own()

    def _concerns_gate(self, event: ClusterEvent, hints: Mapping[str, HintTable]) -> bool:
        return any(hints[name].concerns(plugin, event) for name, plugin in self._gates)

    def _count(self, queued: QueuedPod, more: int) -> None:
        name, gate = queued.info.scheduler_name, queued.gating_plugin
        if gate:
            self._count_in(self._gates, (name, gate), more)
        else:
            self._count_in(self._refusals, (name, queued.rejectors), more)

    def _count_in(self, counts: dict[K, int], key: K, more: int) -> None:
        before = counts.get(key, 0)
        if before + more:
            counts[key] = before + more
        else:
            del counts[key]
        if not before or not before + more:
            self._concerned, self._ignored = {}, None
