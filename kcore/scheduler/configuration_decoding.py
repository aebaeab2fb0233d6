"""Strict reading of a KubeSchedulerConfiguration: the right kind, and no unknown field.

Messages are upstream's. Values of a wrong type are not looked for here.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from kcore.errors import ManifestError
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.scheduler.configuration_defaults import API_VERSION, POINTS

KIND: Final = "KubeSchedulerConfiguration"
_META: Final = ("apiVersion", "kind")
_TOP: Final = (
    *_META,
    "clientConnection",
    "delayCacheUntilActive",
    "enableContentionProfiling",
    "enableProfiling",
    "extenders",
    "leaderElection",
    "parallelism",
    "percentageOfNodesToScore",
    "podInitialBackoffSeconds",
    "podMaxBackoffSeconds",
    "profiles",
)
_PROFILE: Final = ("percentageOfNodesToScore", "pluginConfig", "plugins", "schedulerName")
_ARGS: Final[Mapping[str, tuple[str, ...]]] = {
    "DefaultPreemption": ("minCandidateNodesAbsolute", "minCandidateNodesPercentage"),
    "DynamicResources": ("bindingTimeout", "filterTimeout"),
    "InterPodAffinity": ("hardPodAffinityWeight", "ignorePreferredTermsOfExistingPods"),
    "NodeAffinity": ("addedAffinity",),
    "NodeResourcesBalancedAllocation": ("resources",),
    "NodeResourcesFit": ("ignoredResourceGroups", "ignoredResources", "scoringStrategy"),
    "PodTopologySpread": ("defaultConstraints", "defaultingType"),
    "VolumeBinding": ("bindTimeoutSeconds", "shape"),
}
_SCHEME: Final = 'in scheme "pkg/runtime/scheme.go:111"'


def check_document(config: FrozenMap, text: str = "") -> None:
    """Refuse another kind or version, args of another plugin, and unknown fields.

    `text` is what the configuration was read from, for the messages.

    Raises:
        ManifestError: the first problem, in upstream's words.
    """
    kind, version = config.get("kind") or "", config.get("apiVersion") or ""
    for name, value in (("Kind", kind), ("apiVersion", version)):
        if not value:
            raise _wrong(f"Object '{name}' is missing in '{text}'")
    if (kind, version) != (KIND, API_VERSION):
        raise _wrong(f'no kind "{kind}" is registered for version "{version}" {_SCHEME}')
    for position, profile in enumerate(config.get("profiles") or EMPTY_LIST):
        for place, item in enumerate(profile.get("pluginConfig") or EMPTY_LIST):
            _check_args(f".profiles[{position}].pluginConfig[{place}]", item)
    unknown = list(_unknown_fields(config))
    if unknown:
        listed = ", ".join(f'unknown field "{field}"' for field in unknown)
        raise _wrong(f"strict decoding error: {listed}")


def _check_args(path: str, item: FrozenMap) -> None:
    name, args = item.get("name") or "", item.get("args") or EMPTY_MAP
    group = API_VERSION.partition("/")[0]
    kind = args.get("kind") or f"{name}Args"
    if name in _ARGS and kind != f"{name}Args":
        raise _wrong(
            f"decoding {path}: args for plugin {name} were not of type {name}Args.{group}, "
            f"got {kind}.{group}"
        )
    known = _ARGS.get(name)
    unknown = [] if known is None else _others(args, (*_META, *known))
    if unknown:
        listed = ", ".join(f'unknown field "{field}"' for field in unknown)
        strict = "strict decoding error"
        raise _wrong(
            f"{strict}: decoding {path}: {strict}: decoding args for plugin {name}: "
            f"{strict}: {listed}"
        )


def _unknown_fields(config: FrozenMap) -> Iterable[str]:
    yield from _others(config, _TOP)
    for position, profile in enumerate(config.get("profiles") or EMPTY_LIST):
        path = f"profiles[{position}]"
        yield from (f"{path}.{field}" for field in _others(profile, _PROFILE))
        plugins = profile.get("plugins") or EMPTY_MAP
        yield from (f"{path}.plugins.{field}" for field in _others(plugins, POINTS))


def _others(value: Mapping[str, Any], known: Iterable[str]) -> list[str]:
    names = tuple(known)
    return [field for field in value if field not in names]


def _wrong(rule: str) -> ManifestError:
    return ManifestError(rule, subject=KIND)
