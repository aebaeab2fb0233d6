"""Exact decimal arithmetic on `unscaled * 10**exponent` pairs of unbounded integers.

The rounding is upstream's: away from zero, because somebody who asks for a little should not get
nothing. Knows no suffix and no format.
"""

import math
from dataclasses import dataclass
from typing import Final

from kcore._native.reference import int64
from kcore.errors import LimitError

_DIGITS_INT64_COUNT: Final = 19
# `1e2000000000` is a legal text; written out it would fill the memory. No sum needs so many digits.
_STEPS_COUNT_MAX: Final = 10_000
_POWERS: Final = tuple(int(f"1{'0' * power}") for power in range(_DIGITS_INT64_COUNT))


@dataclass(frozen=True, slots=True)
class Decimal:
    """The number `unscaled * 10**exponent`. Several pairs may stand for one number."""

    unscaled: int
    exponent: int = 0

    def rescaled(self, exponent: int) -> "Decimal":
        """The nearest multiple of `10**exponent`, rounded away from zero.

        Raises:
            LimitError: the number is too large to be written in that unit.
        """
        steps = self.exponent - exponent
        if steps > _STEPS_COUNT_MAX:
            bound = f"quantities more than 10**{_STEPS_COUNT_MAX} apart"
            raise LimitError(f"{bound} cannot be added: {self} and 10**{exponent}")
        if steps >= 0:
            return Decimal(self.unscaled * 10**steps, exponent)
        digits_count = len(str(abs(self.unscaled)))
        whole, rest = divmod(abs(self.unscaled), 10 ** min(-steps, digits_count + 1))
        magnitude = whole + (1 if rest else 0)
        return Decimal(-magnitude if self.unscaled < 0 else magnitude, exponent)

    def __add__(self, other: "Decimal") -> "Decimal":
        low = min(self.exponent, other.exponent)
        total = self.rescaled(low).unscaled + other.rescaled(low).unscaled
        return Decimal(total, low)

    def __neg__(self) -> "Decimal":
        return Decimal(-self.unscaled, self.exponent)

    def times(self, factor: int) -> "Decimal":
        """The product with an integer; the exponent stays."""
        return Decimal(self.unscaled * factor, self.exponent)

    def compare(self, other: "Decimal") -> int:
        """-1, 0 or 1."""
        left, right = self.normal(), other.normal()
        left_sign, right_sign = left.sign(), right.sign()
        if left_sign != right_sign or left_sign == 0:
            return (left_sign > right_sign) - (left_sign < right_sign)
        # Magnitudes first: exponents may be too far apart to write the numbers out.
        left_top = len(str(abs(left.unscaled))) + left.exponent
        right_top = len(str(abs(right.unscaled))) + right.exponent
        if left_top != right_top:
            return left_sign if left_top > right_top else -left_sign
        low = min(left.exponent, right.exponent)
        a, b = left.rescaled(low).unscaled, right.rescaled(low).unscaled
        return (a > b) - (a < b)

    def sign(self) -> int:
        """-1, 0 or 1."""
        return (self.unscaled > 0) - (self.unscaled < 0)

    def normal(self) -> "Decimal":
        """The same number with the largest exponent: equal numbers become equal pairs."""
        if self.unscaled == 0:
            return Decimal(0, 0)
        unscaled, times = remove_factors(self.unscaled, 10)
        return Decimal(unscaled, self.exponent + times)

    def scaled_int64(self, power: int) -> int:
        """The number in units of `10**power`, as upstream reads a big decimal into an int64.

        Rounds up, and wraps where upstream's does. A negative number with a fraction goes one up
        from its truncation, so -1.5 reads as 0: upstream's words, not ours.
        """
        gap = power - self.exponent
        if gap == 0:
            return int64.low_bits(self.unscaled)
        if gap < 0:
            return int64.wrap(int64.low_bits(self.unscaled) * _float_power(-gap))
        if self.unscaled < int64.INT64_MAX and gap < _DIGITS_INT64_COUNT:
            number = int64.low_bits(self.unscaled)
            whole, rest = divmod(abs(number), _POWERS[gap])
            return (-whole if number < 0 else whole) + (1 if rest else 0)
        whole, rest = divmod(self.unscaled, 10 ** min(gap, len(str(abs(self.unscaled))) + 1))
        return int64.wrap(int64.low_bits(whole) + (1 if rest else 0))

    def approximate(self) -> float:
        """A near float: one rounding for the digits, one for the power of ten."""
        try:
            base = float(self.unscaled)
        except OverflowError:
            base = math.copysign(math.inf, self.unscaled)
        return base if self.exponent == 0 else base * go_pow10(self.exponent)

    def __str__(self) -> str:
        if self.exponent > _STEPS_COUNT_MAX:
            return f"{self.unscaled}e{self.exponent}"
        if self.exponent >= 0:
            return f"{self.unscaled * 10**self.exponent}"
        digits = str(abs(self.unscaled)).rjust(1 - self.exponent, "0")
        sign = "-" if self.unscaled < 0 else ""
        return f"{sign}{digits[: self.exponent]}.{digits[self.exponent :]}"


def remove_factors(number: int, factor: int) -> tuple[int, int]:
    """Divide `number` by `factor` as often as it goes: the rest and how often."""
    times = 0
    while number and number % factor == 0:
        number //= factor
        times += 1
    return number, times


def _float_power(power: int) -> int:
    """`int64(math.Pow10(power))`, for a positive power; too large ones read as the minimum."""
    return _POWERS[power] if power < _DIGITS_INT64_COUNT else int64.INT64_MIN


def go_pow10(power: int) -> float:
    """Go's `math.Pow10`: the product of two table entries, so it may be one bit off 10**power."""
    if power < -323:
        return 0.0
    if power > 308:
        return math.inf
    high, low = divmod(abs(power), 32)
    if power < 0:
        return float(f"1e-{high * 32}") / float(f"1e{low}")
    return float(f"1e{high * 32}") * float(f"1e{low}")
