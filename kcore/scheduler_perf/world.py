"""What the benchmark runs against: an API server, a store, a scheduler, a completer of claims.

As upstream's harness there are no kubelets: nodes are objects, and bound pods never start. Time
is virtual where kcore waits (backoff) and real where the benchmark measures.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from kcore.api.catalog import default_scheme
from kcore.apiserver.admission.plugins import default_plugins
from kcore.apiserver.bootstrap import bootstrap
from kcore.apiserver.server import APIServer
from kcore.client.client import Client
from kcore.client.event_recorder import EventRecorder
from kcore.client.informer import InformerFactory
from kcore.client.transport import InProcessTransport
from kcore.reconcile.controller import ControllerContext
from kcore.runtime.choice import SeededSource
from kcore.runtime.clock import EPOCH_NS, VirtualClock
from kcore.runtime.faults import Faults
from kcore.runtime.loop import Loop
from kcore.runtime.trace import Trace
from kcore.scheduler.engines import engine_over_columns
from kcore.scheduler.options import SchedulerOptions
from kcore.scheduler.scheduler import Scheduler
from kcore.scheduler_perf.claim_completer import build_claim_completer
from kcore.store.mvcc import Store

DISABLED_ADMISSION: Final = frozenset(("ServiceAccount", "TaintNodesByCondition", "Priority"))
"""As in upstream's harness, whose pods set their priorities themselves."""

ACTIONS_PER_SLICE_COUNT: Final = 256
"""Steps between two looks at the real clock."""


@dataclass(slots=True)
class BenchmarkWorld:
    """One cluster without kubelets."""

    clock: VirtualClock
    store: Store
    loop: Loop
    scheduler: Scheduler
    client: Client

    def act(self) -> bool:
        """Let parts take turns for a slice; False when nobody had anything to do."""
        return self.loop.act_often(ACTIONS_PER_SLICE_COUNT) > 0

    def jump(self) -> bool:
        """Go to the next moment at which something is due; False when nothing ever is."""
        deadline_ns = self.loop.next_deadline_ns()
        heartbeat_ns = self.scheduler.next_heartbeat_ns()
        due = [moment for moment in (deadline_ns, heartbeat_ns) if moment is not None]
        if not due:
            return False
        return self.loop.run_until(min(due), self._has_acted())

    def _has_acted(self) -> Callable[[], bool]:
        start_ns = self.clock.now_ns()
        return lambda: self.clock.now_ns() > start_ns


def build_benchmark_world(options: SchedulerOptions, seed: int) -> BenchmarkWorld:
    """An empty cluster; the same seed makes the same choices."""
    if options.engine != "readable":
        # Upstream's is linked in: no pod waits for it to be loaded, so none does here.
        engine_over_columns(options.engine)
    clock, choices, trace = VirtualClock(EPOCH_NS), SeededSource(seed), Trace()
    store = Store()
    plugins = [one for one in default_plugins() if one.name not in DISABLED_ADMISSION]
    server = APIServer(store, default_scheme(), clock, choices, trace, plugins)
    bootstrap(server)
    transport = InProcessTransport(server, Faults())
    loop = Loop(clock, choices, trace)

    def actor(name: str) -> ControllerContext:
        client = Client(transport, server.scheme, name)
        recorder = EventRecorder(client, clock, name)
        return ControllerContext(client, InformerFactory(client, clock), clock, choices, recorder)

    of = actor("kube-scheduler")
    recorder = of.recorder_for("default-scheduler")
    scheduler = Scheduler(of.client, of.informers, clock, choices, recorder, options)
    # As upstream, it hears of volumes by the scheduler's informer.
    completer = build_claim_completer(of)
    loop.add(*of.informers.informers, scheduler, completer)
    client = Client(transport, server.scheme, "scheduler-perf")
    return BenchmarkWorld(clock, store, loop, scheduler, client)
