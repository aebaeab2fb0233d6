"""Exact resource quantities: `Quantity`, and fast readings of the same texts as integers."""

from kcore.machinery.quantity.grammar import (
    BINARY_SI,
    DECIMAL_EXPONENT,
    DECIMAL_SI,
    QuantityError,
)
from kcore.machinery.quantity.quantity import Quantity
from kcore.machinery.quantity.reading import parse_milli, parse_value, quantity_of

__all__ = [
    "BINARY_SI",
    "DECIMAL_EXPONENT",
    "DECIMAL_SI",
    "Quantity",
    "QuantityError",
    "parse_milli",
    "parse_value",
    "quantity_of",
]
