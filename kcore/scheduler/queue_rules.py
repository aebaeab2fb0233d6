"""How a scheduling queue orders pods, and whom it keeps out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kcore.scheduler.backoff import Backoff
from kcore.scheduler.framework.handle import Handle
from kcore.scheduler.framework.quiet import may_speak
from kcore.scheduler.hints import HintTable
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

    def may_gate(self, pod: PodInfo) -> bool:
        """Whether `gate` must be asked about pods of this kind. O(gating fields)."""
        return may_speak(self.gating_fields, pod.spec)
