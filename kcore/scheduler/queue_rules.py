"""How a scheduling queue orders pods, and whom it keeps out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kcore.scheduler.backoff import Backoff
from kcore.scheduler.framework.events import Change, ClusterEvent
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.framework.quiet import all_fields, may_speak
from kcore.scheduler.framework.runner import Runner
from kcore.scheduler.hints import HintTable, Strategy
from kcore.scheduler.pod_facts import PodFacts
from kcore.scheduler.pod_info import PodInfo
from kcore.scheduler.queued_pod import QueuedPod


@dataclass(frozen=True, slots=True)
class QueueRules:
    """What the queue asks of the profiles. Refers to no world, so forks share it."""

    sort_key: Callable[[QueuedPod], tuple[Any, ...]]
    gate: Callable[[Handle, PodInfo], str]
    """The PreEnqueue plugin that refuses the pod, or empty."""
    hints: Mapping[str, HintTable]
    """By scheduler name."""
    backoff: Backoff = field(default_factory=Backoff)
    gating_fields: tuple[str, ...] | None = None
    """Spec fields without any of which `gate` refuses no pod; None: it is asked about each."""

    def may_gate(self, facts: PodFacts) -> bool:
        """Whether `gate` must be asked about pods of this kind. O(gating fields)."""
        return may_speak(self.gating_fields, facts.form)

    def is_of_interest(self, event: ClusterEvent) -> bool:
        """Whether any plugin cares about such events. O(profiles)."""
        return any(hints.is_of_interest(event) for hints in self.hints.values())

    def strategy(self, handle: Handle, queued: QueuedPod, change: Change) -> Strategy:
        """What a change means for a waiting pod. O(hints of its rejectors)."""
        hints = self.hints.get(queued.info.scheduler_name)
        return Strategy.STAY if hints is None else hints.strategy(handle, queued, change)

    def strategy_after(
        self, handle: Handle, queued: QueuedPod, changes: tuple[Change, ...]
    ) -> Strategy:
        """What the changes during a pod's attempt mean for it; an error is tried again anyway."""
        if not queued.rejectors:
            return Strategy.AFTER_BACKOFF
        found = Strategy.STAY
        for change in changes:
            strategy = self.strategy(handle, queued, change)
            if strategy is Strategy.IMMEDIATELY:
                return strategy
            if strategy is Strategy.AFTER_BACKOFF:
                found = strategy
        return found


def rules_of(runners: Mapping[str, Runner], backoff: Backoff) -> QueueRules:
    """The rules of a queue for pods of these profiles, by scheduler name."""
    first = next(iter(runners.values()))
    return QueueRules(
        sort_key=first.queue_sort.sort_key,
        gate=_Gate(runners),
        gating_fields=all_fields(runner.gating_fields for runner in runners.values()),
        hints={name: HintTable(runner) for name, runner in runners.items()},
        backoff=backoff,
    )


class _Gate:
    """Asks the PreEnqueue plugins of the pod's profile."""

    __slots__ = ("_runners",)

    def __init__(self, runners: Mapping[str, Runner]) -> None:
        self._runners = runners

    def __call__(self, handle: Handle, pod: PodInfo) -> str:
        status = self._runners[pod.scheduler_name].pre_enqueue(handle, pod)
        return "" if status is None else status.plugin
