"""Pure: which ReplicaSet gets how many replicas next.

Everything is arithmetic on four numbers per ReplicaSet: `spec.replicas`, `status.replicas`,
`status.availableReplicas`, and the size of the rollout it last knew (annotations). Between two
reconciles the ReplicaSet controller makes numbers real; each call here plans one step that keeps
both bounds whatever state the pods are in:

* all replicas together <= replicas + maxSurge
* available pods >= replicas - maxUnavailable, as far as scaling down is concerned

Worked example: 10 replicas, surge 3, unavailable 2, new template. The new ReplicaSet is created
with 3 (10 + 3 - 10 old). Then old may go from 10 to 8 (available 10 - minimum 8); the new one up to
5 (13 - 8 = 5 in all), and so on as its pods become available.

Upstream: pkg/controller/deployment/{rolling,recreate,sync}.go and util/deployment_util.go.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from kcore.controllers.deployment.annotations import max_replicas_of, wanted_size_of
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.int_or_percent import IntOrPercentError, scaled


@dataclass(frozen=True, slots=True)
class Scale:
    """Set `spec.replicas` of a ReplicaSet and refresh what it knows of the rollout's size."""

    replica_set: FrozenMap
    replicas: int


def replicas_of(obj: FrozenMap) -> int:
    """`spec.replicas`, which the API server defaults to 1."""
    replicas: int = obj.at("spec", "replicas", default=1)
    return replicas


def status_count(obj: FrozenMap, name: str) -> int:
    """A count of the status; absent is zero."""
    count: int = obj.at("status", name, default=0)
    return count


def total_replicas(replica_sets: Sequence[FrozenMap]) -> int:
    """How many replicas are asked for in all."""
    return sum(replicas_of(replica_set) for replica_set in replica_sets)


def total_status(replica_sets: Sequence[FrozenMap], name: str) -> int:
    """A status count over all ReplicaSets."""
    return sum(status_count(replica_set, name) for replica_set in replica_sets)


def active(replica_sets: Sequence[FrozenMap]) -> list[FrozenMap]:
    """ReplicaSets that ask for pods."""
    return [replica_set for replica_set in replica_sets if replicas_of(replica_set) > 0]


def is_rolling(deployment: FrozenMap) -> bool:
    """Whether the strategy is RollingUpdate."""
    return bool(deployment.at("spec", "strategy", "type") == "RollingUpdate")


def resolve_fenceposts(max_surge: Any, max_unavailable: Any, wanted: int) -> tuple[int, int]:
    """Both bounds as numbers. Surge rounds up, unavailability down; both zero means one down."""
    surge = scaled(0 if max_surge is None else max_surge, wanted, True)
    unavailable = scaled(0 if max_unavailable is None else max_unavailable, wanted, False)
    if surge == 0 and unavailable == 0:
        unavailable = 1
    return surge, unavailable


def max_surge(deployment: FrozenMap) -> int:
    """How many pods there may be above `spec.replicas`."""
    return _fenceposts(deployment)[0] if is_rolling(deployment) else 0


def max_unavailable(deployment: FrozenMap) -> int:
    """How many of `spec.replicas` may be unavailable."""
    wanted = replicas_of(deployment)
    if not is_rolling(deployment) or wanted == 0:
        return 0
    return min(_fenceposts(deployment)[1], wanted)


def _fenceposts(deployment: FrozenMap) -> tuple[int, int]:
    try:
        return resolve_fenceposts(
            deployment.at("spec", "strategy", "rollingUpdate", "maxSurge"),
            deployment.at("spec", "strategy", "rollingUpdate", "maxUnavailable"),
            replicas_of(deployment),
        )
    except IntOrPercentError:
        return 0, 0  # the API server refuses such values; upstream counts them as none


def min_available(deployment: FrozenMap) -> int:
    """How many pods a rolling update keeps available."""
    return replicas_of(deployment) - max_unavailable(deployment) if is_rolling(deployment) else 0


