"""What is used of a row may be said without its capacities; it counts as if all were said."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.native.giving_back import assert_everything_is_given_back
from tests.native.test_packed_kernels_agree import (
    KERNELS,
    asked,
    demands,
    filled,
    obvious_worth,
    rows,
    shown,
    tables,
)


@pytest.mark.parametrize("kernel", KERNELS)
@settings(max_examples=60, deadline=None)
@given(
    content=st.lists(rows, min_size=1, max_size=9),
    changes=st.lists(st.tuples(st.integers(0, 8), rows, st.integers(0, 3)), max_size=12),
    given_demand=asked(),
)
def test_what_is_used_is_said_without_capacities(kernel, content, changes, given_demand):
    table, demand = filled(kernel, content), demands(kernel).Demand(*given_demand)
    demand.rearrange([-1] * len(content))
    demand.refresh(table)
    for position, ((_, taken), held, weighed), named_count in changes:
        row = position % len(content)
        (slots, _), before, _ = content[row]
        used = tuple(one[1] for one in held[:named_count])
        pairs = [
            (capacity, (*used, *(one[1] for one in before[named_count:]))[index])
            for index, (capacity, _) in enumerate(before)
        ]
        is_same = ((slots, taken), tuple(pairs), weighed) == content[row]
        content[row] = ((slots, taken), tuple(pairs), weighed)
        changes_count = table.change_count
        table.use(row, taken, (*used, *weighed))
        assert table.change_count == changes_count + (not is_same)
    demand.refresh(table)
    assert shown(demand) == [obvious_worth(row, given_demand) for row in content]
    assert [table.row(index) for index in range(len(content))] == content


@pytest.mark.parametrize("kernel", KERNELS)
def test_what_cannot_be_used_is_named(kernel):
    table = tables(kernel).Table(3)
    table.rearrange([-1])
    with pytest.raises(IndexError, match="no row 1"):
        table.use(1, 0, (0, 0))
    with pytest.raises(ValueError, match="more amounts"):
        table.use(0, 0, (1, 2, 3, 4, 0, 0))
    with pytest.raises(ValueError, match="more amounts"):
        table.use(0, 0, (1,))
    with pytest.raises(OverflowError, match="below 2"):
        table.use(0, 0, (2**53, 0, 0))


def test_what_is_used_is_not_kept():
    table = tables(KERNELS[-1]).Table(3)
    table.rearrange([-1] * 4)
    numbers = [10**6 + number for number in range(6)]  # Too great to be shared by everybody.

    def run():
        for row in range(4):
            table.use(row, row, (*numbers[:3], *numbers[3:5]))
            with pytest.raises(ValueError, match="more amounts"):
                table.use(row, row, (*numbers,) * 2)
            with pytest.raises(OverflowError, match="below 2"):
                table.use(row, row, (2**53, 0, 0))

    assert_everything_is_given_back(run, numbers)
