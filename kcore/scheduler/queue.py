"""Pods that wait for a node: ready, backing off, unschedulable, or gated.

* **active**: may be tried now, in the order of the QueueSort plugin.
* **backoff**: will be tried when their delay is over; when `active` is empty, the first of them is
  taken early (`SchedulerPopFromBackoffQ`), except after errors.
* **unschedulable**: wait for a change of the cluster that one of the plugins which refused them
  cares about, at most five minutes. Gated pods wait here too, for their gating plugin's events.
* **in flight**: taken and not yet decided; changes meanwhile are remembered and looked at after.

Laws: a pod is in exactly one place; a pod that was added and not deleted or bound is somewhere.
"""

from collections.abc import Iterable, Sized
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, Self

from kcore.errors import InvariantError
from kcore.forking import ForkMemo
from kcore.runtime.clock import SECOND_NS
from kcore.scheduler.changes import pod_events
from kcore.scheduler.framework.events import (
    FORCE_ACTIVATE,
    TARGET_POD,
    UNSCHEDULABLE_TIMEOUT,
    Change,
    ClusterEvent,
)
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.hints import Strategy
from kcore.scheduler.keyed_heap import KeyedHeap, holder, move, take
from kcore.scheduler.nominator import Nominator
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.queue_rules import QueueRules
from kcore.scheduler.queued_pod import QueuedPod
from kcore.scheduler.unschedulable_pods import UNSCHEDULABLE_NS_MAX, UnschedulablePods

if TYPE_CHECKING:
    from kcore.scheduler.pod_facts import PodFacts

_NEVER_NS: Final = 2**63


