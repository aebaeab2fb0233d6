"""Pure: how many pods are missing or too many, which go, and what the status says.

Upstream: pkg/controller/replicaset/replica_set.go and replica_set_utils.go.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from kcore.controllers.pod_deletion_order import choose_victims
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenMap, freeze
from kcore.machinery.meta import condition_of
from kcore.machinery.timestamps import format_time

# Upstream's BurstReplicas: pods created or deleted in one reconcile.
BURST_COUNT_MAX: Final = 500

_COUNTS: Final = MappingProxyType(
    {
        "replicas": "active",
        "fullyLabeledReplicas": "fully_labeled",
        "readyReplicas": "ready",
        "availableReplicas": "available",
        "terminatingReplicas": "terminating",
    }
)
# Zero is left out on the wire, except for the number everybody looks at and the newest one.
_ALWAYS_SHOWN: Final = ("replicas", "terminatingReplicas")


@dataclass(frozen=True, slots=True)
class ReplicaCounts:
    """The numbers of a status. `terminating` is None for kinds that do not count it."""

    active: int
    fully_labeled: int
    ready: int
    available: int
    terminating: int | None


@dataclass(frozen=True, slots=True)
class ReplicaPlan:
    """Pods to create, or pods to delete; never both."""

    creations: int
    victims: tuple[FrozenMap, ...]


def wanted_replicas(owner: FrozenMap) -> int:
    """`spec.replicas`; the API server defaults it to 1."""
    replicas: int = owner.at("spec", "replicas", default=1)
    return replicas


def plan_creations(missing_count: int) -> ReplicaPlan:
    """Create what is missing, as much as one reconcile may."""
    return ReplicaPlan(min(missing_count, BURST_COUNT_MAX), ())


def plan_deletions(
    surplus_count: int, active: Sequence[FrozenMap], related: Sequence[FrozenMap], now_ns: int
) -> ReplicaPlan:
    """Choose which of the owner's active pods go, as many as one reconcile may. O(n log n)."""
    count = min(surplus_count, BURST_COUNT_MAX)
    return ReplicaPlan(0, tuple(choose_victims(active, related, count, now_ns)))


def next_status(
    owner: FrozenMap, counts: ReplicaCounts, error: Exception | None, now_ns: int
) -> FrozenMap:
    """The status of an owner with so many pods."""
    status: FrozenMap = owner.get("status") or EMPTY_MAP
    for name, attribute in _COUNTS.items():
        count = getattr(counts, attribute)
        shown = count is not None and (count != 0 or name in _ALWAYS_SHOWN)
        status = status.set((name,), count) if shown else _without(status, name)
    return _with_failure(status, owner, counts.active, error, now_ns)


def observe_generation(owner: FrozenMap, status: FrozenMap) -> FrozenMap | None:
    """The status to write, or None when the present one says the same already."""
    generation = owner.at("metadata", "generation", default=0)
    observed = status.set(("observedGeneration",), generation) if generation else status
    return None if observed == (owner.get("status") or EMPTY_MAP) else observed


def _with_failure(
    status: FrozenMap, owner: FrozenMap, active_count: int, error: Exception | None, now_ns: int
) -> FrozenMap:
    """Set or clear condition ReplicaFailure; one that is set keeps its first words."""
    present = condition_of(owner, "ReplicaFailure") is not None
    if present == (error is not None):
        return status
    old: Any = status.get("conditions") or EMPTY_LIST
    conditions = [entry for entry in old if entry.get("type") != "ReplicaFailure"]
    if error is not None:
        too_few = active_count < wanted_replicas(owner)
        conditions.append(
            {
                "type": "ReplicaFailure",
                "status": "True",
                "lastTransitionTime": format_time(now_ns),
                "reason": "FailedCreate" if too_few else "FailedDelete",
                "message": str(error),
            }
        )
    if not conditions:
        return _without(status, "conditions")
    return status.set(("conditions",), freeze(conditions))


def _without(status: FrozenMap, name: str) -> FrozenMap:
    return status.remove((name,)) if name in status else status
