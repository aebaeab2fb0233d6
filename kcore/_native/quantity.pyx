# cython: c_api_binop_methods=True, cdivision=True
# distutils: include_dirs = kcore/_native
# distutils: depends = kcore/_native/quantity_number.h
"""Exact numbers with a suffix: the compiled kernel; `reference/quantity.py` explains them.

A number that fits 64 bits (`_big` is None) is read, added, compared and printed here, with the
arithmetic of `quantity_number.h`. Everything else, every odd text and every error goes to the twin,
so that there is one definition of them.
"""

cimport cython
from libc.stdint cimport INT64_MIN, int64_t

from kcore._native.reference import quantity as _twin

cdef extern from "quantity_number.h":
    ctypedef struct Scanned:
        int64_t number
        int exponent
        bint is_binary
        bint is_canonical

    const int64_t *number_powers
    int POWER_MAX
    int number_sign(int64_t number) noexcept
    bint number_multiply(int64_t *number, int64_t factor) noexcept
    bint number_scale(int64_t *number, int power) noexcept
    bint number_add(
        int64_t left, int left_exponent, int64_t right, int right_exponent,
        int64_t *total, int *exponent,
    ) noexcept
    int number_order(
        int64_t left, int left_exponent, int64_t right, int right_exponent
    ) noexcept
    int64_t number_hash(int64_t number, int exponent) noexcept
    bint number_scan(const unsigned char *at, Py_ssize_t count, Scanned *found) noexcept

cdef extern from "Python.h":
    bint PyUnicode_CheckExact(object value)
    bint PyUnicode_IS_COMPACT_ASCII(object text)
    Py_ssize_t PyUnicode_GET_LENGTH(object text)
    const unsigned char *PyUnicode_1BYTE_DATA(object text)

cdef enum:
    EXPONENT_MAX = 1 << 30  # Beyond it a number counts as big: sums of exponents stay in int.

Decimal = _twin.Decimal
QuantityError = _twin.QuantityError
DECIMAL_SI = _twin.DECIMAL_SI
BINARY_SI = _twin.BINARY_SI
DECIMAL_EXPONENT = _twin.DECIMAL_EXPONENT
DECIMAL_SUFFIXES = _twin.DECIMAL_SUFFIXES
BINARY_SUFFIXES = _twin.BINARY_SUFFIXES

cdef str _DECIMAL_SI = DECIMAL_SI
cdef str _BINARY_SI = BINARY_SI
cdef tuple _DECIMAL_LETTERS = ("n", "u", "m", "", "k", "M", "G", "T", "P", "E")
cdef tuple _BINARY_LETTERS = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")


