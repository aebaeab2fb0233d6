"""Quantities as plain integers, for loops that read the same few texts a million times.

`parse_value("1Gi")` is 1073741824 and `parse_milli("250m")` is 250: upstream's `Value` and
`MilliValue`, remembered per text. Objects hold quantities as text or as JSON numbers; both are
read here.
"""

from functools import lru_cache
from typing import Final

from kcore.machinery.frozen import dumps
from kcore.machinery.quantity.quantity import Quantity

# A cluster uses a few hundred distinct quantities; the bound only keeps hostile input out.
_REMEMBERED_COUNT: Final = 16_384


def quantity_of(raw: str | float) -> Quantity:
    """The quantity an object's field holds.

    Raises:
        QuantityError: it holds none.
    """
    return _parse(raw if isinstance(raw, str) else dumps(raw).decode())


def parse_value(raw: str | float) -> int:
    """The quantity as an integer, rounded up. O(1) for texts seen before.

    Raises:
        QuantityError: `raw` is no quantity.
    """
    return _value(raw) if isinstance(raw, str) else quantity_of(raw).value()


def parse_milli(raw: str | float) -> int:
    """The quantity in thousandths, rounded up. O(1) for texts seen before.

    Raises:
        QuantityError: `raw` is no quantity.
    """
    return _milli(raw) if isinstance(raw, str) else quantity_of(raw).milli_value()


@lru_cache(maxsize=_REMEMBERED_COUNT)
def _parse(text: str) -> Quantity:
    # JSON strings are trimmed first, as upstream's decoder does.
    return Quantity.parse(text.strip())


@lru_cache(maxsize=_REMEMBERED_COUNT)
def _value(text: str) -> int:
    return _parse(text).value()


@lru_cache(maxsize=_REMEMBERED_COUNT)
def _milli(text: str) -> int:
    return _parse(text).milli_value()
