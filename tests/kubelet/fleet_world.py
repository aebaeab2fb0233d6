"""A world with an API server and a fleet, without scheduler or controllers."""

from kcore.api.catalog import default_scheme
from kcore.apiserver.bootstrap import bootstrap
from kcore.apiserver.server import APIServer
from kcore.client.client import Client
from kcore.client.event_recorder import EventRecorder
from kcore.client.informer import InformerFactory
from kcore.client.transport import InProcessTransport
from kcore.forking import ForkMemo
from kcore.kubelet.fleet import Fleet
from kcore.kubelet.node_shapes import MEDIUM
from kcore.runtime.choice import FairSource
from kcore.runtime.clock import SECOND_NS, VirtualClock
from kcore.runtime.faults import Faults
from kcore.runtime.loop import Loop
from kcore.runtime.trace import Trace
from kcore.store.mvcc import Store
from kcore.testing.builders import pod as build_pod


class FleetWorld:
    """Nodes `a`, `b`, ... and a user; pods are bound by hand."""

    def __init__(self, nodes="a", behavior=None, faults=()):
        self.clock, self.trace, self.choices = VirtualClock(), Trace(), FairSource()
        self.store = Store()
        self.server = APIServer(self.store, default_scheme(), self.clock, self.choices, self.trace)
        bootstrap(self.server)
        self.transport = InProcessTransport(self.server, Faults(faults))
        self.replace_fleet(behavior)
        for name in nodes:
            self.register(name)
        self.user = Client(self.transport, self.server.scheme, "kubectl")

    def replace_fleet(self, behavior=None):
        """A fleet that knows nothing, as after loading a saved world."""
        known = [node.name for node in self.fleet.nodes] if hasattr(self, "fleet") else []
        self.loop = Loop(self.clock, self.choices, self.trace)
        client, informers = self.actor("kubelet")
        recorder = EventRecorder(client, self.clock, "kubelet")
        self.fleet = Fleet(client, informers, self.clock, self.choices, recorder, behavior)
        self.loop.add(*informers.informers, self.fleet)
        for name in known:
            self.register(name)

    def register(self, name, **options):
        self.fleet.register(name, MEDIUM, **{"zone": "eu-west-1a", **options})

    def actor(self, name):
        client = Client(self.transport, self.server.scheme, name)
        return client, InformerFactory(client)

    def fork(self):
        memo, twin = ForkMemo(), object.__new__(type(self))
        for name, part in vars(self).items():
            setattr(twin, name, memo(part))
        return twin

    def settle(self):
        assert self.loop.settle(self.clock.now_ns() + 10_000 * SECOND_NS)
        self.check()
        return self

    def run(self, seconds):
        self.loop.run_until(self.clock.now_ns() + round(seconds * SECOND_NS))
        self.check()
        return self

    def check(self):
        self.fleet.check_invariants()
        self.store.check_invariants()

    def create_pod(self, name="web", node="a", **spec):
        return self.user.create(build_pod(name, image="app:1", nodeName=node, **spec))

    def pod(self, name="web"):
        return self.user.get("pods", name, "default")

    def pods(self):
        return [pod.metadata.name for pod in self.user.list("pods")]

    def events(self, name="web"):
        return [
            (event.reason, event.message)
            for event in self.user.list("events")
            if event.involvedObject.name == name
        ]
