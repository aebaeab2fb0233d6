"""Counts of pods and holders over the rows, and what follows from them for one kind of pod.

Topology spread and inter-pod affinity, in both directions, as bounds on counts per label domain.
`relation` works out once per kind of pod which counts matter; `closings` and `score` read the
counts as they are now. The rules are those of the plugins `PodTopologySpread` and
`InterPodAffinity`; what costs them a walk over all pods is kept as counts here.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kcore.scheduler.affinity_term import AffinityTerm
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.packed.held_terms import DEMANDS, DISLIKES, LIKES, REFUSES, HeldTerms
from kcore.scheduler.packed.kernels import (
    ANY_LEAST,
    ANY_MOST,
    Gate,
    GatedPeak,
    Level,
    Search,
    Wishes,
    lowest,
)
from kcore.scheduler.packed.node_rows import NodeRows, RowChange
from kcore.scheduler.packed.pod_counts import (
    EVERYWHERE,
    PodCounts,
    PodCountsBook,
    TakingPart,
    anchor_of,
)
from kcore.scheduler.packed.profile_plan import ProfilePlan
from kcore.scheduler.packed.relation import (
    Closing,
    Demands,
    Relation,
    SpreadMust,
    SpreadWish,
    SpreadWishes,
    Tally,
)
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
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.spread_constraints import (
    DO_NOT_SCHEDULE,
    HOSTNAME,
    SCHEDULE_ANYWAY,
    SpreadConstraint,
)


class Relations:
    """All counts that are kept beside the rows."""

    def __init__(self, rows: NodeRows) -> None:
        self._rows = rows
        self.book = PodCountsBook(rows)
        """What is counted of pods by what they are."""
        self._held = HeldTerms(rows)

    def rearrange(self, sources: Any) -> None:
        """Follow the rows. O((conditions + terms) * rows)."""
        self.book.rearrange(sources)
        self._held.rearrange(sources)

    def rows_changed(self, changes: Sequence[RowChange], others: Sequence[RowChange]) -> None:
        """Count pods that came and went, and what they hold. O(changes + pods that did)."""
        if self.book.is_used:
            self.book.rows_changed(changes, others)
        self._held.rows_changed(changes, others)

    @property
    def version(self) -> tuple[int, int]:
        """Changes when a `Relation` made before may miss something."""
        return self.book.version, self._held.count

    @property
    def counting(self) -> tuple[PodCountsBook, ...]:
        """The book, once it counts anything."""
        return (self.book,) if self.book.is_used else ()

    def copy(self, rows: NodeRows) -> "Relations":
        """Independent counts over independent rows."""
        twin = object.__new__(Relations)
        twin._rows = rows
        twin.book, twin._held = self.book.copy(rows), self._held.copy(rows)
        return twin

    def check_invariants(self) -> None:
        """Raise AssertionError unless every count is that of the pods. O(everything)."""
        self.book.check_invariants()
        self._held.check_invariants()

    def relation(self, plan: ProfilePlan, handle: Handle, pod: PodInfo) -> Relation:
        """Which counts matter for a kind of pod. O(terms), O(pods) for what is not counted yet.

        Raises:
            SelectorError: a selector of the pod cannot be parsed.
        """
        relation = Relation()
        spread = plan.plugin(PodTopologySpread)
        if spread is not None and spread.name in plan.filters:
            constraints = spread.constraints(handle, pod, DO_NOT_SCHEDULE)
            keys = tuple(one.topology_key for one in constraints)
            relation.spread_musts = [self._spread_must(pod, one, keys) for one in constraints]
        if spread is not None and spread.name in plan.weights:
            relation.spread_wishes = self._spread_wishes(spread, handle, pod)
        affinity = plan.plugin(InterPodAffinity)
        if affinity is not None and affinity.name in plan.filters:
            self._affinity_musts(relation, handle, pod)
        if affinity is not None and affinity.name in plan.weights:
            relation.near = list(self._affinity_wishes(affinity, handle, pod))
        return relation

    def closings(self, relation: Relation) -> list[Closing]:
        """What closes rows now, plugin by plugin, in the plugins' own order."""
        gates, affinity = iter(self.gates(relation)), InterPodAffinity.name
        found = [
            Closing(PodTopologySpread.name, next(gates), REFUSED, REFUSED_WITHOUT_LABEL)
            for _ in relation.spread_musts
        ]
        for statuses in (
            () if relation.demands is None else [REFUSED_AFFINITY] * len(relation.demands.sums),
            [REFUSED_ANTI_AFFINITY] * len(relation.refused),
            [REFUSED_BY_OTHERS] * len(relation.refusing),
        ):
            found.extend(Closing(affinity, next(gates), status) for status in statuses)
        return found

    def gates(self, relation: Relation) -> list[Gate]:
        """The gates of `closings`, for those who do not ask what is said of a row."""
        gates: list[Gate] = []
        for must in relation.spread_musts:
            sums = must.tally.refreshed(self._rows)
            domains_count, least = lowest(sums.counts, sums.present)
            if domains_count < must.min_domains_count:
                least = 0
            gates.append((sums.ids, sums.counts, ANY_LEAST, must.skew_max + least, False))
        if relation.demands is not None:
            gates.extend(self._demand_gates(relation.demands))
        return [*gates, *self._keeping_gates(relation)]

    def gated_peak(self, plan: ProfilePlan, relation: Relation) -> GatedPeak:
        """A search behind gates, which minds wishes to be spread; good while the sums are.

        There must be neither demands nor other wishes.

        Raises:
            OverflowError: too many gates.
        """
        levels: list[Level] = []
        for must in relation.spread_musts:
            sums = must.tally.refreshed(self._rows)
            least = must.min_domains_count
            levels.append((sums.ids, sums.counts, sums.present, must.skew_max, least))
        wishes = None
        if relation.spread_wishes is not None:
            weight = plan.weights[PodTopologySpread.name]
            wishes = self._kept_wishes(relation.spread_wishes, weight)
        return GatedPeak(len(self._rows), self._keeping_gates(relation), levels, wishes)

    def _keeping_gates(self, relation: Relation) -> list[Gate]:
        """The gates of those whom the pod keeps away from, and who keep away from it."""
        gates: list[Gate] = []
        for tally in (*relation.refused, *relation.refusing):
            sums = tally.refreshed(self._rows)
            gates.append((sums.ids, sums.counts, ANY_LEAST, 0, True))
        return gates

    def _kept_wishes(self, wishes: SpreadWishes, weight: int) -> Wishes:
        """What `_add_spread` adds, for many searches."""
        all_domains = self._rows.domains
        parts = []
        for one in wishes.wishes:
            domains = all_domains[one.label_key]
            counts, ids_count = one.counts.per_row, len(domains.values)
            if one.sums is not None:
                one.sums.refresh(self._rows, counts)
                counts = one.sums.counts
            parts.append((domains.ids, counts, ids_count, one.offset, one.sums is None))
        needed = tuple(all_domains[key].ids for key in wishes.needed_keys)
        return needed, tuple(parts), weight, domain_weight

    def score(self, plan: ProfilePlan, relation: Relation, search: Search) -> Iterator[str]:
        """Add the wishes to the candidates' totals; yields the plugin after each step."""
        wishes = relation.spread_wishes
        if wishes is not None:
            self._add_spread(wishes, search, plan.weights[PodTopologySpread.name])
            yield PodTopologySpread.name
        sums = []
        for tally in relation.near:
            one = tally.refreshed(self._rows)
            if not one.is_empty:
                sums.append((one.ids, one.counts, tally.factor))
        if sums:
            search.add_sums(sums, plan.weights[InterPodAffinity.name])
            yield InterPodAffinity.name

    def _spread_must(
        self, pod: PodInfo, constraint: SpreadConstraint, keys: tuple[str, ...]
    ) -> SpreadMust:
        part = _part(constraint, pod, keys)
        counts = self._spread_counts(constraint)
        return SpreadMust(
            Tally(counts, counts.sums(constraint.topology_key, part)),
            constraint.max_skew - constraint.means(pod),
            constraint.min_domains_count,
        )

    def _spread_wishes(
        self, plugin: PodTopologySpread, handle: Handle, pod: PodInfo
    ) -> SpreadWishes | None:
        constraints = plugin.constraints(handle, pod, SCHEDULE_ANYWAY)
        if not constraints:
            return None
        needs_all = not plugin.is_system or bool(pod.spec.get("topologySpreadConstraints"))
        keys = tuple(one.topology_key for one in constraints)
        wishes = []
        for one in constraints:
            self._rows.domains_of(one.topology_key)  # From now on they are kept.
            counts = self._spread_counts(one)
            sums = None
            if one.topology_key != HOSTNAME:
                part = _part(one, pod, keys if needs_all else ())
                sums = counts.sums(one.topology_key, part, absent_is_empty=not needs_all)
            wishes.append(SpreadWish(one.topology_key, counts, sums, float(one.max_skew - 1)))
        return SpreadWishes(tuple(wishes), keys if needs_all else ())

    def _add_spread(self, wishes: SpreadWishes, search: Search, weight: int) -> None:
        rows, all_domains = self._rows, self._rows.domains
        columns = [all_domains[key].ids for key in wishes.needed_keys]
        taking_part_count = search.ignore_without(columns)
        parts = []
        for one in wishes.wishes:
            domains = all_domains[one.label_key]
            if one.sums is None:
                factor = domain_weight(taking_part_count)
                parts.append((domains.ids, one.counts.per_row, factor, one.offset, True))
                continue
            if one.sums.is_stale:
                one.sums.refresh(rows, one.counts.per_row)
            factor = domain_weight(search.distinct(domains.ids, len(domains.values)))
            parts.append((domains.ids, one.sums.counts, factor, one.offset, False))
        search.add_spread(parts, weight)

    def _spread_counts(self, constraint: SpreadConstraint) -> PodCounts:
        namespace, selector = constraint.namespace, constraint.selector
        key = ("spread", namespace, selector)
        if not selector.requirements:
            return self.book.of(key, _nobody, None)
        return self.book.of(
            key,
            lambda pod: (
                pod.namespace == namespace
                and not pod.is_terminating
                and selector.matches(pod.labels)
            ),
            anchor_of(selector),
        )

    def _affinity_musts(self, relation: Relation, handle: Handle, pod: PodInfo) -> None:
        terms = resolved(handle, pod.required_affinity)
        if terms:
            counts = self.book.of(
                ("all", terms),
                lambda other: means_by_all(terms, other),
                anchor_of(terms[0].selector),
            )
            sums = tuple(counts.sums(term.topology_key) for term in terms)
            relation.demands = Demands(counts, sums, means_by_all(terms, pod))
        relation.refused = [
            self._term_tally(term) for term in resolved(handle, pod.required_anti_affinity)
        ]
        relation.refusing = [
            Tally(held.holders, held.holders.sums(held.term.topology_key))
            for held in self._held.meaning(pod, namespace_labels(handle, pod.namespace))
            if held.kind == REFUSES
        ]

    def _demand_gates(self, demands: Demands) -> Iterator[Gate]:
        """Each term needs a pod that all terms mean, in the row's domain.

        The first pod of a group that wants to be together joins nobody.
        """
        for sums in demands.sums:
            sums.refresh(self._rows, demands.counts.per_row)
        is_first = demands.means_itself and all(sums.is_empty for sums in demands.sums)
        for sums in demands.sums:
            yield sums.ids, sums.counts, ANY_LEAST if is_first else 1, ANY_MOST, False

    def _affinity_wishes(
        self, plugin: InterPodAffinity, handle: Handle, pod: PodInfo
    ) -> Iterator[Tally]:
        if plugin.ignores_others and not (pod.preferred_affinity or pod.preferred_anti_affinity):
            return
        for terms, sign in ((pod.preferred_affinity, 1), (pod.preferred_anti_affinity, -1)):
            for term in resolved(handle, terms):
                yield self._term_tally(term, sign * term.weight)
        factors = _factors(plugin.hard_weight)
        for held in self._held.meaning(pod, namespace_labels(handle, pod.namespace)):
            factor = factors.get(held.kind)
            if factor is not None:
                own = 1 if held.kind == DEMANDS else held.term.weight
                sums = held.holders.sums(held.term.topology_key)
                yield Tally(held.holders, sums, factor * own)

    def _term_tally(self, term: AffinityTerm, factor: int = 1) -> Tally:
        key = ("term", term.namespaces, term.namespace_selector, term.selector)
        counts = self.book.of(
            key, lambda other: term.matches(other, None), anchor_of(term.selector)
        )
        return Tally(counts, counts.sums(term.topology_key), factor)


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
