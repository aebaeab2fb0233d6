"""Cron schedules as CronJobs understand them."""

from kcore.machinery.cron.grammar import CronError
from kcore.machinery.cron.schedule import Schedule, parse_schedule
from kcore.machinery.cron.zone import load_zone

__all__ = ["CronError", "Schedule", "load_zone", "parse_schedule"]
