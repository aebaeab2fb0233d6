"""Counts that may be percentages round the way the caller says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore.machinery.int_or_percent import IntOrPercentError, parse_int_or_text, scaled


@given(st.integers(0, 300), st.integers(0, 10_000))
def test_percentages_are_exact_and_round_as_asked(percent, total):
    assert scaled(f"{percent}%", total, False) == percent * total // 100
    assert scaled(f"{percent}%", total, True) == -(-percent * total // 100)


@given(st.integers(-(2**31), 2**31 - 1), st.booleans())
def test_a_number_is_itself(number, round_up):
    assert scaled(number, 7, round_up) == number


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (None, "nil value"),
        ("5", "string is not a percentage"),
        ("x%", 'invalid value "x%": strconv.Atoi: parsing "x": invalid syntax'),
    ],
)
def test_anything_else_is_refused(value, why):
    with pytest.raises(IntOrPercentError) as caught:
        scaled(value, 10, True)
    assert why in str(caught.value)


def test_a_command_line_value_is_a_number_if_it_can_be():
    assert parse_int_or_text("80") == 80
    assert parse_int_or_text("http") == "http"
    assert parse_int_or_text("2147483648") == "2147483648"
