"""A Kubernetes cluster as a value: build it, step it, break it, fork it, compare it."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self

from kcore.api.readiness import Unmet, unmet
from kcore.client.client import Client
from kcore.cluster.applying import ManifestSource, apply_manifests, read_manifests
from kcore.cluster.outcome import ApplyError, ApplyReport, SettleResult
from kcore.cluster.saving import load_world, save_world
from kcore.cluster.snapshot import Snapshot
from kcore.cluster.world import World, build_world
from kcore.config import ClusterConfig, NodeSpec, node_specs
from kcore.controllers.catalog import unmodelled_work
from kcore.forking import ForkMemo
from kcore.limits import SETTLE_VIRTUAL_NS_MAX
from kcore.machinery.durations import parse_duration
from kcore.machinery.frozen import FrozenMap
from kcore.reconcile.controller import ControllerContext
from kcore.runtime.choice import ChoiceSource, SeededSource
from kcore.runtime.faults import Faults
from kcore.runtime.log import Log
from kcore.runtime.process import Process
from kcore.runtime.trace import Trace
from kcore.scheduler.explain import Explanation
from kcore.scheduler.what_if import DrainPlan, plan_drain

DEFAULT_TIMEOUT = f"{SETTLE_VIRTUAL_NS_MAX // 1_000_000_000}s"


class Cluster:
    """API server, store, controllers, scheduler and hollow nodes on one virtual clock.

    Nothing moves by itself: `settle`, `run_for` and `run_until` take turns among the parts.
    The same configuration and calls give the same trace, in any process. One thread at a time.

    Args:
        nodes: how many hollow nodes, or their names, or `NodeSpec` values.
        seed: decides every open choice, such as whose turn it is and random name suffixes.
        config: everything else; `nodes` and `seed` are then taken from it.
        choices: instead of a seed, another source of choices (fair, recorded, ...).
    """

    def __init__(
        self,
        nodes: int | Sequence[str | NodeSpec] = 0,
        *,
        seed: int = 0,
        config: ClusterConfig | None = None,
        choices: ChoiceSource | None = None,
    ) -> None:
        self._config = ClusterConfig(node_specs(nodes), seed) if config is None else config
        source = SeededSource(self._config.seed) if choices is None else choices
        self._world = build_world(self._config, source)

    # --- looking ---

    @property
    def client(self) -> Client:
        """The API, as the person at the keyboard sees it: `cluster.client.pods.list()`."""
        return self._world.user

    @property
    def trace(self) -> Trace:
        """Everything that happened, in order, and its digest."""
        return self._world.trace

    @property
    def log(self) -> Log:
        """What components reported."""
        return self._world.log

    @property
    def faults(self) -> Faults:
        """Where faults are injected."""
        return self._world.faults

    @property
    def config(self) -> ClusterConfig:
        """How this cluster was described."""
        return self._config

    @property
    def now_ns(self) -> int:
        """Virtual time, in nanoseconds since the Unix epoch."""
        return self._world.clock.now_ns()

    @property
    def elapsed_ns(self) -> int:
        """Virtual time since the cluster was built."""
        return self.now_ns - self._config.start_ns

    def objects(self, resource: str = "", namespace: str = "") -> Iterator[FrozenMap]:
        """Every object, or those of one resource and namespace, in key order."""
        if resource:
            yield from self.client.list(resource, namespace)
            return
        snapshot = self.snapshot()
        for name in sorted(snapshot.views):
            for obj in snapshot.objects(name):
                if not namespace or obj.at("metadata", "namespace") == namespace:
                    yield obj

    def unmet(self) -> list[Unmet]:
        """What objects ask for and do not have, each with its reasons. O(objects)."""
        return unmet(self.objects())

    def not_modelled(self) -> list[str]:
        """What parts of Kubernetes that kcore lacks would have to do for these objects."""
        return unmodelled_work(self.objects())

    def explain(self, pod: str | FrozenMap, namespace: str = "default") -> Explanation:
        """Why a pod is, or is not, where it is: each node's verdicts, scores, and what would help.

        Raises:
            ApiError: 404, no pod of that name.
        """
        value = self.client.get("pods", pod, namespace) if isinstance(pod, str) else pod
        return self._world.scheduler.explain(value)

    def plan_drain(self, node: str) -> DrainPlan:
        """Where the pods of a node would go if it was drained. Changes nothing.

        The scheduler's searches alone decide; for a drain with all that follows (evictions,
        controllers, time), fork the cluster and let it happen.

        Raises:
            KeyError: no such node.
        """
        return plan_drain(self._world.scheduler, node)

    def snapshot(self) -> Snapshot:
        """A picture of all objects now. O(resources)."""
        store = self._world.store
        return Snapshot(store.revision, {name: store.view(name) for name in store.buckets()})

    # --- changing ---

    def apply(
        self, source: ManifestSource, *, namespace: str = "default", atomic: bool = False
    ) -> ApplyReport:
        """Apply manifests as `kubectl apply -f` does: a path, a text, an object or several.

        Raises:
            ManifestError: a file or text cannot be understood; nothing was applied.
            ApplyError: objects were refused. Its report says which were applied; with `atomic`
                none was, because everything is first tried on a fork.
        """
        manifests = read_manifests(source)
        if atomic:
            trial = apply_manifests(self.fork().client, manifests, namespace)
            if trial.errors:
                raise ApplyError(ApplyReport((), trial.errors))
        report = apply_manifests(self.client, manifests, namespace)
        if report.errors:
            raise ApplyError(report)
        return report

    def fail_node(self, name: str) -> None:
        """Stop a node's kubelet: it neither renews its lease nor touches its pods.

        Raises:
            KeyError: no such node.
        """
        self._world.fleet.stop_node(name)
        self._note(f"fail node {name}")

    def recover_node(self, name: str) -> None:
        """Start a stopped node's kubelet again.

        Raises:
            KeyError: no such node.
        """
        self._world.fleet.start_node(name)
        self._note(f"recover node {name}")

    def add_controller(self, name: str, build: Callable[[ControllerContext], Process]) -> None:
        """Add a controller of your own: `cluster.add_controller("my-operator", build)`.

        `build` gets a context (client, caches, clock, choices, events) of an actor called `name`
        and returns the process, usually a `kcore.reconcile.controller.Controller`. It takes turns
        with the built-in ones, meets the same faults and is forked with the cluster.

        Raises:
            InvariantError: a process or actor of that name is there already.
        """
        self._world.add_actor(name, build)

    # --- running ---

    def settle(self, timeout: str = DEFAULT_TIMEOUT) -> SettleResult:
        """Run until nothing is left to happen but heartbeats, at most `timeout` (virtual)."""
        quiet = self._world.loop.settle(self.now_ns + parse_duration(timeout))
        self._check()
        return SettleResult(quiet, self.elapsed_ns, self.unmet())

    def run_for(self, duration: str) -> None:
        """Let `duration` (`90s`, `1h30m`) of virtual time pass, with all that is due in it."""
        self._world.loop.run_until(self.now_ns + parse_duration(duration))
        self._check()

    def run_until(
        self, predicate: Callable[["Cluster"], bool], timeout: str = DEFAULT_TIMEOUT
    ) -> bool:
        """Run until `predicate(cluster)` holds between two steps; False after `timeout`."""
        deadline_ns = self.now_ns + parse_duration(timeout)
        reached = self._world.loop.run_until(deadline_ns, lambda: predicate(self))
        self._check()
        return reached

    def step(self) -> bool:
        """Let one ready part take one step; False when all are idle at this instant."""
        return self._world.loop.act()

    # --- copying ---

    def fork(self) -> Self:
        """An independent cluster with the same past. It shares everything unchanged."""
        return self._with_world(self._world.fork(ForkMemo()))

    def save(self, path: str | Path) -> None:
        """Write every object, the time and the configuration to a file, replacing it at once."""
        save_world(self._world, self._config, Path(path))

    @classmethod
    def load(cls, path: str | Path) -> "Cluster":
        """A cluster with the objects of a saved one; its parts start anew, as after a restart.

        Raises:
            ManifestError: the file is missing, truncated or damaged; names the line.
        """
        twin = cls.__new__(cls)
        twin._config, twin._world = load_world(Path(path))
        return twin

    def _with_world(self, world: World) -> Self:
        twin = type(self).__new__(type(self))
        twin._config, twin._world = self._config, world
        return twin

    def _note(self, label: str) -> None:
        self._world.trace.action(self.now_ns, "operator", label)

    def _check(self) -> None:
        if self._config.paranoid:
            self._world.store.check_invariants()
            self._world.loop.check_invariants()

    def __repr__(self) -> str:
        """A few numbers, for a prompt."""
        counts: dict[str, Any] = {name: len(self.snapshot().views[name]) for name in ("pods",)}
        return (
            f"<Cluster seed={self._config.seed} revision={self._world.store.revision} "
            f"pods={counts['pods']} t={self.elapsed_ns / 1e9:.3f}s>"
        )
