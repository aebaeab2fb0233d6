"""The text of a cron schedule: five fields, a descriptor, or `@every`, after an optional zone.

    [TZ=zone | CRON_TZ=zone] minute hour day-of-month month day-of-week
    [TZ=zone | CRON_TZ=zone] @hourly | @daily | @midnight | @weekly | @monthly | @yearly | @annually
    [TZ=zone | CRON_TZ=zone] @every duration

A field is a comma list of `*`, `?`, `a`, `a-b`, each with an optional `/step`. There is no Sunday
7, no `L`, `W` or `#`. Texts of errors are those of the parser upstream uses.
"""

import re
from dataclasses import dataclass
from typing import Final

from kcore.machinery.cron.zone import UTC, Zone, load_zone
from kcore.machinery.durations import DurationError, parse_duration
from kcore.machinery.go_text import parse_int64, quote

_SECOND_NS: Final = 1_000_000_000
_NUMBER: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)
_ZONE_PREFIXES: Final = ("TZ=", "CRON_TZ=")
_EVERY: Final = "@every "
_DESCRIPTORS: Final = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}


class CronError(ValueError):
    """The text is no schedule."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What numbers a field may have, and their names."""

    low: int
    high: int
    names: dict[str, int]


def _numbered(words: str, first: int) -> dict[str, int]:
    return {word: number for number, word in enumerate(words.split(), first)}


_BOUNDS: Final = (
    Bounds(0, 59, {}),
    Bounds(0, 23, {}),
    Bounds(1, 31, {}),
    Bounds(1, 12, _numbered("jan feb mar apr may jun jul aug sep oct nov dec", 1)),
    Bounds(0, 6, _numbered("sun mon tue wed thu fri sat", 0)),
)


@dataclass(frozen=True, slots=True)
class Field:
    """The numbers of one field; `any` if it has a star that counts as no restriction."""

    numbers: frozenset[int]
    any: bool


@dataclass(frozen=True, slots=True)
class Spec:
    """A parsed schedule: five fields in a zone, or (with `every_ns`) a constant delay."""

    fields: tuple[Field, ...]
    zone: Zone
    every_ns: int = 0


def parse_spec(text: str) -> Spec:
    """Take a schedule's text apart.

    Raises:
        CronError: it is none.
    """
    if not text:
        raise CronError("empty spec string")
    zone = UTC
    if text.startswith(_ZONE_PREFIXES):
        head, _, text = text.partition(" ")
        zone = _zone(head.partition("=")[2])
        text = text.strip()
    if text.startswith("@"):
        return _descriptor(text, zone)
    words = text.split()
    if len(words) != len(_BOUNDS):
        found = " ".join(words)
        raise CronError(f"expected exactly {len(_BOUNDS)} fields, found {len(words)}: [{found}]")
    return Spec(_fields(words), zone)


def _zone(name: str) -> Zone:
    try:
        return load_zone(name)
    except ValueError as error:
        raise CronError(f"provided bad location {name}: {error}") from None


def _descriptor(text: str, zone: Zone) -> Spec:
    expansion = _DESCRIPTORS.get(text)
    if expansion is not None:
        return Spec(_fields(expansion.split()), zone)
    if not text.startswith(_EVERY):
        raise CronError(f"unrecognized descriptor: {text}")
    try:
        duration_ns = parse_duration(text.removeprefix(_EVERY))
    except DurationError as error:
        raise CronError(f"failed to parse duration {text}: {error}") from None
    # Whole seconds, at least one.
    whole_ns = max(duration_ns // _SECOND_NS, 1) * _SECOND_NS
    return Spec((), zone, whole_ns)


def _fields(words: list[str]) -> tuple[Field, ...]:
    return tuple(_field(word, bounds) for word, bounds in zip(words, _BOUNDS, strict=True))


def _field(word: str, bounds: Bounds) -> Field:
    numbers: set[int] = set()
    is_any = False
    for expression in filter(None, word.split(",")):
        found, has_star = _range(expression, bounds)
        numbers.update(found)
        is_any = is_any or has_star
    return Field(frozenset(numbers), is_any)


def _range(expression: str, bounds: Bounds) -> tuple[range, bool]:
    """The numbers of one expression, and whether it is a star without a real step."""
    span, *steps = expression.split("/")
    low_text, *rest = span.split("-")
    has_star = low_text in ("*", "?")
    if has_star:
        low, high = bounds.low, bounds.high
    else:
        low = high = _number(low_text, bounds.names)
        if len(rest) > 1:
            raise CronError(f"too many hyphens: {expression}")
        if rest:
            high = _number(rest[0], bounds.names)
    if len(steps) > 1:
        raise CronError(f"too many slashes: {expression}")
    step = 1
    if steps:
        step = _number(steps[0], {})
        # `5/10` means from 5 to the end.
        high = high if rest else bounds.high
        has_star = has_star and step <= 1
    _check_range(expression, bounds, low, high, step)
    return range(low, high + 1, step), has_star


def _check_range(expression: str, bounds: Bounds, low: int, high: int, step: int) -> None:
    if low < bounds.low:
        rule = f"beginning of range ({low}) below minimum ({bounds.low})"
    elif high > bounds.high:
        rule = f"end of range ({high}) above maximum ({bounds.high})"
    elif low > high:
        rule = f"beginning of range ({low}) beyond end of range ({high})"
    elif step == 0:
        rule = "step of range should be a positive number"
    else:
        return
    raise CronError(f"{rule}: {expression}")


def _number(text: str, names: dict[str, int]) -> int:
    named = names.get(text.lower())
    if named is not None:
        return named
    number = parse_int64(text)
    if number is None:
        why = "value out of range" if _NUMBER.fullmatch(text) else "invalid syntax"
        message = f"failed to parse int from {text}: strconv.Atoi: parsing {quote(text)}: {why}"
        raise CronError(message)
    if number < 0:
        raise CronError(f"negative number ({number}) not allowed: {text}")
    return number
