"""Kernels over columns: the compiled ones say what their twins say, and both what the rules say."""

from fractions import Fraction

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore._native.reference import packed_demand as demand_twin
from kcore._native.reference import packed_search as search_twin
from kcore._native.reference import packed_table as table_twin
from kcore.scheduler.sampling import heap_pick
from tests.native.conftest import compiled_kernel

KERNELS = ["twin", "compiled"]
GIB = 2**30


def tables(name):
    return table_twin if name == "twin" else compiled_kernel("packed_table")


def demands(name):
    return demand_twin if name == "twin" else compiled_kernel("packed_demand")


def searches(name):
    return search_twin if name == "twin" else compiled_kernel("packed_search")


cpu = st.sampled_from([0, 1, 100, 1000, 3900, 8000, 2**50])
memory = st.sampled_from([0, 7, 4 * GIB, 4 * GIB + 1, 32 * GIB, 2**46, 2**52])
rows = st.tuples(
    st.tuples(st.sampled_from([0, 1, 5, 110]), st.integers(0, 6)),
    st.tuples(
        st.tuples(cpu, st.integers(0, 9000)),
        st.tuples(memory, st.integers(0, 33 * GIB)),
        st.tuples(st.sampled_from([0, 10]), st.integers(0, 12)),
    ),
    st.tuples(st.integers(0, 9000), st.integers(0, 33 * GIB)),
)
amounts = st.tuples(st.integers(1, 4000), st.integers(1, 8 * GIB), st.integers(1, 6))


@st.composite
def asked(draw):
    wanted = draw(amounts)
    named = draw(st.lists(st.sampled_from([0, 1, 2]), unique=True, max_size=3))
    scored = draw(st.sampled_from([[(0, 1), (1, 1)], [(0, 3), (1, 1)], [(2, 1), (0, 2)], []]))
    return (
        [(index, wanted[index]) for index in sorted(named)],
        [(index, weight, wanted[index]) for index, weight in scored],
        draw(st.sampled_from([None, wanted[:2]])),
        draw(st.sampled_from([(1, 1), (1, 0), (0, 1), (2, 3), (0, 0)])),
        ([(index, wanted[index]) for index in sorted(named)], wanted[:2]),
        draw(st.booleans()),
    )


def evenness(used, capacity):
    if 0 in capacity:
        return 100
    shares = [
        min(float(Fraction(one, all_)), 1.0) for one, all_ in zip(used, capacity, strict=True)
    ]
    return int((1.0 - abs((shares[0] - shares[1]) / 2)) * 100)


def towards_zero(number, divisor):
    return number // divisor if number >= 0 else -(-number // divisor)


