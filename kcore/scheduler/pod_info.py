"""A pod as the scheduler sees it: everything it derives from the object, computed once.

A `PodInfo` never changes and belongs to one version of the pod. What follows from its spec stands
in `PodFacts`, which pods of one template share (`PodInfos`).
"""

from typing import Final

from kcore.api.core_v1.affinity import RequiredNodeAffinity
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.scheduler.affinity_term import AffinityTerm
from kcore.scheduler.pod_facts import HostPort, PodFacts
from kcore.scheduler.pod_requests import PodRequests, pod_requests, request_fields

# Distinct specs remembered before the memory is emptied; a cluster has some thousand templates.
KNOWN_SPECS_COUNT_MAX: Final = 20_000
# Likewise of models, which hold a pod each.
MODELS_COUNT_MAX: Final = 2_000
FINISHED_PHASES: Final = ("Succeeded", "Failed")
"""Of pods that have run to their ends and hold nothing any more."""

# Fields of a status from which requests may follow.
_SAYS_MORE: Final = frozenset(
    ("containerStatuses", "initContainerStatuses", "resources", "allocatedResources")
)

_new: Final = object.__new__


class PodInfo:
    """One version of one pod. Three are made of each pod that is placed, so they are small."""

    __slots__ = (
        "_form",
        "_requests",
        "facts",
        "is_terminating",
        "key",
        "labels",
        "name",
        "namespace",
        "node_name",
        "pod",
        "priority",
        "spec",
        "uid",
    )

    _form: FrozenMap | None
    _requests: PodRequests | None
    facts: PodFacts
    """What follows from the spec and the namespace."""
    is_terminating: bool
    key: str
    labels: FrozenMap
    name: str
    namespace: str
    node_name: str
    """The node it sits on or insists on; empty when there is none."""
    pod: FrozenMap
    priority: int
    spec: FrozenMap
    uid: str

    def __init__(
        self,
        pod: FrozenMap,
        requests: PodRequests | None = None,
        facts: PodFacts | None = None,
        form: FrozenMap | None = None,
    ) -> None:
        """Read `pod`; requests, facts and form (`form_of`) may be known already."""
        metadata = pod["metadata"]
        spec: FrozenMap = pod.get("spec") or EMPTY_MAP
        self.pod = pod
        self.spec = spec
        self.name = name = metadata["name"]
        self.namespace = namespace = metadata.get("namespace") or ""
        self.key = key = f"{namespace}/{name}"
        self.uid = metadata.get("uid") or key
        self.labels = metadata.get("labels") or EMPTY_MAP
        self.priority = spec.get("priority") or 0
        self.node_name = spec.get("nodeName") or ""
        self.is_terminating = metadata.get("deletionTimestamp") is not None
        self.facts = PodFacts(pod) if facts is None else facts
        self._requests = requests
        self._form = form

    def on_node(self, node_name: str) -> "PodInfo":
        """The same pod with `spec.nodeName` set; what was computed of it still holds."""
        pod = self.pod.set(("spec", "nodeName"), node_name)
        twin = self._as(pod, pod["spec"], self.labels, self.is_terminating)
        twin.node_name = node_name
        twin._form = None  # Says the node.
        return twin

    def later(self, pod: FrozenMap) -> "PodInfo":
        """A later version of the same pod with an equal spec; what follows from it still holds."""
        metadata = pod["metadata"]
        is_terminating = metadata.get("deletionTimestamp") is not None
        return self._as(pod, self.spec, metadata.get("labels") or EMPTY_MAP, is_terminating)

    def _as(
        self, pod: FrozenMap, spec: FrozenMap, labels: FrozenMap, is_terminating: bool
    ) -> "PodInfo":
        twin = _new(PodInfo)
        twin.pod = pod
        twin.spec = spec
        twin.labels = labels
        twin.is_terminating = is_terminating
        twin.name = self.name
        twin.namespace = self.namespace
        twin.key = self.key
        twin.uid = self.uid
        twin.priority = self.priority
        twin.node_name = self.node_name
        twin.facts = self.facts
        twin._requests = self._requests
        twin._form = self._form
        return twin

    @property
    def form(self) -> FrozenMap:
        """The spec without the names of its claims: pods of one template have the same."""
        form = self._form
        if form is None:
            form = self._form = form_of(self.spec)
        return form

    @property
    def requests(self) -> PodRequests:
        """How much the pod asks for; the status of a resized one may say more than its spec."""
        requests = self._requests
        if requests is None:
            if not _is_in_status(self.pod):
                requests = self.facts.requests
            else:
                requests = pod_requests(self.pod)
            self._requests = requests
        return requests

    @property
    def nominated_node_name(self) -> str:
        """The node that preemption has made room on."""
        name: str = self.pod.at("status", "nominatedNodeName", default="")
        return name

    @property
    def is_finished(self) -> bool:
        """Whether it has run to its end and holds nothing any more."""
        return self.pod.at("status", "phase") in FINISHED_PHASES

    @property
    def scheduler_name(self) -> str:
        """Whose pod it is."""
        return self.facts.scheduler_name

    @property
    def required_nodes(self) -> RequiredNodeAffinity:
        """What its node selector and required node affinity demand."""
        return self.facts.required_nodes

    @property
    def demands_nodes(self) -> bool:
        """Whether its node selector or required node affinity say anything."""
        return self.facts.demands_nodes

    @property
    def names_nodes(self) -> bool:
        """Whether a term of its required node affinity picks nodes by name."""
        return self.facts.names_nodes

    @property
    def host_ports(self) -> tuple[HostPort, ...]:
        """Host ports of containers and sidecars, in order; IP and protocol filled in."""
        return self.facts.host_ports

    @property
    def claims_count(self) -> int:
        """How many of its volumes stand for a claim."""
        return self.facts.claims_count

    @property
    def image_names(self) -> tuple[str, ...]:
        """Images of containers and image volumes, with a tag each, in upstream's order."""
        return self.facts.image_names

    @property
    def has_affinity(self) -> bool:
        """Whether it says anything about other pods."""
        return self.facts.has_affinity

    @property
    def required_affinity(self) -> tuple[AffinityTerm, ...]:
        """Terms that must hold."""
        return self.facts.required_affinity

    @property
    def required_anti_affinity(self) -> tuple[AffinityTerm, ...]:
        """Terms that must not hold."""
        return self.facts.required_anti_affinity

    @property
    def preferred_affinity(self) -> tuple[AffinityTerm, ...]:
        """Terms that should hold, with weights."""
        return self.facts.preferred_affinity

    @property
    def preferred_anti_affinity(self) -> tuple[AffinityTerm, ...]:
        """Terms that should not hold, with weights."""
        return self.facts.preferred_anti_affinity


