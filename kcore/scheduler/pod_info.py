"""A pod as the scheduler sees it: everything it derives from the object, computed once.

A `PodInfo` never changes and belongs to one version of the pod. What follows from its spec stands
in `PodFacts`, which pods of one template share (`PodInfos`).
"""

from typing import Final

from kcore.api.core_v1.affinity import RequiredNodeAffinity
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap, Patch, Path, Template, freeze
from kcore.records import acyclic, changed
from kcore.scheduler.affinity_term import AffinityTerm
from kcore.scheduler.pod_facts import HostPort, PodFacts, form_of
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

# Where a pod that is like another one differs from it, and nothing but its name and uid follows.
_OWN: Final = tuple(
    ("metadata", field) for field in ("name", "uid", "resourceVersion", "creationTimestamp")
)
_NOBODY: Final = freeze({"metadata": {field: "" for _, field in _OWN}})
# After so many pods that are unlike the usual one the next one becomes the usual one.
_UNUSUAL_COUNT_MAX: Final = 16

_PUT: Final = Patch(("spec", "nodeName"))
_NODE_NAME: Final = Path("spec", "nodeName")
# What changes when a placement is confirmed, or with a condition.
_NEWS: Final = (("spec", "nodeName"), ("status", "conditions"), ("metadata", "resourceVersion"))
_SAID: Final = Patch(*_NEWS)
_SAID_AND_LABELLED: Final = Patch(*_NEWS, ("metadata", "labels"))


@acyclic
class PodInfo:
    """One version of one pod. Three are made of each pod that is placed, so they are small."""

    __slots__ = (
        "facts",
        "is_assumed",
        "is_finished",
        "is_terminating",
        "key",
        "known_requests",
        "labels",
        "like",
        "name",
        "namespace",
        "node_name",
        "nominated_node_name",
        "priority",
        "shown",
        "uid",
    )

    facts: PodFacts
    """What follows from the spec and the namespace."""
    is_assumed: bool
    """Whether it sits on its node because the scheduler said so, and the API did not (yet)."""
    is_finished: bool
    """Whether it has run to its end and holds nothing any more."""
    is_terminating: bool
    key: str
    known_requests: PodRequests | None
    """`requests`, if anybody has asked for them; for others to look into without a call."""
    labels: FrozenMap
    like: tuple[object, ...]
    """Equal for pods alike in all but their names, status and node: facts, labels and owners."""
    name: str
    namespace: str
    node_name: str
    """The node it sits on or insists on; empty when there is none."""
    nominated_node_name: str
    """The node that preemption has made room on; empty when there is none."""
    priority: int
    shown: FrozenMap
    """`pod`, but maybe without the node that the scheduler has put it on: as the API shows it."""
    uid: str

    def __init__(
        self,
        pod: FrozenMap,
        requests: PodRequests | None = None,
        facts: PodFacts | None = None,
    ) -> None:
        """Read `pod`; requests and facts may be known already."""
        metadata = pod["metadata"]
        spec: FrozenMap = pod.get("spec") or EMPTY_MAP
        status: FrozenMap = pod.get("status") or EMPTY_MAP
        self.shown = pod
        self.name = name = metadata["name"]
        self.namespace = namespace = metadata.get("namespace") or ""
        self.key = key = f"{namespace}/{name}"
        self.uid = metadata.get("uid") or key
        self.labels = metadata.get("labels") or EMPTY_MAP
        self.priority = spec.get("priority") or 0
        self.node_name = spec.get("nodeName") or ""
        self.nominated_node_name = status.get("nominatedNodeName") or ""
        self.is_terminating = metadata.get("deletionTimestamp") is not None
        self.is_finished = status.get("phase") in FINISHED_PHASES
        self.is_assumed = False
        self.facts = PodFacts(pod) if facts is None else facts
        self.known_requests = requests
        # One whose status says more than its spec is like no other.
        is_usual = requests is None or facts is None or requests is facts.requests
        kind = self.facts if is_usual else object()
        self.like = (kind, self.labels, metadata.get("ownerReferences"))

    def on_node(self, node_name: str) -> "PodInfo":
        """The same pod, put on a node by the scheduler; what was computed of it still holds."""
        # Hardly anybody looks at the object before the API shows it with its node: see `pod`.
        return changed(self, node_name=node_name, is_assumed=True)

    def later(self, pod: FrozenMap, requests: PodRequests | None = None) -> "PodInfo":
        """A later version of the same pod with an equal spec; what follows from it still holds.

        Its requests are those of this version, unless they are given.
        """
        metadata = pod["metadata"]
        status: FrozenMap = pod.get("status") or EMPTY_MAP
        labels = metadata.get("labels") or EMPTY_MAP
        is_usual = requests is None or requests is self.known_requests
        kind = self.like[0] if is_usual else object()
        return changed(
            self,
            shown=pod,
            labels=labels,
            like=(kind, labels, metadata.get("ownerReferences")),
            nominated_node_name=status.get("nominatedNodeName") or "",
            is_terminating=metadata.get("deletionTimestamp") is not None,
            is_finished=status.get("phase") in FINISHED_PHASES,
            is_assumed=False,
            known_requests=requests or self.known_requests,
        )

    @property
    def pod(self) -> FrozenMap:
        """The object, with the node the pod sits on. O(1)."""
        if self.is_assumed and _NODE_NAME(self.shown) != self.node_name:
            self.shown = _PUT(self.shown, self.node_name)
        return self.shown

    @property
    def spec(self) -> FrozenMap:
        """What the pod is to be; of its kind and node alone where `facts` will do."""
        return self.pod.get("spec") or EMPTY_MAP

    @property
    def form(self) -> FrozenMap:
        """The spec without the names of its claims: pods of one template have the same.

        The node that a pod was put on has no part in it.
        """
        return self.facts.form

    @property
    def requests(self) -> PodRequests:
        """How much the pod asks for; the status of a resized one may say more than its spec."""
        requests = self.known_requests
        if requests is None:
            if not _is_in_status(self.shown):
                requests = self.facts.requests
            else:
                requests = pod_requests(self.shown)
            self.known_requests = requests
        return requests

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


