"""The one door to the quantity kernel: exact resource quantities, read and printed as upstream.

`kcore._native.reference.quantity` is the readable definition; the compiled kernel gives the same
answers faster.
"""

from typing import TYPE_CHECKING

from kcore import _native

if TYPE_CHECKING:
    from kcore._native import quantity as _kernel
else:
    _kernel = _native.quantity

BINARY_SI = _kernel.BINARY_SI
BINARY_SUFFIXES = _kernel.BINARY_SUFFIXES
DECIMAL_EXPONENT = _kernel.DECIMAL_EXPONENT
DECIMAL_SI = _kernel.DECIMAL_SI
DECIMAL_SUFFIXES = _kernel.DECIMAL_SUFFIXES

Decimal = _kernel.Decimal
Quantity = _kernel.Quantity
QuantityError = _kernel.QuantityError

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
