"""Exact numbers with a suffix: the readable twin of the `quantity` kernel.

**Model.** A quantity is a number `unscaled * 10**exponent`, a format (which family of suffixes it
is printed with) and, while nothing was computed, the text it came from if that text was canonical.
Upstream holds the number in 64 bits where it can and in an unbounded decimal otherwise; the two
forms answer alike except at the edges of int64, so the form (`is_decimal`) is part of the value.

**Worked example.** `1536Mi` is 1610612736, BinarySI. Adding `1k` gives 1610613736, still BinarySI,
which no power of 1024 divides, so it prints as `1610613736`. `1.5Gi` prints as `1536Mi`.

Arithmetic never rounds; only parsing does, up to the next 1n.
"""

from functools import total_ordering
from typing import Final

from kcore._native.reference import int64
from kcore._native.reference.decimal_amount import Decimal
from kcore._native.reference.quantity_form import canonical_parts
from kcore._native.reference.quantity_text import (
    BINARY_SI,
    BINARY_SUFFIXES,
    DECIMAL_EXPONENT,
    DECIMAL_SI,
    DECIMAL_SUFFIXES,
    Parts,
    QuantityError,
    refuse_number,
    split,
)

_NANO: Final = -9
_MILLI: Final = -3
# So many digits surely fit an int64.
_DIGITS_SAFE_COUNT: Final = 18
# Upstream's estimate of the digits a number with a binary suffix may have in 64 bits.
_BINARY_DIGITS_COUNT: Final = 14
_MAX: Final = Decimal(int64.INT64_MAX)
_ONE: Final = Decimal(1)


@total_ordering
class Quantity:
    """An immutable quantity. Equality, order and hash are those of the number alone."""

    __slots__ = ("_number", "_text", "format", "is_decimal")

    def __init__(
        self,
        number: Decimal,
        number_format: str = DECIMAL_SI,
        *,
        is_decimal: bool = False,
        text: str = "",
    ) -> None:
        self._number = number
        self.format = number_format
        self.is_decimal = is_decimal
        self._text = text

    @staticmethod
    def parse(text: str, /) -> "Quantity":
        """Read a quantity.

        Raises:
            QuantityError: `text` is none.
        """
        if text == "0":
            return Quantity(Decimal(0), text=text)
        parts = split(text)
        quick = _in_64_bits(parts, text)
        return _in_decimal(parts) if quick is None else quick

    @staticmethod
    def of(value: int, number_format: str = DECIMAL_SI, *, exponent: int = 0) -> "Quantity":
        """The quantity `value * 10**exponent`."""
        return Quantity(Decimal(value, exponent), number_format, is_decimal=not int64.fits(value))

    @property
    def number(self) -> Decimal:
        """The exact number."""
        return self._number

    @property
    def original_text(self) -> str:
        """The text it was read from, if that was canonical and nothing was computed; else ""."""
        return self._text

    def value(self) -> int:
        """The number as an integer, rounded up; wraps at int64 where upstream's does."""
        return self.scaled_value(0)

    def milli_value(self) -> int:
        """The number in thousandths, rounded up; wraps at int64 where upstream's does."""
        return self.scaled_value(_MILLI)

    def scaled_value(self, power: int, /) -> int:
        """The number in units of `10**power`, rounded up."""
        number = self._number
        if self.is_decimal:
            return number.scaled_int64(power)
        if number.exponent < power:
            return int64.scale_down(number.unscaled, power - number.exponent)[0]
        return int64.scale_up(number.unscaled, number.exponent - power)[0]

    def as_int64(self) -> tuple[int, bool]:
        """The number if it is held as a whole int64, and whether it is.

        Of a 64-bit quantity that overflows, the number is what upstream leaves of it.
        """
        number = self._number
        if self.is_decimal or number.exponent < 0:
            return 0, False
        return int64.scale_up(number.unscaled, number.exponent)

    def as_float(self) -> float:
        """A near float (upstream's AsApproximateFloat64)."""
        return self._number.approximate()

    def is_zero(self) -> bool:
        """Whether the number is 0."""
        return self._number.unscaled == 0

    def sign(self) -> int:
        """-1, 0 or 1."""
        return self._number.sign()

    def compare(self, other: "Quantity", /) -> int:
        """-1, 0 or 1: upstream's Cmp."""
        return self._number.compare(other._number)

    def rounded_up(self, power: int, /) -> tuple["Quantity", bool]:
        """The next multiple of `10**power` away from zero, and whether it is the same number."""
        number = self._number
        if not self.is_decimal and number.exponent >= power:
            return self, True
        rounded = number.rescaled(power)
        result = Quantity(rounded, self.format, is_decimal=self.is_decimal)
        return result, rounded.compare(number) == 0

    def as_decimal(self) -> "Quantity":
        """The same quantity in the unbounded form, as upstream's AsDec leaves it."""
        return Quantity(self._number, self.format, is_decimal=True, text=self._text)

    def __add__(self, other: "Quantity") -> "Quantity":
        if not isinstance(other, Quantity):
            return NotImplemented
        return self._sum(other._number, other)

    def __sub__(self, other: "Quantity") -> "Quantity":
        if not isinstance(other, Quantity):
            return NotImplemented
        return self._sum(-other._number, other)

    def _sum(self, addend: Decimal, other: "Quantity") -> "Quantity":
        number = self._number
        number_format = other.format if self.is_zero() else self.format
        if not (self.is_decimal or other.is_decimal):
            wrapped = Decimal(int64.wrap(addend.unscaled), addend.exponent)
            total = _sum_in_64_bits(number, wrapped)
            if total is not None:
                return Quantity(total, number_format)
        return Quantity(number + addend, number_format, is_decimal=True)

    def __neg__(self) -> "Quantity":
        negated = -self._number
        if not self.is_decimal:
            negated = Decimal(int64.wrap(negated.unscaled), negated.exponent)
        return Quantity(negated, self.format, is_decimal=self.is_decimal)

    def times(self, factor: int, /) -> tuple["Quantity", bool]:
        """The product with an int64, and upstream's word on whether it stayed in range."""
        if not self.is_decimal:
            product = _product_in_64_bits(self._number, factor)
            if product is not None:
                return Quantity(product, self.format), True
        result = self._number.times(factor)
        return Quantity(result, self.format, is_decimal=True), int64.fits(result.unscaled)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Quantity):
            return NotImplemented
        return self._number.compare(other._number) == 0

    def __lt__(self, other: "Quantity") -> bool:
        if not isinstance(other, Quantity):
            return NotImplemented
        return self._number.compare(other._number) < 0

    def __hash__(self) -> int:
        return hash(self._number.normal())

    def __bool__(self) -> bool:
        return not self.is_zero()

    def __str__(self) -> str:
        return self._text or "".join(self.canonical_parts())

    def __repr__(self) -> str:
        return f"Quantity({str(self)!r})"

    def canonical_parts(self) -> tuple[str, str]:
        """Number and suffix of the canonical form."""
        return canonical_parts(self._number, self.format, is_decimal=self.is_decimal)

    def canonical(self) -> str:
        """The canonical form, whatever text the quantity came from."""
        return "".join(self.canonical_parts())

    def check_invariants(self) -> None:
        """Raise AssertionError where the form cannot hold the number. O(1)."""
        assert self.is_decimal or int64.fits(self._number.unscaled), "leaves 64 bits"


