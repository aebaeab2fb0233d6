"""`cron/*`: schedules and their next fire times, in zones with clock changes."""

from kcore.machinery.cron import (
    CronError,
    earliest_start_ns,
    most_recent,
    next_delay_ns,
    parse_schedule,
)
from kcore.machinery.timestamps import SECOND_NS, format_time, parse_time
from tests.conformance.registry import Registry

registry = Registry("machinery")


@registry.answers("cron/next", "cron/zone", whole_record=True)
def next_times(record):
    given = record["in"]
    try:
        schedule = parse_schedule(given["schedule"])
    except CronError as error:
        return {"error": str(error)}
    instant_ns = parse_time(given["from"])
    times = []
    for _ in record["out"].get("next", ()):
        instant_ns = schedule.next_after(instant_ns)
        times.append(None if instant_ns is None else format_time(instant_ns))
        if instant_ns is None:
            break
    return {"next": times}


@registry.answers("cronjob/schedule")
def missed_starts(given):
    schedule, now_ns = parse_schedule(given["schedule"]), parse_time(given["now"])
    last = given["lastScheduleTime"]
    created_ns = parse_time(given["creationTimestamp"])
    last_ns = None if last is None else parse_time(last)
    deadline_s = given["startingDeadlineSeconds"]
    earliest_ns = earliest_start_ns(created_ns, last_ns, None, now_ns)
    limited_ns = earliest_start_ns(created_ns, last_ns, deadline_s, now_ns)
    return {
        "requeueAfterNanoseconds": next_delay_ns(schedule, earliest_ns, now_ns),
        "withDeadline": recent(schedule, limited_ns, now_ns),
        "withoutDeadline": recent(schedule, earliest_ns, now_ns),
    }


def exact_text(instant_ns):
    """A time with its fraction, as Go prints one with nanoseconds."""
    fraction = f"{instant_ns % SECOND_NS:09d}".rstrip("0")
    return format_time(instant_ns).replace("Z", f".{fraction}Z" if fraction else "Z")


def recent(schedule, earliest_ns, now_ns):
    out = {"earliest": exact_text(earliest_ns), "missed": "none", "mostRecent": None}
    try:
        found = most_recent(schedule, earliest_ns, now_ns)
    except CronError as error:
        return out | {"error": str(error)}
    due_ns = found.most_recent_ns
    due = None if due_ns is None else exact_text(due_ns)
    return out | {"missed": found.missed, "mostRecent": due}
