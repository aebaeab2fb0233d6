"""Which texts are quantities, and how they print."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore.errors import LimitError
from kcore.machinery.quantity import Quantity, QuantityError, parse_milli, parse_value


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("1536Mi", "1536Mi"),
        ("1.5Gi", "1536Mi"),
        ("0.5", "500m"),
        ("1000m", "1"),
        ("1024", "1024"),
        ("1000Ki", "1000Ki"),
        ("1e3", "1e3"),
        ("12000", "12k"),
        ("0.1n", "1n"),
        ("-0.5Ki", "-512"),
        ("0Mi", "0"),
        ("007", "007"),
    ],
)
def test_canonical_texts(text, printed):
    assert str(Quantity.parse(text)) == printed


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "must match the regular expression"),
        ("1 ", "must match the regular expression"),
        ("1_0", "must match the regular expression"),
        ("\u0661", "must match the regular expression"),
        ("NaN", "must match the regular expression"),
        ("1K", "suffix"),
        ("1e3Mi", "must match the regular expression"),
        ("1e99999999999999999999", "suffix"),
        ("e-20", "numeric part"),
    ],
)
def test_what_is_no_quantity_is_refused_by_rule(text, why):
    with pytest.raises(QuantityError, match=why):
        Quantity.parse(text)


@given(st.text())
def test_any_text_is_read_or_refused(text):
    try:
        quantity = Quantity.parse(text)
    except QuantityError:
        return
    assert isinstance(quantity.value(), int)


@given(st.from_regex(r"[+-]?[0-9]{0,25}(\.[0-9]{0,12})?[eEinumkKMGTP]{0,2}[+-]?[0-9]{0,10}"))
def test_hostile_numbers_cost_little(text):
    text = text.rstrip("\n")
    try:
        quantity = Quantity.parse(text)
    except QuantityError:
        return
    assert quantity.compare(Quantity.parse("1")) in (-1, 0, 1)
    assert str(quantity)


def test_fast_readings_are_those_of_the_quantity():
    for text in ("250m", "1", "1.5Gi", "100u", "12e6"):
        assert parse_milli(text) == Quantity.parse(text).milli_value()
        assert parse_value(text) == Quantity.parse(text).value()
    assert parse_value(3) == 3
    assert parse_milli(0.5) == 500
    assert parse_value(" 7 ") == 7


def test_a_sum_takes_the_format_of_the_first_that_is_not_zero():
    zero, binary, decimal = map(Quantity.parse, ("0", "1Gi", "1k"))

    assert str(zero + binary) == "1Gi"
    assert str(binary + binary) == "2Gi"
    assert str(decimal + binary) == "1073742824"
    assert (decimal + binary).format == "DecimalSI"


def test_a_number_too_large_to_write_out_is_refused_not_computed():
    huge = Quantity.parse("1e2000000000")

    assert huge > Quantity.parse("9E")
    assert str(huge) == "100e1999999998"
    with pytest.raises(LimitError, match="cannot be added"):
        huge + Quantity.parse("1")
