"""One node as the scheduler sees it: its object, its pods and their sums.

A `NodeInfo` never changes. Adding or removing a pod makes a new one that shares the rest, so a
snapshot is a list of references, a fork copies nothing, and preemption can think about a node
without touching it. What a change costs does not depend on how many pods there are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Self, cast

from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenList, FrozenMap
from kcore.machinery.labels import Selector
from kcore.machinery.quantity import quantity_of
from kcore.records import acyclic, changed
from kcore.scheduler.node_pods import NodePods, node_pods
from kcore.scheduler.pod_facts import HostPort
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.pod_requests import resources_of
from kcore.scheduler.resources import NO_SCALARS, NOTHING, PODS, Resources, plus_scalars

ANY_IP: Final = "0.0.0.0"
NO_PRIORITY: Final = 2**31
"""Greater than the priority of any pod."""
NO_PORTS: Final[frozenset[HostPort]] = frozenset()
NO_FEATURES: Final[frozenset[str]] = frozenset()
NO_PODS: Final = node_pods()
NO_CROWD: Final = node_pods((), (0, 0, 0, 0, 0))
"""No pods, who ask for nothing together."""
NO_MEMO: Final[Mapping[str, int]] = MappingProxyType({})
"""Most versions are never scored, and need nothing to remember scores in."""


@dataclass(frozen=True, slots=True)
class ImageState:
    """An image that lies on a node: its size in bytes, and on how many nodes it lies."""

    size: int
    nodes_count: int


NO_IMAGES: Final[Mapping[str, ImageState]] = {}


class NodeFacts:
    """What follows from the Node object alone."""

    __slots__ = (
        "allocatable",
        "allowed_pods_count",
        "declared_features",
        "image_sizes",
        "labels",
        "name",
        "node",
        "taints",
        "unschedulable",
        "zone_key",
    )

    def __init__(self, node: FrozenMap) -> None:
        metadata = node["metadata"]
        spec = node.get("spec") or EMPTY_MAP
        status = node.get("status") or EMPTY_MAP
        allocatable = status.get("allocatable") or EMPTY_MAP
        self.node = node
        self.name: str = metadata["name"]
        self.labels: FrozenMap = metadata.get("labels") or EMPTY_MAP
        self.taints: FrozenList = spec.get("taints") or EMPTY_LIST
        self.unschedulable = bool(spec.get("unschedulable"))
        self.allocatable = resources_of(allocatable)
        self.allowed_pods_count = _pods_count(allocatable)
        features = status.get("declaredFeatures")
        self.declared_features = frozenset(features) if features else NO_FEATURES
        self.zone_key = zone_key(self.labels)
        self.image_sizes = _image_sizes(status)


@acyclic
class NodeInfo:
    """A node, its pods and their sums. `node` is None while only its pods are known."""

    __slots__ = (
        "_lowest_priority",
        "_requested",
        "allocatable",
        "allowed_pods_count",
        "claims_count",
        "facts",
        "frame",
        "held",
        "held_with_affinity",
        "held_with_required_anti_affinity",
        "images",
        "labels",
        "memo",
        "name",
        "scalars",
        "used_ports",
    )

    facts: NodeFacts
    frame: object
    """All that a version is but `held`: the same object where no more than that is another."""
    images: Mapping[str, ImageState]
    labels: FrozenMap
    name: str
    allocatable: Resources
    allowed_pods_count: int
    held: NodePods
    """Its pods: to count them, to follow their changes without reading them, and their sums."""
    held_with_affinity: NodePods
    held_with_required_anti_affinity: NodePods
    claims_count: int
    """Volumes of its pods that stand for claims."""
    scalars: Mapping[str, int]
    """What its pods ask for of resources besides the native ones."""
    # None until somebody asks.
    _requested: Resources | None
    # None: the pod that had it left, and nobody has asked since.
    _lowest_priority: int | None
    used_ports: frozenset[HostPort]
    """Host ports in use: for membership only.

    A set, as upstream's: when one of two pods that share a port leaves, it counts as free.
    """
    memo: Mapping[str, int]
    """Numbers that follow from this version of the node and the key, kept by plugins (`remember`).

    One placement changes one node, so the scores of all others for an equal pod are known.
    """

    def __init__(self, node: FrozenMap | None = None) -> None:
        self._show(_UNKNOWN_NODE if node is None else NodeFacts(node))
        self.frame = object()
        self.images = NO_IMAGES
        self.held, self.scalars = NO_CROWD, NO_SCALARS
        self.held_with_affinity = self.held_with_required_anti_affinity = NO_PODS
        self._requested = None
        self.claims_count = 0
        self._lowest_priority = NO_PRIORITY
        self.used_ports = NO_PORTS
        self.memo = NO_MEMO

    @property
    def node(self) -> FrozenMap | None:
        """The Node object."""
        return None if self.facts is _UNKNOWN_NODE else self.facts.node

    @property
    def pods(self) -> tuple[PodInfo, ...]:
        """Its pods, in upstream's order. O(pods) the first time."""
        return self.held.read()

    @property
    def pods_with_affinity(self) -> tuple[PodInfo, ...]:
        """Those that say anything about other pods. O(of them) the first time."""
        return self.held_with_affinity.read()

    @property
    def pods_with_required_anti_affinity(self) -> tuple[PodInfo, ...]:
        """Those that refuse others. O(of them) the first time."""
        return self.held_with_required_anti_affinity.read()

    @property
    def pods_count(self) -> int:
        """How many pods there are. O(1)."""
        return self.held.size

    @property
    def requested(self) -> Resources:
        """What its pods ask for together. O(1)."""
        requested = self._requested
        if requested is None:
            cpu, memory, storage, _, _ = self.held.sums
            requested = self._requested = Resources(cpu, memory, storage, self.scalars)
        return requested

    @property
    def non_zero_cpu(self) -> int:
        """Likewise of cpu, where each asks for something. O(1)."""
        return self.held.sums[3]

    @property
    def non_zero_memory(self) -> int:
        """Likewise of memory. O(1)."""
        return self.held.sums[4]

    @property
    def lowest_priority(self) -> int:
        """Of its pods; more than any pod has when there are none.

        O(1), O(pods) after the one that had it left.
        """
        lowest = self._lowest_priority
        if lowest is None:
            lowest = min((info.priority for info in self.pods), default=NO_PRIORITY)
            self._lowest_priority = lowest
        return lowest

    def has_port_conflict(self, wanted: tuple[HostPort, ...]) -> bool:
        """Whether any wanted host port is taken. O(wanted * used)."""
        used = self.used_ports
        if not used:
            return False
        return any(_is_taken(port, used) for port in wanted)

    def with_node(self, node: FrozenMap) -> Self:
        """The same pods on a changed (or now known) node."""
        return self._showing(NodeFacts(node))

    def without_node(self) -> Self:
        """The pods of a node that is gone."""
        return self._showing(_UNKNOWN_NODE)

    def with_images(self, images: Mapping[str, ImageState]) -> Self:
        """The same node, knowing how widespread its images are."""
        return changed(self, frame=object(), images=images)

    def with_pod(self, info: PodInfo) -> Self:
        """The node with one pod more. O(1) amortised."""
        # Read without a call where they are known: they are, of all but the first pod of a kind.
        requests, lowest = info.known_requests or info.requests, self._lowest_priority
        if lowest is not None and info.priority < lowest:
            lowest = info.priority
        twin = changed(
            self,
            memo=NO_MEMO,
            held=self.held.plus(info, requests.amounts),
            _requested=None,
            _lowest_priority=lowest,
        )
        if requests.requested.scalars or not info.facts.takes_room_only:
            twin._count_more(info, 1)
        return twin

    def without_pod(self, info: PodInfo) -> Self:
        """The node without one of its pods. O(1) amortised.

        A pod that is not here is found out when the pods are read.
        """
        requests, lowest = info.requests, self._lowest_priority
        held = self.held.minus(info, requests.amounts)
        if info.priority == lowest:
            lowest = None if held.size else NO_PRIORITY
        twin = changed(self, memo=NO_MEMO, held=held, _requested=None, _lowest_priority=lowest)
        if requests.requested.scalars or not info.facts.takes_room_only:
            twin._count_more(info, -1)
        return twin

    def with_newer(self, old: PodInfo, new: PodInfo) -> Self:
        """The node with a newer version of one of its pods that asks for the same.

        As `without_pod` and `with_pod` would have it, sums left alone. O(1) amortised.
        """
        twin = changed(self, memo=NO_MEMO, held=self.held.renewed(old, new))
        facts = new.facts
        if facts.has_affinity:
            twin.frame = object()
            twin.held_with_affinity = self.held_with_affinity.renewed(old, new)
            if facts.required_anti_affinity:
                others = self.held_with_required_anti_affinity
                twin.held_with_required_anti_affinity = others.renewed(old, new)
        return twin

    def remember(self, key: str, number: int) -> int:
        """Keep a number in the memo; returns it. O(1)."""
        if self.memo is NO_MEMO:
            self.memo = {key: number}
        else:
            cast("dict[str, int]", self.memo)[key] = number
        return number

    def find(self, uid: str) -> PodInfo | None:
        """The pod with this uid, or None. O(pods on the node)."""
        for info in self.pods:
            if info.uid == uid:
                return info
        return None

    def count_pods(self, namespace: str, selector: Selector, key: str) -> int:
        """How many pods of a namespace that are not being deleted a selector means.

        `key` stands for namespace and selector together. O(changes) when asked before, else
        O(pods).
        """
        return self.held.count(
            key,
            lambda info: (
                info.namespace == namespace
                and not info.is_terminating
                and selector.matches(info.labels)
            ),
        )

    def check_invariants(self) -> None:
        """Raise AssertionError unless the sums are those of the pods. O(pods)."""
        total, cpu, memory = NOTHING, 0, 0
        for info in self.pods:
            total = total.plus(info.requests.requested)
            cpu += info.requests.non_zero.milli_cpu
            memory += info.requests.non_zero.memory
        for name in ("cpu", "memory", "ephemeral-storage", *self.requested.scalars):
            assert self.requested.get(name) == total.get(name), f"{self.name}: sum of {name}"
        assert (self.non_zero_cpu, self.non_zero_memory) == (cpu, memory), self.name
        claims = sum(info.claims_count for info in self.pods)
        assert self.claims_count == claims, f"{self.name}: claims"
        lowest = min((info.priority for info in self.pods), default=NO_PRIORITY)
        assert self.lowest_priority == lowest, f"{self.name}: lowest priority"
        assert len(self.pods) == len(self.held), f"{self.name}: count of pods"
        listed = [info for info in self.pods if info.has_affinity]
        assert set(self.pods_with_affinity) == set(listed), f"{self.name}: pods with affinity"
        listed = [info for info in listed if info.required_anti_affinity]
        assert set(self.pods_with_required_anti_affinity) == set(listed), self.name
        uids = [info.uid for info in self.pods]
        assert len(set(uids)) == len(uids), f"{self.name}: a pod counted twice"

    def _count_more(self, info: PodInfo, sign: int) -> None:
        """Count what a pod that came (1) or left (-1) is to others besides room that is taken."""
        facts, change = info.facts, NodePods.plus if sign > 0 else NodePods.minus
        self.frame = object()
        self.scalars = plus_scalars(self.scalars, info.requests.requested.scalars, sign)
        self.claims_count += sign * facts.claims_count
        if facts.host_ports:
            ports = self.used_ports
            merge = ports.union if sign > 0 else ports.difference
            self.used_ports = merge(facts.host_ports)
        if facts.has_affinity:
            self.held_with_affinity = change(self.held_with_affinity, info)
            if facts.required_anti_affinity:
                others = self.held_with_required_anti_affinity
                self.held_with_required_anti_affinity = change(others, info)

    def _showing(self, facts: NodeFacts) -> Self:
        twin = changed(self, memo=NO_MEMO, frame=object())
        twin._show(facts)
        return twin

    def _show(self, facts: NodeFacts) -> None:
        self.facts = facts
        self.name = facts.name
        self.labels = facts.labels
        self.allocatable = facts.allocatable
        self.allowed_pods_count = facts.allowed_pods_count


