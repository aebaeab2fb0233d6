"""Which Python scalars a value may hold, and their one JSON text."""

from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, Final

INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1

quote: Final = encode_basestring


def exact_str(text: str) -> str:
    """`text` as plain str.

    Raises:
        ValueError: half a surrogate pair, which UTF-8 cannot express.
    """
    if type(text) is not str:
        text = str.__str__(text)
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"lone surrogate at character {error.start}") from None
    return text


def exact_scalar(value: str | float) -> str | int | float:
    """`value` without subclass; negative zero becomes zero (see `json_text`).

    Raises:
        ValueError: no int64, not finite, or a lone surrogate.
    """
    if isinstance(value, str):
        return exact_str(value)
    if isinstance(value, int):
        number = int.__index__(value)
        if not INT_MIN <= number <= INT_MAX:
            raise ValueError("integer does not fit 64 bits")
        return number
    real = float.__float__(value) + 0.0  # -0.0 + 0.0 is 0.0
    if real - real != 0.0:
        raise ValueError(f"{real!r} has no JSON form")
    return value if type(value) is float and real else real


def scalar_text(value: Any) -> str:
    """The JSON text of str, int, float, bool or None."""
    kind = type(value)
    if kind is str:
        return quote(value)
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    return str(value) if kind is int else float_text(value)


def float_text(number: float) -> str:
    """Shortest digits that read back, laid out as Go's encoding/json does."""
    digits = repr(number)
    if number == 0.0 or 1e-6 <= abs(number) < 1e21:
        plain = format(Decimal(digits), "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    mantissa, _, exponent = digits.partition("e")
    return f"{mantissa}e{exponent[0]}{exponent[1:].lstrip('0')}"