def obvious_worth(row, demand):
    """The rules, row by row, in exact arithmetic; None when the row is closed."""
    (slots, count), held, weighed = row
    needs, scored, balanced, (room_weight, balance_weight), _, most = demand
    if count >= slots or any(amount > held[i][0] - held[i][1] for i, amount in needs):
        return None
    total = weights = 0
    for index, weight, wanted in scored:
        capacity = held[index][0]
        amount = wanted + (weighed[index] if index < 2 else held[index][1])
        if capacity:
            part = min(amount, capacity) if most else max(capacity - amount, 0)
            total, weights = total + part * 100 // capacity * weight, weights + weight
    worth = room_weight * (total // weights if weights else 0)
    if balanced is not None:
        capacity, used = [one[0] for one in held[:2]], [one[1] for one in held[:2]]
        after = [one + more for one, more in zip(used, balanced, strict=True)]
        change = 50 + evenness(after, capacity) - evenness(used, capacity)
        worth += balance_weight * (50 + towards_zero(change, 2))
    return worth


def filled(kernel, content):
    table = tables(kernel).Table(3)
    table.rearrange([-1] * len(content))
    for index, row in enumerate(content):
        table.set(index, *row)
    return table


def shown(demand):
    """Worth per row, None where it is closed."""
    if demand.is_wide:
        pairs = zip(demand.marks.tolist(), demand.worth.tolist(), strict=True)
        return [worth if mark else None for mark, worth in pairs]
    return [mark - 1 if mark else None for mark in demand.marks.tolist()]


@pytest.mark.parametrize("kernel", KERNELS)
@settings(max_examples=60, deadline=None)
@given(
    content=st.lists(rows, max_size=70),
    changes=st.lists(st.tuples(st.integers(0, 69), rows), max_size=5),
    given_demand=asked(),
)
def test_marks_are_the_worth_of_rows(kernel, content, changes, given_demand):
    table = filled(kernel, content)
    demand = demands(kernel).Demand(*given_demand)
    demand.rearrange([-1] * len(content))
    demand.refresh(table)
    assert shown(demand) == [obvious_worth(row, given_demand) for row in content]

    for position, row in changes:
        if content:
            content[position % len(content)] = row
            table.set(position % len(content), *row)
    twin, other_twin = demand.copy(), demand.copy()
    demand.refresh(table)
    twin.refresh(table.copy())
    expected = [obvious_worth(row, given_demand) for row in content]
    is_open = [other_twin.is_open(table, row) for row in range(len(content))]
    assert is_open == [worth is not None for worth in expected]
    for row in (-1, len(content)):
        with pytest.raises(IndexError, match="no row"):
            demand.is_open(table, row)
    assert shown(demand) == shown(twin) == expected
    assert [table.row(index) for index in range(len(content))] == content


@pytest.mark.parametrize("kernel", KERNELS)
@settings(max_examples=40, deadline=None)
@given(content=st.lists(rows, min_size=1, max_size=9), given_demand=asked(), data=st.data())
def test_rows_move_with_what_is_said_of_them(kernel, content, given_demand, data):
    table = filled(kernel, content)
    demand = demands(kernel).Demand(*given_demand)
    demand.rearrange([-1] * len(content))
    reasons = [data.draw(st.sampled_from([0, 0, 3])) for _ in content]
    extra = [data.draw(st.sampled_from([0, 0, 40])) for _ in content]
    for row in range(len(content)):
        demand.close(row, reasons[row], extra[row])
    demand.refresh(table)
    order = data.draw(st.permutations(range(len(content))))[: data.draw(st.integers(1, 9))]
    sources = [*order, -1]
    table.rearrange(sources)
    demand.rearrange(sources)
    demand.refresh(table)

    def expected(row):
        worth = obvious_worth(content[row], given_demand)
        return None if worth is None or reasons[row] else worth + extra[row]

    assert shown(demand) == [*map(expected, order), None]
    assert table.row(len(order)) == ((0, 0), ((0, 0),) * 3, (0, 0))


def sized(chance, bits):
    """An amount from 1 to 2**bits, small ones as often as great ones."""
    return int(chance.integers(1, 1 << chance.integers(1, bits), endpoint=True))


def block_rows(chance, count, capacity_bits):
    """Rows over several blocks of the loop; in a few the weighed amounts are other ones."""
    made = []
    for _ in range(count):
        capacities = [sized(chance, bits) for bits in capacity_bits]
        used = [
            (0, one, one // 2, sized(chance, one.bit_length() + 1))[chance.integers(4)]
            for one in capacities
        ]
        weighed = [one + int(chance.integers(50) == 0) for one in used]
        slots = (110, (0, 109, 110)[chance.integers(3)])
        made.append((slots, (*zip(capacities, used, strict=True), (0, 0)), tuple(weighed)))
    return made


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32),
    count=st.sampled_from([255, 256, 257, 600]),
    capacity_bits=st.sampled_from([(31, 43), (14, 36), (51, 51)]),
)
def test_rows_of_many_blocks_are_marked_alike(seed, count, capacity_bits):
    chance = numpy.random.default_rng(seed)
    content = block_rows(chance, count, capacity_bits)
    wanted = tuple(sized(chance, bits) for bits in capacity_bits)
    pairs = list(enumerate(wanted))
    scored = [(index, 1, amount) for index, amount in pairs]
    given_demand = (pairs, scored, wanted, (1, 1), (pairs, wanted), False)
    later = block_rows(chance, 9, capacity_bits)
    order = chance.permutation(count)[: count - 3].tolist()
    outcomes = []
    for kernel in KERNELS:
        table = filled(kernel, content)
        demand = demands(kernel).Demand(*given_demand)
        demand.rearrange([-1] * count)
        demand.refresh(table)
        marks = [demand.marks.tolist()]
        placed = demands(kernel).place(table, [demand], [0] * 50).tolist()
        for position, row in enumerate(later):
            table.set(position * 25, *row)
        table.rearrange(order)
        demand.rearrange(order)
        for one in (demand, demand.copy()):
            one.refresh(table)
            marks.append(one.marks.tolist())
        outcomes.append((marks, placed))

    assert outcomes[0] == outcomes[1]
    assert shown_marks(content, given_demand) == outcomes[0][0][0]


