"""One node in thought, as numbers: which of its pods must go so that another one has room.

Only for pods that need room and nothing else of a node's pods. Nodes of one kind with pods of the
same kinds are alike then: whoever thinks about many of them works each likeness out once.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Final, TypeAlias

from kcore.machinery.frozen import Path
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo

Likeness: TypeAlias = Hashable
"""Equal for nodes on which the same places of the list of possible victims must go."""


_START: Final = Path("status", "startTime")


def starts_of(pods: Sequence[PodInfo]) -> list[str | None]:
    """When each pod started, if it has. O(pods)."""
    return [_START(one.pod) for one in pods]


def likeness(
    needs: Sequence[tuple[str, int]],
    node: NodeInfo,
    possible: Sequence[PodInfo],
    starts: Sequence[str | None],
) -> Likeness:
    """All that who goes follows from when it is a matter of room. O(needs + possible victims).

    Amounts that pods ask for are the same object for pods of one template, and are told apart by
    that: it must not outlive the node.
    """
    allocatable, requested = node.allocatable, node.requested
    return (
        node.allowed_pods_count - node.held.size,
        *[allocatable.get(name) - requested.get(name) for name, _ in needs],
        *[id(one.requests.requested) for one in possible],
        *[one.priority for one in possible],
        *starts,
    )


class RoomTrial:
    """What is left of a node once the incoming pod is there and all possible victims are gone."""

    __slots__ = ("_left", "_names", "_slots")

    def __init__(
        self, needs: Sequence[tuple[str, int]], node: NodeInfo, possible: Sequence[PodInfo]
    ) -> None:
        allocatable, requested = node.allocatable, node.requested
        self._slots = node.allowed_pods_count - node.pods_count - 1 + len(possible)
        self._names = [name for name, _ in needs]
        self._left = [
            allocatable.get(name) - requested.get(name) - amount for name, amount in needs
        ]
        for other in possible:
            self._left = self._without(other, -1)

    @property
    def has_room(self) -> bool:
        """Whether the incoming pod fits."""
        return self._slots >= 0 and min(self._left, default=0) >= 0

    @property
    def short_of(self) -> tuple[str, ...]:
        """What is missing, slots as `pods`; empty when the incoming pod fits."""
        missing = [name for name, left in zip(self._names, self._left, strict=True) if left < 0]
        return ("pods", *missing) if self._slots < 0 else tuple(missing)

    def reprieve(self, other: PodInfo) -> bool:
        """Put a pod back if there is room for both."""
        left = self._without(other, 1)
        if self._slots < 1 or min(left, default=0) < 0:
            return False
        self._slots, self._left = self._slots - 1, left
        return True

    def _without(self, other: PodInfo, times: int) -> list[int]:
        """What would be left if so many pods like this one came."""
        requested = other.requests.requested
        return [
            left - times * requested.get(name)
            for name, left in zip(self._names, self._left, strict=True)
        ]


def places_to_go(
    trial: RoomTrial, possible: Sequence[PodInfo], importance: Callable[[PodInfo], tuple[int, int]]
) -> tuple[int, ...] | None:
    """Places of those that find no room again, the most important first; None: all is in vain."""
    if not trial.has_room:
        return None
    places = sorted(range(len(possible)), key=lambda place: importance(possible[place]))
    return tuple(place for place in places if not trial.reprieve(possible[place]))
