"""The text of a quantity: which parts it has and what its suffix means.

    quantity = [sign] digits ["." digits] [suffix]
    suffix   = "" n u m k M G T P E  |  Ki Mi Gi Ti Pi Ei  |  (e | E) [sign] digits

The reading is upstream's, which is more generous than this grammar: `+`, `.` and `Ki` are zero.
"""

import re
from dataclasses import dataclass
from typing import Final

DECIMAL_SI: Final = "DecimalSI"
BINARY_SI: Final = "BinarySI"
DECIMAL_EXPONENT: Final = "DecimalExponent"

_FORMAT_WRONG: Final = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)
_NUMERIC_WRONG: Final = "unable to parse numeric part of quantity"
_SUFFIX_WRONG: Final = "unable to parse quantity's suffix"

_PARTS: Final = re.compile(
    r"([+-]?)0*([0-9]*)(?:(\.)([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)", re.ASCII
)
_EXPONENT: Final = re.compile(r"[eE]([+-]?[0-9]+)", re.ASCII)

DECIMAL_SUFFIXES: Final = {
    "n": -9,
    "u": -6,
    "m": -3,
    "": 0,
    "k": 3,
    "M": 6,
    "G": 9,
    "T": 12,
    "P": 15,
    "E": 18,
}
BINARY_SUFFIXES: Final = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_INT64_SPAN: Final = 1 << 63
_INT32_SPAN: Final = 1 << 31


class QuantityError(ValueError):
    """The text is no quantity; the message is upstream's."""


@dataclass(frozen=True, slots=True)
class Parts:
    """A quantity's text taken apart. `whole` has no leading zeros, but at least one digit."""

    negative: bool
    whole: str
    fraction: str
    has_digits: bool
    format: str
    exponent: int


def split(text: str) -> Parts:
    """Take `text` apart.

    Raises:
        QuantityError: as upstream's ParseQuantity.
    """
    match = _PARTS.fullmatch(text) if text else None
    if match is None:
        raise QuantityError(_FORMAT_WRONG)
    sign, whole, _point, fraction, suffix = match.groups()
    number_format, exponent = interpret_suffix(suffix)
    has_digits = any(character.isdigit() for character in text[: match.start(5)])
    return Parts(sign == "-", whole or "0", fraction or "", has_digits, number_format, exponent)


def refuse_number() -> QuantityError:
    """The error for a number without digits where digits matter."""
    return QuantityError(_NUMERIC_WRONG)


def interpret_suffix(suffix: str) -> tuple[str, int]:
    """The format a suffix implies, and its power of ten (or of two for BinarySI)."""
    if suffix in DECIMAL_SUFFIXES:
        return DECIMAL_SI, DECIMAL_SUFFIXES[suffix]
    if suffix in BINARY_SUFFIXES:
        return BINARY_SI, BINARY_SUFFIXES[suffix]
    match = _EXPONENT.fullmatch(suffix)
    if match is None:
        raise QuantityError(_SUFFIX_WRONG)
    exponent = int(match[1])
    if not -_INT64_SPAN <= exponent < _INT64_SPAN:
        raise QuantityError(_SUFFIX_WRONG)
    # Upstream keeps 32 bits of it.
    return DECIMAL_EXPONENT, (exponent + _INT32_SPAN) % (2 * _INT32_SPAN) - _INT32_SPAN


_DECIMAL_SUFFIX_OF: Final = {power: suffix for suffix, power in DECIMAL_SUFFIXES.items()}
_BINARY_SUFFIX_OF: Final = {power: suffix for suffix, power in BINARY_SUFFIXES.items()}


def decimal_suffix(number_format: str, exponent: int) -> str:
    """The suffix for a power of ten. A power without a letter has none, as upstream prints it."""
    if number_format == DECIMAL_EXPONENT:
        return f"e{exponent}" if exponent else ""
    return _DECIMAL_SUFFIX_OF.get(exponent, "")


def binary_suffix(exponent: int) -> str:
    """The suffix for a power of two."""
    return _BINARY_SUFFIX_OF.get(exponent, "")