def zone_key(labels: Mapping[str, str]) -> str:
    """Which failure domain a node is in; empty when its labels do not say."""
    region = _first_label(labels, "region")
    zone = _first_label(labels, "zone")
    return f"{region}:\x00:{zone}" if region or zone else ""


def _first_label(labels: Mapping[str, str], kind: str) -> str:
    beta = labels.get(f"failure-domain.beta.kubernetes.io/{kind}")
    if beta is not None:
        return beta
    return labels.get(f"topology.kubernetes.io/{kind}") or ""


def _is_taken(port: HostPort, used: frozenset[HostPort]) -> bool:
    ip, protocol, number = port
    if ip != ANY_IP:
        return port in used or (ANY_IP, protocol, number) in used
    return any(other[1] == protocol and other[2] == number for other in used)


def _pods_count(allocatable: FrozenMap) -> int:
    raw = allocatable.get(PODS)
    return 0 if raw is None else quantity_of(raw).value()


def _image_sizes(status: FrozenMap) -> Mapping[str, int]:
    sizes: dict[str, int] = {}
    for image in status.get("images") or EMPTY_LIST:
        for name in image.get("names") or EMPTY_LIST:
            sizes[name] = image.get("sizeBytes") or 0
    return sizes


# What stands in for the object of a node of which only pods are known.
_UNKNOWN_NODE: Final = NodeFacts(EMPTY_MAP.set(("metadata", "name"), ""))
NOBODY: Final = NodeInfo()
"""A node of which nothing is known, without pods."""
