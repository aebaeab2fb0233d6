"""What follows from a pod's spec and namespace: the same for all pods of one template.

Worked out when somebody asks, and shared by all versions of a pod and by all pods that are alike:
a `PodInfo` is small, and making one of a pod whose like was seen before works nothing out.
"""

from functools import cached_property
from typing import Final

from kcore.api.core_v1.affinity import RequiredNodeAffinity, required_node_affinity
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenList, FrozenMap
from kcore.scheduler.affinity_term import AffinityTerm, affinity_term
from kcore.scheduler.pod_requests import PodRequests, pod_requests

_REQUIRED: Final = "requiredDuringSchedulingIgnoredDuringExecution"
_PREFERRED: Final = "preferredDuringSchedulingIgnoredDuringExecution"

HostPort = tuple[str, str, int]
"""(host IP, protocol, port)."""


class PodFacts:
    """Facts about one kind of pod; `pod` stands for all its like. Computed once, then kept.

    Neither the node that a pod is put on nor the names of its claims have a part in them.
    """

    def __init__(self, pod: FrozenMap) -> None:
        self._pod = pod
        self._spec: FrozenMap = pod.get("spec") or EMPTY_MAP
        self._namespace: str = pod["metadata"].get("namespace") or ""
        # Every pod is asked these, and what is read from the class first takes ten times as long.
        self.known_requests: PodRequests | None = None
        """`requests`, if anybody has asked for them; for others to look into without a call."""
        self.scheduler_name: str = self._spec.get("schedulerName") or "default-scheduler"
        """Whose pods they are."""
        affinity = self._spec.get("affinity") or EMPTY_MAP
        self.has_affinity = (
            affinity.get("podAffinity") is not None or affinity.get("podAntiAffinity") is not None
        )
        """Whether anything is said about other pods."""
        self.takes_room_only = not (self.has_affinity or self.host_ports or self.claims_count)
        """Whether such a pod, once on a node, is nothing to others but room that is taken.

        It has neither host ports nor claims, and says nothing about other pods.
        """

    @cached_property
    def form(self) -> FrozenMap:
        """The spec without the node and the names of claims: pods of one template have the same."""
        return form_of(self._spec.remove("nodeName"))

    @property
    def requests(self) -> PodRequests:
        """How much such a pod asks for while its status says nothing else."""
        requests = self.known_requests
        if requests is None:
            requests = self.known_requests = pod_requests(self._pod)
        return requests

    @cached_property
    def required_nodes(self) -> RequiredNodeAffinity:
        """What node selector and required node affinity demand."""
        return required_node_affinity(self._pod)

    @cached_property
    def demands_nodes(self) -> bool:
        """Whether node selector or required node affinity say anything."""
        required = self.required_nodes
        return required.labels is not None or required.selector is not None

    @cached_property
    def names_nodes(self) -> bool:
        """Whether a term of the required node affinity picks nodes by name."""
        terms: FrozenList = self._spec.at(
            "affinity", "nodeAffinity", _REQUIRED, "nodeSelectorTerms", default=EMPTY_LIST
        )
        return any(term.get("matchFields") for term in terms)

    @cached_property
    def host_ports(self) -> tuple[HostPort, ...]:
        """Host ports of containers and sidecars, in order; IP and protocol filled in."""
        spec = self._spec
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
        """How many volumes stand for a claim."""
        return sum(
            volume.get("persistentVolumeClaim") is not None or volume.get("ephemeral") is not None
            for volume in self._spec.get("volumes") or EMPTY_LIST
        )

    @cached_property
    def image_names(self) -> tuple[str, ...]:
        """Images of containers and image volumes, with a tag each, in upstream's order."""
        spec = self._spec
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
        terms = self._spec.at("affinity", kind, _REQUIRED, default=EMPTY_LIST)
        return tuple(affinity_term(term, self._namespace) for term in terms)

    def _preferred(self, kind: str) -> tuple[AffinityTerm, ...]:
        terms = self._spec.at("affinity", kind, _PREFERRED, default=EMPTY_LIST)
        return tuple(
            affinity_term(
                term.get("podAffinityTerm") or EMPTY_MAP, self._namespace, term.get("weight") or 0
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


def normalized_image_name(image: str) -> str:
    """The name with `:latest` where no tag was given after the last slash."""
    return image if image.rfind(":") > image.rfind("/") else f"{image}:latest"
