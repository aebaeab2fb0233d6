"""When a cron schedule fires next.

The search goes month, day, hour, minute, like an odometer: each level that does not match moves on
and sets the finer ones to their beginning. It walks in the schedule's zone, hour by hour of real
time, so a skipped hour is skipped and a repeated one may fire twice, exactly as upstream's parser.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from kcore.machinery.cron.grammar import Spec, parse_spec
from kcore.machinery.cron.zone import WallTime

_SECOND_NS: Final = 1_000_000_000
_HOUR_S: Final = 3_600
_MINUTE_S: Final = 60
_YEARS_MAX: Final = 5


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule, ready to be asked."""

    spec: Spec

    def next_after(self, instant_ns: int) -> int | None:
        """The first fire time after `instant_ns`, in nanoseconds; None if none in five years."""
        if self.spec.every_ns:
            return instant_ns - instant_ns % _SECOND_NS + self.spec.every_ns
        found_s = _Search(self.spec, instant_ns // _SECOND_NS + 1).run()
        return None if found_s is None else found_s * _SECOND_NS


@lru_cache(maxsize=1_024)
def parse_schedule(text: str) -> Schedule:
    """Read a schedule. O(length), remembered.

    Raises:
        CronError: `text` is none.
    """
    return Schedule(parse_spec(text))


class _Search:
    """One walk from an instant to the next fire time."""

    def __init__(self, spec: Spec, start_s: int) -> None:
        self._minute, self._hour, self._day, self._month, self._weekday = spec.fields
        self._zone = spec.zone
        self._now_s = start_s
        # Whether a coarser field has moved, so that finer ones stand at their beginning.
        self._moved = False

    def run(self) -> int | None:
        year_max = self._wall().year + _YEARS_MAX
        while self._wall().year <= year_max:
            if (
                self._find_month()
                and self._find_day()
                and self._find_hour()
                and self._find_minute()
            ):
                # Seconds are always 0: a start inside a minute has moved on to the next.
                return self._now_s
        return None

    def _wall(self) -> WallTime:
        return self._zone.wall_time(self._now_s)

    def _restart(self, wall: WallTime) -> None:
        """Set the clock to a beginning, once."""
        if not self._moved:
            self._moved = True
            self._now_s = self._zone.instant_s(wall)

    def _find_month(self) -> bool:
        """Move to a month that matches; False if the year ended on the way."""
        while (wall := self._wall()).month not in self._month.numbers:
            self._restart(WallTime(wall.year, wall.month, 1, 0, 0, 0))
            wall = self._wall()
            self._now_s = self._zone.instant_s(wall._replace(month=wall.month + 1))
            if self._wall().month == 1:
                return False
        return True

    def _find_day(self) -> bool:
        """Move to a day that matches; False if the month ended on the way."""
        while not self._day_matches():
            wall = self._wall()
            self._restart(WallTime(wall.year, wall.month, wall.day, 0, 0, 0))
            wall = self._wall()
            self._now_s = self._zone.instant_s(wall._replace(day=wall.day + 1))
            wall = self._wall()
            if wall.hour:
                # There was no midnight: back to the day's beginning, or on to the next one's.
                self._now_s += (24 - wall.hour if wall.hour > 12 else -wall.hour) * _HOUR_S
            if self._wall().day == 1:
                return False
        return True

    def _day_matches(self) -> bool:
        """Day of month and of week; if both are restricted, either is enough."""
        day = self._wall().day in self._day.numbers
        weekday = self._zone.weekday(self._now_s) in self._weekday.numbers
        if self._day.any or self._weekday.any:
            return day and weekday
        return day or weekday

    def _find_hour(self) -> bool:
        """Move to an hour that matches; False if the day ended on the way."""
        while (wall := self._wall()).hour not in self._hour.numbers:
            self._restart(wall._replace(minute=0, second=0))
            self._now_s += _HOUR_S
            if self._wall().hour == 0:
                return False
        return True

    def _find_minute(self) -> bool:
        """Move to a minute that matches and to its beginning; False if the hour ended."""
        while self._wall().minute not in self._minute.numbers:
            self._to_minute()
            self._now_s += _MINUTE_S
            if self._wall().minute == 0:
                return False
        if self._wall().second == 0:
            return True
        # The start lies inside a matching minute: the next one begins the search anew.
        self._to_minute()
        self._now_s += _MINUTE_S
        return False

    def _to_minute(self) -> None:
        if not self._moved:
            self._moved = True
            self._now_s -= self._now_s % _MINUTE_S
