"""Filters that can be thought through with a few numbers, for preemption's many dry runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeGuard, runtime_checkable

from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.status import Status
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo


@runtime_checkable
class BlindFilter(Protocol):
    """A Filter that looks at the node alone: no pod that comes or goes changes its answer."""

    is_blind_to_pods: bool

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """As any Filter plugin."""


@runtime_checkable
class RoomFilter(Protocol):
    """A Filter that asks for a free slot and for free amounts, and for nothing else."""

    def needs(self, pod: PodInfo) -> list[tuple[str, int]]:
        """(resource, amount) pairs, amounts above 0."""


@runtime_checkable
class EasedFilter(Protocol):
    """A Filter that can tell, of some nodes, that evictions leave them open."""

    def stays_open(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> bool:
        """Whether the node is open, and is so without any of its pods; False when in doubt."""


@dataclass(frozen=True, slots=True)
class Room:
    """What must be free on a node, beside a slot, for one pod."""

    needs: tuple[tuple[str, int], ...]
    later_filters: tuple[BlindFilter, ...]
    """Filters after the one that asks for room; they look at the node alone."""
    eased_filters: tuple[EasedFilter, ...] = ()
    """Filters to ask whether evictions leave a node open; elsewhere it takes more than numbers."""


def is_blind(plugin: object) -> TypeGuard[BlindFilter]:
    """Whether a Filter plugin looks at the node alone."""
    return isinstance(plugin, BlindFilter) and plugin.is_blind_to_pods


@dataclass(frozen=True, slots=True)
class RoomRule:
    """Filters of which one asks for room, and room is all that pods on a node can change."""

    room_filter: RoomFilter
    later_filters: tuple[BlindFilter, ...]
    eased_filters: tuple[EasedFilter, ...]

    def room(self, pod: PodInfo) -> Room:
        """What must be free for one pod. O(resources)."""
        needs = tuple(self.room_filter.needs(pod))
        return Room(needs, self.later_filters, self.eased_filters)


def room_rule(filters: Sequence[object]) -> RoomRule | None:
    """The rule of these filters; None when pods on a node can change more than room."""
    room_filter: RoomFilter | None = None
    later: list[BlindFilter] = []
    eased: list[EasedFilter] = []
    for plugin in filters:
        if isinstance(plugin, RoomFilter) and room_filter is None:
            room_filter = plugin
        elif isinstance(plugin, EasedFilter):
            eased.append(plugin)
        elif not is_blind(plugin):
            return None
        elif room_filter is not None:
            later.append(plugin)
    return None if room_filter is None else RoomRule(room_filter, tuple(later), tuple(eased))
