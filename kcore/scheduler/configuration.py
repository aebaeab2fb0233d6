"""KubeSchedulerConfiguration (v1) to scheduler options: decode, merge with the defaults, check.

Knows the file's form and no plugin's args: those are handed over and checked by the plugin that
reads them.
"""

from collections.abc import Iterable
from typing import Any, Final

from kcore.errors import ManifestError
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.scheduler.backoff import Backoff
from kcore.scheduler.builtin import DEFAULT_PLUGINS, REGISTRY
from kcore.scheduler.framework.profile import (
    ALL_PLUGINS,
    DEFAULT_SCHEDULER_NAME,
    EXTENSION_POINTS,
    MULTI_POINT,
    EnabledPlugin,
    PluginSet,
    Profile,
)
from kcore.scheduler.framework.registry import Registry
from kcore.scheduler.options import SchedulerOptions
from kcore.scheduler.sampling import TieRule

KIND: Final = "KubeSchedulerConfiguration"
API_VERSION: Final = "kubescheduler.config.k8s.io/v1"
_IGNORED_POINTS: Final = ("placementGenerate", "placementScore")


def options_from(
    config: FrozenMap, *, registry: Registry = REGISTRY, tie_rule: TieRule = TieRule.RANDOM
) -> SchedulerOptions:
    """The options that a configuration object describes.

    Raises:
        ManifestError: another kind or version, extenders, an unknown plugin or extension point,
            or a value out of range.
    """
    _check_kind(config)
    if config.get("extenders"):
        raise _wrong("extenders", "webhook extenders are not modelled by kcore")
    percentage = config.get("percentageOfNodesToScore") or 0
    _check_percentage("percentageOfNodesToScore", percentage)
    profiles = config.get("profiles") or (EMPTY_MAP,)
    return SchedulerOptions(
        profiles=tuple(
            _profile(profile, f"profiles[{index}]", registry)
            for index, profile in enumerate(profiles)
        ),
        percentage_of_nodes_to_score=percentage,
        tie_rule=tie_rule,
        backoff=_backoff(config),
        registry=registry,
    )


def _check_kind(config: FrozenMap) -> None:
    kind, version = config.get("kind") or "", config.get("apiVersion") or ""
    if (kind, version) != (KIND, API_VERSION):
        raise ManifestError(
            f'no kind "{kind}" is registered for version "{version}" '
            f'(want kind "{KIND}", version "{API_VERSION}")',
            subject=KIND,
        )


def _backoff(config: FrozenMap) -> Backoff:
    initial_s = config.get("podInitialBackoffSeconds")
    max_s = config.get("podMaxBackoffSeconds")
    initial_s = 1 if initial_s is None else initial_s
    max_s = 10 if max_s is None else max_s
    if initial_s <= 0:
        raise _wrong("podInitialBackoffSeconds", "must be greater than 0")
    if max_s < initial_s:
        raise _wrong(
            "podMaxBackoffSeconds", "must be greater than or equal to PodInitialBackoffSeconds"
        )
    return Backoff(initial_s, max_s)


def _profile(profile: FrozenMap, path: str, registry: Registry) -> Profile:
    percentage = profile.get("percentageOfNodesToScore")
    if percentage is not None:
        _check_percentage(f"{path}.percentageOfNodesToScore", percentage)
    configured = profile.get("plugins") or EMPTY_MAP
    points: dict[str, PluginSet] = {}
    for point in configured:
        if point not in (MULTI_POINT, *EXTENSION_POINTS, *_IGNORED_POINTS):
            raise _wrong(f"{path}.plugins.{point}", "no such extension point")
        points[point] = _plugin_set(configured[point], f"{path}.plugins.{point}", registry)
    points[MULTI_POINT] = merged(DEFAULT_PLUGINS, points.get(MULTI_POINT, PluginSet()))
    return Profile(
        scheduler_name=profile.get("schedulerName") or DEFAULT_SCHEDULER_NAME,
        plugins=points,
        args=_args(profile.get("pluginConfig") or EMPTY_LIST, path),
        percentage_of_nodes_to_score=percentage,
    )


def merged(defaults: Iterable[EnabledPlugin], own: PluginSet) -> PluginSet:
    """The default plugins, less what is disabled, with what is named again in its old place.

    Everything else that is enabled follows at the end.
    """
    renamed = {plugin.name: plugin for plugin in own.enabled}
    kept: list[EnabledPlugin] = []
    if ALL_PLUGINS not in own.disabled:
        kept = [
            renamed.get(plugin.name, plugin)
            for plugin in defaults
            if plugin.name not in own.disabled
        ]
    replaced = {plugin.name for plugin in kept}
    added = [plugin for plugin in own.enabled if plugin.name not in replaced]
    return PluginSet((*kept, *added), own.disabled)


def _plugin_set(configured: FrozenMap, path: str, registry: Registry) -> PluginSet:
    enabled = []
    for index, item in enumerate(configured.get("enabled") or EMPTY_LIST):
        name = item.get("name") or ""
        if name not in registry:
            raise _wrong(f"{path}.enabled[{index}].name", f'plugin "{name}" does not exist')
        enabled.append(EnabledPlugin(name, item.get("weight") or 0))
    disabled = [item.get("name") or "" for item in configured.get("disabled") or EMPTY_LIST]
    return PluginSet(tuple(enabled), tuple(disabled))


def _args(configured: Iterable[Any], path: str) -> dict[str, FrozenMap]:
    found: dict[str, FrozenMap] = {}
    for index, item in enumerate(configured):
        name = item.get("name") or ""
        if name in found:
            raise _wrong(f"{path}.pluginConfig[{index}]", f"repeated config for plugin {name}")
        found[name] = item.get("args") or EMPTY_MAP
    return found


def _check_percentage(path: str, value: int) -> None:
    if not 0 <= value <= 100:
        raise _wrong(path, f"{value} is not in the range 0 to 100")


def _wrong(field: str, rule: str) -> ManifestError:
    return ManifestError(rule, subject=KIND, field=field)
