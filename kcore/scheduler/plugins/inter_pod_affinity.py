"""Pods that want to be near other pods, or far from them, within a topology domain.

Filter looks at three sides: what the pod demands, what it refuses, and which pods that are there
already refuse it. Score adds up wishes in both directions. A domain is a (label key, value) pair;
everything is counted per domain, so one node is checked in O(terms).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from kcore.machinery.frozen import FrozenMap
from kcore.scheduler.affinity_term import AffinityTerm
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.events import (
    ASSIGNED_POD,
    NODE,
    TARGET_POD,
    Action,
    Change,
    ClusterEvent,
    EventRegistration,
    Hint,
)
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.framework.interfaces import MAX_NODE_SCORE, PASSED, PreFilterResult
from kcore.scheduler.framework.status import SKIP, Status, unresolvable, unschedulable
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo

REFUSED_AFFINITY: Final = unresolvable("node(s) didn't match pod affinity rules")
REFUSED_ANTI_AFFINITY: Final = unschedulable("node(s) didn't match pod anti-affinity rules")
REFUSED_BY_OTHERS: Final = unschedulable("node(s) didn't satisfy existing pods anti-affinity rules")
_FILTER_KEY: Final = "InterPodAffinity/filter"
_SCORE_KEY: Final = "InterPodAffinity/score"

Domain = tuple[str, str]
Terms = tuple[AffinityTerm, ...]


class DomainCounts:
    """Counts per domain; a domain whose count returns to 0 is forgotten."""

    __slots__ = ("counts",)

    def __init__(self, counts: Mapping[Domain, int] | None = None) -> None:
        self.counts: dict[Domain, int] = dict(counts or {})

    def __eq__(self, other: object) -> bool:
        return isinstance(other, DomainCounts) and self.counts == other.counts

    __hash__ = None  # type: ignore[assignment]  # It changes.

    def add(self, node: NodeInfo, topology_key: str, amount: int) -> None:
        """Change the count of the node's domain; a node without the label has none."""
        value = node.labels.get(topology_key)
        if value is None:
            return
        domain = (topology_key, value)
        count = self.counts.get(domain, 0) + amount
        if count:
            self.counts[domain] = count
        else:
            self.counts.pop(domain, None)

    def of(self, topology_key: str, value: str) -> int:
        """The count of one domain."""
        return self.counts.get((topology_key, value), 0)


@dataclass(frozen=True, slots=True)
class _Filtering:
    affinity_terms: Terms
    anti_affinity_terms: Terms
    namespace_labels: Mapping[str, str]
    affinity: DomainCounts
    anti_affinity: DomainCounts
    others: DomainCounts
    """Required anti-affinity of the pods that are there, against this one."""

    def clone(self) -> "_Filtering":
        return replace(
            self,
            affinity=DomainCounts(self.affinity.counts),
            anti_affinity=DomainCounts(self.anti_affinity.counts),
            others=DomainCounts(self.others.counts),
        )

    def count(self, pod: PodInfo, other: PodInfo, node: NodeInfo, amount: int) -> None:
        """Take one pod on a node into account (or out of it)."""
        _count_each(
            self.others, other.required_anti_affinity, pod, self.namespace_labels, (node, amount)
        )
        if means_by_all(self.affinity_terms, other):
            for term in self.affinity_terms:
                self.affinity.add(node, term.topology_key, amount)
        _count_each(self.anti_affinity, self.anti_affinity_terms, other, None, (node, amount))


