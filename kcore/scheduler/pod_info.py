"""A pod as the scheduler sees it: everything it derives from the object, computed once.

A `PodInfo` never changes and belongs to one version of the pod. Specs that come from one template
are equal, so their requests are added up once (`PodInfos`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from kcore.api.core_v1.affinity import RequiredNodeAffinity, required_node_affinity
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenList, FrozenMap
from kcore.machinery.labels import Selector, from_label_selector
from kcore.scheduler.pod_requests import PodRequests, pod_requests, request_fields

# Distinct specs remembered before the memory is emptied; a cluster has some thousand templates.
KNOWN_SPECS_COUNT_MAX: Final = 20_000
# Likewise of models, which hold a pod each.
MODELS_COUNT_MAX: Final = 2_000

_REQUIRED: Final = "requiredDuringSchedulingIgnoredDuringExecution"

HostPort = tuple[str, str, int]
"""(host IP, protocol, port)."""


@dataclass(frozen=True, slots=True)
class AffinityTerm:
    """One pod (anti-)affinity term: which pods, in which namespaces, within which domains."""

    topology_key: str
    selector: Selector
    namespaces: frozenset[str]
    namespace_selector: Selector | None
    weight: int = 0

    def matches(self, other: "PodInfo", namespace_labels: Mapping[str, str] | None) -> bool:
        """Whether `other`, in a namespace with these labels, is meant."""
        return self.covers(other.namespace, namespace_labels) and self.selector.matches(
            other.labels
        )

    def covers(self, namespace: str, namespace_labels: Mapping[str, str] | None) -> bool:
        """Whether the term speaks about pods of this namespace."""
        if namespace in self.namespaces:
            return True
        selector = self.namespace_selector
        return selector is not None and selector.matches(namespace_labels)


class PodInfo:
    """One version of one pod. Attributes are computed on first use and then kept."""

    def __init__(self, pod: FrozenMap, requests: PodRequests | None = None) -> None:
        metadata = pod["metadata"]
        self.pod = pod
        self.name: str = metadata["name"]
        self.namespace: str = metadata.get("namespace") or ""
        self.key = f"{self.namespace}/{self.name}"
        self.uid: str = metadata.get("uid") or self.key
        self.labels: FrozenMap = metadata.get("labels") or EMPTY_MAP
        self.spec: FrozenMap = pod.get("spec") or EMPTY_MAP
        self.priority: int = self.spec.get("priority") or 0
        self.is_terminating = metadata.get("deletionTimestamp") is not None
        if requests is not None:
            self.requests = requests

    def on_node(self, node_name: str) -> "PodInfo":
        """The same pod with `spec.nodeName` set; what was computed of it still holds."""
        twin = object.__new__(PodInfo)
        twin.__dict__.update(self.__dict__)
        twin.pod = self.pod.set(("spec", "nodeName"), node_name)
        twin.spec = twin.pod["spec"]
        twin.__dict__.pop("form", None)
        return twin

    def later(self, pod: FrozenMap) -> "PodInfo":
        """A later version of the same pod with an equal spec; what follows from it still holds."""
        twin = object.__new__(PodInfo)
        twin.__dict__.update(self.__dict__)
        metadata = pod["metadata"]
        twin.pod = pod
        twin.labels = metadata.get("labels") or EMPTY_MAP
        twin.is_terminating = metadata.get("deletionTimestamp") is not None
        twin.__dict__.pop("is_finished", None)  # Follows from the status.
        return twin

    @cached_property
    def form(self) -> FrozenMap:
        """The spec without the names of its claims: pods of one template have the same."""
        return form_of(self.spec)

    @cached_property
    def requests(self) -> PodRequests:
        """How much the pod asks for."""
        return pod_requests(self.pod)

    @property
    def node_name(self) -> str:
        """The node it sits on or insists on; empty when there is none."""
        return self.spec.get("nodeName") or ""

    @property
    def nominated_node_name(self) -> str:
        """The node that preemption has made room on."""
        name: str = self.pod.at("status", "nominatedNodeName", default="")
        return name

    @property
    def scheduler_name(self) -> str:
        """Whose pod it is."""
        return self.spec.get("schedulerName") or "default-scheduler"

    @cached_property
    def is_finished(self) -> bool:
        """Whether it has run to its end and holds nothing any more."""
        return is_finished(self.pod)

    @cached_property
    def required_nodes(self) -> RequiredNodeAffinity:
        """What its node selector and required node affinity demand."""
        return required_node_affinity(self.pod)

    @cached_property
    def demands_nodes(self) -> bool:
        """Whether its node selector or required node affinity say anything."""
        required = self.required_nodes
        return required.labels is not None or required.selector is not None

    @cached_property
    def names_nodes(self) -> bool:
        """Whether a term of its required node affinity picks nodes by name."""
        terms: FrozenList = self.spec.at(
            "affinity", "nodeAffinity", _REQUIRED, "nodeSelectorTerms", default=EMPTY_LIST
        )
        return any(term.get("matchFields") for term in terms)

    @cached_property
    def host_ports(self) -> tuple[HostPort, ...]:
        """Host ports of containers and sidecars, in order; IP and protocol filled in."""
        spec = self.spec
        sidecars = [
            container
            for container in spec.get("initContainers") or EMPTY_LIST
            if container.get("restartPolicy") == "Always"
        ]
        ports = []
        for container in (*sidecars, *(spec.get("containers") or EMPTY_LIST)):
            for port in container.get("ports") or EMPTY_LIST:
                number = port.get("hostPort") or 0
                if number > 0:
                    ip = port.get("hostIP") or "0.0.0.0"
                    ports.append((ip, port.get("protocol") or "TCP", number))
        return tuple(ports)

    @cached_property
    def claims_count(self) -> int:
        """How many of its volumes stand for a claim."""
        return sum(
            volume.get("persistentVolumeClaim") is not None or volume.get("ephemeral") is not None
            for volume in self.spec.get("volumes") or EMPTY_LIST
        )

    @cached_property
    def image_names(self) -> tuple[str, ...]:
        """Images of containers and image volumes, with a tag each, in upstream's order."""
        spec = self.spec
        names = [
            container.get("image") or ""
            for kind in ("initContainers", "containers")
            for container in spec.get(kind) or EMPTY_LIST
        ]
        names.extend(
            volume.at("image", "reference", default="")
            for volume in spec.get("volumes") or EMPTY_LIST
            if volume.get("image") is not None
        )
        return tuple(normalized_image_name(name) for name in names)

    @cached_property
    def has_affinity(self) -> bool:
        """Whether it says anything about other pods."""
        affinity = self.spec.get("affinity") or EMPTY_MAP
        return (
            affinity.get("podAffinity") is not None or affinity.get("podAntiAffinity") is not None
        )

    @cached_property
    def required_affinity(self) -> tuple[AffinityTerm, ...]:
        """Terms that must hold."""
        return self._required("podAffinity")

    @cached_property
    def required_anti_affinity(self) -> tuple[AffinityTerm, ...]:
        """Terms that must not hold."""
        return self._required("podAntiAffinity")

    @cached_property
    def preferred_affinity(self) -> tuple[AffinityTerm, ...]:
        """Terms that should hold, with weights."""
        return self._preferred("podAffinity")

    @cached_property
    def preferred_anti_affinity(self) -> tuple[AffinityTerm, ...]:
        """Terms that should not hold, with weights."""
        return self._preferred("podAntiAffinity")

    def _required(self, kind: str) -> tuple[AffinityTerm, ...]:
        terms = self.spec.at("affinity", kind, _REQUIRED, default=EMPTY_LIST)
        return tuple(affinity_term(term, self.namespace) for term in terms)

    def _preferred(self, kind: str) -> tuple[AffinityTerm, ...]:
        terms = self.spec.at(
            "affinity", kind, "preferredDuringSchedulingIgnoredDuringExecution", default=EMPTY_LIST
        )
        return tuple(
            affinity_term(
                term.get("podAffinityTerm") or EMPTY_MAP, self.namespace, term.get("weight") or 0
            )
            for term in terms
        )