def form_of(spec: FrozenMap) -> FrozenMap:
    """A spec without the names of its claims, which say nothing about the pod. O(volumes)."""
    volumes = spec.get("volumes")
    if volumes:
        for position, volume in enumerate(volumes):
            if volume.get("persistentVolumeClaim") is not None:
                path = ("volumes", position, "persistentVolumeClaim", "claimName")
                spec = spec.set(path, "")
    return spec


class PodInfos:
    """Makes `PodInfo`s and remembers what follows from specs it has seen.

    The memory holds facts about values, so forks share it.
    """

    __slots__ = ("_facts", "_known")

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], PodRequests] = {}
        # By form and namespace, of pods without a node.
        self._facts: dict[tuple[FrozenMap, str], PodFacts] = {}

    def of(self, pod: FrozenMap) -> PodInfo:
        """The view of `pod`. O(1) for a spec seen before, else O(containers)."""
        spec = pod.get("spec") or EMPTY_MAP
        if spec.get("nodeName") or _is_in_status(pod):
            return PodInfo(pod, self._requests_of(pod))
        form = form_of(spec)
        key = (form, pod["metadata"].get("namespace") or "")
        facts = self._facts.get(key)
        if facts is None:
            if len(self._facts) >= MODELS_COUNT_MAX:
                self._facts.clear()
            facts = self._facts[key] = PodFacts(pod)
            facts.requests = self._requests_of(pod)
        return PodInfo(pod, facts.requests, facts, form)

    def later(self, info: PodInfo, pod: FrozenMap) -> PodInfo:
        """The view of a later version of the same pod; what an equal spec says still holds."""
        if info.spec != pod.get("spec") or _is_in_status(info.pod) or _is_in_status(pod):
            return self.of(pod)
        return info.later(pod)

    def _requests_of(self, pod: FrozenMap) -> PodRequests:
        key = request_fields(pod)
        requests = self._known.get(key)
        if requests is None:
            requests = pod_requests(pod)
            if len(self._known) >= KNOWN_SPECS_COUNT_MAX:
                self._known.clear()
            self._known[key] = requests
        return requests


def _is_in_status(pod: FrozenMap) -> bool:
    """Whether the status may say more about the requests than the spec does.

    A pod that is resized in place has such fields.
    """
    status = pod.get("status")
    return status is not None and not _SAYS_MORE.isdisjoint(status)
