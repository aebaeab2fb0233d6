"""Rules of a schema about numbers and texts: bounds, multiples, lengths, patterns, formats."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final, Protocol

from kcore.machinery.field_errors import INVALID, TOO_LONG, TYPE_INVALID
from kcore.machinery.go_text import quote, value_text
from kcore.machinery.ip_address import parse_address, parse_block
from kcore.machinery.structural.structural_schema import Structural

_RANGES: Final = {"int32": 2**31, "uint32": 2**32}
_INT64: Final = 2**63


class Notes(Protocol):
    """Who takes down problems."""

    def note(self, kind: str, name: str, value: Any, detail: str) -> None:
        """Append a problem at the place called `name`."""

    def note_nowhere(self, detail: str) -> None:
        """Append a problem that upstream gives no place."""


def check_number(notes: Notes, value: float, schema: Structural, name: str) -> None:
    """Range of the type, multiple, maximum, minimum."""
    rules = schema.rules
    if "integer" in schema.types[:1] and not _fits(value, schema.format):
        form = f"with format {schema.format}" if schema.format else "(default format)"
        notes.note_nowhere(f"Checked value must be of type integer {form} in {name}")
    if rules.multiple_of is not None:
        _check_multiple(notes, value, rules.multiple_of, name)
    if rules.maximum is not None:
        most = _as_kind(rules.maximum, value)
        if value > most or (rules.exclusive_maximum and value == most):
            words = "less than" if rules.exclusive_maximum else "less than or equal to"
            detail = f"{name} in body should be {words} {value_text(most)}"
            notes.note(INVALID, name, value, detail)
    if rules.minimum is not None:
        least = _as_kind(rules.minimum, value)
        if value < least or (rules.exclusive_minimum and value == least):
            words = "greater than" if rules.exclusive_minimum else "greater than or equal to"
            detail = f"{name} in body should be {words} {value_text(least)}"
            notes.note(INVALID, name, value, detail)


def _fits(value: float, form: str) -> bool:
    if value != int(value):
        return False
    bound = _RANGES.get(form, _INT64)
    return -bound <= value < bound


def _as_kind(bound: float, value: float) -> float:
    """A bound in the kind of the number it bounds: whole numbers have whole bounds."""
    return int(bound) if isinstance(value, int) else float(bound)


def _check_multiple(notes: Notes, value: float, factor: float, name: str) -> None:
    factor = _as_kind(factor, value)
    if factor <= 0:
        shown = value_text(factor)
        detail = f"factor MultipleOf declared for {name} must be positive: {shown}"
        notes.note(INVALID, name, factor, detail)
        return
    whole = value % factor == 0 if isinstance(value, int) else (value / factor).is_integer()
    if not whole:
        detail = f"{name} in body should be a multiple of {value_text(factor)}"
        notes.note(INVALID, name, value, detail)


def check_text(notes: Notes, value: str, schema: Structural, name: str) -> None:
    """Length in characters, then the pattern; the first problem is the only one."""
    rules = schema.rules
    if rules.length_max is not None and len(value) > rules.length_max:
        most = rules.length_max
        plural = "" if most == 1 else "s"
        notes.note(TOO_LONG, name, value, f"may not be more than {most} byte{plural}")
    elif rules.length_min is not None and len(value) < rules.length_min:
        detail = f"{name} in body should be at least {rules.length_min} chars long"
        notes.note(INVALID, name, value, detail)
    elif schema.pattern is not None and schema.pattern.search(value) is None:
        detail = f"{name} in body should match '{rules.pattern}'"
        notes.note(INVALID, name, value, detail)


def check_format(notes: Notes, value: str, schema: Structural, name: str) -> None:
    """Formats that upstream knows; others say nothing."""
    fits = _FORMATS.get(schema.format)
    if fits is not None and not fits(value):
        detail = f"{name} in body must be of type {schema.format}: {quote(value)}"
        notes.note(TYPE_INVALID, name, value, detail)


_DATE_TIME: Final = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]\d{2}:?\d{2})"
)
_UUID: Final = re.compile(r"[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}")
_MAC: Final = re.compile(r"[0-9a-fA-F]{2}([:-][0-9a-fA-F]{2}){5}")
_DURATION: Final = re.compile(r"(\d+(\.\d+)?\s*(ns|us|µs|ms|s|m|h|d|w)\s*)+|0")
_HOST: Final = re.compile(
    r"([a-zA-Z0-9]([a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)(\.[a-zA-Z0-9-]{1,63})*\.?"
)
_EMAIL: Final = re.compile(r"[^@\s<>]+@[^@\s<>]+")
_URI: Final = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://\S+|/\S*")


def _is_date(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return len(value) == len("2000-01-01")


def _is_date_time(value: str) -> bool:
    found = _DATE_TIME.fullmatch(value)
    return found is not None and _is_date(found.group(1))


def _is_base64(value: str) -> bool:
    try:
        base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


_FORMATS: Final[Mapping[str, Callable[[str], bool]]] = {
    "byte": _is_base64,
    "cidr": lambda value: parse_block(value) is not None,
    "date": _is_date,
    "date-time": _is_date_time,
    "datetime": _is_date_time,
    "duration": lambda value: _DURATION.fullmatch(value) is not None,
    "email": lambda value: _EMAIL.fullmatch(value) is not None,
    "hostname": lambda value: len(value) <= 255 and _HOST.fullmatch(value) is not None,
    "ipv4": lambda value: parse_address(value) is not None and ":" not in value,
    "ipv6": lambda value: parse_address(value) is not None and ":" in value,
    "mac": lambda value: _MAC.fullmatch(value) is not None,
    "uri": lambda value: _URI.fullmatch(value) is not None,
    "uuid": lambda value: _UUID.fullmatch(value.lower()) is not None,
}
