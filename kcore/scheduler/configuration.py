"""KubeSchedulerConfiguration (v1) to scheduler options: check the kind, fill in, validate, build.

The args of plugins are handed over as they are; NodeResourcesFit checks its own when it is built,
as upstream's does.
"""

from typing import Any

from kcore.errors import ManifestError
from kcore.machinery.codec import parse_yaml
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap, freeze
from kcore.scheduler.backoff import Backoff
from kcore.scheduler.builtin import DEFAULT_PLUGINS, REGISTRY
from kcore.scheduler.configuration_decoding import KIND, check_document
from kcore.scheduler.configuration_defaults import API_VERSION, defaulted
from kcore.scheduler.configuration_validation import validate
from kcore.scheduler.framework.profile import EnabledPlugin, PluginSet, Profile
from kcore.scheduler.framework.registry import Registry
from kcore.scheduler.options import SchedulerOptions
from kcore.scheduler.sampling import TieRule

__all__ = [
    "API_VERSION",
    "KIND",
    "InvalidConfigurationError",
    "filled_in",
    "options_from",
    "options_from_text",
    "read_configuration",
]


class InvalidConfigurationError(ManifestError):
    """A configuration that breaks rules; `errors` lists them one by one."""

    def __init__(self, message: str, errors: tuple[str, ...]) -> None:
        super().__init__(message, subject=KIND)
        self.errors = errors


def options_from(
    config: FrozenMap, *, registry: Registry = REGISTRY, tie_rule: TieRule = TieRule.RANDOM
) -> SchedulerOptions:
    """The options that a configuration object describes.

    Plugins are looked up when a scheduler is built from the options.

    Raises:
        ManifestError: another kind or version, or extenders.
        InvalidConfigurationError: values that upstream refuses, in its words.
    """
    full = filled_in(config)
    errors = validate(full)
    if errors:
        raise InvalidConfigurationError(errors.message(), tuple(map(str, errors)))
    return SchedulerOptions(
        profiles=tuple(_profile(profile) for profile in full["profiles"]),
        percentage_of_nodes_to_score=full["percentageOfNodesToScore"],
        tie_rule=tie_rule,
        backoff=Backoff(full["podInitialBackoffSeconds"], full["podMaxBackoffSeconds"]),
        registry=registry,
    )


def options_from_text(
    text: str, *, registry: Registry = REGISTRY, tie_rule: TieRule = TieRule.RANDOM
) -> SchedulerOptions:
    """The options that a KubeSchedulerConfiguration in YAML or JSON describes.

    Raises:
        ManifestError: not YAML or not an object, or what `options_from` refuses.
    """
    config = read_configuration(text)
    check_document(config, text)
    return options_from(config, registry=registry, tie_rule=tie_rule)


def read_configuration(text: str) -> FrozenMap:
    """The configuration object in a text; an empty text is an empty object.

    Raises:
        ManifestError: not YAML, or something other than an object.
    """
    try:
        config = freeze(parse_yaml(text))
    except ValueError as error:
        raise ManifestError(str(error), subject=KIND) from error
    if config is None:
        return EMPTY_MAP
    if not isinstance(config, FrozenMap):
        raise ManifestError("not an object", subject=KIND)
    return config


def filled_in(config: FrozenMap, text: str = "") -> FrozenMap:
    """The configuration with upstream's defaults.

    Raises:
        ManifestError: another kind or version, or extenders.
    """
    check_document(config, text)
    if config.get("extenders"):
        raise ManifestError(
            "webhook extenders are not modelled by kcore", subject=KIND, field="extenders"
        )
    return defaulted(config, [{"name": one.name, "weight": one.weight} for one in DEFAULT_PLUGINS])


def _profile(profile: FrozenMap) -> Profile:
    configured = profile["plugins"]
    return Profile(
        scheduler_name=profile["schedulerName"],
        plugins={point: _plugin_set(configured[point]) for point in configured},
        args={item["name"]: item["args"] for item in profile["pluginConfig"]},
        percentage_of_nodes_to_score=profile.get("percentageOfNodesToScore"),
    )


def _plugin_set(configured: Any) -> PluginSet:
    return PluginSet(
        tuple(
            EnabledPlugin(item["name"], item["weight"])
            for item in configured.get("enabled") or EMPTY_LIST
        ),
        tuple(item["name"] for item in configured.get("disabled") or EMPTY_LIST),
    )
