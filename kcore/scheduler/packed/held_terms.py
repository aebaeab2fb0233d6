"""The (anti-)affinity terms of pods that are there, grouped: who holds which term, per domain.

The other direction of affinity: an incoming pod is asked about by pods that are placed already.
Equal terms of equal kind are one group, whose holders are counted per row and per domain of the
term's topology key. Which groups mean a pod depends on its labels and on those of its namespace.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import numpy

from kcore.scheduler.affinity_term import AffinityTerm
from kcore.scheduler.packed.kernels import MoveCounter
from kcore.scheduler.packed.node_rows import NodeRows, RowChange, rearranged
from kcore.scheduler.packed.pod_counts import PodCounts
from kcore.scheduler.pod_info import PodInfo

KNOWN_PODS_COUNT_MAX: Final = 20_000

REFUSES: Final = "required anti-affinity"
DEMANDS: Final = "required affinity"
LIKES: Final = "preferred affinity"
DISLIKES: Final = "preferred anti-affinity"


class HeldTerm:
    """One term and its holders."""

    __slots__ = ("holders", "kind", "term")

    def __init__(self, kind: str, term: AffinityTerm, holders: PodCounts) -> None:
        self.kind = kind
        self.term = term
        self.holders = holders


class HeldTerms(MoveCounter):
    """All terms that pods on nodes hold."""

    def __init__(self, rows: NodeRows) -> None:
        super().__init__(_affinity_of)  # Pods of one template hold the same terms.
        self._rows = rows
        self._held: dict[Any, HeldTerm] = {}
        self.count = 0
        """How many different terms are or were held."""
        self._known: dict[Any, tuple[HeldTerm, ...]] = {}

    def meaning(self, pod: PodInfo, namespace_labels: Mapping[str, str]) -> tuple[HeldTerm, ...]:
        """The held terms that mean a pod. O(1) for labels seen before, else O(terms)."""
        if not self._held:
            return ()
        key = (pod.namespace, pod.labels, namespace_labels or None)
        found = self._known.get(key)
        if found is None:
            found = tuple(
                one for one in self._held.values() if one.term.matches(pod, namespace_labels)
            )
            if len(self._known) >= KNOWN_PODS_COUNT_MAX:
                self._known = {}
            self._known[key] = found
        return found

    def rearrange(self, sources: Any) -> None:
        """Follow the rows. O(terms * rows)."""
        for held in self._held.values():
            counts = held.holders
            counts.per_row = rearranged(counts.per_row, sources, 0)
            counts.spoil()

    def rows_changed(self, changes: Sequence[RowChange], others: Sequence[RowChange]) -> None:
        """Count holders that came and went. O(changes + holders that did)."""
        if others:
            for held in self._held.values():
                held.holders.spoil()
        for row, old, new in changes:
            before, after = old.held_with_affinity, new.held_with_affinity
            if before is not after:
                self.moved(row, before, after)

    def copy(self, rows: NodeRows) -> "HeldTerms":
        """Independent groups over independent rows."""
        twin = HeldTerms(rows)
        twin._held = {
            key: HeldTerm(held.kind, held.term, held.holders.copy(rows))
            for key, held in self._held.items()
        }
        twin.count = self.count
        return twin

    def check_invariants(self) -> None:
        """Raise AssertionError unless holders are those of the pods. O(terms * pods)."""
        for held in self._held.values():
            for row, info in enumerate(self._rows.infos):
                counted = sum(
                    (held.kind, held.term) == one for pod in info.pods for one in terms_of(pod)
                )
                assert held.holders.per_row[row] == counted, f"{info.name}: {held.term}"

    def counts_of(self, member: PodInfo) -> tuple[PodCounts, ...]:
        """The counts that a pod is counted in."""
        if len(self.known) >= KNOWN_PODS_COUNT_MAX:
            self.known = {}
        return tuple(self._of(kind, term).holders for kind, term in terms_of(member))

    def _of(self, kind: str, term: AffinityTerm) -> HeldTerm:
        key = (kind, term)
        held = self._held.get(key)
        if held is None:
            per_row = numpy.zeros(len(self._rows), dtype=numpy.int64)
            holders = PodCounts(key, _nobody, None, per_row)
            held = self._held[key] = HeldTerm(kind, term, holders)
            self.count = len(self._held)
            self._known = {}
        return held


def terms_of(pod: PodInfo) -> Iterator[tuple[str, AffinityTerm]]:
    """Every term that a pod holds, with its kind."""
    for term in pod.required_anti_affinity:
        yield REFUSES, term
    for term in pod.required_affinity:
        yield DEMANDS, term
    for term in pod.preferred_affinity:
        yield LIKES, term
    for term in pod.preferred_anti_affinity:
        yield DISLIKES, term


def _affinity_of(pod: PodInfo) -> tuple[str, Any]:
    """What the terms of a pod depend on."""
    return pod.namespace, pod.spec.get("affinity")


def _nobody(pod: PodInfo) -> bool:
    """Holders are counted by what they hold, not by what they are."""
    return False