def shown_marks(content, given_demand):
    worths = [obvious_worth(row, given_demand) for row in content]
    return [0 if worth is None else worth + 1 for worth in worths]


@settings(max_examples=40, deadline=None)
@given(
    content=st.lists(rows, min_size=1, max_size=200),
    given_demands=st.lists(asked(), min_size=1, max_size=3),
    turns=st.lists(st.integers(0, 2), max_size=30),
)
def test_placing_in_turn_takes_the_first_greatest_mark(content, given_demands, turns):
    given_demands = [one for one in given_demands if sum(one[3]) <= 2] or [
        ([], [], None, (0, 0), ([], (0, 0)), False)
    ]
    turns = [turn % len(given_demands) for turn in turns]
    outcomes = []
    for kernel in KERNELS:
        table = filled(kernel, content)
        made = [demands(kernel).Demand(*one) for one in given_demands]
        for demand in made:
            demand.rearrange([-1] * len(content))
        chosen = demands(kernel).place(table, made, turns).tolist()
        outcomes.append((chosen, [table.row(row) for row in range(len(content))]))

    assert outcomes[0] == outcomes[1]


ids = st.lists(st.integers(-1, 3), min_size=1, max_size=12)


@settings(max_examples=80, deadline=None)
@given(
    marks=st.lists(st.integers(0, 5), min_size=1, max_size=12),
    data=st.data(),
)
def test_searches_agree(marks, data):
    size = len(marks)
    column = st.lists(st.integers(-1, 3), min_size=size, max_size=size)
    counts = st.lists(st.integers(0, 4), min_size=1, max_size=4)

    def drawn(kind, dtype):
        return numpy.array(data.draw(kind), dtype=dtype)

    gates = [
        (
            drawn(column, numpy.int32),
            drawn(counts, numpy.int64),
            data.draw(st.integers(0, 2)),
            data.draw(st.integers(1, 4)),
            data.draw(st.booleans()),
        )
        for _ in range(data.draw(st.integers(0, 2)))
    ]
    start, wanted = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    soft = drawn(st.lists(st.integers(0, 3), min_size=size, max_size=size), numpy.int32)
    sums = [(drawn(column, numpy.int32), drawn(counts, numpy.int64), data.draw(st.integers(-3, 3)))]
    wishes = [
        (
            drawn(column, numpy.int32),
            drawn(counts, numpy.int64),
            data.draw(st.sampled_from([0.5, 1.0986122886681098, 1.6094379124341003])),
            float(data.draw(st.integers(0, 4))),
            data.draw(st.booleans()),
        )
        for _ in range(data.draw(st.integers(1, 2)))
    ]
    shown = []
    for kernel in KERNELS:
        search = searches(kernel).Search()
        search.find(numpy.array(marks, dtype=numpy.uint8), gates, start, wanted)
        seen = [search.count, search.visited, search.rows.tolist()]
        if search.count:
            search.begin(numpy.array(marks, dtype=numpy.uint8))
            search.add_scaled(soft, 3, True)
            seen += [search.raw.tolist(), search.part.tolist()]
            search.add_scaled(soft, 2)
            search.add_sums(sums, 2)
            seen += [search.raw.tolist(), search.part.tolist()]
            seen.append(search.ignore_without([gate[0] for gate in gates]))
            seen.append(search.distinct(sums[0][0], 4))
            search.add_spread(wishes, 2)
            seen += [search.raw.tolist(), search.part.tolist()]
            search.add([7] * search.count, 5)
            totals = search.totals.tolist()
            seen += [totals, search.heap_top(), search.ties_count(), search.tie(0)]
            assert search.heap_top() == heap_pick(totals)
            assert search.tie(0) == totals.index(max(totals))
        shown.append(seen)

    assert shown[0] == shown[1]


