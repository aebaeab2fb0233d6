"""Wall clocks of time zones on integer instants, with Go's answers where a wall time is unclear.

An instant is seconds since 1970. A wall time that a clock change skips or repeats gets the instant
that Go's `time.Date` gives it. The rules of zones are those of the machine (or of the `tzdata`
package); nothing here knows what time it is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC as UTC_ZONE
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kcore.machinery.timestamps import civil_date, days_since_epoch

_DAY_S: Final = 86_400
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC_ZONE)


class WallTime(NamedTuple):
    """What a clock on the wall shows."""

    year: int
    month: int
    day: int
    hour: int
    minute: int
    second: int


@dataclass(frozen=True, slots=True)
class Zone:
    """A time zone: `offset_s` gives the seconds east of Greenwich at an instant."""

    name: str
    offset_s: Callable[[int], int]

    def wall_time(self, instant_s: int) -> WallTime:
        """What the zone's clocks show at an instant."""
        days, second = divmod(instant_s + self.offset_s(instant_s), _DAY_S)
        minute, second = divmod(second, 60)
        hour, minute = divmod(minute, 60)
        return WallTime(*civil_date(days), hour, minute, second)

    def instant_s(self, wall: WallTime) -> int:
        """The instant of a wall time, any field beyond its range carried over as Go does."""
        months = wall.year * 12 + wall.month - 1
        days = days_since_epoch(months // 12, months % 12 + 1, 1) + wall.day - 1
        guess_s = days * _DAY_S + wall.hour * 3_600 + wall.minute * 60 + wall.second
        offset_s = self.offset_s(guess_s)
        if offset_s == 0:
            return guess_s
        return guess_s - self.offset_s(guess_s - offset_s)

    def weekday(self, instant_s: int) -> int:
        """The day of the week, Sunday is 0."""
        days = (instant_s + self.offset_s(instant_s)) // _DAY_S
        return (days + 4) % 7


def _no_offset(_instant_s: int) -> int:
    return 0


UTC: Final = Zone("UTC", _no_offset)


@lru_cache(maxsize=64)
def load_zone(name: str) -> Zone:
    """The zone called `name`; "" and "UTC" are UTC, and so is "Local".

    Raises:
        ValueError: there is none.
    """
    if name in ("", "UTC", "Local"):
        return UTC
    try:
        rules = ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"unknown time zone {name}") from None

    @lru_cache(maxsize=4_096)
    def offset_s(instant_s: int) -> int:
        moment = (_EPOCH + timedelta(seconds=instant_s)).astimezone(rules)
        offset = moment.utcoffset()
        return 0 if offset is None else offset.days * _DAY_S + offset.seconds

    return Zone(name, offset_s)
