"""What is known of a kind of pod before it is looked for a node: read once, used for all its like.

Pods of one template have equal specs (names of claims apart), labels, namespace and owner. The
first of them stands for all: everything the columns ask of a pod follows from those. What also
follows from services, namespaces and the owner is worked out again when one of them changed.
"""

from typing import Any

from kcore.scheduler.packed.idle_pods import is_idle
from kcore.scheduler.packed.pod_class import class_key
from kcore.scheduler.packed.profile_plan import ProfilePlan
from kcore.scheduler.packed.relation import Relation
from kcore.scheduler.packed.relations import Relations
from kcore.scheduler.packed.surroundings import Seen, Surroundings, is_alike
from kcore.scheduler.plugins.node_affinity import NodeAffinity, named_nodes
from kcore.scheduler.pod_info import PodInfo


class Ties:
    """What ties pods to others, worked out once for all that say the same about others."""

    __slots__ = ("_plan", "_pod", "_relation", "_seen", "_version")

    def __init__(self, plan: ProfilePlan, pod: PodInfo) -> None:
        self._plan = plan
        self._pod = pod
        self._relation: Relation | None = None
        # What was around, and the version of the counts.
        self._seen: Seen | None = None
        self._version: tuple[int, int] | None = None

    def relation(self, relations: Relations, around: Surroundings) -> Relation:
        """Which counts matter. O(1) while nothing around changed.

        Raises:
            SelectorError: a selector of the pod cannot be parsed.
        """
        seen = around.seen
        if (
            self._relation is None
            or self._seen is None
            or not is_alike(seen, self._seen)
            or relations.version != self._version
        ):
            self._relation = relations.relation(self._plan, around.handle, self._pod)
            self._seen, self._version = seen, relations.version
        return self._relation


class Recipe:
    """One kind of pod under one profile."""

    __slots__ = ("is_idle", "is_lone", "key", "named_node", "number", "plan", "pod", "ties")

    def __init__(self, plan: ProfilePlan, pod: PodInfo) -> None:
        self.plan = plan
        self.pod = pod
        """A pod of this kind; only its form, labels, namespace and owner may be read."""
        self.key: tuple[Any, ...] = (plan.runner.scheduler_name, class_key(pod))
        self.number = -1
        """Of the class, given by whoever keeps classes."""
        self.is_idle = is_idle(pod)
        self.is_lone = kind_of(plan, pod) is None
        """Whether it is for one pod alone."""
        self.named_node = _named_node(plan, pod) if pod.names_nodes else ""
        """The only node that the search is narrowed to, because the pod names it; empty if none."""
        self.ties = Ties(plan, pod)
        """Shared with other kinds by whoever keeps them."""

    def copy(self) -> "Recipe":
        """The same recipe without what belongs to one set of counts."""
        twin = object.__new__(Recipe)
        twin.plan, twin.pod, twin.key = self.plan, self.pod, self.key
        twin.number = self.number
        twin.is_idle, twin.is_lone = self.is_idle, self.is_lone
        twin.named_node = self.named_node
        twin.ties = Ties(self.plan, self.pod)
        return twin


def _named_node(plan: ProfilePlan, pod: PodInfo) -> str:
    names = named_nodes(pod.spec) if NodeAffinity.name in plan.filters else None
    return next(iter(names)) if names is not None and len(names) == 1 else ""


def kind_of(plan: ProfilePlan, pod: PodInfo) -> tuple[Any, ...] | None:
    """What pods of one kind have in common; None when a status says more than the spec."""
    status = pod.pod.get("status")
    if status is not None and (
        status.get("containerStatuses") is not None or status.get("resources") is not None
    ):
        return None
    owners = pod.pod["metadata"].get("ownerReferences")
    return plan.name, pod.form, pod.labels, pod.namespace, owners


def ties_key(plan: ProfilePlan, pod: PodInfo) -> tuple[Any, ...]:
    """What the ties of a pod follow from, and what is around it."""
    spec = pod.spec
    return (
        plan.name,
        pod.labels,
        pod.namespace,
        pod.pod["metadata"].get("ownerReferences"),
        spec.get("affinity"),
        spec.get("topologySpreadConstraints"),
        spec.get("nodeSelector"),
        spec.get("tolerations"),
    )
