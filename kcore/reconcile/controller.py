"""Binds sources, queue and reconciler into one process of the loop: one key per step.

A key that reconciles without error is forgotten by the rate limiter; one that raises waits its
backoff. Nothing is reconciled before every informer the controller reads has synced, because an
empty cache is indistinguishable from an empty cluster.

A `requeue_after_ns` holds until the key is reconciled again: the latest result decides. Upstream
keeps the older delays too, and looks once more for nothing; here they would keep a world whose
rollouts are complete from being settled until each progress deadline has passed.
"""

from collections.abc import Sequence, Sized
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
from kcore.runtime.timers import Timers


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

    __slots__ = (
        "_clock",
        "_handlers",
        "_informers",
        "_name",
        "_queue",
        "_rechecks",
        "_reconciler",
        "_restarts",
    )

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
        self._rechecks = Timers()
        resources = dict.fromkeys([*(source.resource for source in sources), *reads])
        self._informers = tuple(context.informers.informer(resource) for resource in resources)
        self._handlers = tuple(
            (context.informers.informer(source.resource), source.handler(self._queue))
            for source in sources
        )
        for informer, handler in self._handlers:
            informer.add_handler(handler)
        self._restarts: list[str] = []

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

    @property
    def inboxes(self) -> tuple[Sized, ...]:
        """Where keys wait, now or for later, and the note that it is to start over."""
        return *self._queue.inboxes, self._rechecks.heap, self._restarts

    def ready(self) -> bool:
        """Whether a key waits and every cache has synced. O(1), O(caches) when a key waits."""
        now_ns = self._clock.now_ns()
        recheck_ns = self._rechecks.next_deadline_ns()
        waits = self._queue.ready(now_ns) or (recheck_ns is not None and recheck_ns <= now_ns)
        return (waits or bool(self._restarts)) and self._has_synced()

    def step(self) -> str:
        """Reconcile one key; after a restart first look at everything."""
        if self._restarts:
            return self._start_over()
        now_ns = self._clock.now_ns()
        self._queue.wake(now_ns)
        while (due := self._rechecks.pop_due(now_ns)) is not None:
            self._queue.add(due)
        key = self._queue.get()
        if key is None:
            return "nothing to do"
        try:
            return self._reconcile(key, now_ns)
        finally:
            self._queue.done(key)

    def _reconcile(self, key: str, now_ns: int) -> str:
        self._rechecks.discard(key)
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
            self._rechecks.set(key, now_ns + result.requeue_after_ns)

    def next_deadline_ns(self) -> int | None:
        """When the earliest delayed key is due; never before the caches have synced."""
        if not self._has_synced():
            return None
        deadlines = (self._queue.next_deadline_ns(), self._rechecks.next_deadline_ns())
        return min((at_ns for at_ns in deadlines if at_ns is not None), default=None)

    def next_heartbeat_ns(self) -> int | None:
        """Nothing periodic."""
        return None

    def restart(self) -> None:
        """Forget keys and expectations; the next step lists everything and refills the queue.

        A cache that is older than this controller's own last writes would make it act twice, so
        the shared caches are listed again, in a way that costs other controllers no event.
        """
        self._queue.clear()
        self._rechecks.clear()
        self._reconciler.restart()
        self._restarts[:] = ["start over"]

    def _start_over(self) -> str:
        try:
            for informer in self._informers:
                informer.relist()
        except REQUEST_ERRORS as error:
            return f"start over: {error}"
        self._restarts.clear()
        for informer, handler in self._handlers:
            for obj in informer.lister.list():
                handler.on_add(obj)
        return "start over"

    def fork(self, memo: ForkMemo) -> Self:
        """The same controller in the forked world."""
        twin = memo.adopt(self, object.__new__(type(self)))
        twin._name = self._name
        twin._clock = fork_clock(self._clock, memo)
        twin._queue = memo(self._queue)
        twin._restarts = list(self._restarts)
        twin._rechecks = memo(self._rechecks)
        twin._reconciler = memo(self._reconciler)
        twin._informers = tuple(memo(informer) for informer in self._informers)
        twin._handlers = tuple((memo(informer), memo(own)) for informer, own in self._handlers)
        return twin

    def _has_synced(self) -> bool:
        # Asked every time: a crash of another controller makes shared informers list again.
        return all(informer.has_synced for informer in self._informers)


def fork_clock(clock: Clock, memo: ForkMemo) -> Clock:
    """The twin of a virtual clock.

    Raises:
        TypeError: the clock shows real time, and there is only one of that.
    """
    if not isinstance(clock, VirtualClock):
        raise TypeError("only a world on a virtual clock can be forked")
    return memo(clock)
