"""Which plugins of a profile run on columns, with which weights, and which run as written.

A built-in plugin runs on columns when it takes part in all the points that make up its filter (or
its score) and its args are of the common kind. Everything else, a user's plugin above all, is
asked node by node about the candidates that the columns leave.
"""

from collections.abc import Container, Sequence
from typing import Final, TypeAlias, TypeVar, cast

from kcore.scheduler.framework.interfaces import (
    FilterPlugin,
    NormalizeScorePlugin,
    Plugin,
    PreFilterPlugin,
    PreScorePlugin,
    ScorePlugin,
)
from kcore.scheduler.framework.runner import Runner
from kcore.scheduler.packed.idle_pods import idle_names
from kcore.scheduler.plugins.balanced_allocation import NodeResourcesBalancedAllocation
from kcore.scheduler.plugins.image_locality import ImageLocality
from kcore.scheduler.plugins.inter_pod_affinity import InterPodAffinity
from kcore.scheduler.plugins.node_affinity import NodeAffinity
from kcore.scheduler.plugins.node_declared_features import NodeDeclaredFeatures
from kcore.scheduler.plugins.node_name import NodeName
from kcore.scheduler.plugins.node_ports import NodePorts
from kcore.scheduler.plugins.node_resources_fit import (
    NodeResourcesFit,
    least_allocated,
    most_allocated,
)
from kcore.scheduler.plugins.node_unschedulable import NodeUnschedulable
from kcore.scheduler.plugins.pod_topology_spread import PodTopologySpread
from kcore.scheduler.plugins.taint_toleration import TaintToleration
from kcore.scheduler.resources import CPU, MEMORY

P = TypeVar("P")
N = TypeVar("N", bound=Plugin)

# They close rows by marks, the others by gates; and features, which hardly any pod needs.
_MARKING: Final = (
    NodeName.name,
    NodeUnschedulable.name,
    TaintToleration.name,
    NodeAffinity.name,
    NodePorts.name,
    NodeResourcesFit.name,
)

OtherScore: TypeAlias = tuple[ScorePlugin, int, NormalizeScorePlugin | None]
"""A plugin that scores node by node, its weight, and itself if it normalises."""

_FILTERS: Final = (
    NodeName,
    NodeUnschedulable,
    TaintToleration,
    NodeAffinity,
    NodePorts,
    NodeResourcesFit,
    PodTopologySpread,
    InterPodAffinity,
    NodeDeclaredFeatures,
)
_SCORES: Final = (
    TaintToleration,
    NodeAffinity,
    NodeResourcesFit,
    PodTopologySpread,
    InterPodAffinity,
    NodeResourcesBalancedAllocation,
    ImageLocality,
)


class ProfilePlan:
    """One profile, sorted into what runs on columns and what does not."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.name = runner.scheduler_name
        self.has_scoring = runner.has_scoring
        points = {
            point: [entry.name for entry in runner.points[point]]
            for point in ("preFilter", "filter", "preScore", "score")
        }
        self.filter_order: tuple[str, ...] = tuple(points["filter"])
        self.filters = frozenset(
            name for name in points["filter"] if self._filters_on_columns(name, points["preFilter"])
        )
        """Plugins whose Filter is on columns."""
        weights = {entry.name: entry.weight or 1 for entry in runner.points["score"]}
        self.weights = {
            name: weight
            for name, weight in weights.items()
            if self._scores_on_columns(name, points["preScore"])
        }
        """Plugins whose Score is on columns."""
        self.pre_filters = cast(
            "list[PreFilterPlugin]", self._others(points["preFilter"], frozenset())
        )
        """All of them, in order."""
        self.idle = idle_names(runner)
        """Plugins that say nothing about an idle pod."""
        self.other_pre_filters = cast(
            "list[PreFilterPlugin]", self._others(points["preFilter"], self.filters)
        )
        self.other_filters = cast(
            "list[FilterPlugin]", self._others(points["filter"], self.filters)
        )
        self.other_pre_scores = cast(
            "list[PreScorePlugin]", self._others(points["preScore"], self.weights)
        )
        self.other_scores: list[OtherScore] = [
            (plugin, weights[plugin.name], _normalizer(plugin))
            for plugin in cast("list[ScorePlugin]", self._others(points["score"], self.weights))
        ]

        self.post_filters = bool(runner.points["postFilter"])
        self.working_pre_filters = self._working(self.other_pre_filters)
        """Those of the others that may say something about an idle pod."""
        self.working_filters = self._working(self.other_filters)
        self.working_pre_scores = self._working(self.other_pre_scores)
        self.working_scores = [row for row in self.other_scores if row[0].name not in self.idle]
        self.asks_nobody = not (
            self.working_pre_filters
            or self.working_filters
            or self.working_pre_scores
            or self.working_scores
        )
        """Whether an idle pod's node follows from columns alone."""

    def plugin(self, kind: type[P]) -> P | None:
        """The profile's plugin of a built-in kind, if it has one."""
        name: str = kind.name  # type: ignore[attr-defined]
        found = self.runner.plugins.get(name)
        return found if isinstance(found, kind) else None

    def is_asked_early(self, names: Sequence[str]) -> bool:
        """Whether one of these filters comes before one that marks rows as closed."""
        order = [name for name in self.filter_order if name in names or name in _MARKING]
        marking = [position for position, name in enumerate(order) if name in self.filters]
        return any(name in names for name in order[: max(marking, default=0)])

    def _working(self, plugins: Sequence[N]) -> list[N]:
        return [plugin for plugin in plugins if plugin.name not in self.idle]

    def _others(self, names: Sequence[str], ours: Container[str]) -> list[Plugin]:
        return [self.runner.plugins[name] for name in names if name not in ours]

    def _filters_on_columns(self, name: str, pre_filters: list[str]) -> bool:
        plugin = self.runner.plugins[name]
        return type(plugin) in _FILTERS and (
            name in pre_filters or not isinstance(plugin, PreFilterPlugin)
        )

    def _scores_on_columns(self, name: str, pre_scores: list[str]) -> bool:
        plugin = self.runner.plugins[name]
        if type(plugin) not in _SCORES:
            return False
        if isinstance(plugin, PreScorePlugin) and name not in pre_scores:
            return False
        if isinstance(plugin, NodeResourcesFit):
            return plugin.strategy in (least_allocated, most_allocated)
        if isinstance(plugin, NodeResourcesBalancedAllocation):
            return plugin.resource_names == (CPU, MEMORY)
        return True


def _normalizer(plugin: ScorePlugin) -> NormalizeScorePlugin | None:
    return plugin if isinstance(plugin, NormalizeScorePlugin) else None
