"""Wires the parts of one cluster. The only file that knows every part."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from kcore.api.catalog import default_scheme
from kcore.apiserver.bootstrap import bootstrap
from kcore.apiserver.server import APIServer
from kcore.client.client import Client
from kcore.client.event_recorder import EventRecorder
from kcore.client.informer import InformerFactory
from kcore.client.transport import InProcessTransport
from kcore.cluster.user_transport import UserTransport
from kcore.config import ClusterConfig
from kcore.controllers.catalog import build_controllers, build_node_controllers
from kcore.forking import ForkMemo
from kcore.kubelet.fleet import Fleet
from kcore.reconcile.controller import ControllerContext
from kcore.runtime.choice import ChoiceSource
from kcore.runtime.clock import VirtualClock
from kcore.runtime.faults import Faults
from kcore.runtime.log import Log
from kcore.runtime.loop import Loop
from kcore.runtime.process import Process
from kcore.runtime.trace import Trace
from kcore.scheduler.scheduler import Scheduler
from kcore.store.mvcc import Store


@dataclass(slots=True)
class World:
    """Every stateful part of one cluster, each forked once when the world is."""

    clock: VirtualClock
    choices: ChoiceSource
    trace: Trace
    faults: Faults
    log: Log
    store: Store
    server: APIServer
    transport: InProcessTransport
    loop: Loop
    scheduler: Scheduler
    fleet: Fleet
    user: Client

    def add_actor(self, name: str, build: Callable[[ControllerContext], Process]) -> None:
        """Let one more actor take part, with a client and caches of its own."""
        context = _actor(name, self.transport, self.server, self.clock, self.choices)
        process = build(context)
        self.loop.add(*context.informers.informers, process)

    def fork(self, memo: ForkMemo) -> Self:
        """An independent world with the same past and, left alone, the same future."""
        return type(self)(
            clock=memo(self.clock),
            choices=memo(self.choices),
            trace=memo(self.trace),
            faults=memo(self.faults),
            log=memo(self.log),
            store=memo(self.store),
            server=memo(self.server),
            transport=memo(self.transport),
            loop=memo(self.loop),
            scheduler=memo(self.scheduler),
            fleet=memo(self.fleet),
            user=memo(self.user),
        )


def build_world(config: ClusterConfig, choices: ChoiceSource, store: Store | None = None) -> World:
    """A cluster with its control plane and nodes, before anything has taken a turn.

    With a `store` (one that was loaded) the world starts from its objects.
    """
    clock = VirtualClock(config.start_ns)
    trace, faults, log = Trace(), Faults(), Log(clock)
    fresh = store is None
    store = Store() if store is None else store
    server = APIServer(store, default_scheme(), clock, choices, trace)
    transport = InProcessTransport(server, faults)
    loop = Loop(clock, choices, trace)
    if fresh:
        bootstrap(server)

    def actor(name: str) -> ControllerContext:
        return _actor(name, transport, server, clock, choices)

    of = actor("kube-controller-manager")
    controllers = [*build_controllers(of), *build_node_controllers(of)]
    loop.add(*of.informers.informers, *controllers)

    of = actor("kube-scheduler")
    recorder = of.recorder_for("default-scheduler")
    scheduler = Scheduler(of.client, of.informers, clock, choices, recorder, config.scheduler)
    loop.add(*of.informers.informers, scheduler)

    of = actor("kubelet")
    fleet = Fleet(of.client, of.informers, clock, choices, of.recorder, config.behavior)
    loop.add(*of.informers.informers, fleet)
    for node in config.nodes:
        fleet.register(
            node.name, node.shape, zone=node.zone, labels=node.labels, taints=node.taints
        )

    user = Client(UserTransport(transport, clock, trace), server.scheme, "kubectl")
    return World(
        clock, choices, trace, faults, log, store, server, transport, loop, scheduler, fleet, user
    )


def _actor(
    name: str,
    transport: InProcessTransport,
    server: APIServer,
    clock: VirtualClock,
    choices: ChoiceSource,
) -> ControllerContext:
    client = Client(transport, server.scheme, name)
    recorder = EventRecorder(client, clock, name)
    return ControllerContext(client, InformerFactory(client, clock), clock, choices, recorder)
