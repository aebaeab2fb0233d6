"""Nanoseconds since 1970 to RFC 3339 text and back, with Go's reading of that format.

Instants are plain integers of any size, so years 0 to 9999 are exact (Python's datetime begins at
year 1 and knows only microseconds). Everything is UTC when written.
"""

from functools import lru_cache
from typing import Final

SECOND_NS: Final = 1_000_000_000
_MICROSECOND_NS: Final = 1_000
_DAY_S: Final = 86_400
# Days from 0000-03-01, where leap days come last in the year, to 1970-01-01.
_EPOCH_DAYS: Final = 719_468
_ERA_DAYS: Final = 146_097  # 400 years
_MONTH_DAYS: Final = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# Go's zero time, which the API writes as null.
ZERO_NS: Final = -62_135_596_800 * SECOND_NS

RFC3339: Final = "2006-01-02T15:04:05Z07:00"
RFC3339_MICRO: Final = "2006-01-02T15:04:05.000000Z07:00"


class TimeError(ValueError):
    """The text is no time; the message is upstream's."""


def format_time(instant_ns: int) -> str:
    """`2026-01-01T00:00:00Z`; the fraction is dropped."""
    days, second = divmod(instant_ns // SECOND_NS, _DAY_S)
    return f"{_date_text(days)}T{_clock_text(second)}Z"


def format_micro_time(instant_ns: int) -> str:
    """`2026-01-01T00:00:00.000000Z`; nanoseconds are dropped."""
    seconds, fraction = divmod(instant_ns, SECOND_NS)
    days, second = divmod(seconds, _DAY_S)
    micro = fraction // _MICROSECOND_NS
    return f"{_date_text(days)}T{_clock_text(second)}.{micro:06d}Z"


def parse_time(text: str) -> int:
    """The instant of an RFC 3339 text, any fraction allowed.

    Raises:
        TimeError: `text` is none.
    """
    return _Reader(text, RFC3339).instant_ns()


def parse_micro_time(text: str) -> int:
    """The instant of an RFC 3339 text with exactly six digits of fraction.

    Raises:
        TimeError: `text` is none.
    """
    return _Reader(text, RFC3339_MICRO).instant_ns()


@lru_cache(maxsize=1024)
def _date_text(days: int) -> str:
    year, month, day = civil_date(days)
    return f"{year:04d}-{month:02d}-{day:02d}"


@lru_cache(maxsize=1024)
def _clock_text(second: int) -> str:
    minute, second = divmod(second, 60)
    hour, minute = divmod(minute, 60)
    return f"{hour:02d}:{minute:02d}:{second:02d}"


def civil_date(days: int) -> tuple[int, int, int]:
    """Year, month and day of the day `days` after 1970-01-01 (proleptic Gregorian). O(1)."""
    era, day_of_era = divmod(days + _EPOCH_DAYS, _ERA_DAYS)
    year_of_era = (
        day_of_era - day_of_era // 1_460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    month_from_march = (5 * day_of_year + 2) // 153
    day = day_of_year - (153 * month_from_march + 2) // 5 + 1
    month = month_from_march + 3 if month_from_march < 10 else month_from_march - 9
    return year_of_era + 400 * era + (month <= 2), month, day


def days_since_epoch(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 to a date: the inverse of `civil_date`. O(1)."""
    year -= month <= 2
    era, year_of_era = divmod(year, 400)
    day_of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    return era * _ERA_DAYS + day_of_era - _EPOCH_DAYS


def days_in_month(year: int, month: int) -> int:
    """How many days a month has."""
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and is_leap else _MONTH_DAYS[month - 1]


def _digit(text: str, position: int) -> bool:
    return position < len(text) and "0" <= text[position] <= "9"


class _Reader:
    """Reads one text along one layout, element by element, so that errors name the element."""

    def __init__(self, text: str, layout: str) -> None:
        self._text = text
        self._rest = text
        self._layout = layout

    def instant_ns(self) -> int:
        year = self._year()
        month = self._ranged("-", "01", 1, 12, "month")
        self._literal("-")
        day = self._number("02")
        hour = self._ranged("T", "15", 0, 23, "hour", fixed=False)
        minute = self._ranged(":", "04", 0, 59, "minute")
        second = self._ranged(":", "05", 0, 59, "second")
        fraction_ns = self._fraction()
        offset_s = self._zone()
        if self._rest:
            raise self._wrong(f": extra text: {_go_quote(self._rest)}")
        if not 1 <= day <= days_in_month(year, month):
            raise self._wrong(": day out of range")
        days = days_since_epoch(year, month, day)
        seconds = days * _DAY_S + hour * 3_600 + minute * 60 + second - offset_s
        return seconds * SECOND_NS + fraction_ns

    def _wrong(self, message: str) -> TimeError:
        return TimeError(f"parsing time {_go_quote(self._text)}{message}")

    def _unreadable(self, rest: str, element: str) -> TimeError:
        layout, rest, element = map(_go_quote, (self._layout, rest, element))
        return self._wrong(f" as {layout}: cannot parse {rest} as {element}")

    def _literal(self, character: str) -> None:
        if not self._rest.startswith(character):
            raise self._unreadable(self._rest, character)
        self._rest = self._rest[1:]

    def _year(self) -> int:
        digits = self._rest[:4]
        if len(digits) < 4 or not all(_digit(digits, position) for position in range(4)):
            raise self._unreadable(self._rest, "2006")
        self._rest = self._rest[4:]
        return int(digits)

    def _number(self, element: str, *, fixed: bool = True) -> int:
        rest = self._rest
        if not _digit(rest, 0) or (fixed and not _digit(rest, 1)):
            raise self._unreadable(rest, element)
        length = 2 if _digit(rest, 1) else 1
        self._rest = rest[length:]
        return int(rest[:length])

    def _ranged(
        self, before: str, element: str, low: int, high: int, noun: str, *, fixed: bool = True
    ) -> int:
        self._literal(before)
        number = self._number(element, fixed=fixed)
        if not low <= number <= high:
            raise self._wrong(f": {noun} out of range")
        return number

    def _fraction(self) -> int:
        rest = self._rest
        if self._layout == RFC3339_MICRO:
            digits = rest[1:7]
            if rest[:1] not in (".", ",") or len(digits) < 6:
                raise self._unreadable(rest, ".000000")
            if not all(_digit(digits, position) for position in range(6)):
                return self._signed_fraction(rest, digits)
            self._rest = rest[7:]
            return int(digits) * _MICROSECOND_NS
        if rest[:1] not in (".", ",") or not _digit(rest, 1):
            return 0
        end = 1
        while _digit(rest, end):
            end += 1
        self._rest = rest[end:]
        return int(rest[1:end][:9].ljust(9, "0"))

    def _signed_fraction(self, rest: str, digits: str) -> int:
        """Go's reader of integers lets a sign through here, and refuses only negative ones."""
        sign, number = digits[0], digits[1:]
        if sign not in ("+", "-") or not all(_digit(number, one) for one in range(5)):
            raise self._unreadable(rest, ".000000")
        if sign == "-" and int(number):
            raise self._wrong(": fractional second out of range")
        self._rest = rest[7:]
        return int(number) * _MICROSECOND_NS

    def _zone(self) -> int:
        rest = self._rest
        if rest.startswith("Z"):
            self._rest = rest[1:]
            return 0
        hour, minute = rest[1:3], rest[4:6]
        numbers = hour + minute
        is_form = len(rest) >= 6 and rest[3] == ":" and rest[0] in "+-"
        if not is_form or not all(_digit(numbers, position) for position in range(4)):
            raise self._unreadable(rest, "Z07:00")
        # Upstream allows 24 hours and 60 minutes, because people write them.
        if int(hour) > 24:
            raise self._wrong(": time zone offset hour out of range")
        if int(minute) > 60:
            raise self._wrong(": time zone offset minute out of range")
        self._rest = rest[6:]
        seconds = (int(hour) * 60 + int(minute)) * 60
        return -seconds if rest[0] == "-" else seconds


def _go_quote(text: str) -> str:
    """How Go quotes in this package: bytes outside printable ASCII in hexadecimal."""
    parts: list[str] = []
    for character in text:
        if character in '"\\':
            parts.append(f"\\{character}")
        elif " " <= character < "\x7f":
            parts.append(character)
        else:
            parts.extend(f"\\x{byte:02x}" for byte in character.encode())
    return f'"{"".join(parts)}"'
