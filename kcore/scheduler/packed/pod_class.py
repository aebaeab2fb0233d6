"""Pods that no plugin can tell apart by what is on a node: one demand, one verdict per row.

A verdict is what the plugins say that look at one node alone: bits of those that refuse, and raw
scores. Verdicts are kept per row and asked again for rows whose node, ports or images changed.
Resource sums are the demand's business, other pods the relations'.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy

from kcore.api.core_v1.affinity import PreferredNodeAffinity, compile_preferred_terms
from kcore.api.core_v1.taint import PREFER_NO_SCHEDULE, tolerated_by_any
from kcore.machinery.frozen import EMPTY_LIST
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.packed.kernels import Demand, Ids
from kcore.scheduler.packed.node_rows import NodeRows, rearranged
from kcore.scheduler.packed.profile_plan import ProfilePlan
from kcore.scheduler.plugins import (
    balanced_allocation,
    image_locality,
    node_affinity,
    node_declared_features,
    node_ports,
    node_resources_fit,
    node_unschedulable,
    taint_toleration,
)
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.resources import CPU, EPHEMERAL_STORAGE, MEMORY, Resources

UNSCHEDULABLE: Final = 1
TAINTED: Final = 2
NOT_ADDED: Final = 4
NOT_DEMANDED: Final = 8
PORT_TAKEN: Final = 16
FEATURE_MISSING: Final = 32
SHORT: Final = 64
"""A node has too little left of a rare resource,"""
HOPELESS: Final = 128
"""or too little of it even when it is empty."""

_NATIVE: Final = (CPU, MEMORY, EPHEMERAL_STORAGE)
_SOFT: Final = (None, "", PREFER_NO_SCHEDULE)


Needs = list[tuple[str, int]]
"""(resource, amount) that must be free."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is said of a pod on one node: bits of refusals, raw scores, and a finished one."""

    refusals: int = 0
    soft_taints: int = 0
    preference: int = 0
    images: int = 0


NOT_NAMED: Final = Verdict(NOT_DEMANDED)
"""Of all nodes but the one that a pod names: its search never comes to them."""


class _Questions:
    """The plugins that are asked about one node, for one kind of pod."""

    def __init__(self, plan: ProfilePlan, pod: PodInfo, rare_needs: Needs, named_node: str) -> None:
        filters = plan.filters
        self.named_node = named_node
        self._rare_needs = rare_needs
        tolerations = pod.spec.get("tolerations") or EMPTY_LIST
        self._pod = pod
        self._tolerations = [one for one in tolerations if one.get("effect") in _SOFT]
        self._minds_cordon = node_unschedulable.NodeUnschedulable.name in filters and not (
            tolerated_by_any(tolerations, node_unschedulable.UNSCHEDULABLE_TAINT)
        )
        self._minds_taints = taint_toleration.TaintToleration.name in filters
        affinity = plan.plugin(node_affinity.NodeAffinity)
        in_filter = affinity is not None and affinity.name in filters
        self._added = affinity.added if affinity is not None and in_filter else None
        self._demands = in_filter and pod.demands_nodes
        self._ports = pod.host_ports if node_ports.NodePorts.name in filters else ()
        name = node_declared_features.NodeDeclaredFeatures.name
        self.features = (
            node_declared_features.required_features(pod.spec) if name in filters else frozenset()
        )
        self.preferences = _preferences(plan, affinity, pod)
        self._images = pod.image_names if image_locality.ImageLocality.name in plan.weights else ()
        self.is_plain = not (
            self._added or self._demands or self._ports or self.features or self.preferences
        )
        """Whether taints, images and rare resources alone decide."""

    def ask(self, info: NodeInfo, nodes_count: int) -> Verdict:
        """Everything about one node; of those that the pod does not name, that it does not."""
        if self.named_node and info.name != self.named_node:
            return NOT_NAMED
        by_taints = self.ask_taints(info)
        preference = sum(one.score(info.facts.node) for one in self.preferences)
        return Verdict(
            by_taints.refusals | self._refusals(info),
            by_taints.soft_taints,
            preference,
            self.image_score(info, nodes_count),
        )

    def ask_taints(self, info: NodeInfo) -> Verdict:
        """What follows from cordon and taints alone."""
        facts, refusals = info.facts, 0
        if facts.unschedulable and self._minds_cordon:
            refusals |= UNSCHEDULABLE
        if not facts.taints:
            return Verdict(refusals)
        repelled = taint_toleration.first_untolerated(facts.taints, self._pod.spec) is not None
        if repelled and self._minds_taints:
            refusals |= TAINTED
        soft = sum(
            taint.get("effect") == PREFER_NO_SCHEDULE
            and not tolerated_by_any(self._tolerations, taint)
            for taint in facts.taints
        )
        return Verdict(refusals, soft)

    def image_score(self, info: NodeInfo, nodes_count: int) -> int:
        """The finished score of ImageLocality."""
        if not info.images or not self._images:
            return 0
        return image_locality.images_score(info.images, self._images, nodes_count)

    def _refusals(self, info: NodeInfo) -> int:
        node, refusals = info.facts.node, 0
        if self._added is not None and not self._added.matches(node):
            refusals |= NOT_ADDED
        if self._demands and not self._pod.required_nodes.matches(node):
            refusals |= NOT_DEMANDED
        if self._ports and info.has_port_conflict(self._ports):
            refusals |= PORT_TAKEN
        if not self.features <= info.facts.declared_features:
            refusals |= FEATURE_MISSING
        for name, amount in self._rare_needs:
            capacity = info.allocatable.get(name)
            if amount > capacity:
                refusals |= SHORT | HOPELESS
            elif amount > capacity - info.requested.get(name):
                refusals |= SHORT
        return refusals


