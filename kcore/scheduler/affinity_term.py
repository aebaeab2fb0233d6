"""One pod (anti-)affinity term, compiled: which other pods a pod speaks about."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.machinery.labels import Selector, from_label_selector


class Labelled(Protocol):
    """What a term looks at of another pod."""

    @property
    def namespace(self) -> str:
        """Where it is."""

    @property
    def labels(self) -> FrozenMap:
        """Its labels."""


@dataclass(frozen=True, slots=True)
class AffinityTerm:
    """One pod (anti-)affinity term: which pods, in which namespaces, within which domains."""

    topology_key: str
    selector: Selector
    namespaces: frozenset[str]
    namespace_selector: Selector | None
    weight: int = 0

    def matches(self, other: Labelled, namespace_labels: Mapping[str, str] | None) -> bool:
        """Whether `other`, in a namespace with these labels, is meant."""
        return self.covers(other.namespace, namespace_labels) and self.selector.matches(
            other.labels
        )

    def covers(self, namespace: str, namespace_labels: Mapping[str, str] | None) -> bool:
        """Whether the term speaks about pods of this namespace."""
        if namespace in self.namespaces:
            return True
        selector = self.namespace_selector
        return selector is not None and selector.matches(namespace_labels)


def affinity_term(term: FrozenMap, namespace: str, weight: int = 0) -> AffinityTerm:
    """Parse one term of a pod in `namespace`; without any namespaces it means its own."""
    names: Iterable[str] = term.get("namespaces") or EMPTY_LIST
    namespace_selector = term.get("namespaceSelector")
    if namespace_selector is None and not names:
        names = (namespace,)
    return AffinityTerm(
        topology_key=term.get("topologyKey") or "",
        selector=from_label_selector(term.get("labelSelector")),
        namespaces=frozenset(names),
        namespace_selector=(
            None if namespace_selector is None else from_label_selector(namespace_selector)
        ),
        weight=weight,
    )
