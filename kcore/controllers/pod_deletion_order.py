"""Which pods go first when there are too many.

Upstream's `ActivePodsWithRanks` (pkg/controller/controller_utils.go). The first rule that tells two
pods apart decides:

1. not assigned to a node before assigned
2. Pending before Unknown before Running
3. not ready before ready
4. lower `controller.kubernetes.io/pod-deletion-cost` before higher
5. more related pods on the same node before fewer (the rank)
6. both ready: ready for a shorter time before longer, by powers of two, then by uid
7. more container restarts before fewer, then more sidecar restarts
8. created later before earlier, by powers of two, then by uid

Ages are compared by their logarithm so that pods of about the same age go in an order that nobody
can predict (uid) rather than always the youngest of a batch.
"""

import math
import re
from collections.abc import Sequence
from functools import cmp_to_key
from typing import Final

from kcore.controllers.pod_condition import is_ready, ready_since_ns
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.machinery.timestamps import parse_time

DELETION_COST: Final = "controller.kubernetes.io/pod-deletion-cost"

_PHASE_ORDER: Final = {"Pending": 0, "Unknown": 1, "Running": 2}
_COST: Final = re.compile(r"(-[0-9]+|0|[1-9][0-9]*)\Z")
_INVERSE_LN2: Final = 1 / math.log(2)


def choose_victims(
    pods: Sequence[FrozenMap], related: Sequence[FrozenMap], count: int, now_ns: int
) -> list[FrozenMap]:
    """The `count` pods to delete, first to go first. O(n log n).

    `related` are the active pods of all ReplicaSets with the same owner; a node with many of them
    gives pods up first.
    """
    if count >= len(pods):
        return list(pods)
    on_node: dict[str, int] = {}
    for pod in related:
        node = pod.at("spec", "nodeName", default="")
        on_node[node] = on_node.get(node, 0) + 1
    ranks = [on_node.get(pod.at("spec", "nodeName", default=""), 0) for pod in pods]
    return [pods[index] for index in deletion_order(pods, ranks, now_ns)[:count]]


def deletion_order(
    pods: Sequence[FrozenMap], ranks: Sequence[int], now_ns: int | None
) -> list[int]:
    """Positions in `pods`, first to go first. Ties keep their order."""
    profiles = [_Profile(pod, rank) for pod, rank in zip(pods, ranks, strict=True)]

    def compare(left: int, right: int) -> int:
        if goes_before(profiles[left], profiles[right], now_ns):
            return -1
        return 1 if goes_before(profiles[right], profiles[left], now_ns) else 0

    return sorted(range(len(pods)), key=cmp_to_key(compare))


class _Profile:
    """What the rules look at, read once per pod."""

    __slots__ = ("created_ns", "ready", "ready_ns", "restarts", "rules", "sidecar_restarts", "uid")

    def __init__(self, pod: FrozenMap, rank: int) -> None:
        metadata = pod["metadata"]
        self.ready = is_ready(pod)
        self.rules = (
            bool(pod.at("spec", "nodeName", default="")),
            _PHASE_ORDER.get(pod.at("status", "phase", default=""), 0),
            self.ready,
            deletion_cost(pod),
            -rank,
        )
        self.ready_ns = ready_since_ns(pod)
        self.restarts, self.sidecar_restarts = _restarts(pod)
        created = metadata.get("creationTimestamp")
        self.created_ns = parse_time(created) if created else None
        self.uid: str = metadata.get("uid") or ""


def goes_before(left: _Profile, right: _Profile, now_ns: int | None) -> bool:
    """Whether `left` is deleted before `right`; False for equals."""
    if left.rules != right.rules:
        return left.rules < right.rules
    if left.ready and right.ready and left.ready_ns != right.ready_ns:
        return _younger(left.ready_ns, right.ready_ns, now_ns, left.uid < right.uid)
    if left.restarts != right.restarts:
        return left.restarts > right.restarts
    if left.sidecar_restarts != right.sidecar_restarts:
        return left.sidecar_restarts > right.sidecar_restarts
    if left.created_ns != right.created_ns:
        return _younger(left.created_ns, right.created_ns, now_ns, left.uid < right.uid)
    return False


def deletion_cost(pod: FrozenMap) -> int:
    """The annotated cost; 0 when absent or not a canonical 32-bit number."""
    text = pod.at("metadata", "annotations", DELETION_COST, default="")
    if not _COST.match(text):
        return 0
    cost = int(text)
    return cost if -(2**31) <= cost < 2**31 else 0


def _younger(left: int | None, right: int | None, now_ns: int | None, tie: bool) -> bool:
    if now_ns is None or left is None or right is None:
        # No time at all counts as later than any time.
        return left is None or (right is not None and left > right)
    difference = _log_age(left, now_ns) - _log_age(right, now_ns)
    return tie if difference == 0 else difference < 0


def _log_age(then_ns: int, now_ns: int) -> int:
    age_ns = now_ns - then_ns
    if age_ns <= 0:
        return -1
    # Go's math.Log2, rounding included: int.bit_length would differ just below powers of two.
    fraction, exponent = math.frexp(float(age_ns))
    if fraction == 0.5:
        return exponent - 1
    return int(math.log(fraction) * _INVERSE_LN2 + exponent)


def _restarts(pod: FrozenMap) -> tuple[int, int]:
    """The highest restart count of regular containers and of sidecars."""
    sidecars = {
        container["name"]
        for container in pod.at("spec", "initContainers", default=EMPTY_LIST)
        if container.get("restartPolicy") == "Always"
    }
    statuses = pod.at("status", "containerStatuses", default=EMPTY_LIST)
    initial = pod.at("status", "initContainerStatuses", default=EMPTY_LIST)
    regular = max((status.get("restartCount") or 0 for status in statuses), default=0)
    sidecar = max(
        (status.get("restartCount") or 0 for status in initial if status.get("name") in sidecars),
        default=0,
    )
    return regular, sidecar
