"""Bringing scores to the range 0..100."""

import math
from collections.abc import Sequence

from kcore.scheduler.framework.interfaces import MAX_NODE_SCORE


def default_normalize(scores: Sequence[int], *, reverse: bool = False) -> list[int]:
    """Scale so that the best raw score becomes 100; `reverse` turns the order round. O(n)."""
    highest = max(scores, default=0)
    highest = max(highest, 0)
    if highest == 0:
        return [MAX_NODE_SCORE] * len(scores) if reverse else list(scores)
    scaled = [divide(score * MAX_NODE_SCORE, highest) for score in scores]
    return [MAX_NODE_SCORE - score for score in scaled] if reverse else scaled


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
