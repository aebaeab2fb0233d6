"""Bringing scores to the range 0..100."""

import math
from collections.abc import Sequence
from typing import Final

from kcore.scheduler.framework.interfaces import MAX_NODE_SCORE


def default_normalize(
    scores: Sequence[int], *, reverse: bool = False, highest_score: int = MAX_NODE_SCORE
) -> list[int]:
    """Scale so that the best raw score becomes `highest_score`; `reverse` turns it round. O(n)."""
    highest = max(0, *scores) if scores else 0
    if highest == 0:
        return [highest_score] * len(scores) if reverse else list(scores)
    scaled = [divide(score * highest_score, highest) for score in scores]
    return [highest_score - score for score in scaled] if reverse else scaled


def divide(dividend: int, divisor: int) -> int:
    """Go's integer division: truncates towards zero."""
    quotient = abs(dividend) // abs(divisor)
    return quotient if (dividend < 0) == (divisor < 0) else -quotient


def round_half_away(value: float) -> int:
    """Go's `math.Round`: halves go away from zero."""
    magnitude = math.floor(abs(value))
    if abs(value) - magnitude >= 0.5:
        magnitude += 1
    return -magnitude if value < 0 else magnitude


# Go's math.Log is FreeBSD's; C libraries differ from it in the last bit now and then.
_LN2_HIGH: Final = 6.93147180369123816490e-01
_LN2_LOW: Final = 1.90821492927058770002e-10
_LOG_ODD: Final = (
    6.666666666666735130e-01,
    2.857142874366239149e-01,
    1.818357216161805012e-01,
    1.479819860511658591e-01,
)
_LOG_EVEN: Final = (3.999999999940941908e-01, 2.222219843214978396e-01, 1.531383769920937332e-01)


def go_log(value: float) -> float:
    """The natural logarithm of a positive number, bit for bit as Go computes it."""
    fraction, exponent = math.frexp(value)
    if fraction < math.sqrt(2) / 2:
        fraction, exponent = fraction * 2, exponent - 1
    f, k = fraction - 1, float(exponent)
    s = f / (2 + f)
    s2 = s * s
    s4 = s2 * s2
    odd = s2 * (_LOG_ODD[0] + s4 * (_LOG_ODD[1] + s4 * (_LOG_ODD[2] + s4 * _LOG_ODD[3])))
    even = s4 * (_LOG_EVEN[0] + s4 * (_LOG_EVEN[1] + s4 * _LOG_EVEN[2]))
    half_square = 0.5 * f * f
    return k * _LN2_HIGH - ((half_square - (s * (half_square + (odd + even)) + k * _LN2_LOW)) - f)


def piecewise_linear(shape: Sequence[tuple[int, int]], utilization: int) -> int:
    """The value of a broken line at `utilization`, in integers as upstream computes it.

    `shape` is (utilization, score) by rising utilization; outside it the end values hold.
    """
    for index, (point, score) in enumerate(shape):
        if utilization <= point:
            if index == 0:
                return score
            start, start_score = shape[index - 1]
            rise = (score - start_score) * (utilization - start)
            return start_score + divide(rise, point - start)
    return shape[-1][1]
