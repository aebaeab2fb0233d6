"""The description of a cluster: the only place where options meet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from kcore.errors import ManifestError
from kcore.kubelet.behavior import Behavior
from kcore.kubelet.node_shapes import DEFAULT_SHAPE, NodeShape
from kcore.runtime.clock import EPOCH_NS
from kcore.scheduler.builtin import DEFAULT_PLUGINS, REGISTRY
from kcore.scheduler.configuration import options_from_text
from kcore.scheduler.framework.profile import MULTI_POINT, PluginSet, Profile
from kcore.scheduler.framework.registry import Registry
from kcore.scheduler.options import SchedulerOptions

ZONES = ("zone-a", "zone-b", "zone-c")

# Claims are bound to volumes that exist, but nothing provisions new ones. With these plugins every
# pod whose claim no volume serves would wait for ever; without them it runs as if its claims were
# bound, and the report names each claim.
NEED_BOUND_CLAIMS = ("VolumeBinding", "VolumeZone", "NodeVolumeLimits")


def cluster_scheduler() -> SchedulerOptions:
    """Upstream's default profile less the plugins that need bound claims."""
    enabled = tuple(plugin for plugin in DEFAULT_PLUGINS if plugin.name not in NEED_BOUND_CLAIMS)
    return SchedulerOptions((Profile(plugins={MULTI_POINT: PluginSet(enabled=enabled)}),))


def scheduler_options(source: str | Path, *, registry: Registry = REGISTRY) -> SchedulerOptions:
    """The scheduler that a KubeSchedulerConfiguration describes: a file's path, or its text.

    A `registry` with more plugins lets profiles name them. The default profile's plugins that
    need bound claims are left out, as in every cluster, unless the text names them.

    Raises:
        ManifestError: the file cannot be read, or the configuration is refused, in upstream's
            words.
    """
    text = _read(source) if isinstance(source, Path) else source
    options = options_from_text(text, registry=registry)
    left_out = tuple(name for name in NEED_BOUND_CLAIMS if name not in text)
    profiles = tuple(_without(profile, left_out) for profile in options.profiles)
    return replace(options, profiles=profiles)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(f"cannot be read: {error}", source=str(path)) from error


def _without(profile: Profile, names: tuple[str, ...]) -> Profile:
    everywhere = profile.point(MULTI_POINT)
    kept = tuple(plugin for plugin in everywhere.enabled if plugin.name not in names)
    plugins = {**profile.plugins, MULTI_POINT: replace(everywhere, enabled=kept)}
    return replace(profile, plugins=plugins)


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """One hollow node: its name and shape, and what its Node object says beyond that."""

    name: str
    shape: NodeShape = DEFAULT_SHAPE
    zone: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    taints: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class ClusterConfig:
    """Everything that decides how a cluster behaves; with the same scenario, one trace.

    `seed` feeds every stream of choices. `paranoid` checks the invariants of store and loop
    after each run. `start_ns` is when virtual time begins, in nanoseconds since the Unix epoch.
    """

    nodes: tuple[NodeSpec, ...] = ()
    seed: int = 0
    start_ns: int = EPOCH_NS
    paranoid: bool = False
    behavior: Behavior = field(default_factory=Behavior)
    scheduler: SchedulerOptions = field(default_factory=cluster_scheduler)

    def __post_init__(self) -> None:
        names = [node.name for node in self.nodes]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"nodes: name {twice[0]!r} is used twice")


def node_specs(nodes: int | Sequence[str | NodeSpec]) -> tuple[NodeSpec, ...]:
    """`5`, names, or finished specs, spread over three zones in turn.

    Raises:
        ValueError: a negative number of nodes.
    """
    if isinstance(nodes, int):
        if nodes < 0:
            raise ValueError(f"nodes: {nodes} is negative")
        nodes = [f"node-{number}" for number in range(1, nodes + 1)]
    return tuple(
        NodeSpec(node, zone=ZONES[index % len(ZONES)]) if isinstance(node, str) else node
        for index, node in enumerate(nodes)
    )
