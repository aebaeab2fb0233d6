"""Quantities on both kernels: reading, computing, printing, refusing."""

import copy
import pickle

import pytest

from kcore import _native
from kcore._native.reference import quantity as twin
from kcore._native.reference.decimal_amount import Decimal
from kcore.machinery import quantity as door


@pytest.mark.parametrize(
    ("text", "value", "milli", "printed"),
    [
        ("0", 0, 0, "0"),
        ("100m", 1, 100, "100m"),
        ("2", 2, 2000, "2"),
        ("64Mi", 64 << 20, 1000 * (64 << 20), "64Mi"),
        ("1536Mi", 1536 << 20, 1000 * (1536 << 20), "1536Mi"),
        ("1.5Gi", 3 << 29, 1000 * (3 << 29), "1536Mi"),
        ("-1.5", -2, -1500, "-1500m"),
        ("1000", 1000, 1_000_000, "1k"),
        ("1e3", 1000, 1_000_000, "1e3"),
        ("1n", 1, 1, "1n"),
        ("0.1n", 1, 1, "1n"),
        ("007", 7, 7000, "007"),
        ("+5", 5, 5000, "+5"),
    ],
)
def test_texts_read(quantity, text, value, milli, printed):
    read = quantity.Quantity.parse(text)
    assert (read.value(), read.milli_value(), str(read)) == (value, milli, printed)
    read.check_invariants()


@pytest.mark.parametrize("text", ["", " 1", "1 ", "1X", "1ki", "--1", "1e", "\u0661", "1\n"])
def test_other_texts_are_refused(quantity, text):
    with pytest.raises(quantity.QuantityError):
        quantity.Quantity.parse(text)


@pytest.mark.parametrize("wrong", [1, b"1", ["1"]])
def test_only_text_is_read(quantity, wrong):
    with pytest.raises(TypeError):
        quantity.Quantity.parse(wrong)


def test_sums_leave_64_bits_exactly(quantity):
    large = quantity.Quantity.of(2**63 - 1)
    total = large + quantity.Quantity.of(1)
    assert total.number == Decimal(2**63)
    assert total.is_decimal
    assert total - large == quantity.Quantity.of(1)


def test_a_zero_takes_the_other_format(quantity):
    zero, memory = quantity.Quantity.parse("0"), quantity.Quantity.parse("1Gi")
    assert (zero + memory).format == quantity.BINARY_SI
    assert (memory + zero).format == quantity.BINARY_SI
    assert (zero - memory).format == quantity.BINARY_SI


def test_equal_numbers_hash_alike(quantity):
    ways = ["1", "1000m", "1.0", "1e0", "1000000u", "0.001k"]
    assert len({hash(quantity.Quantity.parse(text)) for text in ways}) == 1
    assert len({quantity.Quantity.parse(text) for text in ways}) == 1
    huge = [quantity.Quantity.of(10**30), quantity.Quantity.of(1, exponent=30)]
    assert huge[0] == huge[1]
    assert hash(huge[0]) == hash(huge[1])


def test_order_needs_no_common_scale(quantity):
    tiny = quantity.Quantity.of(-1, exponent=-9)
    huge = quantity.Quantity.of(1, exponent=10**6)
    assert tiny < quantity.Quantity.of(0) < huge
    assert huge > quantity.Quantity.of(2**63 - 1) >= quantity.Quantity.of(5)
    assert -huge < tiny


@pytest.mark.parametrize("other", [1, "1", None, 1.0])
def test_other_types_are_no_quantities(quantity, other):
    one = quantity.Quantity.of(1)
    assert one != other
    for operation in (lambda: one + other, lambda: one - other, lambda: one < other):
        with pytest.raises(TypeError):
            operation()


@pytest.mark.parametrize("text", ["100m", "64Mi", "1.5Gi", "1e30", "0"])
def test_copies_are_the_same_quantity(quantity, text):
    one = quantity.Quantity.parse(text)
    for twin_of_it in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert twin_of_it == one
        assert (str(twin_of_it), twin_of_it.format) == (str(one), one.format)
        assert twin_of_it.is_decimal == one.is_decimal


def test_a_compiled_quantity_cannot_change(compiled_quantity):
    one = compiled_quantity.Quantity.parse("1")
    with pytest.raises(TypeError, match="immutable"):
        one.__init__(Decimal(2))
    with pytest.raises(AttributeError):
        one.format = "x"


def test_the_kernel_has_every_public_name(compiled_quantity):
    assert set(twin.__all__) <= set(dir(compiled_quantity))
    public = {name for name in dir(twin.Quantity) if not name.startswith("_")}
    assert public == {name for name in dir(compiled_quantity.Quantity) if not name.startswith("_")}


def test_the_door_opens_to_the_chosen_kernel():
    assert door.Quantity is _native.quantity.Quantity