class PodClass:
    """One kind of pod under one profile, against all rows."""

    def __init__(
        self, plan: ProfilePlan, rows: NodeRows, pod: PodInfo, named_node: str = ""
    ) -> None:
        """Ask about every row, or about one if a node is named to which the search is narrowed.

        O(rows).

        Raises:
            SelectorError: a preference of the pod cannot be parsed.
            OverflowError: an amount of the pod is too great for the columns.
        """
        self.pod = pod
        self._image_weight = plan.weights.get(image_locality.ImageLocality.name, 0)
        self.needs: list[tuple[int, int]] = []
        """(resource, amount) that must be free."""
        self.rare_needs: Needs = []
        """(name, amount) that must be free of resources without a column."""
        for name, amount in _needs(plan, pod):
            if rows.is_rare(name):
                self.rare_needs.append((name, amount))
            else:
                self.needs.append((rows.resource(name), amount))
        self._questions = _Questions(plan, pod, self.rare_needs, named_node)
        self.has_preferences = bool(self._questions.preferences)
        self.has_features = bool(self._questions.features)
        self.demand = _demand(plan, rows, pod, self.needs)
        self.demand.rearrange(numpy.full(len(rows), -1))
        self.soft_taints: Ids | None = None
        """Untolerated soft taints per row; None: nowhere any."""
        self.preference: Ids | None = None
        self._has_images = False
        self.must_ask_all = False
        """Whether repairing rows is not enough."""
        self._ask_all(rows)

    def rearrange(self, sources: Any) -> None:
        """Follow the rows. O(rows)."""
        self.demand.rearrange(sources)
        if self.soft_taints is not None:
            self.soft_taints = rearranged(self.soft_taints, sources, 0)
        if self.preference is not None:
            self.preference = rearranged(self.preference, sources, 0)
        # How much an image counts depends on the number of nodes.
        self.must_ask_all = self._has_images

    def ask_again(self, rows: NodeRows, changed: Sequence[int]) -> None:
        """Repair verdicts of rows whose node changed. O(rows changed)."""
        if self.must_ask_all:
            self._ask_all(rows)
            return
        for row in changed:
            verdict = self._questions.ask(rows.infos[row], len(rows))
            self._write(row, verdict, len(rows))

    def copy(self) -> "PodClass":
        """An independent class with the same verdicts. O(rows)."""
        twin = object.__new__(PodClass)
        twin.pod, twin._questions = self.pod, self._questions
        twin._image_weight, twin._has_images = self._image_weight, self._has_images
        twin.must_ask_all = self.must_ask_all
        twin.has_preferences = self.has_preferences
        twin.has_features = self.has_features
        twin.needs, twin.rare_needs = self.needs, self.rare_needs
        twin.demand = self.demand.copy()
        twin.soft_taints = None if self.soft_taints is None else self.soft_taints.copy()
        twin.preference = None if self.preference is None else self.preference.copy()
        return twin

    def check_invariants(self, rows: NodeRows) -> None:
        """Raise AssertionError unless every verdict is what the plugins say now. O(rows)."""
        for row, info in enumerate(rows.infos):
            verdict = self._questions.ask(info, len(rows))
            assert self.demand.closed(row) == verdict.refusals, f"{info.name}: refusals"
            soft = 0 if self.soft_taints is None else self.soft_taints[row]
            assert soft == verdict.soft_taints, f"{info.name}: soft taints"
            preference = 0 if self.preference is None else self.preference[row]
            assert preference == verdict.preference, f"{info.name}: preference"

    def _ask_all(self, rows: NodeRows) -> None:
        count = len(rows)
        self.must_ask_all = False
        if self._questions.is_plain and not rows.kinds.images_count:
            self._ask_kinds(rows)
            return
        if self._questions.named_node:
            self._ask_named(rows)
            return
        refusals = numpy.zeros(count, dtype=numpy.uint8)
        soft = numpy.zeros(count, dtype=numpy.int32)
        preference = numpy.zeros(count, dtype=numpy.int32)
        images = numpy.zeros(count, dtype=numpy.int32)
        for row, info in enumerate(rows.infos):
            verdict = self._questions.ask(info, count)
            refusals[row], soft[row] = verdict.refusals, verdict.soft_taints
            preference[row], images[row] = verdict.preference, verdict.images
        self.soft_taints = soft if soft.any() else None
        self.preference = preference if self.has_preferences else None
        self._has_images = bool(images.any())
        extra = images * self._image_weight if self._has_images else None
        self.demand.close_all(refusals, extra)

    def _ask_kinds(self, rows: NodeRows) -> None:
        """One node of each kind answers for all of it."""
        kinds = rows.kinds
        verdicts = [self._questions.ask_taints(info) for _, info in kinds.samples.values()]
        refusals = numpy.array([one.refusals for one in verdicts] or [0], dtype=numpy.uint8)
        soft = numpy.array([one.soft_taints for one in verdicts] or [0], dtype=numpy.int32)
        self.soft_taints = soft[kinds.ids] if soft.any() else None
        self.preference, self._has_images = None, False
        closed = refusals[kinds.ids]
        if self.rare_needs:
            # All but the few rows that have the resource.
            closed |= SHORT | HOPELESS
            for row in rows.holders(self.rare_needs[0][0]):
                closed[row] = self._questions.ask(rows.infos[row], len(rows)).refusals
        self.demand.close_all(closed)

    def _ask_named(self, rows: NodeRows) -> None:
        """One node answers for itself, and all others are closed unasked."""
        count, name = len(rows), self._questions.named_node
        self.soft_taints, self._has_images = None, False
        self.preference = numpy.zeros(count, dtype=numpy.int32) if self.has_preferences else None
        self.demand.close_all(numpy.full(count, NOT_NAMED.refusals, dtype=numpy.uint8))
        for row, info in enumerate(rows.infos):
            if info.name == name:
                self._write(row, self._questions.ask(info, count), count)

    def _write(self, row: int, verdict: Verdict, count: int) -> None:
        self._has_images = self._has_images or bool(verdict.images)
        self.demand.close(row, verdict.refusals, verdict.images * self._image_weight)
        if verdict.soft_taints and self.soft_taints is None:
            self.soft_taints = numpy.zeros(count, dtype=numpy.int32)
        if self.soft_taints is not None:
            self.soft_taints[row] = verdict.soft_taints
        if self.preference is not None:
            self.preference[row] = verdict.preference


