"""Topology spread constraints: a pod's own, or the defaults for pods that belong to something.

A constraint counts pods per value of a node label. Which nodes take part is decided by the label
itself and by two policies (node affinity: honoured by default; taints: ignored by default).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from kcore.api.core_v1.taint import find_untolerated
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap, freeze
from kcore.machinery.labels import Requirement, Selector, from_label_selector, from_set
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo

HOSTNAME: Final = "kubernetes.io/hostname"
DO_NOT_SCHEDULE: Final = "DoNotSchedule"
SCHEDULE_ANYWAY: Final = "ScheduleAnyway"
# What `defaultingType: System` spreads by.
SYSTEM_DEFAULTS: Final[Sequence[FrozenMap]] = freeze(
    [
        {"topologyKey": HOSTNAME, "whenUnsatisfiable": SCHEDULE_ANYWAY, "maxSkew": 3},
        {
            "topologyKey": "topology.kubernetes.io/zone",
            "whenUnsatisfiable": SCHEDULE_ANYWAY,
            "maxSkew": 5,
        },
    ]
)


@dataclass(frozen=True, slots=True)
class SpreadConstraint:
    """One constraint, parsed for one pod."""

    topology_key: str
    max_skew: int
    selector: Selector
    namespace: str
    count_key: str
    min_domains_count: int = 1
    honours_affinity: bool = True
    honours_taints: bool = False

    def includes(self, pod: PodInfo, node: NodeInfo) -> bool:
        """Whether the node takes part, as far as the policies say."""
        if (
            self.honours_affinity
            and pod.demands_nodes
            and not pod.required_nodes.matches(node.facts.node)
        ):
            return False
        if not self.honours_taints or not node.facts.taints:
            return True
        tolerations = pod.spec.get("tolerations")
        return find_untolerated(node.facts.taints, tolerations, _HARD) is None

    def includes_every_node(self, pod: PodInfo) -> bool:
        """Whether the policies leave no node out, so that none needs to be asked about."""
        return not self.honours_taints and not (self.honours_affinity and pod.demands_nodes)

    def count(self, node: NodeInfo) -> int:
        """How many pods of the node count; an empty selector counts none. O(1) when repeated."""
        if not self.selector.requirements:
            return 0
        return node.count_pods(self.namespace, self.selector, self.count_key)

    def means(self, pod: PodInfo) -> bool:
        """Whether the selector means a pod; the namespace is the caller's business."""
        return self.selector.matches(pod.labels)


_HARD: Final = ("NoSchedule", "NoExecute")


def own_constraints(pod: PodInfo, action: str) -> tuple[SpreadConstraint, ...]:
    """The pod's own constraints with this `whenUnsatisfiable`."""
    listed = pod.spec.get("topologySpreadConstraints") or EMPTY_LIST
    return _parse(listed, pod, action)


def default_constraints(
    handle: Handle, pod: PodInfo, action: str, defaults: Sequence[FrozenMap]
) -> tuple[SpreadConstraint, ...]:
    """The profile's constraints, over the pods that belong together with this one.

    O(services of the namespace). Nothing when the pod belongs to nothing.
    """
    if not any(one.get("whenUnsatisfiable") == action for one in defaults):
        return ()
    selector = kin_selector(handle, pod)
    if selector.is_empty():
        return ()
    return _parse(defaults, pod, action, selector)


def kin_selector(handle: Handle, pod: PodInfo) -> Selector:
    """Selects the pods of the same services and the same owner (upstream's DefaultSelector)."""
    labels: dict[str, str] = {}
    for service in handle.lister("services").list(pod.namespace):
        wanted = service.at("spec", "selector")
        if wanted is not None and from_set(wanted).matches(pod.labels):
            labels.update(wanted.items())
    selector = owner_selector(handle, pod)
    if selector is None:
        return from_set(labels)
    if _kind(pod) == _REPLICATION_CONTROLLER:
        labels.update(selector.items())
        return from_set(labels)
    requirements = from_set(labels).requirements
    return Selector((*requirements, *from_label_selector(selector).requirements))


def owner_selector(handle: Handle, pod: PodInfo) -> FrozenMap | None:
    """The selector of the ReplicaSet, StatefulSet or ReplicationController that owns a pod."""
    owner = _controller(pod.pod)
    resource = None if owner is None else _OWNERS.get(_kind(pod))
    if owner is None or resource is None:
        return None
    found = handle.lister(resource).get(pod.namespace, owner["name"])
    selector: FrozenMap | None = None if found is None else found.at("spec", "selector")
    return selector


_REPLICATION_CONTROLLER: Final = ("v1", "ReplicationController")
_OWNERS: Final = {
    _REPLICATION_CONTROLLER: "replicationcontrollers",
    ("apps/v1", "ReplicaSet"): "replicasets.apps",
    ("apps/v1", "StatefulSet"): "statefulsets.apps",
}


def _kind(pod: PodInfo) -> tuple[str, str]:
    owner = _controller(pod.pod)
    return ("", "") if owner is None else (owner.get("apiVersion") or "", owner.get("kind") or "")


def has_all_keys(labels: FrozenMap, constraints: Iterable[SpreadConstraint]) -> bool:
    """Whether a node has the labels of all constraints."""
    return all(constraint.topology_key in labels for constraint in constraints)


def _controller(pod: FrozenMap) -> FrozenMap | None:
    for owner in pod.at("metadata", "ownerReferences", default=EMPTY_LIST):
        if owner.get("controller"):
            found: FrozenMap = owner
            return found
    return None


def _parse(
    listed: Sequence[FrozenMap], pod: PodInfo, action: str, selector: Selector | None = None
) -> tuple[SpreadConstraint, ...]:
    found = []
    for one in listed:
        if one.get("whenUnsatisfiable") != action:
            continue
        chosen = _selector(one, pod) if selector is None else selector
        found.append(
            SpreadConstraint(
                topology_key=one.get("topologyKey") or "",
                max_skew=one.get("maxSkew") or 0,
                selector=chosen,
                namespace=pod.namespace,
                count_key=f"spread/{pod.namespace}/{chosen}",
                min_domains_count=one.get("minDomains") or 1,
                honours_affinity=one.get("nodeAffinityPolicy") in (None, "Honor"),
                honours_taints=one.get("nodeTaintsPolicy") == "Honor",
            )
        )
    return tuple(found)


def _selector(constraint: FrozenMap, pod: PodInfo) -> Selector:
    """The constraint's selector, and the pod's own values of `matchLabelKeys`."""
    selector = from_label_selector(constraint.get("labelSelector"))
    keys = constraint.get("matchLabelKeys") or EMPTY_LIST
    if not keys or not selector.selectable:
        return selector
    own = [Requirement(key, "in", (pod.labels[key],)) for key in keys if key in pod.labels]
    return Selector((*selector.requirements, *own))
