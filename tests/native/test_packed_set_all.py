"""Many rows may be told at once; they count as if they had been told one after the other."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.native.giving_back import assert_everything_is_given_back
from tests.native.test_packed_kernels_agree import KERNELS, filled, rows, tables


def columns(content):
    """What `set_all` is told, of what `set` is told of each row."""
    capacities = [(slots[0], *(pair[0] for pair in held)) for slots, held, _ in content]
    sums = [(*(pair[1] for pair in held), *weighed) for _, held, weighed in content]
    return capacities, [slots[1] for slots, _, _ in content], sums


@pytest.mark.parametrize("kernel", KERNELS)
@settings(max_examples=60, deadline=None)
@given(
    before=st.lists(rows, min_size=1, max_size=9),
    changes=st.lists(st.tuples(st.integers(0, 8), rows), max_size=12),
)
def test_rows_that_are_told_at_once_count_like_rows_told_in_turn(kernel, before, changes):
    at_once, in_turn = filled(kernel, before), filled(kernel, before)
    places = [position % len(before) for position, _ in changes]
    content = [row for _, row in changes]
    at_once.set_all(places, *columns(content))
    for place, row in zip(places, content, strict=True):
        in_turn.set(place, *row)
    count = len(before)
    assert [at_once.row(row) for row in range(count)] == [in_turn.row(row) for row in range(count)]
    assert at_once.change_count == in_turn.change_count


@pytest.mark.parametrize("kernel", KERNELS)
def test_what_cannot_be_told_at_once_is_named(kernel):
    table = tables(kernel).Table(3)
    table.rearrange([-1])
    has, uses = (9, 1, 2, 3), (1, 2, 3, 0, 0)
    with pytest.raises(IndexError, match="no row 1"):
        table.set_all([1], [has], [0], [uses])
    for wrong in ((has[1:], uses), (has, uses[1:]), ((*has, 4), uses), (has, (*uses, 4))):
        with pytest.raises(ValueError, match="for each resource"):
            table.set_all([0], [wrong[0]], [0], [wrong[1]])
    with pytest.raises(ValueError, match=r"one of each|zip"):
        table.set_all([0], [has], [0], [])
    for amount in (2**53, 2**2000):
        with pytest.raises(OverflowError):
            table.set_all([0], [(9, amount, 2, 3)], [0], [uses])
        with pytest.raises(OverflowError):
            table.set_all([0], [has], [0], [(amount, 2, 3, 0, 0)])


def test_telling_at_once_gives_everything_back():
    table = tables(KERNELS[-1]).Table(3)
    table.rearrange([-1] * 3)

    def tell():
        table.set_all(
            [0, 2], [(9, 10**7, 2, 3)] * 2, [1, 2], [(10**6, 2, 3, 0, 0), (10**6, 2, 4, 0, 0)]
        )
        for wrong in ((9, 2**53, 2, 3), (9, 1, 2)):
            with pytest.raises((OverflowError, ValueError)):
                table.set_all([0], [wrong], [1], [(1, 2, 3, 0, 0)])

    assert_everything_is_given_back(tell, [])