class SchedulingQueue:
    """The queue. Every operation is O(log n), a cluster event O(unschedulable pods * hints)."""

    def __init__(self, handle: Handle, nominator: Nominator, rules: QueueRules) -> None:
        self._handle = handle
        self._clock = handle.clock
        self._nominator = nominator
        self._rules = rules
        self._active: KeyedHeap = KeyedHeap()
        self._backoff: KeyedHeap = KeyedHeap()
        self._errors: KeyedHeap = KeyedHeap()
        self._unschedulable = UnschedulablePods()
        self._heaps: tuple[KeyedHeap, ...]
        self._heaps = (self._active, self._backoff, self._errors, self._unschedulable)
        # By uid: the pod, and the changes since it was taken.
        self._in_flight: dict[str, tuple[PodInfo, tuple[Change, ...]]] = {}
        # Of the last pod whom no gate can keep out: nearly always those of the next one, too.
        self._free: PodFacts | None = None
        # No pod's time comes before: looked up anew when a pod began to wait.
        self._calm_until_ns = 0

    def __len__(self) -> int:
        """Return how many pods wait, in flight ones not included."""
        return sum(map(len, self._heaps))

    @property
    def active(self) -> list[QueuedPod]:
        """Pods that may be tried, in order."""
        return self._active.ordered()

    @property
    def backing_off(self) -> list[QueuedPod]:
        """Pods whose delay runs."""
        return [*self._backoff.ordered(), *self._errors.ordered()]

    @property
    def unschedulable(self) -> list[QueuedPod]:
        """Pods that wait for a change, gated ones included."""
        return self._unschedulable.values()

    @property
    def in_flight(self) -> tuple[str, ...]:
        """Uids of pods being tried."""
        return tuple(self._in_flight)

    @property
    def inboxes(self) -> tuple[Sized, ...]:
        """Where pods wait; the same containers all the time. Those that can be tried come first."""
        return self._heaps

    @property
    def cycle_count(self) -> int:
        """How many pods were taken so far."""
        return self._active.popped_count + self._backoff.popped_count

    def can_pop(self) -> bool:
        """Whether `pop` would return a pod. O(1)."""
        return bool(self._active or self._backoff)

    def find(self, key: str) -> QueuedPod | None:
        """The waiting pod `namespace/name`, or None. O(1)."""
        heap = holder(self._heaps, key)
        return None if heap is None else heap.get(key)

    def add(self, info: PodInfo) -> None:
        """A new pod without a node."""
        self._to_active(QueuedPod(info, self._clock.now_ns()))

    def update(self, old: PodInfo, new: PodInfo) -> None:
        """A newer version of a pod without a node: it may lift the refusal itself."""
        events = pod_events(TARGET_POD, old.pod, new.pod)
        changes = [Change(event, old.pod, new.pod) for event in events]
        if new.uid in self._in_flight:
            # Upstream keeps one list for all pods in flight, so others see this change too.
            for change in changes:
                self._note_in_flight(change)
            return
        for heap in self._heaps:
            queued = heap.get(new.key)
            if queued is not None:
                self._set(heap, queued.with_info(new))
                self._nominator.update(old, new)
                break
        else:
            self.add(new)
            return
        for change in changes:
            queued = self._unschedulable.get(new.key)
            if queued is not None:
                self._reconsider(queued, change)

    def delete(self, info: PodInfo) -> None:
        """A pod is gone, or has a node now; nothing happens when it does not wait."""
        if self._nominator.promised:
            self._nominator.forget(info.uid)
        take(self._heaps, info.key)

    def pop(self) -> QueuedPod | None:
        """Take the next pod to try; it is in flight until `done` or `put_back`.

        Nobody has refused it in this attempt yet.
        """
        queued = self._active.pop() or self._backoff.pop()
        if queued is not None:
            info = queued.info
            self._in_flight[info.uid] = info, ()
            if queued.unschedulable_plugins or queued.pending_plugins:
                queued = replace(queued, unschedulable_plugins=(), pending_plugins=())
        return queued

    def done(self, info: PodInfo) -> None:
        """The attempt is over and the pod does not come back."""
        self._in_flight.pop(info.uid, None)

    def put_back(self, queued: QueuedPod) -> None:
        """The attempt failed: `queued` names the plugins that refused, or none after an error.

        Raises:
            InvariantError: the pod waits already.
        """
        if self.find(queued.key) is not None:
            raise InvariantError(f"pod {queued.key} is already present in the queue")
        _, changes = self._in_flight.pop(queued.info.uid, (None, ()))
        if queued.rejectors:
            unschedulable_count, errors_count = queued.unschedulable_count + 1, 0
        else:
            unschedulable_count = queued.unschedulable_count
            errors_count = queued.errors_count + 1
        queued = replace(
            queued,
            timestamp_ns=self._clock.now_ns(),
            attempts_count=queued.attempts_count + 1,
            unschedulable_count=unschedulable_count,
            errors_count=errors_count,
        )
        self._requeue(queued, self._rules.strategy_after(self._handle, queued, changes))

    @property
    def audience(self) -> tuple[Sized, ...]:
        """Whom a change of the cluster could help; the same containers all the time."""
        return self._in_flight, self._unschedulable

    @property
    def has_audience(self) -> bool:
        """Whether anybody could be helped by a change of the cluster. O(1)."""
        return bool(self._in_flight or self._unschedulable)

    def has_audience_for(self, event: ClusterEvent) -> bool:
        """Whether anybody could be helped by such an event. O(1) mostly."""
        if self._in_flight:
            return True
        return bool(self._unschedulable) and self._unschedulable.concerns(event, self._rules.hints)

    def move_all(self, changes: Iterable[Change], *, priority_max: int | None = None) -> None:
        """The cluster changed: try the pods again that it may help.

        With `priority_max`, only pods of at most this priority.
        """
        if not self.has_audience:
            return
        for change in changes:
            if not self._rules.is_of_interest(change.event):
                continue
            self._note_in_flight(change)
            for queued in self._unschedulable.concerned_by(change.event, self._rules.hints):
                if priority_max is None or queued.info.priority <= priority_max:
                    self._reconsider(queued, change)

    def forget_node(self, node_name: str) -> None:
        """A node is gone, and with it what was promised there."""
        self._nominator.forget_node(node_name)

    def activate(self, keys: Iterable[str]) -> None:
        """Try these pods now, whatever they wait for; gated ones stay. O(in flight) each."""
        for key in keys:
            queued = self._unschedulable.get(key) or self._backoff.get(key) or self._errors.get(key)
            if queued is not None:
                self._to_active(queued)
                continue
            taken = [uid for uid, (info, _) in self._in_flight.items() if info.key == key]
            if taken:
                self._note_for(taken[-1], Change(FORCE_ACTIVATE))

    def flush(self) -> int:
        """Move pods whose time has come; returns how many. O(1) while nobody's has."""
        now_ns = self._clock.now_ns()
        if now_ns < self._calm_until_ns:
            return 0
        moved = self.flush_backoff()
        timeout_ns = self._unschedulable.next_timeout_ns()
        if timeout_ns is not None and timeout_ns <= now_ns:
            moved += self.flush_unschedulable()
        self._calm_until_ns = self._next_moment_ns()
        return moved

    def is_due(self) -> bool:
        """Whether `flush` has pods to move. O(1)."""
        now_ns = self._clock.now_ns()
        if now_ns < self._calm_until_ns:
            return False
        self._calm_until_ns = self._next_moment_ns()
        return self._calm_until_ns <= now_ns

    def flush_backoff(self) -> int:
        """Make pods active whose delay is over; returns how many."""
        now_ns, count = self._clock.now_ns(), 0
        for heap in (self._backoff, self._errors):
            while True:
                first = heap.first()
                if first is None or self._rules.backoff.is_backing_off(first[1], now_ns):
                    break
                heap.discard(first[1].key)
                self._set(self._active, first[1])
                count += 1
        return count

    def flush_unschedulable(self) -> int:
        """Try pods again that have waited too long; returns how many."""
        since_ns = self._clock.now_ns() - UNSCHEDULABLE_NS_MAX
        late = [queued for queued in self.unschedulable if queued.timestamp_ns < since_ns]
        before = len(self._unschedulable)
        change = Change(UNSCHEDULABLE_TIMEOUT)
        if late:
            self._note_in_flight(change)
        for queued in late:
            self._reconsider(queued, change)
        return before - len(self._unschedulable)

    def next_backoff_ns(self) -> int | None:
        """When the next delay is over that `pop` does not cut short."""
        first = self._errors.first()
        if first is None:
            return None
        return self._rules.backoff.expiration_ns(first[1]) + SECOND_NS

    def next_flush_ns(self) -> int | None:
        """When pods are moved without any event. O(1)."""
        moments = self.next_backoff_ns(), self._unschedulable.next_timeout_ns()
        return min((moment for moment in moments if moment is not None), default=None)

    def expiration_ns(self, queued: QueuedPod) -> int:
        """When the delay of a pod ends."""
        return self._rules.backoff.expiration_ns(queued)

    def clear(self) -> None:
        """Forget everything, as after a crash."""
        for heap in self._heaps:
            heap.clear()
        self._in_flight.clear()
        self._calm_until_ns = 0

    def fork(self, memo: ForkMemo) -> Self:
        """The same queue in a forked world. O(in flight)."""
        twin = memo.adopt(self, object.__new__(type(self)))
        # First what others look into, who may be forked before this is done.
        twin._active, twin._backoff = self._active.fork(), self._backoff.fork()
        twin._errors, twin._unschedulable = self._errors.fork(), self._unschedulable.fork()
        twin._heaps = (twin._active, twin._backoff, twin._errors, twin._unschedulable)
        twin._in_flight = dict(self._in_flight)
        twin._handle = memo(self._handle)
        twin._clock = twin._handle.clock
        twin._nominator = memo(self._nominator)
        twin._rules, twin._free, twin._calm_until_ns = self._rules, self._free, self._calm_until_ns
        return twin

    def check_invariants(self) -> None:
        """Raise AssertionError unless every pod is in one place. O(n)."""
        pods = [*self.active, *self.backing_off, *self.unschedulable]
        keys = [queued.key for queued in pods]
        assert len(set(keys)) == len(keys), "a pod waits in two places"
        for queued in pods:
            assert queued.info.uid not in self._in_flight, f"{queued.key} waits and is in flight"
        for queued in (*self.active, *self.backing_off):
            assert not queued.gating_plugin, f"{queued.key} is gated and not kept out"
        for heap in self._heaps:
            heap.check_invariants()
        self._nominator.check_invariants()
        assert self._calm_until_ns <= self._next_moment_ns(), "a pod's time comes unseen"
        free = self._free
        assert free is None or not self._rules.may_gate(free), "pods that may be gated pass"

    def _next_moment_ns(self) -> int:
        """When the first delay is over, or the first pod has waited too long."""
        firsts = self._backoff.first(), self._errors.first()
        moments = [self._rules.backoff.over_ns(first[1]) for first in firsts if first is not None]
        return min([self._unschedulable.next_timeout_ns() or _NEVER_NS, *moments])

    def _note_in_flight(self, change: Change) -> None:
        for uid in self._in_flight:
            self._note_for(uid, change)

    def _note_for(self, uid: str, change: Change) -> None:
        info, changes = self._in_flight[uid]
        self._in_flight[uid] = info, (*changes, change)

    def _reconsider(self, queued: QueuedPod, change: Change) -> None:
        if queued.gating_plugin:
            hints = self._rules.hints[queued.info.scheduler_name]
            if change.event.is_wildcard or not hints.concerns(queued.gating_plugin, change.event):
                return
        strategy = self._rules.strategy(self._handle, queued, change)
        if strategy is not Strategy.STAY:
            self._requeue(queued, strategy)

    def _requeue(self, queued: QueuedPod, strategy: Strategy) -> None:
        if strategy is Strategy.STAY:
            self._set(self._unschedulable, queued)
            return
        now_ns = self._clock.now_ns()
        waits = self._rules.backoff.is_backing_off(queued, now_ns)
        if strategy is Strategy.IMMEDIATELY or not waits:
            self._to_active(queued)
            return
        queued = self._gated(queued)
        if queued.gating_plugin:
            self._move(self._unschedulable, queued)
        else:
            self._move(self._backoff if queued.rejectors else self._errors, queued)

    def _to_active(self, queued: QueuedPod) -> None:
        info = queued.info
        if info.facts is not self._free or queued.gating_plugin:
            queued = self._gated(queued)
            if queued.gating_plugin:
                self._move(self._unschedulable, queued)
                return
        sort_key = self._rules.sort_key
        move(self._heaps, self._active, info.key, sort_key(queued), queued)
        if info.nominated_node_name:
            self._nominator.nominate(info)

    def _gated(self, queued: QueuedPod) -> QueuedPod:
        """Ask PreEnqueue; a plugin that refuses counts as a rejector until the next attempt."""
        rules, info = self._rules, queued.info
        if rules.may_gate(info.facts):
            plugin = rules.gate(self._handle, info)
        else:
            plugin, self._free = "", info.facts
        if not plugin:
            return replace(queued, gating_plugin="") if queued.gating_plugin else queued
        rejectors = dict.fromkeys((*queued.unschedulable_plugins, plugin))
        return replace(queued, gating_plugin=plugin, unschedulable_plugins=tuple(rejectors))

    def _set(self, heap: KeyedHeap, queued: QueuedPod) -> None:
        self._calm_until_ns = 0
        heap.set(queued.key, self._order(heap, queued), queued)

    def _order(self, heap: KeyedHeap, queued: QueuedPod) -> tuple[Any, ...]:
        if heap is self._active:
            return self._rules.sort_key(queued)
        if heap is self._unschedulable:
            # No timeout helps a gated pod.
            return (bool(queued.gating_plugin), queued.timestamp_ns)
        return (self._rules.backoff.expiration_ns(queued), *self._rules.sort_key(queued))

    def _move(self, heap: KeyedHeap, queued: QueuedPod) -> None:
        self._calm_until_ns = 0
        move(self._heaps, heap, queued.key, self._order(heap, queued), queued)
