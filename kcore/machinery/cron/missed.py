"""Which fire times of a schedule have passed unused, and how long until the next.

A CronJob remembers when it last started a Job. `most_recent` says which start is due since then and
whether others were missed; their number is an estimate from the distance of the first two, as
upstream makes it, so that a job suspended for years costs no walk over years.
"""

from dataclasses import dataclass
from typing import Final, Literal

from kcore.machinery.cron.grammar import CronError
from kcore.machinery.cron.schedule import Schedule
from kcore.machinery.timestamps import SECOND_NS, ZERO_NS

# Beyond so many, upstream warns of a wrong clock or a wrong deadline.
_MANY_COUNT: Final = 100
# A wake-up comes a little late, so that the start is surely due.
_DELTA_NS: Final = 100_000_000
_DURATION_MIN: Final = -(1 << 63)
_DURATION_MAX: Final = (1 << 63) - 1


@dataclass(frozen=True, slots=True)
class Recent:
    """The last start that is due (None: none is), and whether starts before it were missed."""

    most_recent_ns: int | None
    missed: Literal["none", "few", "many"]


def most_recent(schedule: Schedule, earliest_ns: int, now_ns: int) -> Recent:
    """The start that is due at `now_ns`, given that nothing after `earliest_ns` was started.

    Raises:
        CronError: the schedule never fires twice.
    """
    first_ns = _next(schedule, earliest_ns)
    second_ns = _next(schedule, first_ns)
    if now_ns < first_ns:
        return Recent(None, "none")
    if now_ns < second_ns:
        return Recent(first_ns, "none")
    step_s = (second_ns - first_ns + SECOND_NS // 2) // SECOND_NS
    if step_s < 1:
        raise CronError("time difference between two schedules is less than 1 second")
    missed_count = (now_ns - first_ns) // SECOND_NS // step_s + 1
    found = _last_until(schedule, first_ns + (missed_count - 2) * step_s * SECOND_NS, now_ns)
    return Recent(found, "many" if missed_count > _MANY_COUNT else "few")


def _next(schedule: Schedule, instant_ns: int) -> int:
    """The next fire time; Go's zero time where there is none."""
    found_ns = schedule.next_after(instant_ns)
    return ZERO_NS if found_ns is None else found_ns


def _last_until(schedule: Schedule, start_ns: int, now_ns: int) -> int | None:
    """The last fire time after `start_ns` and not after `now_ns`. O(fire times between)."""
    last_ns = None
    instant_ns = schedule.next_after(start_ns)
    while instant_ns is not None and instant_ns <= now_ns:
        last_ns = instant_ns
        instant_ns = schedule.next_after(instant_ns)
    return last_ns


def earliest_start_ns(
    created_ns: int, last_ns: int | None, deadline_s: int | None, now_ns: int
) -> int:
    """Since when starts count: the last one, or the creation, but not before the deadline."""
    earliest_ns = created_ns if last_ns is None else last_ns
    if deadline_s is None:
        return earliest_ns
    return max(earliest_ns, now_ns - deadline_s * SECOND_NS)


def next_delay_ns(schedule: Schedule, earliest_ns: int, now_ns: int) -> int:
    """How long after `now_ns` to look at the schedule again; very negative if it never fires."""
    try:
        recent = most_recent(schedule, earliest_ns, now_ns)
        since_ns = recent.most_recent_ns
        if since_ns is None:
            since_ns = earliest_ns if recent.missed == "none" else now_ns
    except CronError:
        # A schedule that makes no sense is looked at again when it would fire next.
        since_ns = now_ns
    delay_ns = _next(schedule, since_ns) + _DELTA_NS - now_ns
    return max(_DURATION_MIN, min(delay_ns, _DURATION_MAX))
