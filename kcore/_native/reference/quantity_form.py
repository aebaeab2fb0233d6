"""How a quantity is printed: one number and one suffix, without fraction, the suffix largest.

Decimal formats use powers of 1000; BinarySI uses powers of 1024 while the number is whole and at
least 1024, else it falls back to DecimalSI. A power without a letter prints none: upstream loses it
there, and so do we.
"""

from kcore._native.reference import int64
from kcore._native.reference.decimal_amount import Decimal, remove_factors
from kcore._native.reference.quantity_text import (
    BINARY_SI,
    DECIMAL_EXPONENT,
    DECIMAL_SI,
    binary_suffix,
    decimal_suffix,
)

_KIBI = Decimal(1024)


def canonical_parts(number: Decimal, number_format: str, *, is_decimal: bool) -> tuple[str, str]:
    """Number and suffix of the canonical form. `is_decimal`: held in the unbounded form."""
    if number.unscaled == 0:
        return "0", ""
    if number_format == BINARY_SI:
        magnitude = Decimal(abs(number.unscaled), number.exponent)
        if magnitude.compare(_KIBI) >= 0 and _is_whole(number):
            return _binary_parts(number, is_decimal=is_decimal)
        number_format = DECIMAL_SI
    elif number_format != DECIMAL_SI:
        number_format = DECIMAL_EXPONENT
    return _decimal_parts(number, number_format)


def _is_whole(number: Decimal) -> bool:
    return number.normal().exponent >= 0


def _decimal_parts(number: Decimal, number_format: str) -> tuple[str, str]:
    normal = number.normal()
    surplus = normal.exponent % 3
    digits = normal.unscaled * 10**surplus
    return str(digits), decimal_suffix(number_format, normal.exponent - surplus)


def _binary_parts(number: Decimal, *, is_decimal: bool) -> tuple[str, str]:
    whole = number.rescaled(0).unscaled
    # Upstream's 64-bit form cannot negate the most negative number, so it leaves its factors in.
    if whole == int64.INT64_MIN and not is_decimal:
        return str(whole), ""
    rest, times = remove_factors(whole, 1024)
    return str(rest), binary_suffix(10 * times)