class InterPodAffinity:
    """Filter by required terms in both directions, score by preferred ones."""

    name: Final = "InterPodAffinity"

    def __init__(self, args: FrozenMap) -> None:
        """Read `hardPodAffinityWeight` (1) and `ignorePreferredTermsOfExistingPods` (false)."""
        weight = args.get("hardPodAffinityWeight")
        self.hard_weight = 1 if weight is None else weight
        self.ignores_others = bool(args.get("ignorePreferredTermsOfExistingPods"))

    def pre_filter(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> PreFilterResult:
        """Count per domain. O(pods that refuse others), plus O(all pods) if the pod has terms."""
        has_terms = bool(pod.required_affinity or pod.required_anti_affinity)
        if not has_terms and not state.handle.snapshot.nodes_with_required_anti_affinity:
            return PreFilterResult(SKIP)
        filtering = _Filtering(
            resolved(state.handle, pod.required_affinity),
            resolved(state.handle, pod.required_anti_affinity),
            namespace_labels(state.handle, pod.namespace),
            DomainCounts(),
            DomainCounts(),
            DomainCounts(),
        )
        if filtering.affinity_terms or filtering.anti_affinity_terms:
            for node in nodes:
                for other in node.pods:
                    filtering.count(pod, other, node, 1)
        else:
            for node in state.handle.snapshot.nodes_with_required_anti_affinity:
                for other in node.pods_with_required_anti_affinity:
                    filtering.count(pod, other, node, 1)
            if not filtering.others.counts:
                return PreFilterResult(SKIP)
        state.write(_FILTER_KEY, filtering)
        return PASSED

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Demands first, then refusals by the pod, then refusals of the pod."""
        filtering: _Filtering = state.read(_FILTER_KEY)
        if not _affinity_holds(filtering, pod, node):
            return REFUSED_AFFINITY
        for term in filtering.anti_affinity_terms:
            value = node.labels.get(term.topology_key)
            if value is not None and filtering.anti_affinity.of(term.topology_key, value) > 0:
                return REFUSED_ANTI_AFFINITY
        others = filtering.others
        if others.counts and any(others.of(key, node.labels[key]) > 0 for key in node.labels):
            return REFUSED_BY_OTHERS
        return None

    def add_pod(self, state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo) -> None:
        """Count one pod more."""
        state.read(_FILTER_KEY).count(pod, other, node, 1)

    def remove_pod(self, state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo) -> None:
        """Count one pod less."""
        state.read(_FILTER_KEY).count(pod, other, node, -1)

    def pre_score(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo]
    ) -> Status | None:
        """Add up wishes per domain. O(pods with affinity), or O(all pods) if the pod has wishes."""
        has_wishes = bool(pod.preferred_affinity or pod.preferred_anti_affinity)
        if not nodes or (self.ignores_others and not has_wishes):
            return SKIP
        wishes = _Wishes(
            pod,
            resolved(state.handle, pod.preferred_affinity),
            resolved(state.handle, pod.preferred_anti_affinity),
            namespace_labels(state.handle, pod.namespace),
            self.hard_weight,
        )
        snapshot = state.handle.snapshot
        if has_wishes:
            for node in snapshot.nodes:
                wishes.add_own(node)
        for node in snapshot.nodes_with_affinity:
            for other in node.pods_with_affinity:
                wishes.add_of(other, node)
        if not wishes.scores:
            return SKIP
        state.write(_SCORE_KEY, wishes.scores)
        return None

    def score(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> int:
        """The wishes that the node's domains meet; may be negative."""
        labels = node.labels
        total = 0
        for key, values in state.read(_SCORE_KEY).items():
            value = labels.get(key)
            if value is not None:
                total += values.get(value, 0)
        return total

    def normalize(
        self, state: CycleState, pod: PodInfo, nodes: Sequence[NodeInfo], scores: Sequence[int]
    ) -> list[int]:
        """Stretch to 0..100, in this order of operations: 29/100*100 truncates to 28."""
        lowest, highest = min(scores, default=0), max(scores, default=0)
        spread = highest - lowest
        if spread <= 0:
            return [0] * len(scores)
        return [
            int(float(MAX_NODE_SCORE) * (float(score - lowest) / float(spread))) for score in scores
        ]

    def events_to_register(self) -> tuple[EventRegistration, ...]:
        """Pods came, went or changed labels, or nodes joined a domain."""
        pods = Action.ADD | Action.DELETE | Action.UPDATE_POD_LABEL
        nodes = Action.ADD | Action.UPDATE_NODE_LABEL
        return (
            EventRegistration(ClusterEvent(ASSIGNED_POD, pods), _after_pod_change),
            EventRegistration(
                ClusterEvent(TARGET_POD, Action.UPDATE_POD_LABEL), _after_target_change
            ),
            EventRegistration(ClusterEvent(NODE, nodes), _after_node_change),
        )


class _Wishes:
    """Scores by topology key and value, from both sides' preferred terms."""

    def __init__(
        self,
        pod: PodInfo,
        affinity: Terms,
        anti_affinity: Terms,
        namespace_labels: Mapping[str, str],
        hard_weight: int,
    ) -> None:
        self._pod = pod
        self._own = [
            *((term, term.weight, memo_key(term)) for term in affinity),
            *((term, -term.weight, memo_key(term)) for term in anti_affinity),
        ]
        self._namespace_labels = namespace_labels
        self._hard_weight = hard_weight
        self.scores: dict[str, dict[str, int]] = {}

    def add_own(self, node: NodeInfo) -> None:
        """Take the pod's own wishes about the pods of one node into account."""
        for term, weight, key in self._own:
            value = node.labels.get(term.topology_key)
            count = 0 if value is None else count_matching(term, key, node)
            if value is not None and count:
                values = self.scores.setdefault(term.topology_key, {})
                values[value] = values.get(value, 0) + weight * count

    def add_of(self, other: PodInfo, node: NodeInfo) -> None:
        """Take the wishes of one pod that is there, about this one, into account."""
        labels, pod = self._namespace_labels, self._pod
        if self._hard_weight > 0:
            for term in other.required_affinity:
                self._add(term, pod, labels, node, self._hard_weight)
        for term in other.preferred_affinity:
            self._add(term, pod, labels, node, term.weight)
        for term in other.preferred_anti_affinity:
            self._add(term, pod, labels, node, -term.weight)

    def _add(
        self,
        term: AffinityTerm,
        pod: PodInfo,
        namespace_labels: Mapping[str, str] | None,
        node: NodeInfo,
        weight: int,
    ) -> None:
        value = node.labels.get(term.topology_key)
        if value is not None and term.matches(pod, namespace_labels):
            values = self.scores.setdefault(term.topology_key, {})
            values[value] = values.get(value, 0) + weight


def memo_key(term: AffinityTerm) -> str:
    """What a (resolved) term means, as a key of counts."""
    everywhere = term.namespace_selector is not None
    return f"near/{sorted(term.namespaces)}/{everywhere}/{term.selector!r}"


def count_matching(term: AffinityTerm, key: str, node: NodeInfo) -> int:
    """How many pods of a node a (resolved) term means. O(changes) if asked before, else O(pods)."""
    return node.held.count(key, lambda other: term.matches(other, None))


def resolved(handle: Handle, terms: Terms) -> Terms:
    """The terms with namespace selectors replaced by the namespaces they select now.

    A selector that selects every namespace stays: it needs no look at their labels.
    """
    return tuple(_resolved(handle, term) for term in terms)


def _resolved(handle: Handle, term: AffinityTerm) -> AffinityTerm:
    selector = term.namespace_selector
    if selector is None or selector.is_empty():
        return term
    selected = handle.lister("namespaces").list("", selector)
    names = frozenset(namespace["metadata"]["name"] for namespace in selected)
    return replace(term, namespaces=term.namespaces | names, namespace_selector=None)


def means_by_all(terms: Terms, pod: PodInfo) -> bool:
    """Whether all (resolved) terms mean a pod; no terms mean nobody."""
    return bool(terms) and all(term.matches(pod, None) for term in terms)


def means_by_any(terms: Terms, pod: PodInfo) -> bool:
    """Whether at least one (resolved) term means a pod."""
    return any(term.matches(pod, None) for term in terms)


def _count_each(
    counts: DomainCounts,
    terms: Iterable[AffinityTerm],
    pod: PodInfo,
    namespace_labels: Mapping[str, str] | None,
    change: tuple[NodeInfo, int],
) -> None:
    node, amount = change
    for term in terms:
        if term.matches(pod, namespace_labels):
            counts.add(node, term.topology_key, amount)


def _affinity_holds(filtering: _Filtering, pod: PodInfo, node: NodeInfo) -> bool:
    """Whether each term has a matching pod in the node's domain.

    The first pod of a group that wants to be together has nobody to join: it passes when it means
    itself, on any node that has all the labels.
    """
    all_exist = True
    for term in filtering.affinity_terms:
        value = node.labels.get(term.topology_key)
        if value is None:
            return False
        if filtering.affinity.of(term.topology_key, value) <= 0:
            all_exist = False
    if all_exist:
        return True
    return not filtering.affinity.counts and means_by_all(filtering.affinity_terms, pod)


def namespace_labels(handle: Handle, namespace: str) -> Mapping[str, str]:
    """The labels of a namespace now; none when it is not there."""
    found = handle.lister("namespaces").get("", namespace)
    labels: Mapping[str, str] = {} if found is None else found.at("metadata", "labels", default={})
    return labels


def _after_target_change(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    """Other labels may match, or no longer be refused by, the pods that are there."""
    return Hint.QUEUE


def _after_pod_change(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    old = None if change.old is None else PodInfo(change.old)
    new = None if change.new is None else PodInfo(change.new)
    if any(one is not None and not one.node_name for one in (old, new)):
        return Hint.SKIP
    wanted = resolved(handle, pod.required_affinity)
    refused = resolved(handle, pod.required_anti_affinity)
    gained = new is not None and means_by_all(wanted, new)
    if old is not None and new is not None:
        gained = gained and not means_by_all(wanted, old)
    lost = old is not None and means_by_any(refused, old)
    if old is not None and new is not None:
        lost = lost and not means_by_any(refused, new)
    elif old is not None and not lost:
        labels = namespace_labels(handle, pod.namespace)
        lost = any(term.matches(pod, labels) for term in old.required_anti_affinity)
    return Hint.QUEUE if gained or lost else Hint.SKIP


def _after_node_change(handle: Handle, pod: PodInfo, change: Change) -> Hint:
    if change.new is None:
        return Hint.SKIP
    new = NodeInfo(change.new).labels
    old = None if change.old is None else NodeInfo(change.old).labels
    for term in pod.required_affinity:
        value = new.get(term.topology_key)
        if value is not None and (old is None or old.get(term.topology_key) != value):
            return Hint.QUEUE
    for term in pod.required_anti_affinity:
        # Without the label a node is in no domain, so nobody there can be too near.
        if old is None or old.get(term.topology_key) != new.get(term.topology_key):
            return Hint.QUEUE
    return Hint.SKIP
