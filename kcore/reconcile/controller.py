"""Binds sources, queue and reconciler into one process of the loop: one key per step.

A key that reconciles without error is forgotten by the rate limiter; one that raises waits its
backoff. Nothing is reconciled before every informer the controller reads has synced, because an
empty cache is indistinguishable from an empty cluster.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from kcore.client.client import Client
from kcore.client.event_recorder import EventRecorder
from kcore.client.informer import Informer, InformerFactory
from kcore.client.lister import Lister
from kcore.forking import ForkMemo
from kcore.machinery.resource import NamespacedName
from kcore.reconcile.ownership import AdoptionRefusedError
from kcore.reconcile.reconciler import REQUEST_ERRORS, Reconciler, Result, TerminalError
from kcore.reconcile.sources import Source
from kcore.reconcile.workqueue import WorkQueue
from kcore.runtime.choice import ChoiceSource
from kcore.runtime.clock import Clock, VirtualClock


@dataclass(frozen=True, slots=True)
class ControllerContext:
    """What every controller is built from."""

    client: Client
    informers: InformerFactory
    clock: Clock
    choices: ChoiceSource
    recorder: EventRecorder

    def lister(self, resource: str) -> Lister:
        """The cache of `resource`, shared by all controllers of this context."""
        return self.informers.informer(resource).lister

    def recorder_for(self, component: str) -> EventRecorder:
        """A recorder that speaks as `component`, such as `replicaset-controller`."""
        return self.recorder.for_component(component)


class Controller:
    """A process that reconciles one key per step.

    `reads` names resources the reconciler reads without being told of their changes. `queue` is
    given by reconcilers whose own handlers enqueue.
    """

    __slots__ = ("_clock", "_informers", "_name", "_queue", "_reconciler", "_synced")

    def __init__(
        self,
        name: str,
        context: ControllerContext,
        reconciler: Reconciler,
        sources: Sequence[Source],
        *,
        reads: Sequence[str] = (),
        queue: WorkQueue | None = None,
    ) -> None:
        self._name = name
        self._clock = context.clock
        self._reconciler = reconciler
        self._queue = WorkQueue() if queue is None else queue
        self._synced = False
        resources = dict.fromkeys([*(source.resource for source in sources), *reads])
        self._informers = tuple(context.informers.informer(resource) for resource in resources)
        for source in sources:
            context.informers.informer(source.resource).add_handler(source.handler(self._queue))

    @property
    def name(self) -> str:
        """`deployment-controller`."""
        return self._name

    @property
    def reconciler(self) -> Reconciler:
        """The thinking part."""
        return self._reconciler

    @property
    def queue(self) -> WorkQueue:
        """Keys that wait."""
        return self._queue

    @property
    def informers(self) -> tuple[Informer, ...]:
        """Everything it reads."""
        return self._informers

    def ready(self) -> bool:
        """Whether a key waits and every cache has synced. O(1)."""
        return self._queue.ready(self._clock.now_ns()) and self._has_synced()

    def step(self) -> str:
        """Reconcile one key."""
        now_ns = self._clock.now_ns()
        self._queue.wake(now_ns)
        key = self._queue.get()
        if key is None:
            return "nothing to do"
        try:
            return self._reconcile(key, now_ns)
        finally:
            self._queue.done(key)

    def _reconcile(self, key: str, now_ns: int) -> str:
        namespace, _, name = key.partition("/")
        try:
            result = self._reconciler.reconcile(NamespacedName(namespace, name))
        except TerminalError as error:
            self._queue.forget(key)
            return f"sync {key}: given up: {error}"
        except (*REQUEST_ERRORS, AdoptionRefusedError) as error:
            self._queue.add_rate_limited(key, now_ns)
            return f"sync {key}: {error}"
        self._schedule(key, result, now_ns)
        return f"sync {key}"

    def _schedule(self, key: str, result: Result, now_ns: int) -> None:
        if result.requeue:
            self._queue.add_rate_limited(key, now_ns)
            return
        self._queue.forget(key)
        if result.requeue_after_ns > 0:
            self._queue.add_after(key, result.requeue_after_ns, now_ns)

    def next_deadline_ns(self) -> int | None:
        """When the earliest delayed key is due; never before the caches have synced."""
        return self._queue.next_deadline_ns() if self._has_synced() else None

    def next_heartbeat_ns(self) -> int | None:
        """Nothing periodic."""
        return None

    def restart(self) -> None:
        """Forget keys, expectations and caches; the informers list again and refill the queue."""
        self._queue.clear()
        self._reconciler.restart()
        self._synced = False
        for informer in self._informers:
            informer.restart()

    def fork(self, memo: ForkMemo) -> Self:
        """The same controller in the forked world."""
        twin = memo.adopt(self, object.__new__(type(self)))
        twin._name = self._name
        twin._synced = self._synced
        twin._clock = fork_clock(self._clock, memo)
        twin._queue = memo(self._queue)
        twin._reconciler = memo(self._reconciler)
        twin._informers = tuple(memo(informer) for informer in self._informers)
        return twin

    def _has_synced(self) -> bool:
        if not self._synced:
            self._synced = all(informer.has_synced for informer in self._informers)
        return self._synced


def fork_clock(clock: Clock, memo: ForkMemo) -> Clock:
    """The twin of a virtual clock.

    Raises:
        TypeError: the clock shows real time, and there is only one of that.
    """
    if not isinstance(clock, VirtualClock):
        raise TypeError("only a world on a virtual clock can be forked")
    return memo(clock)
