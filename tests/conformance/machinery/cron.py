"""`cron/*`: schedules and their next fire times, in zones with clock changes."""

from kcore.machinery.cron import CronError, parse_schedule
from kcore.machinery.timestamps import format_time, parse_time
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
