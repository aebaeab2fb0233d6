"""`3` or `"25%"`: a count, absolute or relative to a total.

The caller says which way a fraction rounds, because each controller has its own reason.
"""

import math
import re
from typing import Final

from kcore.machinery.go_text import parse_int64, quote

_NUMBER: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)
_INVALID: Final = "invalid value for IntOrString"


class IntOrPercentError(ValueError):
    """The value is neither an integer nor a percentage; the message is upstream's."""


def scaled(value: int | str | None, total: int, round_up: bool) -> int:
    """The count that `value` means out of `total`.

    Raises:
        IntOrPercentError: `value` is absent, or text that is no percentage.
    """
    if value is None:
        raise IntOrPercentError("nil value for IntOrString")
    if isinstance(value, int):
        return value
    if not value.endswith("%"):
        raise IntOrPercentError(f"{_INVALID}: invalid type: string is not a percentage")
    return _share(_integer(value.removesuffix("%"), value), total, round_up)


def scaled_leniently(value: int | str | None, total: int, round_up: bool) -> int:
    """The same by upstream's deprecated rule: any text is a percentage, wherever its `%` stands.

    Raises:
        IntOrPercentError: `value` is absent, or text without a number.
    """
    if value is None:
        raise IntOrPercentError("nil value for IntOrString")
    if isinstance(value, int):
        return value
    return _share(_integer(value.replace("%", ""), value), total, round_up)


def parse_int_or_text(text: str) -> int | str:
    """A command line's value: an int32 if it is one, else the text."""
    number = parse_int64(text)
    return text if number is None or not -(1 << 31) <= number < 1 << 31 else number


def _integer(digits: str, value: str) -> int:
    number = parse_int64(digits)
    if number is not None:
        return number
    why = "value out of range" if _NUMBER.fullmatch(digits) else "invalid syntax"
    raise IntOrPercentError(
        f"{_INVALID}: invalid value {quote(value)}: strconv.Atoi: parsing {quote(digits)}: {why}"
    )


def _share(percent: int, total: int, round_up: bool) -> int:
    # In floats, as upstream computes it: for huge numbers that is part of the answer.
    exact = float(percent) * float(total) / 100
    result = math.ceil(exact) if round_up else math.floor(exact)
    # A float beyond int64 becomes the most negative one on the machines upstream runs on.
    return result if -(1 << 63) <= result < 1 << 63 else -(1 << 63)
