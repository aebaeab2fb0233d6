"""Exact resource quantities: `Quantity`, and fast readings of the same texts as integers."""

from kcore.machinery.quantity.quantity import (
    BINARY_SI,
    BINARY_SUFFIXES,
    DECIMAL_EXPONENT,
    DECIMAL_SI,
    DECIMAL_SUFFIXES,
    Decimal,
    Quantity,
    QuantityError,
)
from kcore.machinery.quantity.reading import parse_milli, parse_value, quantity_of

__all__ = [
    "BINARY_SI",
    "BINARY_SUFFIXES",
    "DECIMAL_EXPONENT",
    "DECIMAL_SI",
    "DECIMAL_SUFFIXES",
    "Decimal",
    "Quantity",
    "QuantityError",
    "parse_milli",
    "parse_value",
    "quantity_of",
]
