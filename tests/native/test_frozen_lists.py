import pytest


@pytest.fixture
def numbers(kernel):
    return kernel.freeze([10, 20, 30, 20])


@pytest.mark.parametrize(
    "part", [slice(None), slice(1, 3), slice(None, None, -1), slice(9, 12), slice(-2, None)]
)
def test_slices_are_values(kernel, numbers, part):
    piece = numbers[part]
    assert type(piece) is kernel.FrozenList
    assert piece == [10, 20, 30, 20][part]


def test_items_and_indexes(numbers):
    assert numbers[0] == 10
    assert numbers[-1] == 20
    assert numbers[True] == 20
    for outside in (4, -5, 2**80):
        with pytest.raises(IndexError):
            numbers[outside]
    with pytest.raises(TypeError):
        numbers["0"]


def test_searching(numbers):
    assert 20 in numbers
    assert 21 not in numbers
    assert numbers.count(20) == 2
    assert numbers.index(20) == 1
    assert numbers.index(20, 2) == 3
    assert numbers.index(20, -1, 9) == 3
    for wrong in ((21,), (20, 2, 3), (10, 1)):
        with pytest.raises(ValueError, match="not in"):
            numbers.index(*wrong)
    with pytest.raises(TypeError):
        numbers.index()


def test_iteration(numbers):
    assert list(numbers) == [10, 20, 30, 20]
    assert list(reversed(numbers)) == [20, 30, 20, 10]
    assert len(numbers) == 4
    iterator = iter(numbers)
    assert iter(iterator) is iterator
    assert next(iterator) == 10
    assert list(iterator) == [20, 30, 20]
    assert list(iterator) == []
    assert [*numbers, 1] == [10, 20, 30, 20, 1]


def test_lists_have_no_order_and_no_arithmetic(numbers):
    with pytest.raises(TypeError, match="kcore lists have no order"):
        _ = numbers < [1]
    with pytest.raises(TypeError, match="kcore lists have no order"):
        sorted([numbers, numbers])
    for other in ([1], (1,), numbers):
        with pytest.raises(TypeError):
            _ = numbers + other
        with pytest.raises(TypeError):
            _ = other + numbers
    with pytest.raises(TypeError):
        _ = numbers * 2


def test_lists_have_no_field_attributes(numbers):
    with pytest.raises(AttributeError):
        _ = numbers.text


def test_append(kernel, numbers):
    assert numbers.append({"a": (1,)}) == [10, 20, 30, 20, {"a": [1]}]
    assert type(numbers.append(1)) is kernel.FrozenList
    assert len(numbers) == 4
    with pytest.raises(TypeError):
        numbers.append()
