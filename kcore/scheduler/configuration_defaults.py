"""What a KubeSchedulerConfiguration says where its author said nothing (v1, v1.37)."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap, freeze, thaw
from kcore.scheduler.framework.profile import DEFAULT_SCHEDULER_NAME, MULTI_POINT

API_VERSION: Final = "kubescheduler.config.k8s.io/v1"
POINTS: Final = (
    "bind",
    "filter",
    "multiPoint",
    "permit",
    "placementGenerate",
    "placementScore",
    "podGroupPostFilter",
    "postBind",
    "postFilter",
    "preBind",
    "preEnqueue",
    "preFilter",
    "preScore",
    "queueSort",
    "reserve",
    "score",
)
_TOP: Final[Mapping[str, Any]] = {
    "enableContentionProfiling": True,
    "enableProfiling": True,
    "parallelism": 16,
    "percentageOfNodesToScore": 0,
    "podInitialBackoffSeconds": 1,
    "podMaxBackoffSeconds": 10,
}
_CONNECTION: Final[Mapping[str, Any]] = {
    "acceptContentTypes": "",
    "burst": 100,
    "contentType": "application/vnd.kubernetes.protobuf",
    "kubeconfig": "",
    "qps": 50,
}
_ELECTION: Final[Mapping[str, Any]] = {
    "leaderElect": True,
    "leaseDuration": "15s",
    "renewDeadline": "10s",
    "resourceLock": "leases",
    "resourceName": "kube-scheduler",
    "resourceNamespace": "kube-system",
    "retryPeriod": "2s",
}
_CPU_AND_MEMORY: Final = ({"name": "cpu", "weight": 1}, {"name": "memory", "weight": 1})
ARGS: Final[Mapping[str, Mapping[str, Any]]] = {
    "DefaultPreemption": {"minCandidateNodesAbsolute": 100, "minCandidateNodesPercentage": 10},
    "DynamicResources": {"bindingTimeout": "10m0s", "filterTimeout": "10s"},
    "InterPodAffinity": {"hardPodAffinityWeight": 1, "ignorePreferredTermsOfExistingPods": False},
    "NodeAffinity": {},
    "NodeResourcesBalancedAllocation": {"resources": _CPU_AND_MEMORY},
    "NodeResourcesFit": {
        "scoringStrategy": {"resources": _CPU_AND_MEMORY, "type": "LeastAllocated"}
    },
    "PodTopologySpread": {"defaultingType": "System"},
    "VolumeBinding": {
        "bindTimeoutSeconds": 600,
        "shape": ({"score": 10, "utilization": 0}, {"score": 0, "utilization": 100}),
    },
}
"""Default args of every plugin that takes some."""


def defaulted(config: FrozenMap, default_plugins: Iterable[Mapping[str, Any]]) -> FrozenMap:
    """The configuration with everything filled in that its author left out."""
    value: dict[str, Any] = {**_TOP, **thaw(config)}
    value["clientConnection"] = {**_CONNECTION, **(value.get("clientConnection") or {})}
    value["leaderElection"] = {**_ELECTION, **(value.get("leaderElection") or {})}
    profiles = value.get("profiles") or [{}]
    if len(profiles) == 1 and not profiles[0].get("schedulerName"):
        profiles = [{**profiles[0], "schedulerName": DEFAULT_SCHEDULER_NAME}]
    defaults = tuple(default_plugins)
    value["profiles"] = [_profile(profile, defaults) for profile in profiles]
    result: FrozenMap = freeze(value)
    return result


def _profile(profile: Mapping[str, Any], defaults: tuple[Mapping[str, Any], ...]) -> dict[str, Any]:
    configured = profile.get("plugins") or {}
    plugins: dict[str, Any] = {point: {} for point in configured}
    for point in POINTS:
        own = configured.get(point) or {}
        plugins[point] = _plugin_set(own, defaults if point == MULTI_POINT else ())
    names = {item["name"] for one in plugins.values() for item in one.get("enabled") or EMPTY_LIST}
    return {
        "schedulerName": "",
        **profile,
        "plugins": plugins,
        "pluginConfig": _plugin_config(profile.get("pluginConfig") or [], sorted(names)),
    }


def _plugin_set(own: Mapping[str, Any], defaults: tuple[Mapping[str, Any], ...]) -> dict[str, Any]:
    """The defaults less what is disabled, then what is named besides them."""
    disabled = [_entry(item) for item in own.get("disabled") or []]
    enabled = [_entry(item) for item in own.get("enabled") or []]
    off = {item["name"] for item in disabled}
    # Of a plugin that is named twice the last one takes the default's place; the build refuses it.
    places = {item["name"]: place for place, item in enumerate(enabled)}
    kept, replaced = [], []
    for item in defaults:
        name = item["name"]
        if "*" in off or name in off:
            continue
        kept.append(enabled[places[name]] if name in places else dict(item))
        replaced.append(places.get(name))
    kept.extend(item for place, item in enumerate(enabled) if place not in replaced)
    found: dict[str, Any] = {}
    if kept:
        found["enabled"] = kept
    if disabled:
        found["disabled"] = disabled
    return found


def _entry(item: Mapping[str, Any]) -> dict[str, Any]:
    return {"name": item.get("name") or "", "weight": item.get("weight") or 0}


def _plugin_config(own: list[Mapping[str, Any]], names: list[str]) -> list[dict[str, Any]]:
    found = [
        {"name": item.get("name") or "", "args": plugin_args(item.get("name") or "", item)}
        for item in own
    ]
    given = {item["name"] for item in found}
    found.extend(
        {"name": name, "args": plugin_args(name, {})}
        for name in names
        if name in ARGS and name not in given
    )
    return found


def plugin_args(name: str, item: Mapping[str, Any]) -> dict[str, Any]:
    """The args of one `pluginConfig` entry, filled in."""
    given = item.get("args") or EMPTY_MAP
    if name not in ARGS:
        # Somebody else's plugin: its args are its own business.
        return dict(given)
    args: dict[str, Any] = {
        "apiVersion": API_VERSION,
        "kind": f"{name}Args",
        **thaw(freeze(ARGS[name])),
        **given,
    }
    if name == "PodTopologySpread" and "defaultingType" not in given:
        args["defaultingType"] = "System"
    if name == "NodeResourcesFit":
        args["scoringStrategy"] = _strategy(args["scoringStrategy"])
    if name == "NodeResourcesBalancedAllocation":
        args["resources"] = _weighted(args["resources"])
    return args


def _strategy(given: Mapping[str, Any]) -> dict[str, Any]:
    resources = given.get("resources") or _CPU_AND_MEMORY
    return {**given, "resources": _weighted(resources)}


def _weighted(resources: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**item, "weight": item.get("weight") or 1} for item in resources]
