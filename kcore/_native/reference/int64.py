"""Go's 64-bit arithmetic where upstream's answers depend on it.

A quantity that fits 64 bits is computed in 64 bits, and some of its readings wrap around as Go's
do. These few functions say exactly where. Exact decimals are in `decimal_amount`.
"""

from typing import Final

INT64_MAX: Final = (1 << 63) - 1
INT64_MIN: Final = -(1 << 63)
_MASK: Final = (1 << 64) - 1


def fits(number: int) -> bool:
    """Whether `number` is an int64."""
    return INT64_MIN <= number <= INT64_MAX


def wrap(number: int) -> int:
    """The int64 that Go keeps of `number`."""
    return ((number + (1 << 63)) & _MASK) - (1 << 63)


def low_bits(number: int) -> int:
    """`big.Int.Int64`: the low 64 bits of the magnitude as int64, then the sign."""
    magnitude = wrap(abs(number))
    return wrap(-magnitude) if number < 0 else magnitude


def multiply(left: int, right: int) -> int | None:
    """The product, or None where it leaves int64 (or starts from the most negative one)."""
    if left in (0, 1) or right in (0, 1):
        return left * right
    if INT64_MIN in (left, right):
        return None
    product = left * right
    return product if fits(product) else None


# Powers of ten that upstream multiplies by in one step, so that an overflow leaves the wrapped
# product; for the others an overflow leaves 0.
_ONE_STEP: Final = frozenset({1, 2, 3, 6, 9})


def scale_up(base: int, power: int) -> tuple[int, bool]:
    """`base * 10**power` as upstream computes it, and whether the result is exact."""
    if power <= 0 or base == 0:
        return base, True
    # No int64 but 0 survives more than 18 steps: a huge power needs no huge number.
    product = base * 10 ** min(power, 20)
    if fits(product) and base != INT64_MIN:
        return product, True
    if power not in _ONE_STEP:
        return 0, False
    return (0 if base == INT64_MIN else wrap(product)), False


def scale_down(base: int, power: int) -> tuple[int, bool]:
    """`base / 10**power`, rounded away from zero, and whether nothing was lost."""
    divisor = 10 ** min(power, 20)
    whole, rest = divmod(abs(base), divisor)
    magnitude = whole + (1 if rest else 0)
    return (-magnitude if base < 0 else magnitude), not rest