def new_replicas(deployment: FrozenMap, every: Sequence[FrozenMap], new: FrozenMap) -> int:
    """How many replicas the new ReplicaSet may have beside the others of `every`."""
    wanted, present = replicas_of(deployment), replicas_of(new)
    if not is_rolling(deployment):
        return wanted
    surge = deployment.at("spec", "strategy", "rollingUpdate", "maxSurge")
    room = wanted + scaled(0 if surge is None else surge, wanted, True) - total_replicas(every)
    if room <= 0:
        return present
    return present + min(room, wanted - present)


# Scaling in the middle of a rollout ------------------------------------------------------------


def is_scaling(deployment: FrozenMap, replica_sets: Sequence[FrozenMap]) -> bool:
    """Whether `spec.replicas` differs from what an active ReplicaSet was last told."""
    sizes = (wanted_size_of(replica_set) for replica_set in active(replica_sets))
    return any(size is not None and size != replicas_of(deployment) for size in sizes)


def plan_scaling(
    deployment: FrozenMap, new: FrozenMap | None, olds: Sequence[FrozenMap]
) -> list[Scale]:
    """Follow `spec.replicas` without moving the rollout: the deployment was scaled or is paused.

    One active ReplicaSet gets everything. A new one that has everything up makes the old ones
    go. Otherwise each gets its share.
    """
    wanted = replicas_of(deployment)
    only = active_or_latest(new, olds)
    if only is not None:
        return _change(only, wanted)
    if new is not None and is_saturated(deployment, new):
        return [Scale(old, 0) for old in active(olds)]
    if not is_rolling(deployment):
        return []
    every = active(olds) + ([new] if new is not None and replicas_of(new) > 0 else [])
    return _share(deployment, every)


def active_or_latest(new: FrozenMap | None, olds: Sequence[FrozenMap]) -> FrozenMap | None:
    """The one active ReplicaSet; the newest when none is; None when several are."""
    if new is None and not olds:
        return None
    candidates = active([*olds, *([] if new is None else [new])])
    if len(candidates) > 1:
        return None
    if candidates:
        return candidates[0]
    return new if new is not None else max(olds, key=_age)


def is_saturated(deployment: FrozenMap, replica_set: FrozenMap) -> bool:
    """Whether the ReplicaSet is as large as the deployment, knows it, and is all available."""
    wanted = replicas_of(deployment)
    return (
        wanted_size_of(replica_set) == wanted
        and replicas_of(replica_set) == wanted
        and status_count(replica_set, "availableReplicas") == wanted
    )


def _share(deployment: FrozenMap, every: list[FrozenMap]) -> list[Scale]:
    """Spread the difference over all in proportion to their size; the largest gets the rest."""
    wanted = replicas_of(deployment)
    allowed = wanted + max_surge(deployment) if wanted > 0 else 0
    to_add = allowed - total_replicas(every)
    # The largest first; of equals the newer grows first and the older shrinks first.
    ordered = sorted(every, key=_age, reverse=to_add > 0)
    ordered.sort(key=lambda replica_set: -replicas_of(replica_set))
    added, sizes = 0, []
    for replica_set in ordered:
        share = proportion(replica_set, deployment, to_add, added)
        added += share
        sizes.append(replicas_of(replica_set) + share)
    if to_add and sizes:
        sizes[0] = max(0, sizes[0] + to_add - added)
    return [Scale(replica_set, size) for replica_set, size in zip(ordered, sizes, strict=True)]


def proportion(replica_set: FrozenMap, deployment: FrozenMap, to_add: int, added: int) -> int:
    """The share of one ReplicaSet in `to_add`, of which `added` are given out already."""
    if replicas_of(replica_set) == 0 or to_add in (0, added):
        return 0
    fraction = _fraction(replica_set, deployment)
    left = to_add - added
    return min(fraction, left) if to_add > 0 else max(fraction, left)


