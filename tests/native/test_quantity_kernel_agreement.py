"""The twin and the compiled quantity give the same answer, or the same refusal, to anything."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore._native.reference import quantity as twin
from kcore._native.reference.decimal_amount import Decimal
from kcore.errors import LimitError

SUFFIXES = [*twin.DECIMAL_SUFFIXES, *twin.BINARY_SUFFIXES]
ODD_SUFFIXES = ["e3", "E-2", "e+18", "e99", "e-99", "e2147483648", "i", "ki", "Mii", "EiE", "e"]
DIGITS = st.text("0123456789", max_size=26)
NUMBERS = st.one_of(
    DIGITS, st.sampled_from(["000", "00100", "1000", "8", "8192", "9" * 18, "9" * 19])
)
PLAIN = st.builds(
    lambda sign, whole, point, fraction, suffix: f"{sign}{whole}{point}{fraction}{suffix}",
    st.sampled_from(["", "", "", "+", "-"]),
    NUMBERS,
    st.sampled_from(["", "", "."]),
    st.text("0123456789", max_size=10),
    st.sampled_from(SUFFIXES + ODD_SUFFIXES),
)
HOSTILE = st.one_of(
    st.text("0123456789.+-eEinumkKMGTP\u0661\x00 \n", max_size=30), st.text(max_size=12)
)
TEXTS = st.one_of(PLAIN, PLAIN, HOSTILE)
INT64 = st.one_of(
    st.integers(-(2**63), 2**63 - 1),
    st.sampled_from([-(2**63), 2**63 - 1, 0, 1, -1, 1024, 2**62, 10**18, -(10**18)]),
    st.integers(-5000, 5000),
)
POWERS = st.sampled_from([-40, -19, -18, -10, -9, -3, 0, 1, 2, 3, 4, 6, 9, 18, 19, 40])
FORMATS = st.sampled_from([twin.DECIMAL_SI, twin.BINARY_SI, twin.DECIMAL_EXPONENT])
MADE = st.one_of(
    st.tuples(INT64, POWERS, FORMATS, st.just(False)),
    st.tuples(st.integers(-(2**70), 2**70), POWERS, FORMATS, st.just(True)),
)


def outcome(function, *arguments):
    try:
        return shown(function(*arguments))
    except (ValueError, TypeError, OverflowError, LimitError) as error:
        return type(error).__name__, str(error)


def shown(answer):
    """An answer in terms both kernels share; of a quantity, everything it holds."""
    if isinstance(answer, tuple):
        return tuple(map(shown, answer))
    if type(answer).__name__ == "Quantity":
        answer.check_invariants()
        return (
            answer.number,
            answer.format,
            bool(answer.is_decimal),
            answer.original_text,
            str(answer),
            answer.canonical_parts(),
        )
    return answer


def both(compiled, made):
    unscaled, exponent, number_format, is_decimal = made
    number = Decimal(unscaled, exponent)
    return tuple(
        kernel.Quantity(number, number_format, is_decimal=is_decimal) for kernel in (twin, compiled)
    )


UNARY = [
    lambda one: one.value(),
    lambda one: one.milli_value(),
    lambda one: one.as_int64(),
    lambda one: one.as_float(),
    lambda one: one.sign(),
    lambda one: one.is_zero(),
    bool,
    repr,
    lambda one: -one,
    lambda one: one.as_decimal(),
    lambda one: one.canonical(),
]
BINARY = [
    lambda one, other: one + other,
    lambda one, other: one - other,
    lambda one, other: one.compare(other),
    lambda one, other: one == other,
    lambda one, other: one != other,
    lambda one, other: one < other,
    lambda one, other: one <= other,
    lambda one, other: one > other,
    lambda one, other: one >= other,
]


@settings(max_examples=200)
@given(TEXTS)
def test_the_same_text_reads_the_same(compiled_quantity, text):
    assert outcome(compiled_quantity.Quantity.parse, text) == outcome(twin.Quantity.parse, text)


@settings(max_examples=200)
@given(MADE, POWERS, INT64)
def test_one_quantity_answers_the_same(compiled_quantity, made, power, factor):
    slow, fast = both(compiled_quantity, made)
    assert shown(fast) == shown(slow)
    for operation in UNARY:
        assert outcome(operation, fast) == outcome(operation, slow)
    for name, argument in (("scaled_value", power), ("rounded_up", power), ("times", factor)):
        assert outcome(getattr(fast, name), argument) == outcome(getattr(slow, name), argument)


@settings(max_examples=200)
@given(MADE, MADE)
def test_two_quantities_answer_the_same(compiled_quantity, left, right):
    (slow, fast), (slow_other, fast_other) = (
        both(compiled_quantity, left),
        both(compiled_quantity, right),
    )
    for operation in BINARY:
        assert outcome(operation, fast, fast_other) == outcome(operation, slow, slow_other)
    if fast == fast_other:
        assert hash(fast) == hash(fast_other)


@settings(max_examples=100)
@given(MADE, POWERS)
def test_the_scale_changes_neither_equality_nor_hash(compiled_quantity, made, power):
    unscaled, exponent, number_format, _ = made
    shifted = Decimal(unscaled * 10 ** abs(power), exponent - abs(power))
    one = compiled_quantity.Quantity(Decimal(unscaled, exponent), number_format, is_decimal=True)
    other = compiled_quantity.Quantity(shifted, number_format, is_decimal=True)
    assert one == other
    assert hash(one) == hash(other)