@cython.final
@cython.no_gc  # It holds texts and a pair of integers: no cycle can form.
@cython.freelist(64)
@cython.auto_pickle(False)
cdef class Quantity:
    """An immutable quantity. Equality, order and hash are those of the number alone."""

    cdef int64_t _unscaled
    cdef int _exponent
    cdef bint _is_decimal
    cdef object _big
    cdef str _format
    cdef str _text

    def __init__(self, number, str number_format=DECIMAL_SI, *, is_decimal=False, str text=""):
        if self._format is not None:
            raise TypeError("a quantity is immutable")
        if number_format is None or text is None:
            raise TypeError("format and text must be str")
        _put(self, number)
        self._format = number_format
        self._is_decimal = is_decimal
        self._text = text

    @staticmethod
    def parse(str text, /):
        """Read a quantity. O(len(text)).

        Raises:
            QuantityError: `text` is none.
        """
        cdef Quantity quick = _quick(text)
        return _compiled(_twin.Quantity.parse(text)) if quick is None else quick

    @staticmethod
    def of(value, str number_format=DECIMAL_SI, *, exponent=0):
        """Make the quantity `value * 10**exponent`."""
        return _compiled(_twin.Quantity.of(value, number_format, exponent=exponent))

    @property
    def number(self):
        """The exact number."""
        return Decimal(self._unscaled, self._exponent) if self._big is None else self._big

    @property
    def format(self):
        """The family of suffixes it is printed with."""
        return self._format

    @property
    def is_decimal(self):
        """Whether it is held in the unbounded form."""
        return self._is_decimal

    @property
    def original_text(self):
        """The text it was read from, if that was canonical and nothing was computed; else ""."""
        return self._text

    def value(self):
        """Round up to an integer; wraps at int64 where upstream's does."""
        if self._exponent == 0 and self._big is None and not self._is_decimal:
            return self._unscaled
        return _scaled(self, 0)

    def milli_value(self):
        """Round up to thousandths; wraps at int64 where upstream's does."""
        return _scaled(self, -3)

    def scaled_value(self, power, /):
        """Round up to units of `10**power`."""
        if -EXPONENT_MAX < power < EXPONENT_MAX:
            return _scaled(self, power)
        return _readable(self).scaled_value(power)

    def as_int64(self):
        """Return the number if it is held as a whole int64, and whether it is."""
        if self._exponent == 0 and self._big is None and not self._is_decimal:
            return self._unscaled, True
        return _readable(self).as_int64()

    def as_float(self):
        """Return a near float (upstream's AsApproximateFloat64)."""
        return self.number.approximate()

    def is_zero(self):
        """Tell whether the number is 0."""
        return _is_zero(self)

    def sign(self):
        """Return -1, 0 or 1."""
        return self.number.sign() if self._big is not None else number_sign(self._unscaled)

    def compare(self, Quantity other not None, /):
        """Return -1, 0 or 1: upstream's Cmp."""
        return _order(self, other)

    def rounded_up(self, power, /):
        """Round away from zero to a multiple of `10**power`; also whether nothing changed."""
        if not self._is_decimal and self._big is None and self._exponent >= power:
            return self, True
        result, is_same = _readable(self).rounded_up(power)
        return (self if self._big is result.number else _compiled(result)), is_same

    def as_decimal(self):
        """Return the same quantity in the unbounded form, as upstream's AsDec leaves it."""
        return _compiled(_readable(self).as_decimal())

    def times(self, factor, /):
        """Multiply by an int64; also upstream's word on whether the product stayed in range."""
        result, in_range = _readable(self).times(factor)
        return _compiled(result), in_range

    def __add__(left, right):
        cdef Quantity total
        if type(left) is not Quantity or type(right) is not Quantity:
            return NotImplemented
        total = _sum(<Quantity>left, <Quantity>right, False)
        if total is None:
            return _compiled(_readable(<Quantity>left) + _readable(<Quantity>right))
        return total

    def __sub__(left, right):
        cdef Quantity total
        if type(left) is not Quantity or type(right) is not Quantity:
            return NotImplemented
        total = _sum(<Quantity>left, <Quantity>right, True)
        if total is None:
            return _compiled(_readable(<Quantity>left) - _readable(<Quantity>right))
        return total

    def __neg__(self):
        if self._big is None and self._unscaled != INT64_MIN and not self._is_decimal:
            return _make(-self._unscaled, self._exponent, self._format, "")
        return _compiled(-_readable(self))

    def __richcmp__(left, right, int operation):
        if type(left) is not Quantity or type(right) is not Quantity:
            return NotImplemented
        cdef int order = _order(<Quantity>left, <Quantity>right)
        if operation == 2:
            return order == 0
        if operation == 0:
            return order < 0
        if operation == 3:
            return order != 0
        if operation == 4:
            return order > 0
        return order <= 0 if operation == 1 else order >= 0

    def __hash__(self):
        if self._big is not None:
            return _hash_of_big(self._big)
        return number_hash(self._unscaled, self._exponent)

    def __bool__(self):
        return not _is_zero(self)

    def __str__(self):
        return self._text or self.canonical()

    def __repr__(self):
        return f"Quantity({str(self)!r})"

    def __reduce__(self):
        return _restored, (self.number, self._format, bool(self._is_decimal), self._text)

    def canonical_parts(self):
        """Return number and suffix of the canonical form."""
        cdef tuple parts = _quick_parts(self)
        return _readable(self).canonical_parts() if parts is None else parts

    def canonical(self):
        """Return the canonical form, whatever text the quantity came from."""
        return "".join(self.canonical_parts())

    def check_invariants(self):
        """Raise AssertionError unless the number has the one form it may have. O(1)."""
        assert self._format is not None and self._text is not None, "not initialised"
        if self._big is not None:
            assert not _fits(self._big.unscaled, self._big.exponent), "a small number held big"


def _restored(number, number_format, is_decimal, text):
    return Quantity(number, number_format, is_decimal=is_decimal, text=text)


# --- between the two forms -----------------------------------------------------------------------


cdef Quantity _make(int64_t unscaled, int exponent, str number_format, str text):
    cdef Quantity made = Quantity.__new__(Quantity)
    made._unscaled = unscaled
    made._exponent = exponent
    made._format = number_format
    made._text = text
    return made