def form_of(spec: FrozenMap) -> FrozenMap:
    """A spec without the names of its claims, which say nothing about the pod. O(volumes)."""
    volumes = spec.get("volumes")
    if volumes:
        for position, volume in enumerate(volumes):
            if volume.get("persistentVolumeClaim") is not None:
                path = ("volumes", position, "persistentVolumeClaim", "claimName")
                spec = spec.set(path, "")
    return spec


def is_finished(pod: FrozenMap) -> bool:
    """Whether a pod has run to its end and holds nothing any more."""
    return pod.at("status", "phase") in ("Succeeded", "Failed")


def normalized_image_name(image: str) -> str:
    """The name with `:latest` where no tag was given after the last slash."""
    return image if image.rfind(":") > image.rfind("/") else f"{image}:latest"


def affinity_term(term: FrozenMap, namespace: str, weight: int = 0) -> AffinityTerm:
    """Parse one term of a pod in `namespace`; without any namespaces it means its own."""
    names: Iterable[str] = term.get("namespaces") or EMPTY_LIST
    namespace_selector = term.get("namespaceSelector")
    if namespace_selector is None and not names:
        names = (namespace,)
    return AffinityTerm(
        topology_key=term.get("topologyKey") or "",
        selector=from_label_selector(term.get("labelSelector")),
        namespaces=frozenset(names),
        namespace_selector=(
            None if namespace_selector is None else from_label_selector(namespace_selector)
        ),
        weight=weight,
    )


