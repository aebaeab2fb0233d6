"""`python -m benchmarks.parts_of_a_placement [NODES]`: where the CPU time of one pod goes.

Pods of one template are created, delivered, tried, bound, reported as Events and delivered again,
as in `kcore bench scheduler`, on NODES nodes (5,000 unless given). A run without timers tells what
a pod takes: the least of its windows of 256 pods. A second one times each part by process time
around its calls, without what it calls of the other parts; its shares are scaled to the first.
"""

import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

from kcore.apiserver.plain_bindings import PlainBindings
from kcore.apiserver.repeated_creates import RepeatedCreates
from kcore.client.binder import Binder
from kcore.client.client import Client
from kcore.client.event_recorder import EventRecorder
from kcore.client.informer import Informer
from kcore.machinery.frozen import FrozenMap, freeze
from kcore.printing.table import aligned
from kcore.runtime.loop import Loop
from kcore.scheduler.cache import SchedulerCache
from kcore.scheduler.event_handlers import PodEvents
from kcore.scheduler.options import SchedulerOptions
from kcore.scheduler.packed.engine import PackedEngine
from kcore.scheduler.scheduler import Scheduler
from kcore.scheduler_perf.manifests import default_node
from kcore.scheduler_perf.world import BenchmarkWorld, build_benchmark_world

NODES_COUNT: Final = 5_000
WINDOW_COUNT: Final = 256
WINDOWS: Final = 30
NAMESPACE: Final = "default"
POD: Final[FrozenMap] = freeze(
    {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"generateName": "pod-", "namespace": NAMESPACE},
        "spec": {
            "containers": [
                {
                    "name": "pause",
                    "image": "registry.k8s.io/pause:3.10",
                    "ports": [{"containerPort": 80}],
                    "resources": {"requests": {"cpu": "1m", "memory": "1Mi"}},
                }
            ]
        },
    }
)

Name = str | Callable[..., str]


def _created(creates: RepeatedCreates, *_: object) -> str:
    return f"create of {creates.bucket}, in the server, with store and trace"


PARTS: Final[tuple[tuple[type, str, Name], ...]] = (
    (Scheduler, "_find", "search for the node, and what it needs kept up"),
    (PackedEngine, "find_again", "search for the node, and what it needs kept up"),
    (SchedulerCache, "refresh", "search for the node, and what it needs kept up"),
    (Scheduler, "step", "the rest of an attempt (queue, assume, reserve, bind, done)"),
    (PodEvents, "on_add", "handlers of the scheduler's informer (cache, queue)"),
    (PodEvents, "on_update", "handlers of the scheduler's informer (cache, queue)"),
    (RepeatedCreates, "create", _created),
    (RepeatedCreates, "make", _created),
    (RepeatedCreates, "fill", _created),
    (PlainBindings, "fill", "binding, in the server, with store and trace"),
    (Client, "create", "clients and transport"),
    (Binder, "bind", "clients and transport"),
    (EventRecorder, "event", "Event recorder and its correlator"),
    (Informer, "step", "informer: delivering events"),
    (Loop, "act", "loop: who is ready, whose turn it is; the trace of turns"),
)


class Timers:
    """CPU seconds by part, each without the parts inside."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self._inside = [0.0]

    def time(self, owner: type, method: str, name: Name) -> None:
        """Time every call of a method from now on."""
        original, clock = getattr(owner, method), time.process_time

        def timed(*args: Any, **kwargs: Any) -> Any:
            self._inside.append(0.0)
            start = clock()
            try:
                return original(*args, **kwargs)
            finally:
                whole = clock() - start
                part = name if isinstance(name, str) else name(*args)
                self.seconds[part] += whole - self._inside.pop()
                self._inside[-1] += whole

        setattr(owner, method, timed)


def world_of(nodes_count: int) -> BenchmarkWorld:
    """Nodes that the caches know."""
    world = build_benchmark_world(SchedulerOptions(), seed=1)
    for number in range(nodes_count):
        node = default_node().set(("metadata", "name"), f"node-{number}")
        world.client.create(node)
    while world.loop.act():
        pass
    return world


def place(world: BenchmarkWorld) -> float:
    """CPU seconds of one window of pods."""
    start = time.process_time()
    for _ in range(WINDOW_COUNT):
        world.client.create(POD, NAMESPACE)
    while world.loop.act():
        pass
    return time.process_time() - start


def least_window(nodes_count: int) -> float:
    """CPU microseconds a pod in the best window, after a few to warm up."""
    world = world_of(nodes_count)
    return min([place(world) for _ in range(WINDOWS)][3:]) / WINDOW_COUNT * 1e6


def shares(nodes_count: int) -> dict[str, float]:
    """How much of a pod's time each part takes."""
    timers = Timers()
    # Before the world is made: what it prepares leads straight to those who answer.
    for owner, method, name in PARTS:
        timers.time(owner, method, name)
    world = world_of(nodes_count)
    for _ in range(3):
        place(world)
    timers.seconds.clear()
    for _ in range(WINDOWS):
        place(world)
    total = sum(timers.seconds.values())
    greatest = sorted(timers.seconds.items(), key=lambda part: -part[1])
    return {part: seconds / total for part, seconds in greatest}


def main() -> int:
    """Print the table; 0."""
    nodes_count = int(sys.argv[1]) if len(sys.argv) > 1 else NODES_COUNT
    if len(sys.argv) > 2:  # The process without timers.
        print(least_window(nodes_count))
        return 0
    command = [sys.executable, "-m", "benchmarks.parts_of_a_placement", str(nodes_count), "plain"]
    answer = subprocess.run(command, check=True, capture_output=True, text=True)
    microseconds = float(answer.stdout)
    rows = [["PART", "MICROSECONDS OF CPU"]]
    rows += [[part, f"{share * microseconds:.1f}"] for part, share in shares(nodes_count).items()]
    print(aligned([*rows, ["one pod", f"{microseconds:.1f}"]]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
