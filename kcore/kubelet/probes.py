"""When probes change their mind, computed instead of ticked. Pure.

A kubelet asks at `start + initialDelaySeconds + k * periodSeconds`. What a container would answer
is declared (`ContainerBehavior`), so the moment at which `successThreshold` or `failureThreshold`
answers in a row have come in is arithmetic, and a healthy world has no probe timers.

Worked example: period 10 s, initial delay 5 s, failureThreshold 3; the container goes bad 12 s
after its start. Probes at 5 s (good), 15, 25, 35 s (bad): the third bad one at 35 s decides.
"""

from dataclasses import dataclass
from typing import Final

from kcore.kubelet.behavior import ContainerBehavior, to_ns
from kcore.machinery.frozen import FrozenMap
from kcore.runtime.clock import SECOND_NS

PERIOD_S_DEFAULT: Final = 10
FAILURE_THRESHOLD_DEFAULT: Final = 3


@dataclass(frozen=True, slots=True)
class ProbeTimes:
    """What one run of a container will show, as times; None means never.

    `ready_ns` to `unready_ns` is when it is ready. `killed_ns` is when a startup or liveness
    probe gives up, `killed_by` which.
    """

    started_ns: int | None
    ready_ns: int | None
    unready_ns: int | None
    killed_ns: int | None
    killed_by: str = ""

    def is_started(self, now_ns: int) -> bool:
        """Whether the startup probe has succeeded (or there is none)."""
        return self.started_ns is not None and self.started_ns <= now_ns

    def is_ready(self, now_ns: int) -> bool:
        """Whether the readiness probe holds (or there is none)."""
        if self.ready_ns is None or now_ns < self.ready_ns:
            return False
        return self.unready_ns is None or now_ns < self.unready_ns

    def next_ns(self, now_ns: int) -> int | None:
        """The first change after now."""
        times = (self.started_ns, self.ready_ns, self.unready_ns, self.killed_ns)
        return min((time for time in times if time is not None and time > now_ns), default=None)


def probe_times(container: FrozenMap, behavior: ContainerBehavior, start_ns: int) -> ProbeTimes:
    """All changes of a container that started at `start_ns`. O(1)."""
    started_ns, startup_killed_ns = _startup(container, behavior, start_ns)
    if started_ns is None:
        return ProbeTimes(None, None, None, startup_killed_ns, "startup")
    ready_ns = _ready(container, behavior, start_ns, started_ns)
    unready_ns = _failed(container.readinessProbe, behavior.unready_after_s, start_ns, started_ns)
    if container.readinessProbe is not None and _is_bad(behavior, start_ns, ready_ns):
        ready_ns = unready_ns = None
    killed_ns = _failed(container.livenessProbe, behavior.unhealthy_after_s, start_ns, started_ns)
    return ProbeTimes(started_ns, ready_ns, unready_ns, killed_ns, "liveness" if killed_ns else "")


def _is_bad(behavior: ContainerBehavior, start_ns: int, ready_ns: int | None) -> bool:
    """Whether readiness fails again before enough good answers have come in."""
    after_s = behavior.unready_after_s
    return ready_ns is not None and after_s is not None and ready_ns >= start_ns + to_ns(after_s)


def _startup(
    container: FrozenMap, behavior: ContainerBehavior, start_ns: int
) -> tuple[int | None, int | None]:
    """When the startup probe succeeds, or when it gives up."""
    probe: FrozenMap | None = container.startupProbe
    if probe is None:
        return start_ns, None
    first_ns = start_ns + _seconds(probe, "initialDelaySeconds", 0)
    last_ns = first_ns + (_failures(probe) - 1) * _period(probe)
    if behavior.started_after_s is not None:
        good_ns = _tick(probe, start_ns, start_ns + to_ns(behavior.started_after_s))
        if good_ns <= last_ns:
            return good_ns, None
    return None, last_ns


def _ready(
    container: FrozenMap, behavior: ContainerBehavior, start_ns: int, started_ns: int
) -> int | None:
    probe: FrozenMap | None = container.readinessProbe
    if probe is None:
        return started_ns
    if behavior.ready_after_s is None:
        return None
    good_ns = max(start_ns + to_ns(behavior.ready_after_s), started_ns)
    successes = probe.get("successThreshold") or 1
    return _tick(probe, start_ns, good_ns) + (successes - 1) * _period(probe)


def _failed(
    probe: FrozenMap | None, after_s: float | None, start_ns: int, started_ns: int
) -> int | None:
    if probe is None or after_s is None:
        return None
    bad_ns = max(start_ns + to_ns(after_s), started_ns)
    return _tick(probe, start_ns, bad_ns) + (_failures(probe) - 1) * _period(probe)


def _tick(probe: FrozenMap, start_ns: int, at_ns: int) -> int:
    """The first probe at or after `at_ns`."""
    first_ns = start_ns + _seconds(probe, "initialDelaySeconds", 0)
    period_ns = _period(probe)
    missed = max(0, -(-(at_ns - first_ns) // period_ns))
    return first_ns + missed * period_ns


def _period(probe: FrozenMap) -> int:
    return _seconds(probe, "periodSeconds", PERIOD_S_DEFAULT)


def _failures(probe: FrozenMap) -> int:
    return probe.get("failureThreshold") or FAILURE_THRESHOLD_DEFAULT


def _seconds(probe: FrozenMap, name: str, default_s: int) -> int:
    return (probe.get(name) or default_s) * SECOND_NS