@pytest.mark.parametrize("kernel", KERNELS)
def test_the_heap_is_that_of_a_binary_tree(kernel):
    search = searches(kernel).Search()
    search.take(range(40))
    marks = numpy.ones(40, dtype=numpy.uint8)
    for left in range(40):
        for right in range(left + 1, 40):
            search.begin(marks)
            search.add([int(one in (left, right)) for one in range(40)], 1)
            assert search.heap_top() == heap_pick(search.totals.tolist())


@pytest.mark.parametrize("kernel", KERNELS)
def test_mistakes_are_named(kernel):
    table = tables(kernel).Table(3)
    table.rearrange([-1])
    with pytest.raises(IndexError, match="no row 1"):
        table.row(1)
    with pytest.raises(OverflowError, match="below 2"):
        table.set(0, (1, 0), ((2**53, 0), (0, 0), (0, 0)), (0, 0))
    demand = demands(kernel).Demand([], [], None, (3, 0), ([], (0, 0)))
    with pytest.raises(ValueError, match="different sizes"):
        demand.refresh(table)
    demand.rearrange([-1])
    with pytest.raises(ValueError, match="weight"):
        demands(kernel).place(table, [demand], [0])
    with pytest.raises(IndexError, match="no row 5"):
        searches(kernel).Search().find(numpy.zeros(2, dtype=numpy.uint8), (), 5, 1)


@pytest.mark.parametrize("kernel", KERNELS)
@settings(max_examples=50)
@given(
    content=st.lists(rows, max_size=20),
    extra=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=20, max_size=20),
    wanted=st.integers(1, 3),
)
def test_a_resource_comes_late(kernel, content, extra, wanted):
    table, added = filled(kernel, content), extra[: len(content)]
    changes = table.change_count
    index = table.add_resource([one for one, _ in added], [one for _, one in added])

    assert index == 3
    assert table.change_count == changes
    for number, (slots, held, weighed) in enumerate(content):
        assert table.row(number) == (slots, (*held, added[number]), weighed)
    demand = demands(kernel).Demand([(index, wanted)], [], None, (1, 1), ([], (0, 0)))
    demand.rearrange([-1] * len(content))
    demand.refresh(table)
    for mark, (slots, _, _), (capacity, used) in zip(demand.marks, content, added, strict=True):
        assert bool(mark) == (slots[1] < slots[0] and wanted <= capacity - used)


@pytest.mark.parametrize("kernel", KERNELS)
def test_a_late_resource_must_fit(kernel):
    table = filled(kernel, [((1, 0), ((1, 0),) * 3, (0, 0))])
    with pytest.raises(OverflowError, match=r"2\*\*53"):
        table.add_resource([2**53], [0])
    with pytest.raises(ValueError, match="one amount per row"):
        table.add_resource([], [0])
    assert table.resource_count == 3
    for _ in range(29):
        table.add_resource([1], [0])
    with pytest.raises(OverflowError, match="at most 32"):
        table.add_resource([1], [0])
