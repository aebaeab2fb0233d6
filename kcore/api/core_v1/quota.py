"""What an object uses of a ResourceQuota, one evaluator for each kind that is counted.

An `Evaluator` answers four questions: what does an object use, which of a quota's resources are
about it, does a quota apply to it, and what must it say about itself to be counted. Charging,
refusing and recounting are the API server's and the controller's.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kcore.api.core_v1 import quota_scope
from kcore.api.core_v1.pod_resources import (
    PodResourcesOptions,
    pod_level_resources_set,
    pod_limits,
    pod_requests,
)
from kcore.api.core_v1.quota_scope import ScopeMatch
from kcore.api.core_v1.resource_list import ResourceList, add, intersection, read
from kcore.api.core_v1.resource_names import (
    HUGE_PAGES_PREFIX,
    REQUESTS_PREFIX,
    is_extended,
    is_huge_page,
    is_native,
)
from kcore.machinery.frozen import EMPTY_LIST
from kcore.machinery.quantity import Quantity, quantity_of
from kcore.machinery.timestamps import SECOND_NS, parse_time

# Unlike the scheduler, quotas do not look at the pod-level amounts of the status.
_OPTIONS: Final = PodResourcesOptions(use_status=True)
_ONE: Final = Quantity.of(1)
_ZERO: Final = Quantity.of(0)
_COMPUTE: Final = ("cpu", "memory", "ephemeral-storage")
_POD_RESOURCES: Final = (
    "count/pods",
    "pods",
    *_COMPUTE,
    *(f"requests.{name}" for name in _COMPUTE),
    *(f"limits.{name}" for name in _COMPUTE),
)
_SERVICE_RESOURCES: Final = (
    "count/services",
    "services",
    "services.nodeports",
    "services.loadbalancers",
)
_CLAIMS: Final = "persistentvolumeclaims"
_CLAIM_RESOURCES: Final = (_CLAIMS, "requests.storage")
_STORAGE_CLASS: Final = ".storageclass.storage.k8s.io/"
_STORAGE_CLASS_ANNOTATION: Final = "volume.beta.kubernetes.io/storage-class"
# Upstream calls it a mistake that a quota on these makes every container state them.
_MUST_BE_STATED: Final = (
    "cpu",
    "memory",
    "requests.cpu",
    "requests.memory",
    "limits.cpu",
    "limits.memory",
)


@dataclass(frozen=True, slots=True)
class Evaluator:
    """How one kind is counted. `usage` takes the object and the time in nanoseconds."""

    usage: Callable[[Any, int], ResourceList]
    matching_resources: Callable[[Iterable[str]], list[str]]
    scope: ScopeMatch = quota_scope.no_scope
    # What is missing from an object, given the resources that the matching quotas count.
    constraints: Callable[[Iterable[str], Any], str] = lambda _required, _obj: ""

    def matches(self, quota: Any, obj: Any) -> bool:
        """Whether `quota` applies to `obj`: it counts one of its resources, in all its scopes.

        Raises:
            ScopeError: a scope of the quota cannot be evaluated.
        """
        hard = quota.at("status", "hard", default=EMPTY_LIST)
        in_scope = quota_scope.matches_all(quota_scope.scope_requirements(quota), obj, self.scope)
        return in_scope and bool(self.matching_resources(hard))

    def matching_scopes(self, obj: Any, scopes: Sequence[Any]) -> list[Any]:
        """The scope requirements that `obj` meets; kinds without scopes meet none.

        Raises:
            ScopeError: one cannot be evaluated.
        """
        return quota_scope.matching(scopes, obj, self.scope)

    def uncovered_scopes(self, limited: Sequence[Any], matched: Sequence[Any]) -> list[Any]:
        """The limited scopes that no matched scope covers."""
        if self.scope is quota_scope.no_scope:
            return []
        return quota_scope.uncovered(limited, matched)


def object_count_name(resource: str, group: str = "") -> str:
    """The quota resource that counts the objects of a kind: `count/deployments.apps`."""
    return f"count/{resource}.{group}" if group else f"count/{resource}"


def object_count_evaluator(resource: str, group: str = "", alias: str = "") -> Evaluator:
    """Counts objects, under the general name and perhaps an old short one."""
    names = [object_count_name(resource, group), *([alias] if alias else [])]
    return Evaluator(
        usage=lambda _obj, _now_ns: dict.fromkeys(names, _ONE),
        matching_resources=lambda listed: intersection(listed, names),
    )


def _pod_matching_resources(listed: Iterable[str]) -> list[str]:
    names = list(listed)
    prefixed = (HUGE_PAGES_PREFIX, f"{REQUESTS_PREFIX}{HUGE_PAGES_PREFIX}")
    extra = [
        name
        for name in names
        if name.startswith(prefixed) or (not is_native(name) and name.startswith(REQUESTS_PREFIX))
    ]
    return intersection(names, _POD_RESOURCES) + extra


def is_counted_pod(pod: Any, now_ns: int) -> bool:
    """Whether a pod still uses compute resources: not finished, not stuck in deletion."""
    if pod.at("status", "phase") in ("Failed", "Succeeded"):
        return False
    deleted = pod.at("metadata", "deletionTimestamp")
    grace_period_s = pod.at("metadata", "deletionGracePeriodSeconds")
    if deleted is None or grace_period_s is None:
        return True
    return now_ns <= parse_time(deleted) + int(grace_period_s) * SECOND_NS


def _pod_usage(pod: Any, now_ns: int) -> ResourceList:
    usage: ResourceList = {"count/pods": _ONE}
    if not is_counted_pod(pod, now_ns):
        return usage
    return add(usage, _compute_usage(pod_requests(pod, _OPTIONS), pod_limits(pod, _OPTIONS)))


def _compute_usage(requests: ResourceList, limits: ResourceList) -> ResourceList:
    usage: ResourceList = {"pods": _ONE}
    for name in _COMPUTE:
        if name in requests:
            usage[name] = usage[f"requests.{name}"] = requests[name]
        if name in limits:
            usage[f"limits.{name}"] = limits[name]
    for name, quantity in requests.items():
        if is_huge_page(name):
            usage[name] = usage[f"{REQUESTS_PREFIX}{name}"] = quantity
        elif is_extended(name):
            usage[f"{REQUESTS_PREFIX}{name}"] = quantity
    return usage


def _pod_constraints(required: Iterable[str], pod: Any) -> str:
    """The message about containers that do not state a counted cpu or memory; "" if all do.

    Amounts for the pod as a whole speak for its containers.
    """
    if pod_level_resources_set(pod):
        return ""
    wanted = intersection(required, _MUST_BE_STATED)
    missing: dict[str, set[str]] = {}
    for field in ("containers", "initContainers"):
        for container in pod.at("spec", field, default=EMPTY_LIST):
            stated = _compute_usage(
                read(container.at("resources", "requests")),
                read(container.at("resources", "limits")),
            )
            for name in wanted:
                if name not in stated:
                    missing.setdefault(name, set()).add(container.name or "")
    if not missing:
        return ""
    parts = (f"{name} for: {','.join(sorted(missing[name]))}" for name in sorted(missing))
    return f"must specify {'; '.join(parts)}"


def _claim_matching_resources(listed: Iterable[str]) -> list[str]:
    plain = (object_count_name(_CLAIMS), *_CLAIM_RESOURCES)
    by_class = tuple(f"{_STORAGE_CLASS}{name}" for name in _CLAIM_RESOURCES)
    return [name for name in listed if name in plain or name.endswith(by_class)]


def claim_storage_class(claim: Any) -> str:
    """The StorageClass of a claim: the old annotation wins over the field."""
    old = claim.at("metadata", "annotations", _STORAGE_CLASS_ANNOTATION)
    return str(claim.at("spec", "storageClassName", default="") if old is None else old)


def _claim_usage(claim: Any, _now_ns: int) -> ResourceList:
    usage: ResourceList = {_CLAIMS: _ONE, object_count_name(_CLAIMS): _ONE}
    storage_class = claim_storage_class(claim)
    storage = _claim_storage(claim)
    if storage_class:
        usage[f"{storage_class}{_STORAGE_CLASS}{_CLAIMS}"] = _ONE
    if storage is not None:
        usage["requests.storage"] = storage
        if storage_class:
            usage[f"{storage_class}{_STORAGE_CLASS}requests.storage"] = storage
    return usage


def _claim_storage(claim: Any) -> Quantity | None:
    """The storage wanted, or already allocated if that is more, in whole bytes."""
    wanted = claim.at("spec", "resources", "requests", "storage")
    if wanted is None:
        return None
    storage = _whole(quantity_of(wanted))
    allocated = claim.at("status", "allocatedResources", "storage")
    if allocated is not None and quantity_of(allocated) > storage:
        return _whole(quantity_of(allocated))
    return storage


def _whole(quantity: Quantity) -> Quantity:
    rounded, exact = quantity.rounded_up(0)
    return quantity if exact else rounded


def _service_usage(service: Any, _now_ns: int) -> ResourceList:
    kind = service.at("spec", "type")
    ports = service.at("spec", "ports", default=EMPTY_LIST)
    node_ports_count = 0
    if kind == "LoadBalancer" and service.at("spec", "allocateLoadBalancerNodePorts") is False:
        node_ports_count = sum(1 for port in ports if port.nodePort)
    elif kind in ("LoadBalancer", "NodePort"):
        node_ports_count = len(ports)
    return {
        "count/services": _ONE,
        "services": _ONE,
        "services.loadbalancers": _ONE if kind == "LoadBalancer" else _ZERO,
        "services.nodeports": Quantity.of(node_ports_count),
    }


POD_EVALUATOR: Final = Evaluator(
    _pod_usage, _pod_matching_resources, quota_scope.pod_scope, _pod_constraints
)
CLAIM_EVALUATOR: Final = Evaluator(_claim_usage, _claim_matching_resources, quota_scope.claim_scope)
SERVICE_EVALUATOR: Final = Evaluator(
    _service_usage, lambda listed: intersection(listed, _SERVICE_RESOURCES)
)