def _in_64_bits(parts: Parts, text: str) -> Quantity | None:
    """The quantity if it has few enough digits; None sends it to the unbounded form."""
    digits = parts.whole + parts.fraction
    if parts.format == BINARY_SI:
        # The estimate is upstream's: 1Mi (2**20) has about six digits.
        room = _BINARY_DIGITS_COUNT - len(parts.whole) - parts.exponent * 3 // 10
        if parts.fraction or room < 0:
            return None
        number = int64.multiply(int(digits), 1 << parts.exponent)
        scale = 0
        is_canonical = int(digits) & 7 != 0
    else:
        scale = parts.exponent - len(parts.fraction)
        if len(digits) > _DIGITS_SAFE_COUNT or scale < _NANO:
            return None
        number = int(digits)
        is_canonical = scale % 3 == 0 and not digits.endswith("000") and digits[0] != "0"
    if number is None:
        return None
    signed = Decimal(-number if parts.negative else number, scale)
    return Quantity(signed, parts.format, text=text if is_canonical else "")


def _in_decimal(parts: Parts) -> Quantity:
    if not parts.has_digits:
        raise refuse_number()
    number = Decimal(int(parts.whole + parts.fraction), -len(parts.fraction))
    if parts.format == BINARY_SI:
        number = number.times(1 << parts.exponent)
    else:
        number = Decimal(number.unscaled, number.exponent + parts.exponent)
    if number.unscaled:
        number = number.rescaled(_NANO)
    number_format = parts.format
    if number_format == BINARY_SI:
        if number.compare(_MAX) > 0:
            number = _MAX
        # A part of a byte or core has no binary suffix.
        if number.unscaled and number.compare(_ONE) < 0:
            number_format = DECIMAL_SI
    return Quantity(-number if parts.negative else number, number_format, is_decimal=True)


def _sum_in_64_bits(number: Decimal, addend: Decimal) -> Decimal | None:
    if addend.unscaled == 0:
        return number
    if number.unscaled == 0:
        return addend
    low = min(number.exponent, addend.exponent)
    left, left_fits = int64.scale_up(number.unscaled, number.exponent - low)
    right, right_fits = int64.scale_up(addend.unscaled, addend.exponent - low)
    if not (left_fits and right_fits and int64.fits(left + right)):
        return None
    return Decimal(left + right, low)


def _product_in_64_bits(number: Decimal, factor: int) -> Decimal | None:
    if number.unscaled == 0:
        return number
    if factor == 0:
        return Decimal(0)
    product = int64.multiply(number.unscaled, factor)
    if product is None:
        return None
    if number.exponent >= 0:
        _, exact = int64.scale_up(product, number.exponent)
    else:
        _, exact = int64.scale_down(product, -number.exponent)
    return Decimal(product, number.exponent) if exact else None


__all__ = [
    "BINARY_SI",
    "BINARY_SUFFIXES",
    "DECIMAL_EXPONENT",
    "DECIMAL_SI",
    "DECIMAL_SUFFIXES",
    "Decimal",
    "Quantity",
    "QuantityError",
]
