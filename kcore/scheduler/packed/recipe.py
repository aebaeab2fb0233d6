"""What is known of a kind of pod before it is looked for a node: read once, used for all its like.

Pods of one template have equal specs (names of claims apart), labels, namespace and owner. The
first of them stands for all: everything the columns ask of a pod follows from those. What also
follows from services, namespaces and the owner is worked out again when one of them changed.
"""

from typing import TYPE_CHECKING, Any

from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.packed.idle_pods import is_idle
from kcore.scheduler.packed.pod_class import class_key
from kcore.scheduler.packed.profile_plan import ProfilePlan
from kcore.scheduler.packed.relation import Relation
from kcore.scheduler.packed.relations import Relations
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.spread_constraints import owner_selector

if TYPE_CHECKING:
    from kcore.machinery.frozen import FrozenMap


class Ties:
    """What ties pods to others, worked out once for all that say the same about others."""

    __slots__ = ("_is_owned", "_plan", "_pod", "_relation", "_surroundings")

    def __init__(self, plan: ProfilePlan, pod: PodInfo) -> None:
        self._plan = plan
        self._pod = pod
        self._is_owned = bool(pod.pod["metadata"].get("ownerReferences"))
        self._relation: Relation | None = None
        # Services, namespaces, the owner's selector, and the version of the counts.
        self._surroundings: tuple[object, object, FrozenMap | None, tuple[int, int] | None]
        self._surroundings = (None, None, None, None)

    def relation(self, relations: Relations, handle: Handle) -> Relation:
        """Which counts matter. O(1) while nothing around changed.

        A lister's view is the same object while the lister shows the same objects.

        Raises:
            SelectorError: a selector of the pod cannot be parsed.
        """
        services = getattr(handle.lister("services"), "view", None)
        namespaces = getattr(handle.lister("namespaces"), "view", None)
        owner = owner_selector(handle, self._pod) if self._is_owned else None
        known = self._surroundings
        if (
            self._relation is not None
            and services is not None
            and services is known[0]
            and namespaces is not None
            and namespaces is known[1]
            and owner == known[2]
            and relations.version == known[3]
        ):
            return self._relation
        self._relation = relations.relation(self._plan, handle, self._pod)
        self._surroundings = (services, namespaces, owner, relations.version)
        return self._relation


class Recipe:
    """One kind of pod under one profile."""

    __slots__ = ("is_idle", "key", "number", "plan", "pod", "ties")

    def __init__(self, plan: ProfilePlan, pod: PodInfo) -> None:
        self.plan = plan
        self.pod = pod
        """A pod of this kind; only its form, labels, namespace and owner may be read."""
        self.key: tuple[Any, ...] = (plan.runner.scheduler_name, class_key(pod))
        self.number = -1
        """Of the class, given by whoever keeps classes."""
        self.is_idle = is_idle(pod)
        self.ties = Ties(plan, pod)
        """Shared with other kinds by whoever keeps them."""

    def copy(self) -> "Recipe":
        """The same recipe without what belongs to one set of counts."""
        twin = object.__new__(Recipe)
        twin.plan, twin.pod, twin.key = self.plan, self.pod, self.key
        twin.number = self.number
        twin.is_idle = self.is_idle
        twin.ties = Ties(self.plan, self.pod)
        return twin


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
