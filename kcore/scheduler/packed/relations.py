"""What follows for a pod from where other pods are: gates that close domains, and wishes.

Topology spread and inter-pod affinity, in both directions, as bounds on counts per label domain.
One search asks for `gates` once and for `score` once the candidates are known. The rules are those
of the plugins `PodTopologySpread` and `InterPodAffinity`; what costs them a walk over all pods is
kept as counts here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.framework.status import Status
from kcore.scheduler.packed.held_terms import DEMANDS, DISLIKES, LIKES, REFUSES, HeldTerms
from kcore.scheduler.packed.kernels import ANY_LEAST, ANY_MOST, Gate, Search, lowest
from kcore.scheduler.packed.node_rows import NodeRows
from kcore.scheduler.packed.pod_counts import (
    EVERYWHERE,
    DomainSums,
    PodCounts,
    PodCountsBook,
    TakingPart,
    anchor_of,
)
from kcore.scheduler.packed.profile_plan import ProfilePlan
from kcore.scheduler.plugins.inter_pod_affinity import (
    REFUSED_AFFINITY,
    REFUSED_ANTI_AFFINITY,
    REFUSED_BY_OTHERS,
    InterPodAffinity,
    means_by_all,
    namespace_labels,
    resolved,
)
from kcore.scheduler.plugins.pod_topology_spread import (
    REFUSED,
    REFUSED_WITHOUT_LABEL,
    PodTopologySpread,
    domain_weight,
)
from kcore.scheduler.pod_info import AffinityTerm, PodInfo
from kcore.scheduler.spread_constraints import (
    DO_NOT_SCHEDULE,
    HOSTNAME,
    SCHEDULE_ANYWAY,
    SpreadConstraint,
)

Terms = tuple[AffinityTerm, ...]


@dataclass(frozen=True, slots=True)
class Closing:
    """A gate, the plugin it belongs to, and what the plugin says of a row that it closes."""

    plugin: str
    gate: Gate
    status: Status
    without_label: Status
    """The status of a row that has no domain."""


class Relations:
    """Counts of pods and holders over the rows, and what they mean for one profile's pods."""

    def __init__(self, rows: NodeRows) -> None:
        self._rows = rows
        self._book = PodCountsBook(rows)
        self._held = HeldTerms(rows)

    @property
    def observers(self) -> tuple[PodCountsBook, HeldTerms]:
        """Who must be told of changed rows."""
        return self._book, self._held

    def copy(self, rows: NodeRows) -> "Relations":
        """Independent counts over independent rows."""
        twin = object.__new__(Relations)
        twin._rows = rows
        twin._book, twin._held = self._book.copy(rows), self._held.copy(rows)
        return twin

    def check_invariants(self) -> None:
        """Raise AssertionError unless every count is that of the pods. O(everything)."""
        self._book.check_invariants()
        self._held.check_invariants()

    def closings(self, plan: ProfilePlan, state: CycleState, pod: PodInfo) -> list[Closing]:
        """What closes rows for a pod, plugin by plugin, in the plugins' own order."""
        found: list[Closing] = []
        spread = plan.plugin(PodTopologySpread)
        if spread is not None and spread.name in plan.filters:
            constraints = spread.constraints(state.handle, pod, DO_NOT_SCHEDULE)
            keys = tuple(one.topology_key for one in constraints)
            found.extend(self._spread_closing(pod, one, keys) for one in constraints)
        affinity = plan.plugin(InterPodAffinity)
        if affinity is not None and affinity.name in plan.filters:
            found.extend(self._affinity_closings(state.handle, pod))
        return found

    def score(
        self, plan: ProfilePlan, state: CycleState, pod: PodInfo, search: Search
    ) -> Iterator[str]:
        """Add the wishes to the candidates' totals; yields the plugin after each step."""
        spread = plan.plugin(PodTopologySpread)
        if spread is not None and spread.name in plan.weights:
            constraints = spread.constraints(state.handle, pod, SCHEDULE_ANYWAY)
            if constraints:
                needs_all = not spread.is_system or bool(pod.spec.get("topologySpreadConstraints"))
                self._spread_score(pod, constraints, needs_all, search, plan.weights[spread.name])
                yield spread.name
        affinity = plan.plugin(InterPodAffinity)
        if affinity is not None and affinity.name in plan.weights:
            sums = self._affinity_sums(affinity, state.handle, pod)
            if sums:
                search.add_sums(sums, plan.weights[affinity.name])
                yield affinity.name

    def _spread_closing(
        self, pod: PodInfo, constraint: SpreadConstraint, keys: tuple[str, ...]
    ) -> Closing:
        part = _part(constraint, pod, keys)
        sums = self._spread_counts(constraint).sums(self._rows, constraint.topology_key, part)
        domains_count, least = lowest(sums.counts, sums.present)
        if domains_count < constraint.min_domains_count:
            least = 0
        most = constraint.max_skew + least - constraint.means(pod)
        gate = (self._ids(sums), sums.counts, ANY_LEAST, most, False)
        return Closing(PodTopologySpread.name, gate, REFUSED, REFUSED_WITHOUT_LABEL)

    def _spread_score(
        self,
        pod: PodInfo,
        constraints: tuple[SpreadConstraint, ...],
        needs_all: bool,
        search: Search,
        weight: int,
    ) -> None:
        keys = tuple(one.topology_key for one in constraints)
        columns = [self._rows.domains_of(key).ids for key in keys] if needs_all else []
        taking_part_count = search.ignore_without(columns)
        wishes = []
        for one in constraints:
            domains = self._rows.domains_of(one.topology_key)
            counts = self._spread_counts(one)
            offset = float(one.max_skew - 1)
            if one.topology_key == HOSTNAME:
                size = taking_part_count
                wishes.append((domains.ids, counts.per_row, domain_weight(size), offset, True))
                continue
            part = _part(one, pod, keys if needs_all else ())
            sums = counts.sums(self._rows, one.topology_key, part, absent_is_empty=not needs_all)
            size = search.distinct(domains.ids, len(domains.values))
            wishes.append((domains.ids, sums.counts, domain_weight(size), offset, False))
        search.add_spread(wishes, weight)

    def _spread_counts(self, constraint: SpreadConstraint) -> PodCounts:
        namespace, selector = constraint.namespace, constraint.selector
        key = ("spread", namespace, selector)
        if not selector.requirements:
            return self._book.of(key, _nobody, None)
        return self._book.of(
            key,
            lambda pod: (
                pod.namespace == namespace
                and not pod.is_terminating
                and selector.matches(pod.labels)
            ),
            anchor_of(selector),
        )

    def _affinity_closings(self, handle: Handle, pod: PodInfo) -> Iterator[Closing]:
        name = InterPodAffinity.name
        wanted = resolved(handle, pod.required_affinity)
        if wanted:
            for gate in self._demands(wanted, pod):
                yield Closing(name, gate, REFUSED_AFFINITY, REFUSED_AFFINITY)
        for term in resolved(handle, pod.required_anti_affinity):
            sums = self._term_counts(term).sums(self._rows, term.topology_key)
            gate = (self._ids(sums), sums.counts, ANY_LEAST, 0, True)
            yield Closing(name, gate, REFUSED_ANTI_AFFINITY, REFUSED_ANTI_AFFINITY)
        if len(self._held):
            for held in self._held.meaning(pod, namespace_labels(handle, pod.namespace)):
                if held.kind == REFUSES:
                    sums = held.holders.sums(self._rows, held.term.topology_key)
                    gate = (self._ids(sums), sums.counts, ANY_LEAST, 0, True)
                    yield Closing(name, gate, REFUSED_BY_OTHERS, REFUSED_BY_OTHERS)

    def _demands(self, terms: Terms, pod: PodInfo) -> Iterator[Gate]:
        """Each term needs a pod that all terms mean, in the row's domain.

        The first pod of a group that wants to be together joins nobody.
        """
        counts = self._book.of(
            ("all", terms),
            lambda other: means_by_all(terms, other),
            anchor_of(terms[0].selector),
        )
        every = [counts.sums(self._rows, term.topology_key) for term in terms]
        is_first = all(sums.is_empty for sums in every) and means_by_all(terms, pod)
        for sums in every:
            yield self._ids(sums), sums.counts, ANY_LEAST if is_first else 1, ANY_MOST, False

    def _affinity_sums(
        self, plugin: InterPodAffinity, handle: Handle, pod: PodInfo
    ) -> list[tuple[Any, Any, int]]:
        """(ids, counts, factor) of each wish that somebody meets; empty when none does."""
        has_wishes = bool(pod.preferred_affinity or pod.preferred_anti_affinity)
        if plugin.ignores_others and not has_wishes:
            return []
        found: list[tuple[DomainSums, int]] = []
        for terms, sign in ((pod.preferred_affinity, 1), (pod.preferred_anti_affinity, -1)):
            for term in resolved(handle, terms):
                sums = self._term_counts(term).sums(self._rows, term.topology_key)
                found.append((sums, sign * term.weight))
        if len(self._held):
            factors = _factors(plugin.hard_weight)
            for held in self._held.meaning(pod, namespace_labels(handle, pod.namespace)):
                factor = factors.get(held.kind)
                if factor is not None:
                    sums = held.holders.sums(self._rows, held.term.topology_key)
                    found.append(
                        (sums, factor if held.kind == DEMANDS else factor * held.term.weight)
                    )
        return [
            (self._ids(sums), sums.counts, factor) for sums, factor in found if not sums.is_empty
        ]

    def _term_counts(self, term: AffinityTerm) -> PodCounts:
        key = ("term", term.namespaces, term.namespace_selector, term.selector)
        return self._book.of(key, lambda other: term.matches(other, None), anchor_of(term.selector))

    def _ids(self, sums: DomainSums) -> Any:
        return self._rows.domains_of(sums.label_key).ids


def _factors(hard_weight: int) -> Mapping[str, int]:
    factors = {LIKES: 1, DISLIKES: -1}
    return {**factors, DEMANDS: hard_weight} if hard_weight > 0 else factors


def _part(constraint: SpreadConstraint, pod: PodInfo, label_keys: tuple[str, ...]) -> TakingPart:
    """Which rows count for a constraint of this pod."""
    if constraint.includes_every_node(pod):
        return TakingPart((), label_keys) if label_keys else EVERYWHERE
    spec = pod.spec
    key = (
        constraint.honours_affinity
        and (spec.get("nodeSelector"), spec.at("affinity", "nodeAffinity")),
        constraint.honours_taints and (spec.get("tolerations"),),
    )
    return TakingPart(key, label_keys, lambda info: constraint.includes(pod, info))


def _nobody(pod: PodInfo) -> bool:
    """An empty selector counts no pods."""
    return False


__all__: Final = ["Closing", "Relations"]