# What follows from the form of the spec and the namespace alone.
_OF_FORM: Final = (
    "form",
    "requests",
    "required_nodes",
    "demands_nodes",
    "names_nodes",
    "host_ports",
    "claims_count",
    "has_affinity",
    "required_affinity",
    "required_anti_affinity",
    "preferred_affinity",
    "preferred_anti_affinity",
)


class PodInfos:
    """Makes `PodInfo`s and remembers what follows from specs it has seen.

    The memory holds facts about values, so forks share it.
    """

    __slots__ = ("_facts", "_known", "_models")

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], PodRequests] = {}
        # By form and namespace, of pods without a node: the first pod, and once a second one has
        # come what follows from the form. Many forms come only once.
        self._models: dict[tuple[FrozenMap, str], PodInfo] = {}
        self._facts: dict[tuple[FrozenMap, str], dict[str, object]] = {}

    def of(self, pod: FrozenMap) -> PodInfo:
        """The view of `pod`. O(1) for a spec seen before, else O(containers)."""
        spec = pod.get("spec") or EMPTY_MAP
        if spec.get("nodeName") or _is_in_status(pod):
            return self._by_requests(pod)
        key = (form_of(spec), pod["metadata"].get("namespace") or "")
        facts = self._facts.get(key)
        if facts is not None:
            info = PodInfo(pod)
            info.__dict__.update(facts)
            return info
        model = self._models.get(key)
        if model is not None:
            self._facts[key] = {name: getattr(model, name) for name in _OF_FORM}
            return self.of(pod)
        if len(self._models) >= MODELS_COUNT_MAX:
            self._models.clear()
            self._facts.clear()
        info = self._models[key] = self._by_requests(pod)
        return info

    def later(self, info: PodInfo, pod: FrozenMap) -> PodInfo:
        """The view of a later version of the same pod; what an equal spec says still holds."""
        if info.spec != pod.get("spec") or _is_in_status(info.pod) or _is_in_status(pod):
            return self.of(pod)
        return info.later(pod)

    def _by_requests(self, pod: FrozenMap) -> PodInfo:
        key = request_fields(pod)
        requests = self._known.get(key)
        if requests is None:
            requests = pod_requests(pod)
            if len(self._known) >= KNOWN_SPECS_COUNT_MAX:
                self._known.clear()
            self._known[key] = requests
        return PodInfo(pod, requests)


def _is_in_status(pod: FrozenMap) -> bool:
    """Whether the status may say more about the requests than the spec does.

    A pod that is resized in place has such fields.
    """
    status = pod.get("status")
    return status is not None and (
        status.get("containerStatuses") is not None
        or status.get("initContainerStatuses") is not None
        or status.get("resources") is not None
        or status.get("allocatedResources") is not None
    )
