"""The scheduler as a process: one step is one attempt to place one pod.

    pop -> snapshot -> find -> assume -> reserve -> bind -> done
                         |                          |
                         +-> PostFilter             +-> forget, back off
                         +-> condition, event, wait for a change

Upstream binds in the background; here the binding is part of the step, so an attempt is all or
nothing except for crashes, which may strike after each write.
"""

from collections.abc import Sized
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Self

from kcore.client.client import Client
from kcore.client.event_recorder import EventRecorder
from kcore.client.informer import InformerFactory
from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap
from kcore.runtime.choice import ChoiceSource
from kcore.runtime.clock import Clock
from kcore.scheduler import pod_status
from kcore.scheduler.attempt import Attempt, FindAgain, Found, NotFound, nowhere
from kcore.scheduler.batching import Batch
from kcore.scheduler.engines import engine_over_columns
from kcore.scheduler.event_handlers import (
    POD_DELETED,
    STORAGE_EVENTS,
    NodeEvents,
    ObjectEvents,
    PodEvents,
)
from kcore.scheduler.explain import Explanation, explain
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.events import Change
from kcore.scheduler.framework.runner import Runner
from kcore.scheduler.framework.status import Code, Status
from kcore.scheduler.options import SchedulerOptions
from kcore.scheduler.pod_facts import PodFacts
from kcore.scheduler.pod_info import PodInfo, PodInfos
from kcore.scheduler.procedure import Procedure, procedure_of, searches_of
from kcore.scheduler.queue import SchedulingQueue
from kcore.scheduler.queue_rules import rules_of
from kcore.scheduler.queued_pod import QueuedPod
from kcore.scheduler.world import SchedulerWorld

if TYPE_CHECKING:
    from kcore.scheduler.packed.engine import PackedEngine

WATCHED: Final = (
    "nodes",
    "pods",
    "namespaces",
    "services",
    "replicationcontrollers",
    "replicasets.apps",
    "statefulsets.apps",
    "poddisruptionbudgets.policy",
    *STORAGE_EVENTS,
)
"""What the scheduler keeps a cache of."""


