"""Cron schedules as CronJobs understand them."""

from kcore.machinery.cron.grammar import CronError
from kcore.machinery.cron.missed import (
    Recent,
    earliest_start_ns,
    most_recent,
    next_delay_ns,
)
from kcore.machinery.cron.schedule import Schedule, parse_schedule
from kcore.machinery.cron.zone import load_zone

__all__ = [
    "CronError",
    "Recent",
    "Schedule",
    "earliest_start_ns",
    "load_zone",
    "most_recent",
    "next_delay_ns",
    "parse_schedule",
]
