"""The scheduler's surroundings as plugins may see them: the framework's `Handle`, made real."""

from collections.abc import Mapping
from copy import copy
from typing import TYPE_CHECKING, Self

from kcore.client.client import Client
from kcore.client.event_recorder import EventRecorder
from kcore.client.lister import Lister
from kcore.errors import NotModelledError
from kcore.forking import ForkMemo
from kcore.runtime.choice import ChoiceSource
from kcore.runtime.clock import Clock, VirtualClock
from kcore.scheduler.cache import SchedulerCache
from kcore.scheduler.framework.handle import Handle, ObjectLister
from kcore.scheduler.framework.runner import Runner
from kcore.scheduler.nominator import Nominator
from kcore.scheduler.snapshot import Snapshot


class SchedulerWorld:
    """Everything a plugin may reach, in one fork of the world."""

    def __init__(
        self,
        client: Client,
        clock: Clock,
        choices: ChoiceSource,
        recorder: EventRecorder,
        listers: Mapping[str, Lister],
        runners: Mapping[str, Runner],
    ) -> None:
        self.client = client
        """The way to the API."""
        self.binder = client.binder
        """The part of it that binds pods."""
        self.recorder = recorder
        """Remarks about objects."""
        self.clock = clock
        """Time."""
        self.choices = choices
        """Chance."""
        self._listers = dict(listers)
        self.runners = runners
        """Profiles by scheduler name. They refer to no world, so forks share them."""
        self.cache = SchedulerCache()
        self.nominated = self.nominator = Nominator()
        """Pods that preemption made room for; plugins know them by the first name."""
        self._shown: Snapshot | None = None

    @property
    def snapshot(self) -> Snapshot:
        """The nodes as the present attempt sees them."""
        return self.cache.snapshot if self._shown is None else self._shown

    def showing(self, snapshot: Snapshot) -> Self:
        """The same world with another snapshot in it, for thinking."""
        twin = copy(self)
        twin._shown = snapshot
        return twin

    def lister(self, resource: str) -> ObjectLister:
        """The cache of a resource the scheduler watches.

        Raises:
            NotModelledError: it does not watch this one.
        """
        lister = self._listers.get(resource)
        if lister is None:
            raise NotModelledError(f"the scheduler does not watch {resource}")
        return lister

    def filters_of(self, scheduler_name: str) -> Runner:
        """The profile that looks after pods of this scheduler name."""
        return self.runners[scheduler_name]

    def fork(self, memo: ForkMemo) -> Self:
        """The surroundings in a forked world; the runners are shared."""
        twin = memo.adopt(self, object.__new__(type(self)))
        if not isinstance(self.clock, VirtualClock):
            raise TypeError("only a world on a virtual clock can be forked")
        twin.client = memo(self.client)
        twin.binder = twin.client.binder
        twin.clock = memo(self.clock)
        twin.recorder = memo(self.recorder)
        twin.choices = memo(self.choices)
        twin._listers = {resource: memo(one) for resource, one in self._listers.items()}
        twin.runners = self.runners
        twin._shown = self._shown
        twin.cache = memo(self.cache)
        twin.nominated = twin.nominator = memo(self.nominator)
        return twin


if TYPE_CHECKING:

    def _is_a_handle(world: SchedulerWorld) -> Handle:
        return world
