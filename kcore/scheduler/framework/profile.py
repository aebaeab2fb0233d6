"""Which plugins run at which extension point, in which order, with which weight."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from kcore.machinery.frozen import FrozenMap

MULTI_POINT: Final = "multiPoint"
EXTENSION_POINTS: Final = (
    "preEnqueue",
    "queueSort",
    "preFilter",
    "filter",
    "postFilter",
    "preScore",
    "score",
    "reserve",
    "permit",
    "preBind",
    "bind",
    "postBind",
)
ALL_PLUGINS: Final = "*"
DEFAULT_SCHEDULER_NAME: Final = "default-scheduler"


@dataclass(frozen=True, slots=True)
class EnabledPlugin:
    """A plugin at a point; `weight` 0 means 1, and matters to Score only."""

    name: str
    weight: int = 0


@dataclass(frozen=True, slots=True)
class PluginSet:
    """What a configuration says about one point."""

    enabled: tuple[EnabledPlugin, ...] = ()
    disabled: tuple[str, ...] = ()

    def disables(self, name: str) -> bool:
        """Whether the plugin is switched off here by name or by `*`."""
        return name in self.disabled or ALL_PLUGINS in self.disabled


@dataclass(frozen=True, slots=True)
class Profile:
    """One scheduler name's plugins, as configured (not yet expanded)."""

    scheduler_name: str = DEFAULT_SCHEDULER_NAME
    plugins: Mapping[str, PluginSet] = field(default_factory=dict)
    """By extension point, `multiPoint` included."""
    args: Mapping[str, FrozenMap] = field(default_factory=dict)
    """By plugin name."""
    percentage_of_nodes_to_score: int | None = None

    def point(self, name: str) -> PluginSet:
        """What is configured at one point."""
        return self.plugins.get(name, PluginSet())

    @property
    def names(self) -> tuple[str, ...]:
        """Every plugin enabled anywhere, in the order of first mention."""
        names: dict[str, None] = {}
        for point in (MULTI_POINT, *EXTENSION_POINTS):
            for plugin in self.point(point).enabled:
                names[plugin.name] = None
        return tuple(names)

    def expand(
        self, implements: Callable[[str, str], bool]
    ) -> dict[str, tuple[EnabledPlugin, ...]]:
        """The plugins of each point in order of execution.

        First the plugins of `multiPoint` that the point itself names too, in the point's order
        and with its weights; then the rest of `multiPoint`; then the point's other plugins.
        `implements(plugin, point)` says whether a `multiPoint` plugin takes part in a point.
        """
        return {point: self._expand_point(point, implements) for point in EXTENSION_POINTS}

    def _expand_point(
        self, point: str, implements: Callable[[str, str], bool]
    ) -> tuple[EnabledPlugin, ...]:
        own = self.point(point)
        general = [
            plugin
            for plugin in self.point(MULTI_POINT).enabled
            if implements(plugin.name, point) and not own.disables(plugin.name)
        ]
        named = {plugin.name for plugin in own.enabled}
        spread = {plugin.name for plugin in general}
        overriding = [plugin for plugin in own.enabled if plugin.name in spread]
        plain = [plugin for plugin in general if plugin.name not in named]
        other = [plugin for plugin in own.enabled if plugin.name not in spread]
        return (*overriding, *plain, *other)
