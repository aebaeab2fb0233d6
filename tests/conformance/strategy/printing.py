"""`table` and `duration`: what kubectl shows of one object, and of ages."""

from kcore.machinery.durations import human_duration, short_human_duration
from kcore.machinery.frozen import freeze, thaw
from kcore.machinery.timestamps import parse_time
from kcore.printing.table import table_of
from tests.conformance.registry import Registry
from tests.conformance.strategy.kinds import with_defaults

registry = Registry("strategy")


@registry.answers("duration")
def duration(given):
    nanoseconds = given["nanoseconds"]
    return {"human": human_duration(nanoseconds), "short": short_human_duration(nanoseconds)}


@registry.answers("table")
def table(given):
    obj = with_defaults(freeze(given["object"]), given["now"])
    shown = table_of([obj], parse_time(given["now"])).to_dict()
    return {"columns": shown["columnDefinitions"], "rows": thaw(freeze(shown["rows"]))}