class PodInfos:
    """Makes `PodInfo`s and remembers what follows from specs it has seen.

    Most pods come in crowds, and differ from one another in their names only. One of a crowd is
    kept as the usual pod: what is like it takes everything else over unread.

    The memory holds facts about values, so forks share it.
    """

    __slots__ = ("_facts", "_is_usual", "_known", "_unusual_count", "_usual")

    def __init__(self) -> None:
        self._known: dict[tuple[object, ...], PodRequests] = {}
        # By form and namespace, of pods without a node.
        self._facts: dict[tuple[FrozenMap, str], PodFacts] = {}
        self._usual = PodInfo(_NOBODY)
        self._is_usual = Template(_NOBODY, *_OWN).read
        # Since another one became the usual pod.
        self._unusual_count = 0

    def of(self, pod: FrozenMap) -> PodInfo:
        """The view of `pod`. O(1) for a spec seen before, else O(containers)."""
        is_usual = self._is_usual  # Read first: a call of what a slot holds takes longer.
        own = is_usual(pod)
        if own is None:
            return self._unusual(pod)
        usual = self._usual
        name, uid, _, _ = own
        key = f"{usual.namespace}/{name}"
        return changed(usual, shown=pod, name=name, key=key, uid=uid or key)

    def confirmed(self, info: PodInfo, pod: FrozenMap) -> PodInfo | None:
        """The view of a later version of the same pod if only a condition and labels are new.

        Else None. It may be the first that shows the node the pod was put on. A condition says
        nothing, unless the status says how much the pod asks for; labels are those of the node's
        zone.
        """
        if info.known_requests is not info.facts.known_requests:
            return None
        news = _SAID.read(info.shown, pod)
        if news is not None:
            if news[0] != info.node_name:
                return None
            return changed(info, shown=pod, is_assumed=False)
        news = _SAID_AND_LABELLED.read(info.shown, pod)
        if news is None or news[0] != info.node_name:
            return None
        labels = news[-1] or EMPTY_MAP
        kind, _, owners = info.like
        like = (kind, labels, owners)
        return changed(info, shown=pod, labels=labels, like=like, is_assumed=False)

    def later(self, info: PodInfo, pod: FrozenMap) -> PodInfo:
        """The view of a later version of the same pod; what an equal spec says still holds."""
        if info.spec != pod.get("spec"):
            return self.of(pod)
        if _is_in_status(pod):
            return info.later(pod, self._requests_of(pod))
        return info.later(pod, info.facts.requests)

    def _unusual(self, pod: FrozenMap) -> PodInfo:
        info = self._worked_out(pod)
        self._unusual_count += 1
        if self._unusual_count > _UNUSUAL_COUNT_MAX:
            self._unusual_count = 0
            self._usual, self._is_usual = info, Template(pod, *_OWN).read
        return info

    def _worked_out(self, pod: FrozenMap) -> PodInfo:
        facts = self._new_facts(pod) if pod.at("spec", "nodeName") else self._facts_of(pod)
        requests = self._requests_of(pod) if _is_in_status(pod) else facts.requests
        return PodInfo(pod, requests, facts)

    def _facts_of(self, pod: FrozenMap) -> PodFacts:
        spec = pod.get("spec") or EMPTY_MAP
        key = (form_of(spec), pod["metadata"].get("namespace") or "")
        facts = self._facts.get(key)
        if facts is None:
            if len(self._facts) >= MODELS_COUNT_MAX:
                self._facts.clear()
            facts = self._facts[key] = self._new_facts(pod)
        return facts

    def _new_facts(self, pod: FrozenMap) -> PodFacts:
        facts = PodFacts(pod)
        plain = pod.remove("status") if _is_in_status(pod) else pod
        facts.known_requests = self._requests_of(plain)
        return facts

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
    return not _SAYS_MORE.isdisjoint(pod.get("status") or EMPTY_MAP)
