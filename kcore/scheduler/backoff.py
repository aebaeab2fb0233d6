"""How long a failed pod is left alone."""

from dataclasses import dataclass
from typing import Final

from kcore.runtime.clock import SECOND_NS
from kcore.scheduler.queued_pod import QueuedPod

# So many doublings exceed any sensible maximum; the cut keeps the number small.
_DOUBLINGS_COUNT_MAX: Final = 40


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubling from `initial_s`, at most `max_s`; `max_s` 0 means no delay at all."""

    initial_s: int = 1
    max_s: int = 10

    def expiration_ns(self, queued: QueuedPod) -> int:
        """When the delay ends, cut to a whole second; 0 when there is none."""
        count = queued.failures_count
        if count == 0 or self.max_s == 0:
            return 0
        delay_s = min(self.initial_s << min(count - 1, _DOUBLINGS_COUNT_MAX), self.max_s)
        end_ns = queued.timestamp_ns + delay_s * SECOND_NS
        return end_ns - end_ns % SECOND_NS

    def over_ns(self, queued: QueuedPod) -> int:
        """The first moment at which the delay does not run any more; 0 when there is none."""
        expiration_ns = self.expiration_ns(queued)
        return expiration_ns + SECOND_NS if expiration_ns > 0 else 0

    def is_backing_off(self, queued: QueuedPod, now_ns: int) -> bool:
        """Whether the delay still runs; a whole second is over only when the next one begins."""
        expiration_ns = self.expiration_ns(queued)
        return expiration_ns > 0 and expiration_ns >= now_ns - now_ns % SECOND_NS
