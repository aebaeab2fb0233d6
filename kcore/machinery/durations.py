"""Durations: Go's text form (`1h0m0s`) and kubectl's short one (`5m3s`). In nanoseconds."""

import re
from typing import Final

from kcore.machinery.go_text import quote

_UNITS_NS: Final = {
    "ns": 1,
    "us": 1_000,
    "\u00b5s": 1_000,  # micro sign
    "\u03bcs": 1_000,  # Greek mu
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}
_SECOND_NS: Final = _UNITS_NS["s"]
_NANOSECONDS_MAX: Final = 1 << 63
_NUMBER: Final = re.compile(r"([0-9]*)(?:\.([0-9]*))?", re.ASCII)
_UNIT: Final = re.compile(r"[^.0-9]+", re.ASCII)


class DurationError(ValueError):
    """The text is no duration; the message is upstream's."""


def parse_duration(text: str) -> int:
    """The nanoseconds of a text such as `1h30m` or `-1.5s`.

    Raises:
        DurationError: `text` is none, or longer than 292 years.
    """
    rest = text[1:] if text[:1] in ("+", "-") else text
    negative = text.startswith("-")
    if rest == "0":
        return 0
    if not rest:
        raise _invalid(text)
    total_ns = 0
    while rest:
        part_ns, rest = _part(rest, text)
        total_ns += part_ns
        if total_ns > _NANOSECONDS_MAX:
            raise _invalid(text)
    if total_ns == _NANOSECONDS_MAX and not negative:
        raise _invalid(text)
    return -total_ns if negative else total_ns


def _part(rest: str, text: str) -> tuple[int, str]:
    """One number with its unit: its nanoseconds and what follows."""
    match = _NUMBER.match(rest)
    whole, fraction = (match[1], match[2] or "") if match else ("", "")
    if not (whole or fraction):
        raise _invalid(text)
    if int(whole or "0") > _NANOSECONDS_MAX:
        raise _invalid(text)
    rest = rest[match.end() if match else 0 :]
    unit = _UNIT.match(rest)
    if unit is None:
        raise DurationError(f"time: missing unit in duration {quote(text)}")
    unit_ns = _UNITS_NS.get(unit[0])
    if unit_ns is None:
        message = f"time: unknown unit {quote(unit[0])} in duration {quote(text)}"
        raise DurationError(message)
    part_ns = int(whole or "0") * unit_ns
    if part_ns > _NANOSECONDS_MAX:
        raise _invalid(text)
    return part_ns + _fraction_ns(fraction, unit_ns), rest[unit.end() :]


def _fraction_ns(fraction: str, unit_ns: int) -> int:
    """The nanoseconds of a fraction of a unit, in a float, as Go computes them."""
    value = 0
    scale = 1.0
    for digit in fraction:
        if value * 10 + int(digit) >= _NANOSECONDS_MAX:
            break
        value = value * 10 + int(digit)
        scale *= 10
    return int(float(value) * (float(unit_ns) / scale)) if value else 0


def _invalid(text: str) -> DurationError:
    return DurationError(f"time: invalid duration {quote(text)}")


def format_duration(duration_ns: int) -> str:
    """Go's form: `1h0m0s`, `1.5s`, `250ms`, `0s`."""
    if duration_ns == 0:
        return "0s"
    sign = "-" if duration_ns < 0 else ""
    magnitude = abs(duration_ns)
    if magnitude < _SECOND_NS:
        for unit, unit_ns in (("ms", 1_000_000), ("\u00b5s", 1_000), ("ns", 1)):
            if magnitude >= unit_ns:
                return f"{sign}{_decimal(magnitude, unit_ns)}{unit}"
    minutes, rest_ns = divmod(magnitude, _UNITS_NS["m"])
    hours, minutes = divmod(minutes, 60)
    text = f"{_decimal(rest_ns, _SECOND_NS)}s"
    if hours or minutes:
        text = f"{minutes}m{text}"
    return f"{sign}{hours}h{text}" if hours else f"{sign}{text}"


def _decimal(magnitude: int, unit: int) -> str:
    whole, rest = divmod(magnitude, unit)
    if not rest:
        return str(whole)
    digits_count = len(str(unit)) - 1
    return f"{whole}.{str(rest).rjust(digits_count, '0').rstrip('0')}"


def human_duration(duration_ns: int) -> str:
    """Kubectl's form of an age: two or three significant figures, `<invalid>` for the future."""
    seconds = int(_in(duration_ns, _SECOND_NS))
    if seconds < 0:
        # A clock may be up to two seconds ahead.
        return "<invalid>" if seconds < -1 else "0s"
    minutes, hours = duration_ns // _UNITS_NS["m"], duration_ns // _UNITS_NS["h"]
    if seconds < 120:
        return f"{seconds}s"
    if minutes < 10:
        return _two(minutes, "m", duration_ns // _SECOND_NS % 60, "s")
    if minutes < 180:
        return f"{minutes}m"
    if hours < 8:
        return _two(hours, "h", minutes % 60, "m")
    return f"{hours}h" if hours < 48 else _human_days(hours)


def _human_days(hours: int) -> str:
    days = hours // 24
    if hours < 24 * 8:
        return _two(days, "d", hours % 24, "h")
    if hours < 24 * 365 * 2:
        return f"{days}d"
    if hours < 24 * 365 * 8:
        return _two(days // 365, "y", days % 365, "d")
    return f"{days // 365}y"


def short_human_duration(duration_ns: int) -> str:
    """The largest unit alone."""
    seconds = int(_in(duration_ns, _SECOND_NS))
    if seconds < 0:
        return "<invalid>" if seconds < -1 else "0s"
    minutes, hours = _in(duration_ns, _UNITS_NS["m"]), _in(duration_ns, _UNITS_NS["h"])
    steps = (
        (seconds < 60, f"{seconds}s"),
        (int(minutes) < 60, f"{int(minutes)}m"),
        (int(hours) < 24, f"{int(hours)}h"),
        (int(hours) < 24 * 365, f"{int(hours) // 24}d"),
    )
    return next((text for fits, text in steps if fits), f"{int(hours / 24 / 365)}y")


def _in(duration_ns: int, unit_ns: int) -> float:
    """A duration in a unit, in a float: just below a whole number it may round up, as in Go."""
    whole, rest = divmod(abs(duration_ns), unit_ns)
    magnitude = whole + rest / unit_ns
    return -magnitude if duration_ns < 0 else magnitude


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    return f"{large}{large_unit}{small}{small_unit}" if small else f"{large}{large_unit}"


def seconds_ns(seconds: int) -> int:
    """`time.Duration(seconds) * time.Second`: nanoseconds that wrap around as an int64 does."""
    return (seconds * 1_000_000_000 + 2**63) % 2**64 - 2**63