def _preferences(
    plan: ProfilePlan, affinity: node_affinity.NodeAffinity | None, pod: PodInfo
) -> tuple[PreferredNodeAffinity, ...]:
    if affinity is None or affinity.name not in plan.weights:
        return ()
    terms = pod.spec.at(
        "affinity",
        "nodeAffinity",
        "preferredDuringSchedulingIgnoredDuringExecution",
        default=EMPTY_LIST,
    )
    if not terms and not affinity.added_preferred.terms:
        return ()
    return (affinity.added_preferred, compile_preferred_terms(terms))


def _needs(plan: ProfilePlan, pod: PodInfo) -> Needs:
    fit = plan.plugin(node_resources_fit.NodeResourcesFit)
    return [] if fit is None or fit.name not in plan.filters else fit.needs(pod)


def _demand(
    plan: ProfilePlan, rows: NodeRows, pod: PodInfo, needs: list[tuple[int, int]]
) -> Demand:
    fit = plan.plugin(node_resources_fit.NodeResourcesFit)
    scored: list[tuple[int, int, int]] = []
    if fit is not None and fit.name in plan.weights:
        scored = [(rows.resource(name), weight, amount) for name, weight, amount in fit.rows(pod)]
    requested = pod.requests.requested
    balanced = (requested.milli_cpu, requested.memory)
    # Only `Filling` adds, and there no resource is rare.
    adds = [
        (rows.resource(name), amount)
        for name, amount in _amounts(requested)
        if amount and not rows.is_rare(name)
    ]
    non_zero = pod.requests.non_zero
    return Demand(
        needs,
        scored,
        balanced if any(balanced) else None,
        (
            plan.weights.get(node_resources_fit.NodeResourcesFit.name, 0),
            plan.weights.get(balanced_allocation.NodeResourcesBalancedAllocation.name, 0),
        ),
        (adds, (non_zero.milli_cpu, non_zero.memory)),
        fit is not None and fit.strategy is node_resources_fit.most_allocated,
    )


def _amounts(resources: Resources) -> list[tuple[str, int]]:
    return [(name, resources.get(name)) for name in (*_NATIVE, *resources.scalars)]


def class_key(pod: PodInfo) -> tuple[Any, ...]:
    """Everything of a pod that its class depends on, the profile apart. O(resources)."""
    spec, requests = pod.spec, pod.requests
    return (
        *(_numbers(one) for one in (requests.wanted, requests.requested, requests.scored)),
        _numbers(requests.non_zero),
        pod.host_ports,
        pod.image_names,
        spec.get("nodeSelector"),
        spec.at("affinity", "nodeAffinity"),
        spec.get("tolerations"),
        node_declared_features.required_features(spec),
    )


def _numbers(resources: Resources) -> tuple[Any, ...]:
    native = (resources.milli_cpu, resources.memory, resources.ephemeral_storage)
    return (*native, *resources.scalars.items())
