"""Which waiting pods a change of the cluster may help: the plugins' registrations, asked."""

from collections.abc import Sequence
from enum import Enum
from typing import Any, Final

from kcore.scheduler.framework.events import (
    WILDCARD,
    Action,
    Change,
    ClusterEvent,
    EventRegistration,
    Hint,
    HintError,
)
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.framework.interfaces import (
    EnqueueExtensions,
    FilterPlugin,
    PreEnqueuePlugin,
    PreFilterPlugin,
    ReservePlugin,
)
from kcore.scheduler.framework.runner import Runner
from kcore.scheduler.queued_pod import QueuedPod

EVERYTHING: Final = EventRegistration(ClusterEvent(WILDCARD, Action.ALL))
"""What a plugin that can refuse pods but registers nothing waits for."""
_REFUSING_POINTS: Final[tuple[Any, ...]] = (
    PreEnqueuePlugin,
    PreFilterPlugin,
    FilterPlugin,
    ReservePlugin,
)


class Strategy(Enum):
    """What to do with a waiting pod after a change."""

    STAY = "stay"
    AFTER_BACKOFF = "after backoff"
    IMMEDIATELY = "immediately"


class HintTable:
    """The registrations of one profile's plugins."""

    __slots__ = ("_by_plugin", "_matching")

    def __init__(self, runner: Runner) -> None:
        self._by_plugin: dict[str, tuple[EventRegistration, ...]] = {
            name: _registrations(plugin)
            for name, plugin in runner.plugins.items()
            if isinstance(plugin, (EnqueueExtensions, *_REFUSING_POINTS))
        }
        # By event and plugin: which registrations it matches. Facts about constants.
        self._matching: dict[tuple[str, int], dict[str, tuple[EventRegistration, ...]]] = {}

    @property
    def plugins(self) -> tuple[str, ...]:
        """Who can refuse a pod or waits for events."""
        return tuple(self._by_plugin)

    def registrations(self, plugin: str) -> tuple[EventRegistration, ...]:
        """What a plugin waits for."""
        return self._by_plugin.get(plugin, ())

    def is_of_interest(self, event: ClusterEvent) -> bool:
        """Whether any plugin waits for such an event."""
        return event.is_wildcard or bool(self._matches(event))

    def concerns(self, plugin: str, event: ClusterEvent) -> bool:
        """Whether the plugin waits for such an event."""
        return plugin in self._matches(event)

    def may_help(self, plugins: Sequence[str], event: ClusterEvent) -> bool:
        """Whether such an event may help a pod that these plugins refused, before any is asked."""
        if not plugins or event.is_wildcard:
            return True
        matching = self._matches(event)
        return any(plugin in matching for plugin in plugins)

    def _matches(self, event: ClusterEvent) -> dict[str, tuple[EventRegistration, ...]]:
        key = (event.resource, event.action.value)
        found = self._matching.get(key)
        if found is None:
            found = {}
            for plugin, rows in self._by_plugin.items():
                matching = tuple(row for row in rows if row.event.covers(event))
                if matching:
                    found[plugin] = matching
            self._matching[key] = found
        return found

    def ask(self, handle: Handle, plugin: str, queued: QueuedPod, change: Change) -> list[Hint]:
        """The plugin's answers, one for each registration that the event matches."""
        return [
            _answer(row, handle, queued, change)
            for row in self._matches(change.event).get(plugin, ())
        ]

    def strategy(self, handle: Handle, queued: QueuedPod, change: Change) -> Strategy:
        """Whether a change is reason enough to try the pod again. O(rejectors * registrations).

        Without a rejector the pod failed by an error, and any change will do; a wildcard event
        asks nobody. A plugin whose pod is *pending* may let it skip the backoff.
        """
        if not queued.rejectors or change.event.is_wildcard:
            return Strategy.AFTER_BACKOFF
        found = Strategy.STAY
        for plugin in queued.rejectors:
            if Hint.QUEUE in self.ask(handle, plugin, queued, change):
                if plugin in queued.pending_plugins:
                    return Strategy.IMMEDIATELY
                found = Strategy.AFTER_BACKOFF
        return found


def _answer(row: EventRegistration, handle: Handle, queued: QueuedPod, change: Change) -> Hint:
    if row.hint is None:
        return Hint.QUEUE
    try:
        return row.hint(handle, queued.info, change)
    except HintError:
        return Hint.QUEUE


def _registrations(plugin: Any) -> tuple[EventRegistration, ...]:
    if isinstance(plugin, EnqueueExtensions):
        return plugin.events_to_register()
    return (EVERYTHING,)
