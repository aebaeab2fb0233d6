"""What decides where a pod may go, as one value: equal signatures, interchangeable pods.

Upstream's names and shapes, so that signatures can be compared with its own. Each enabled plugin
adds what it reads of a pod. A plugin that cannot say so, or a pod whose place depends on other
pods, has no signature.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap, dumps, freeze, thaw
from kcore.scheduler.framework.interfaces import SignPlugin
from kcore.scheduler.framework.runner import Runner
from kcore.scheduler.plugins.node_declared_features import required_features
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.unmodelled import unmodelled_constraints

Fragments = Mapping[str, Any]

_READING_POINTS: Final = ("preFilter", "filter", "preScore", "score")


def signature(runner: Runner, pod: PodInfo) -> FrozenMap | None:
    """The pod's signature under a profile; None when it cannot share a search. O(plugins)."""
    fragments: dict[str, Any] = {"v1.Pod.Spec.SchedulerName": pod.scheduler_name}
    for name in _readers(runner):
        plugin = runner.plugins[name]
        own = plugin.sign(pod) if isinstance(plugin, SignPlugin) else _built_in(name, pod)
        if own is None:
            return None
        fragments.update(own)
    signed: FrozenMap = freeze(fragments)
    return signed


def _readers(runner: Runner) -> dict[str, None]:
    return {entry.name: None for point in _READING_POINTS for entry in runner.points[point]}


def _built_in(name: str, pod: PodInfo) -> Fragments | None:
    sign = _SIGNERS.get(name)
    return None if sign is None else sign(pod)


def _node_name(pod: PodInfo) -> Fragments:
    return {"v1.Pod.Spec.NodeName": pod.node_name}


def _tolerations(pod: PodInfo) -> Fragments:
    tolerations = pod.spec.get("tolerations") or EMPTY_LIST
    ordered = sorted(tolerations, key=lambda one: (one.get("key") or "", one.get("value") or ""))
    return {"v1.Pod.Spec.Tolerations": ordered}


def _host_ports(pod: PodInfo) -> Fragments:
    """Numbers alone, as upstream has it: protocols and addresses do not count."""
    numbers = {
        port.get("hostPort")
        for kind in ("containers", "initContainers")
        for container in pod.spec.get(kind) or EMPTY_LIST
        for port in container.get("ports") or EMPTY_LIST
        if port.get("hostPort")
    }
    return {"v1.Pod.Spec.HostPorts()": sorted(numbers)}


def _requests(pod: PodInfo) -> Fragments:
    wanted = pod.requests.wanted
    resources = {
        "AllowedPodNumber": 0,
        "EphemeralStorage": wanted.ephemeral_storage,
        "Memory": wanted.memory,
        "MilliCPU": wanted.milli_cpu,
        "ScalarResources": dict(wanted.scalars) or None,
    }
    return {"v1.Pod.Spec.ContainerRequestsAndOverheads()": resources}


def _volumes(pod: PodInfo) -> Fragments:
    """All but ConfigMaps and Secrets, which do not decide where a pod goes."""
    sources = [
        dumps(volume.remove("name")).decode()
        for volume in pod.spec.get("volumes") or EMPTY_LIST
        if volume.get("configMap") is None and volume.get("secret") is None
    ]
    return {"v1.Pod.Spec.Volumes.NonSyntheticSources()": sorted(sources)}


def _images(pod: PodInfo) -> Fragments:
    return {"v1.Pod.Spec.CanonicalImageNames()": sorted(set(pod.image_names))}


def _features(pod: PodInfo) -> Fragments:
    return {"v1.Pod.Spec.RequiredFeatures()": ",".join(sorted(required_features(pod.spec)))}


def _pod_affinity(pod: PodInfo) -> Fragments | None:
    return None if pod.has_affinity else {"v1.Pod.Labels": pod.labels or None}


def _claims(pod: PodInfo) -> Fragments | None:
    return None if unmodelled_constraints(pod.pod) else {}


def _node_affinity(pod: PodInfo) -> Fragments:
    affinity = pod.spec.at("affinity", "nodeAffinity")
    return {
        "v1.Pod.Spec.Affinity.NodeSelector": pod.spec.get("nodeSelector"),
        "v1.Pod.Spec.Affinity.NodeAffinity": None if affinity is None else _by_content(affinity),
    }


def _by_content(affinity: FrozenMap) -> dict[str, list[str]]:
    terms = affinity.at(
        "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms", default=EMPTY_LIST
    )
    wishes = affinity.get("preferredDuringSchedulingIgnoredDuringExecution") or EMPTY_LIST
    # The weight comes first, as in upstream's texts: it decides their order.
    preferred = [
        f'{{"Weight":{wish["weight"]},"Preference":{_text(_term(wish.get("preference")))}}}'
        for wish in wishes
    ]
    return {
        "Required": sorted(_text(_term(term)) for term in terms),
        "Preferred": sorted(preferred),
    }


def _term(term: FrozenMap | None) -> dict[str, list[str]]:
    term = EMPTY_MAP if term is None else term
    return {
        "MatchExpressions": _requirements(term.get("matchExpressions")),
        "MatchFields": _requirements(term.get("matchFields")),
    }


def _requirements(requirements: Any) -> list[str]:
    texts = []
    for requirement in requirements or EMPTY_LIST:
        fields = thaw(requirement)
        if "values" in fields:
            fields["values"] = sorted(fields["values"])
        texts.append(_text(fields))
    return sorted(texts)


def _text(value: Any) -> str:
    return dumps(freeze(value)).decode()


_SIGNERS: Final[Mapping[str, Callable[[PodInfo], Fragments | None]]] = {
    "NodeName": _node_name,
    "NodeUnschedulable": _tolerations,
    "TaintToleration": _tolerations,
    "NodeAffinity": _node_affinity,
    "NodePorts": _host_ports,
    "NodeResourcesFit": _requests,
    "NodeResourcesBalancedAllocation": _requests,
    "VolumeRestrictions": _volumes,
    "NodeVolumeLimits": _volumes,
    "VolumeBinding": _volumes,
    "VolumeZone": _volumes,
    "InterPodAffinity": _pod_affinity,
    "DynamicResources": _claims,
    "ImageLocality": _images,
    "NodeDeclaredFeatures": _features,
}
