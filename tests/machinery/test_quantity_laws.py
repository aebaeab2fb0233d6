"""Quantities are numbers: order and arithmetic agree with exact fractions."""

from fractions import Fraction
from math import ceil

from hypothesis import given
from hypothesis import strategies as st

from kcore.machinery.quantity import BINARY_SUFFIXES, DECIMAL_SUFFIXES, Quantity

POWERS = {
    **{suffix: Fraction(10) ** power for suffix, power in DECIMAL_SUFFIXES.items()},
    **{suffix: Fraction(2) ** power for suffix, power in BINARY_SUFFIXES.items()},
}
INT64_MAX = 2**63 - 1


@st.composite
def texts(draw, digits_max=6):
    """Small quantities in every format, fractions included, none finer than 1n."""
    sign = draw(st.sampled_from(["", "-", "+"]))
    whole = draw(st.integers(0, 10**digits_max))
    suffix = draw(st.sampled_from(["", "m", "k", "M", "G", "Ki", "Mi", "Gi", "e3", "E-2"]))
    fraction = draw(st.sampled_from(["", ".5", ".25", ".000", ".125"]))
    return f"{sign}{whole}{fraction}{suffix}"


def fraction_of(text):
    """The number a text means, worked out by hand."""
    for suffix in sorted(POWERS, key=len, reverse=True):
        if suffix and text.endswith(suffix):
            return Fraction(text.removesuffix(suffix)) * POWERS[suffix]
    return Fraction(text.replace("E", "e"))


def number_of(quantity):
    number = quantity.number
    return Fraction(number.unscaled) * Fraction(10) ** number.exponent


@given(texts())
def test_a_text_means_its_number(text):
    assert number_of(Quantity.parse(text)) == fraction_of(text)


@given(texts(), texts())
def test_sum_and_difference_are_exact(left, right):
    a, b = Quantity.parse(left), Quantity.parse(right)

    assert number_of(a + b) == number_of(a) + number_of(b)
    assert number_of(a - b) == number_of(a) - number_of(b)
    assert number_of(-a) == -number_of(a)


@given(texts(digits_max=25), texts(digits_max=25))
def test_order_is_that_of_numbers(left, right):
    a, b = Quantity.parse(left), Quantity.parse(right)
    x, y = number_of(a), number_of(b)

    assert (a < b, a == b, a > b) == (x < y, x == y, x > y)
    assert a.compare(b) == (x > y) - (x < y)
    if a == b:
        assert hash(a) == hash(b)


@given(texts())
def test_the_printed_form_means_the_same_and_is_stable(text):
    quantity = Quantity.parse(text)
    again = Quantity.parse(str(quantity))

    assert again == quantity
    assert str(again) == str(quantity)
    assert Quantity.parse(quantity.canonical()).canonical() == quantity.canonical()


@given(texts())
def test_value_and_milli_value_round_up(text):
    quantity = Quantity.parse(text)
    number = number_of(quantity)

    if number >= 0 and number * 1000 < INT64_MAX:
        assert quantity.value() == ceil(number)
        assert quantity.milli_value() == ceil(number * 1000)


@given(texts(), st.integers(-9, 6))
def test_rounding_goes_away_from_zero_and_says_whether_it_did(text, power):
    quantity = Quantity.parse(text)
    rounded, exact = quantity.rounded_up(power)
    step = Fraction(10) ** power

    assert exact == (rounded == quantity)
    assert abs(number_of(quantity)) <= abs(number_of(rounded)) < abs(number_of(quantity)) + step
    assert (number_of(rounded) / step).denominator == 1


@given(texts(), st.integers(-(10**6), 10**6))
def test_products_are_exact(text, factor):
    quantity = Quantity.parse(text)

    assert number_of(quantity.times(factor)[0]) == number_of(quantity) * factor
