"""What a plugin may reach: the snapshot, other resources, nominations, and the way to the API."""

from collections.abc import Mapping, Sequence
from typing import Protocol, Self

from kcore.client.binder import Binder
from kcore.client.client import Client
from kcore.client.event_recorder import EventRecorder
from kcore.forking import ForkMemo
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.labels import Selector
from kcore.runtime.choice import ChoiceSource
from kcore.runtime.clock import Clock
from kcore.scheduler.framework.cycle_state import CycleState
from kcore.scheduler.framework.room import Room
from kcore.scheduler.framework.status import Status
from kcore.scheduler.node_info import NodeInfo
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.snapshot import Snapshot


class ObjectLister(Protocol):
    """Objects of one resource, as `kcore.client.lister.Lister` shows them."""

    @property
    def view(self) -> object:
        """The picture itself: the same one while the lister shows the same objects."""

    @property
    def seen(self) -> object:
        """The picture, if somebody has asked for it since it became another; else None."""

    def get(self, namespace: str, name: str) -> FrozenMap | None:
        """The object, or None."""

    def list(self, namespace: str = "", selector: Selector | None = None) -> list[FrozenMap]:
        """Objects in key order."""


class NominatedPods(Protocol):
    """Pods that wait for room which preemption made for them."""

    def __len__(self) -> int:
        """How many there are."""

    @property
    def promised(self) -> Mapping[str, str]:
        """Nodes by uid; to look into without a call."""

    @property
    def by_node(self) -> Mapping[str, tuple[PodInfo, ...]]:
        """All of them, by node."""

    @property
    def change_count(self) -> int:
        """How many changes there were."""

    def changed_since(self, seen: int) -> Sequence[str] | None:
        """Nodes whose promises changed since there were so many changes; None: any."""

    def pods_on(self, node_name: str) -> tuple[PodInfo, ...]:
        """Pods nominated to the node, in the order of their nominations."""


class FilterRunner(Protocol):
    """The part of a profile's runner that preemption thinks with."""

    def room(self, state: CycleState, pod: PodInfo) -> Room | None:
        """What must be free, when room is all that pods on a node can change; else None."""

    def filter(self, state: CycleState, pod: PodInfo, node: NodeInfo) -> Status | None:
        """Run all filters."""

    def filter_with_nominated(
        self, state: CycleState, pod: PodInfo, node: NodeInfo
    ) -> Status | None:
        """Run all filters, counting nominated pods."""

    def add_pod(self, state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo) -> None:
        """Tell every PreFilter extension that `other` counts on `node`."""

    def remove_pod(self, state: CycleState, pod: PodInfo, other: PodInfo, node: NodeInfo) -> None:
        """Tell every PreFilter extension that `other` no longer counts on `node`."""


class Handle(Protocol):
    """The world as a plugin may see it during one call; a fork has a handle of its own."""

    @property
    def snapshot(self) -> Snapshot:
        """The nodes as this attempt sees them."""

    @property
    def nominated(self) -> NominatedPods:
        """Nominations."""

    @property
    def client(self) -> Client:
        """The way to the API, for plugins that write."""

    @property
    def binder(self) -> Binder:
        """The part of it that binds pods."""

    @property
    def recorder(self) -> EventRecorder:
        """Remarks about objects."""

    @property
    def choices(self) -> ChoiceSource:
        """Chance."""

    @property
    def clock(self) -> Clock:
        """Time."""

    def lister(self, resource: str) -> ObjectLister:
        """The cache of another resource.

        Raises:
            NotModelledError: the scheduler watches no such resource.
        """

    def fork(self, memo: ForkMemo) -> Self:
        """The world of a forked scheduler."""

    def filters_of(self, scheduler_name: str) -> FilterRunner:
        """The runner of the profile that looks after pods of this scheduler name."""
