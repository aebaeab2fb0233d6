"""Filters that can be thought through with a few numbers, for preemption's many dry runs."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.interfaces import FilterPlugin
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo


@runtime_checkable
class BlindFilter(Protocol):
    """A Filter that looks at the node alone: no pod that comes or goes changes its answer."""

    is_blind_to_pods: bool


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
    later_filters: tuple[FilterPlugin, ...]
    """Filters after the one that asks for room; they look at the node alone."""
    eased_filters: tuple[EasedFilter, ...] = ()
    """Filters to ask whether evictions leave a node open; elsewhere it takes more than numbers."""


def is_blind(plugin: object) -> bool:
    """Whether a Filter plugin looks at the node alone."""
    return isinstance(plugin, BlindFilter) and plugin.is_blind_to_pods


def room_for(filters: Sequence[object], pod: PodInfo) -> Room | None:
    """What must be free, when room is all that pods on a node can change; else None."""
    needs: tuple[tuple[str, int], ...] | None = None
    later: list[FilterPlugin] = []
    eased: list[EasedFilter] = []
    for plugin in filters:
        if isinstance(plugin, RoomFilter) and needs is None:
            needs = tuple(plugin.needs(pod))
        elif isinstance(plugin, EasedFilter):
            eased.append(plugin)
        elif not is_blind(plugin):
            return None
        elif needs is not None and isinstance(plugin, FilterPlugin):
            later.append(plugin)
    return None if needs is None else Room(needs, tuple(later), tuple(eased))