def _fraction(replica_set: FrozenMap, deployment: FrozenMap) -> int:
    """How much it would change if it kept its part of the whole."""
    size, wanted = replicas_of(replica_set), replicas_of(deployment)
    if wanted == 0:
        return -size
    before = max_replicas_of(replica_set) or 0
    if before <= 0:
        before = status_count(deployment, "replicas")
    if before == 0:
        return 0
    return _round(size * (wanted + max_surge(deployment)) / before) - size


def _round(number: float) -> int:
    """Half away from zero, as upstream's RoundToInt32."""
    return int(number - 0.5) if number < 0 else int(number + 0.5)


# One step of a rollout -------------------------------------------------------------------------


def plan_rolling(deployment: FrozenMap, new: FrozenMap, olds: Sequence[FrozenMap]) -> list[Scale]:
    """Grow the new ReplicaSet; when it cannot grow now, shrink the old ones."""
    wanted = replicas_of(deployment)
    if replicas_of(new) > wanted:
        return [Scale(new, wanted)]
    size = new_replicas(deployment, [*olds, new], new)
    if size != replicas_of(new):
        return [Scale(new, size)]
    return _shrink_old(deployment, new, list(olds))


def _shrink_old(deployment: FrozenMap, new: FrozenMap, olds: list[FrozenMap]) -> list[Scale]:
    """First the old pods that do not work anyway, then as many as availability allows."""
    old_actives = active(olds)
    if not old_actives:
        return []
    unavailable_new = replicas_of(new) - status_count(new, "availableReplicas")
    minimum = replicas_of(deployment) - max_unavailable(deployment)
    room = total_replicas([*olds, new]) - minimum - unavailable_new
    if room <= 0:
        return []
    old_actives.sort(key=_age)
    broken = _shrink(old_actives, room, _unhealthy_count)
    if _is_stale(old_actives, room):
        return broken
    after = [scale.replica_set.set(("spec", "replicas"), scale.replicas) for scale in broken]
    shrunk = {obj["metadata"]["uid"]: obj for obj in after}
    left = [shrunk.get(old["metadata"]["uid"], old) for old in old_actives]
    spare = total_status([*old_actives, new], "availableReplicas") - minimum
    healthy = _shrink(left, spare, replicas_of) if spare > 0 else []
    return broken + healthy


def _shrink(
    replica_sets: Sequence[FrozenMap], room: int, dispensable: Callable[[FrozenMap], int]
) -> list[Scale]:
    """Take up to `room` replicas away, oldest ReplicaSet first."""
    scales = []
    for replica_set in replica_sets:
        count = min(room, dispensable(replica_set))
        if count > 0:
            scales.append(Scale(replica_set, replicas_of(replica_set) - count))
            room -= count
    return scales


def _is_stale(replica_sets: Sequence[FrozenMap], room: int) -> bool:
    """Whether a status met on the way counts more available pods than were asked for.

    Such a status was written before the last scaling took effect. Counting on those pods would
    take availability below its minimum, so nothing healthy is taken away until it is up to date.
    """
    for replica_set in replica_sets:
        if room <= 0:
            return False
        unhealthy = _unhealthy_count(replica_set)
        if unhealthy < 0:
            return True
        room -= unhealthy
    return False


def _unhealthy_count(replica_set: FrozenMap) -> int:
    return replicas_of(replica_set) - status_count(replica_set, "availableReplicas")


def plan_recreate_down(olds: Sequence[FrozenMap]) -> list[Scale]:
    """Strategy Recreate first stops everything old."""
    return [Scale(old, 0) for old in active(olds)]


def _change(replica_set: FrozenMap, replicas: int) -> list[Scale]:
    return [] if replicas_of(replica_set) == replicas else [Scale(replica_set, replicas)]


def _age(replica_set: FrozenMap) -> tuple[str, str]:
    """Sorts older first; of equals by name."""
    metadata = replica_set["metadata"]
    return metadata.get("creationTimestamp") or "", metadata["name"]


OLDEST_FIRST: Final = _age
"""Sort key: creation time, then name."""
