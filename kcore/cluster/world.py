"""Wires the parts of one cluster. The only file that knows every part."""

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
    loop: Loop
    scheduler: Scheduler
    fleet: Fleet
    user: Client

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

    def actor(name: str) -> tuple[Client, InformerFactory]:
        client = Client(transport, server.scheme, name)
        return client, InformerFactory(client, clock)

    client, informers = actor("kube-controller-manager")
    recorder = EventRecorder(client, clock, client.actor)
    context = ControllerContext(client, informers, clock, choices, recorder)
    controllers = [*build_controllers(context), *build_node_controllers(context)]
    loop.add(*informers.informers, *controllers)

    client, informers = actor("kube-scheduler")
    recorder = EventRecorder(client, clock, "default-scheduler")
    scheduler = Scheduler(client, informers, clock, choices, recorder, config.scheduler)
    loop.add(*informers.informers, scheduler)

    client, informers = actor("kubelet")
    recorder = EventRecorder(client, clock, client.actor)
    fleet = Fleet(client, informers, clock, choices, recorder, config.behavior)
    loop.add(*informers.informers, fleet)
    for node in config.nodes:
        fleet.register(
            node.name, node.shape, zone=node.zone, labels=node.labels, taints=node.taints
        )

    user = Client(UserTransport(transport, clock, trace), server.scheme, "kubectl")
    return World(clock, choices, trace, faults, log, store, server, loop, scheduler, fleet, user)
