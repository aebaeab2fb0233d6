"""The order of the active queue: higher priority first, then who has waited longer."""

from typing import Any, Final

from kcore.machinery.frozen import FrozenMap
from kcore.scheduler.queued_pod import QueuedPod


class PrioritySort:
    """QueueSort by `spec.priority`, then by the time the pod was put into the queue."""

    name: Final = "PrioritySort"

    def __init__(self, args: FrozenMap) -> None:
        """Takes no args."""

    def sort_key(self, queued: QueuedPod) -> tuple[Any, ...]:
        """A failed pod gets a new time when it is put back, so it goes behind its equals."""
        return (-queued.info.priority, queued.timestamp_ns)