cdef bint _fits(unscaled, exponent) except -1:
    return (
        -EXPONENT_MAX < exponent < EXPONENT_MAX and -(1 << 63) <= unscaled <= (1 << 63) - 1
    )


cdef int _put(Quantity self, number) except -1:
    if _fits(number.unscaled, number.exponent):
        self._unscaled = number.unscaled
        self._exponent = number.exponent
    else:
        self._big = number
    return 0


cdef object _readable(Quantity self):
    return _twin.Quantity(
        self.number, self._format, is_decimal=bool(self._is_decimal), text=self._text
    )


cdef Quantity _compiled(readable):
    return Quantity(
        readable.number,
        readable.format,
        is_decimal=readable.is_decimal,
        text=readable.original_text,
    )


# --- reading -------------------------------------------------------------------------------------


cdef Quantity _quick(str text):
    """The quantity, if the text is plain and short; None sends it to the twin."""
    cdef Scanned found
    if not PyUnicode_CheckExact(text) or not PyUnicode_IS_COMPACT_ASCII(text):
        return None
    if not number_scan(PyUnicode_1BYTE_DATA(text), PyUnicode_GET_LENGTH(text), &found):
        return None
    return _make(
        found.number,
        found.exponent,
        _BINARY_SI if found.is_binary else _DECIMAL_SI,
        text if found.is_canonical else "",
    )


# --- computing -----------------------------------------------------------------------------------


cdef inline bint _is_zero(Quantity self) except -1:
    return self._unscaled == 0 if self._big is None else self._big.unscaled == 0


cdef Quantity _sum(Quantity left, Quantity right, bint negate):
    """The sum or difference in 64 bits; None sends it to the twin."""
    if left._big is not None or right._big is not None:
        return None
    if left._is_decimal or right._is_decimal or right._unscaled == INT64_MIN:
        return None
    cdef int64_t addend = -right._unscaled if negate else right._unscaled
    if left._unscaled == 0:
        return _make(addend, right._exponent, right._format, "") if addend else _make(
            0, left._exponent, right._format, ""
        )
    if addend == 0:
        return _make(left._unscaled, left._exponent, left._format, "")
    cdef int64_t total
    cdef int exponent
    if not number_add(
        left._unscaled, left._exponent, addend, right._exponent, &total, &exponent
    ):
        return None
    return _make(total, exponent, left._format, "")


cdef int _order(Quantity left, Quantity right) except -2:
    if left._big is not None or right._big is not None:
        return left.number.compare(right.number)
    return number_order(
        left._unscaled, left._exponent, right._unscaled, right._exponent
    )


cdef object _scaled(Quantity self, int power):
    """The number in units of `10**power`, rounded up."""
    if self._is_decimal or self._big is not None:
        return _readable(self).scaled_value(power)
    cdef int64_t number = self._unscaled
    cdef int gap = self._exponent - power
    if gap == 0 or number == 0:
        return number
    if gap > 0:
        # The twin knows what upstream leaves of a number that is too large.
        return number if number_scale(&number, gap) else _readable(self).scaled_value(power)
    if gap < -POWER_MAX:
        return number_sign(number)
    # C's division: towards zero, and a rest of the number's sign.
    return number // number_powers[-gap] + number_sign(number % number_powers[-gap])


cdef object _hash_of_big(number):
    normal = number.normal()
    if _fits(normal.unscaled, normal.exponent):
        return number_hash(normal.unscaled, normal.exponent)
    return hash(normal)


# --- printing ------------------------------------------------------------------------------------


cdef tuple _quick_parts(Quantity self):
    """Number and suffix of the canonical form; None sends it to the twin."""
    if self._big is not None or self._unscaled == INT64_MIN:
        return None
    cdef int64_t number = self._unscaled
    cdef int exponent = self._exponent
    cdef int times = 0
    if number == 0:
        return "0", ""
    if self._format == _BINARY_SI:
        if exponent != 0:
            return None
        if not -1024 < number < 1024:
            while number % 1024 == 0:
                number //= 1024
                times += 1
            return str(number), _BINARY_LETTERS[times]
    elif self._format != _DECIMAL_SI:
        return None
    while number % 10 == 0:
        number //= 10
        exponent += 1
    while exponent % 3 != 0:
        if not number_multiply(&number, 10):
            return None
        exponent -= 1
    if not -9 <= exponent <= 18:
        return None
    return str(number), _DECIMAL_LETTERS[(exponent + 9) // 3]
