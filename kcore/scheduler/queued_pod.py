"""A pod in the scheduling queue, with what earlier attempts left behind."""

from dataclasses import dataclass, replace

from kcore.records import record
from kcore.scheduler.pod_info import PodInfo


# Not frozen: one is made for each pod, and frozen ones take thrice as long to make.
@record
@dataclass(slots=True)
class QueuedPod:
    """Never changes; each move through the queue makes a new one."""

    info: PodInfo
    timestamp_ns: int
    """When it was put into the queue last; decides order and backoff."""
    attempts_count: int = 0
    """Attempts that are over."""
    unschedulable_count: int = 0
    """Attempts that found no node: the exponent of the backoff."""
    errors_count: int = 0
    """Failed attempts in a row that found a node or could not look; counts instead when above 0."""
    unschedulable_plugins: tuple[str, ...] = ()
    pending_plugins: tuple[str, ...] = ()
    gating_plugin: str = ""
    """The PreEnqueue plugin that keeps it out."""

    @property
    def key(self) -> str:
        """`namespace/name`."""
        return self.info.key

    @property
    def failures_count(self) -> int:
        """The count from which the backoff is made."""
        return self.errors_count or self.unschedulable_count

    @property
    def rejectors(self) -> tuple[str, ...]:
        """Plugins whose events might help."""
        return (*self.unschedulable_plugins, *self.pending_plugins)

    def with_info(self, info: PodInfo) -> "QueuedPod":
        """The same queue history for a newer version of the pod."""
        return replace(self, info=info)
