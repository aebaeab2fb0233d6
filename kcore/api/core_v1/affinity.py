"""Node affinity: which nodes a pod demands and which it prefers.

`RequiredNodeAffinity` and `PreferredNodeAffinity` are compiled once per pod and asked for every
node; the functions of one node are for callers that ask once. Affinity between pods is the
scheduler's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kcore.api.core_v1.node_selector import (
    NodeSelector,
    NodeSelectorTerm,
    compile_node_selector,
    compile_term,
    is_empty_term,
    node_identity,
)
from kcore.machinery.field_errors import FieldErrors, index
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP
from kcore.machinery.labels import Selector, SelectorError, from_set, requirement


@dataclass(frozen=True, slots=True)
class RequiredNodeAffinity:
    """A pod's `nodeSelector` and its required node affinity, compiled."""

    labels: Selector | None
    selector: NodeSelector | None

    def matches(self, node: Any) -> bool:
        """Whether the pod may stand on `node`. A term with errors matches nothing."""
        labels = node.at("metadata", "labels", default=EMPTY_MAP)
        if self.labels is not None and not self.labels.matches(labels):
            return False
        return self.selector is None or self.selector.matches(node)

    def reaches_terms(self, node: Any) -> bool:
        """Whether the terms are looked at: upstream tells their errors only then."""
        labels = node.at("metadata", "labels", default=EMPTY_MAP)
        return self.labels is None or self.labels.matches(labels)

    def errors(self) -> FieldErrors:
        """What is wrong with the terms; upstream tells only when no other term matched."""
        return FieldErrors() if self.selector is None else self.selector.errors()


def required_node_affinity(pod: Any) -> RequiredNodeAffinity:
    """Compile what a pod demands of its node."""
    node_selector = pod.at("spec", "nodeSelector")
    affinity = pod.at(
        "spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution"
    )
    return RequiredNodeAffinity(
        from_set(node_selector) if node_selector else None,
        None if affinity is None else compile_node_selector(affinity),
    )


def required_node_affinity_matches(pod: Any, node: Any) -> bool:
    """Whether `node` is one that `pod` demands."""
    return required_node_affinity(pod).matches(node)


@dataclass(frozen=True, slots=True)
class PreferredNodeAffinity:
    """Weighted terms, compiled."""

    terms: tuple[tuple[int, NodeSelectorTerm], ...] = ()

    def score(self, node: Any) -> int:
        """The sum of the weights of the terms that match."""
        if not self.terms:
            return 0
        labels, name = node_identity(node)
        return sum(weight for weight, term in self.terms if term.matches(labels, name))


def compile_preferred_terms(terms: Sequence[Any]) -> PreferredNodeAffinity:
    """Compile preferred scheduling terms; those without weight or condition are left out.

    Raises:
        SelectorError: a term is not allowed.
    """
    errors = FieldErrors()
    compiled: list[tuple[int, NodeSelectorTerm]] = []
    for position, term in enumerate(terms):
        preference = term.at("preference", default=EMPTY_MAP)
        if not term.weight or is_empty_term(preference):
            continue
        one = compile_term(preference, index("", position))
        errors.extend(one.errors)
        compiled.append((term.weight, one))
    if errors:
        raise SelectorError(errors.message(), errors)
    return PreferredNodeAffinity(tuple(compiled))


def preferred_node_affinity(pod: Any) -> PreferredNodeAffinity:
    """Compile what a pod prefers.

    Raises:
        SelectorError: a term is not allowed.
    """
    return compile_preferred_terms(
        pod.at(
            "spec",
            "affinity",
            "nodeAffinity",
            "preferredDuringSchedulingIgnoredDuringExecution",
            default=EMPTY_LIST,
        )
    )


def topology_terms_match(terms: Sequence[Any], labels: Any) -> bool:
    """Whether labels meet one of the topology terms of a StorageClass; no terms allow all."""
    if not terms:
        return True
    return any(_topology_term_matches(term, labels) for term in terms)


def _topology_term_matches(term: Any, labels: Any) -> bool:
    expressions = term.at("matchLabelExpressions", default=EMPTY_LIST)
    if not expressions:
        return False
    try:
        selector = Selector(
            requirement(one.key or "", "in", one.at("values")) for one in expressions
        )
    except SelectorError:
        # Upstream skips a term it cannot read.
        return False
    return selector.matches(labels)