class Scheduler:
    """Places pods of its profiles' scheduler names, one a step."""

    def __init__(
        self,
        client: Client,
        informers: InformerFactory,
        clock: Clock,
        choices: ChoiceSource,
        recorder: EventRecorder,
        options: SchedulerOptions | None = None,
    ) -> None:
        options = SchedulerOptions() if options is None else options
        self._options = options
        self._informers = informers
        runners = {
            profile.scheduler_name: Runner(profile, options.registry)
            for profile in options.profiles
        }
        listers = {resource: informers.informer(resource).lister for resource in WATCHED}
        self._world = SchedulerWorld(client, clock, choices, recorder, listers, runners)
        rules = rules_of(runners, options.backoff)
        self._queue = SchedulingQueue(self._world, self._world.nominator, rules)
        self._start_index = 0
        self._batches = {name: Batch() for name in runners if options.opportunistic_batching}
        self._searches = searches_of(options, runners, self._batches)
        self._procedure = self._any_procedure()
        self._packed: PackedEngine | None = None
        self._find_again: FindAgain = nowhere
        # A container, because the loop asks no process whose inboxes are all empty.
        self._unsynced = ["caches"]
        self._infos = PodInfos()
        pods = PodEvents(self._world.cache, self._queue, self._infos, frozenset(runners))
        informers.informer("nodes").add_handler(NodeEvents(self._world.cache, self._queue))
        informers.informer("pods").add_handler(pods)
        for resource, event_resource in STORAGE_EVENTS.items():
            informers.informer(resource).add_handler(ObjectEvents(event_resource, self._queue))

    @property
    def name(self) -> str:
        """`kube-scheduler`."""
        return self._world.client.actor

    @property
    def queue(self) -> SchedulingQueue:
        """Who waits for what, for inspection."""
        return self._queue

    @property
    def world(self) -> SchedulerWorld:
        """Cache, nominations and profiles, for inspection."""
        return self._world

    @property
    def packed(self) -> "PackedEngine | None":
        """The engine over columns, for inspection; None while it was not needed."""
        return self._packed

    @property
    def inboxes(self) -> tuple[Sized, ...]:
        """Where pods wait, and the note that not every informer is known to have synced."""
        return self._unsynced, *self._queue.inboxes

    @property
    def backlog(self) -> tuple[Sized, Sized]:
        """That note, and the pods that can be tried as soon as it is gone."""
        return self._unsynced, self._queue.inboxes[0]

    def ready(self) -> bool:
        """Whether a pod can be tried or a delay is over. O(1) once the informers have synced."""
        if self._unsynced:
            if not all(one.has_synced for one in self._informers.informers):
                return False
            self._unsynced.clear()
        return self._queue.can_pop() or self._queue.is_due()

    def step(self) -> str:
        """Try the next pod, or move pods whose time has come."""
        queue, world = self._queue, self._world
        moved = queue.flush()
        queued = queue.pop()
        if queued is None:
            return f"move {moved} waiting pods"
        pod, cache = queued.info, world.cache
        if pod.is_terminating or pod.uid in cache.counted:
            return self._skip(pod)
        procedure = self._procedure
        if pod.facts is not procedure.facts:
            procedure = self._procedure = self._procedure_of(pod.facts)
        promised, search, state = world.nominator.promised, procedure.search, procedure.state
        search.start_index = self._start_index
        spot = None if promised else self._find_again(pod, cache.refresh(), search, world)
        if spot is None:
            state = CycleState(world)
            found = self._find(procedure, state, pod)
            if isinstance(found, NotFound):
                return self._not_found(procedure.runner, state, queued, found)
            node_name = found.node_name
        else:
            node_name, self._start_index = spot
            if state is None:
                state = self._idle_state(procedure.runner)
        assumed = pod.on_node(node_name)
        cache.assume(assumed)
        if promised:
            world.nominator.forget(pod.uid)
        bind = procedure.bind
        failure = bind(state, pod, node_name)
        if failure is not None:
            return self._unbound(procedure, state, queued, assumed, failure)
        queue.done(pod)
        key = pod.key
        message = f"Successfully assigned {key} to {node_name}"
        world.recorder.event(pod.shown, "Normal", "Scheduled", message)
        if procedure.tells:
            procedure.runner.binding.post_bind(state, pod, node_name)
        return f"bind {key} to {node_name}"

    def next_deadline_ns(self) -> int | None:
        """When a pod whose attempt failed by an error is tried again.

        Without any node such attempts go on for ever and cannot succeed: they count as heartbeats.
        """
        return self._queue.next_backoff_ns() if len(self._world.cache) else None

    def next_heartbeat_ns(self) -> int | None:
        """When a pod has waited so long that it is tried again without a reason."""
        return self._queue.next_flush_ns()

    def restart(self) -> None:
        """Forget everything; the informers list again and tell of every object."""
        self._world.cache.clear()
        self._world.nominator.clear()
        self._queue.clear()
        self._start_index = 0
        for batch in self._batches.values():
            batch.clear()
        if self._packed is not None:
            self._packed.clear()
        self._unsynced[:] = ["caches"]
        for informer in self._informers.informers:
            informer.restart()

    def explain(self, pod: FrozenMap) -> Explanation:
        """Say for each node and plugin why `pod` may or may not go there. Changes nothing.

        A pod that has a node is looked at as if it had none.
        """
        info = PodInfo(pod)
        names = self._world.runners
        runner = names.get(info.scheduler_name) or next(iter(names.values()))
        return explain(info, runner, self._world)

    def refresh(self) -> None:
        """Bring what searches look at up to date now, so that forks made from now on share it."""
        snapshot = self._world.cache.refresh()
        engine = self._engine(len(snapshot))
        if engine is not None:
            engine.follow(snapshot)

    def find_node(self, pod: PodInfo) -> Found | NotFound:
        """Search as the next attempt for `pod` would, and go on from there; nothing is written.

        Raises:
            KeyError: the pod is another scheduler's.
        """
        return self._find(self._procedure_of(pod.facts), CycleState(self._world), pod)

    def fork(self, memo: ForkMemo) -> Self:
        """The same scheduler in a forked world; profiles and facts about specs are shared."""
        twin = memo.adopt(self, object.__new__(type(self)))
        twin._options = self._options
        twin._informers = memo(self._informers)
        twin._world = memo(self._world)
        twin._queue = memo(self._queue)
        twin._start_index = self._start_index
        twin._batches = {name: memo(batch) for name, batch in self._batches.items()}
        twin._searches = searches_of(self._options, twin._world.runners, twin._batches)
        twin._procedure = twin._any_procedure()
        twin._infos = self._infos
        twin._packed = None if self._packed is None else self._packed.fork()
        twin._find_again = nowhere if twin._packed is None else twin._packed.find_again
        twin._unsynced = list(self._unsynced)
        return twin

    def check_invariants(self) -> None:
        """Raise AssertionError unless queue and cache are sound and disjoint. O(everything)."""
        self._queue.check_invariants()
        self._world.cache.check_invariants()
        waiting = (*self._queue.active, *self._queue.backing_off, *self._queue.unschedulable)
        for queued in waiting:
            counted = self._world.cache.pod(queued.info.uid)
            assert counted is None, f"{queued.key} waits and counts on {counted}"
        facts = self._procedure.facts
        if facts is not None:
            assert self._procedure == self._procedure_of(facts), "pods are tried another way"

    def _skip(self, pod: PodInfo) -> str:
        """Let a pod go that is being deleted, or has a node."""
        self._queue.done(pod)
        if not pod.is_terminating:
            return f"skip {pod.key}: it has a node"
        message = f"skip schedule deleting pod: {pod.key}"
        self._world.recorder.event(pod.pod, "Warning", "FailedScheduling", message)
        return f"skip {pod.key}: it is being deleted"

    def _find(self, procedure: Procedure, state: CycleState, pod: PodInfo) -> Found | NotFound:
        runner, search = procedure.runner, procedure.search
        search.start_index = self._start_index
        if search.batch is not None:
            search.number = self._queue.cycle_count
        snapshot = self._world.cache.refresh()
        engine = self._packed or self._engine(len(snapshot))
        if engine is not None:
            found = engine.find(runner, state, pod, snapshot, search)
        else:
            found = Attempt(runner, state, snapshot, search).find(pod, self._world.choices)
        self._start_index = found.next_start_index
        return found

    def _idle_state(self, runner: Runner) -> CycleState:
        """What is known in the cycle of a pod that was placed as the last of its like."""
        assert self._packed is not None
        return CycleState(self._world, self._packed.idle_plugins(runner))

    def _procedure_of(self, facts: PodFacts) -> Procedure:
        name = facts.scheduler_name
        return procedure_of(facts, self._world.runners[name], self._searches[name], self._world)

    def _any_procedure(self) -> Procedure:
        """One to begin with, of no pod."""
        name, search = next(iter(self._searches.items()))
        return procedure_of(None, self._world.runners[name], search, self._world)

    def _engine(self, nodes_count: int) -> "PackedEngine | None":
        """The engine over columns, if it is wanted; made on first use."""
        options = self._options
        if self._packed is not None or not options.is_over_columns(
            nodes_count, self._queue.cycle_count
        ):
            return self._packed
        self._packed = engine_over_columns(options.engine)(self._world.runners)
        self._find_again = self._packed.find_again
        return self._packed

    def _unbound(
        self,
        procedure: Procedure,
        state: CycleState,
        queued: QueuedPod,
        assumed: PodInfo,
        failure: Status,
    ) -> str:
        """Give everything back: the binding was refused, or something must happen before it."""
        runner, node_name = procedure.runner, assumed.node_name
        if state is procedure.state:  # Nobody but the binder may see it.
            state = self._idle_state(runner)
        runner.binding.unreserve(state, queued.info, node_name)
        self._world.cache.forget(assumed)
        if failure.code is Code.WAIT:
            return self._wait(queued, node_name, failure)
        # Others may have been refused because of the room this pod seemed to take.
        self._queue.move_all([Change(POD_DELETED, assumed.pod, None)])
        return self._failed(queued, failure.message, failure, None)

    def _wait(self, queued: QueuedPod, node_name: str, status: Status) -> str:
        """Something outside must happen first: promise the node and try again right after it.

        Upstream blocks a goroutine in PreBind, with the nomination written; here the pod waits in
        the queue as *pending*, and the promised node is tried alone when it comes back.
        """
        pod = queued.info
        waiting = replace(queued, pending_plugins=(status.plugin,))
        stored = self._world.lister("pods").get(pod.namespace, pod.name)
        if stored is None:
            self._queue.done(pod)
            return f"drop {pod.key}: it is gone"
        self._queue.put_back(waiting.with_info(PodInfo(stored)))
        self._world.nominator.nominate(PodInfo(stored), node_name)
        pod_status.nominate(self._world.client, stored, node_name)
        return f"hold {pod.key} for {node_name}: {status.message}"

    def _not_found(
        self, runner: Runner, state: CycleState, queued: QueuedPod, found: NotFound
    ) -> str:
        if found.failure is not None:
            return self._failed(queued, found.failure.message, found.failure, "")
        diagnosis = found.diagnosis
        result = runner.post_filter(state, queued.info, diagnosis)
        if result.status is not None:
            diagnosis = diagnosis.with_post_filter_message(result.status.message)
        queued = replace(
            queued,
            unschedulable_plugins=diagnosis.unschedulable_plugins,
            pending_plugins=diagnosis.pending_plugins,
        )
        refusal = Status(Code.UNSCHEDULABLE)
        return self._failed(queued, diagnosis.message, refusal, result.nominated_node_name)

    def _failed(
        self, queued: QueuedPod, message: str, status: Status, nominated_node_name: str | None
    ) -> str:
        """Put the pod back, unless the API says that it is gone or placed, and say why."""
        pod = queued.info
        stored = self._world.lister("pods").get(pod.namespace, pod.name)
        if stored is None or stored.at("metadata", "uid") != pod.pod.at("metadata", "uid"):
            self._queue.done(pod)
            return f"drop {pod.key}: it is gone"
        if stored.at("spec", "nodeName"):
            self._queue.done(pod)
            return f"drop {pod.key}: it has a node"
        current = pod if stored is pod.pod else self._infos.later(pod, stored)
        self._queue.put_back(queued.with_info(current))
        self._nominate(current, nominated_node_name)
        self._say(stored, message, status, nominated_node_name)
        return f"refuse {pod.key}: {message}"

    def _nominate(self, pod: PodInfo, nominated_node_name: str | None) -> None:
        if nominated_node_name is None:
            self._world.nominator.nominate(pod)
        elif nominated_node_name:
            self._world.nominator.nominate(pod, nominated_node_name)
        else:
            self._world.nominator.forget(pod.uid)

    def _say(
        self, pod: FrozenMap, message: str, status: Status, nominated_node_name: str | None
    ) -> None:
        self._world.recorder.event(
            pod, "Warning", "FailedScheduling", pod_status.truncated(message)
        )
        reason = pod_status.UNSCHEDULABLE if status.is_rejection else pod_status.SCHEDULER_ERROR
        now_ns = self._world.clock.now_ns()
        condition = pod_status.unscheduled_condition(pod, reason, message, now_ns)
        pod_status.report(self._world.client, pod, condition, nominated_node_name)
