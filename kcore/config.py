"""The description of a cluster: the only place where options meet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kcore.kubelet.behavior import Behavior
from kcore.kubelet.node_shapes import DEFAULT_SHAPE, NodeShape
from kcore.runtime.clock import EPOCH_NS
from kcore.scheduler.builtin import DEFAULT_PLUGINS
from kcore.scheduler.framework.profile import MULTI_POINT, PluginSet, Profile
from kcore.scheduler.options import SchedulerOptions

ZONES = ("zone-a", "zone-b", "zone-c")

# Nothing in a cluster binds claims to volumes yet. With these plugins every pod that names a claim
# would wait for ever; without them it runs as if its claims were bound, and the report says so.
NEED_BOUND_CLAIMS = ("VolumeBinding", "VolumeZone", "NodeVolumeLimits")


def cluster_scheduler() -> SchedulerOptions:
    """Upstream's default profile less the plugins that need a volume controller."""
    enabled = tuple(plugin for plugin in DEFAULT_PLUGINS if plugin.name not in NEED_BOUND_CLAIMS)
    return SchedulerOptions((Profile(plugins={MULTI_POINT: PluginSet(enabled=enabled)}),))


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

    `seed` feeds every stream of choices. `paranoid` checks the store's invariants after each
    run. `start_ns` is when virtual time begins, in nanoseconds since the Unix epoch.
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
