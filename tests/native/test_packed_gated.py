"""The best of the first open rows behind gates: what a whole search would have found."""

import math
import sys

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore._native.reference import packed_gated as gated_twin
from kcore._native.reference import packed_search as search_twin
from tests.native.conftest import compiled_kernel

IDS_COUNT = 4
COUNTS = st.lists(st.integers(0, 3), min_size=IDS_COUNT, max_size=IDS_COUNT)


@pytest.fixture(params=["twin", "compiled"], scope="module")
def gated(request):
    return gated_twin if request.param == "twin" else compiled_kernel("packed_gated")


def _counts(numbers):
    return numpy.array(numbers, dtype=numpy.int64)


def _ids(data, size):
    ids = data.draw(st.lists(st.integers(-1, IDS_COUNT), min_size=size, max_size=size))
    return numpy.array(ids, dtype=numpy.int32)


def _weigh(number):
    return math.log(number + 2)


def _wishes(data, size):
    """Up to two wishes, at most one by row, and columns that rows need."""
    parts = []
    for by_row in data.draw(st.lists(st.booleans(), max_size=2, unique=True)):
        numbers = st.integers(0, 300)
        count = size if by_row else IDS_COUNT
        counts = data.draw(st.lists(numbers, min_size=count, max_size=count))
        offset = data.draw(st.sampled_from([0.0, 1.0, 4.0]))
        parts.append((_ids(data, size), _counts(counts), IDS_COUNT + 1, offset, by_row))
    needed = tuple(_ids(data, size) for _ in range(data.draw(st.integers(0, 2))))
    return needed, tuple(parts), data.draw(st.integers(1, 3)), _weigh


def _totals(search, marks, wishes):
    search.begin(marks)
    needed, parts, weight, weigh = wishes
    if parts and search.count > 1:
        taking_part_count = search.ignore_without(needed)
        search.add_spread(
            [
                (
                    ids,
                    counts,
                    weigh(taking_part_count if by_row else search.distinct(ids, ids_count)),
                    offset,
                    by_row,
                )
                for ids, counts, ids_count, offset, by_row in parts
            ],
            weight,
        )
    return search.totals.tolist()


def _expected(marks, gates, levels, start, wanted):
    """What a search with the gates that levels amount to now finds, and its best rows."""
    made = list(gates)
    for ids, counts, present, slack, fewest in levels:
        number, least = search_twin.lowest(counts, present)
        high = slack + (least if number >= fewest else 0)
        made.append((ids, counts, -(2**62), high, False))
    search = search_twin.Search()
    search.find(marks, made, start, wanted)
    found = search.rows.tolist()
    best = max((marks[row] for row in found), default=0)
    return search, [row for row in found if marks[row] == best]


@settings(max_examples=150, deadline=None)
@given(
    marks=st.lists(st.sampled_from([0, 7, 100, 101, 101, 255]), min_size=1, max_size=60),
    data=st.data(),
)
def test_the_peak_is_the_best_of_what_a_search_finds(gated, marks, data):
    array, size = numpy.array(marks, dtype=numpy.uint8), len(marks)
    bounds = st.tuples(st.integers(-1, 2), st.integers(0, 3), st.booleans())
    gates = [
        (_ids(data, size), _counts(data.draw(COUNTS)), *one)
        for one in data.draw(st.lists(bounds, max_size=2))
    ]
    limits = st.tuples(COUNTS, st.integers(0, 2), st.integers(0, 5))
    levels = [
        (_ids(data, size), _counts(data.draw(COUNTS)), _counts(present), slack, fewest)
        for present, slack, fewest in data.draw(st.lists(limits, max_size=2))
    ]
    peak = gated.GatedPeak(size, gates, levels)
    for _ in range(3):
        start, wanted = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
        search, best = _expected(array, gates, levels, start, wanted)

        ties_count = peak.find(array, start, wanted)

        assert (peak.count, peak.visited) == (search.count, search.visited)
        assert peak.next_start == (start + search.visited) % size
        assert [peak.row(turn) for turn in range(ties_count)] == best
        for turn in (-1, ties_count):
            with pytest.raises(IndexError, match="no such row"):
                peak.row(turn)
        for one in (*gates, *levels):  # Counts are read as they are at each search.
            one[1][:] = data.draw(COUNTS)
        array[data.draw(st.integers(0, size - 1))] = data.draw(st.integers(0, 255))


@settings(max_examples=150, deadline=None)
@given(
    marks=st.lists(st.sampled_from([0, 7, 100, 101, 101, 255]), min_size=1, max_size=60),
    data=st.data(),
)
def test_wishes_count_like_those_of_a_search(gated, marks, data):
    array, size = numpy.array(marks, dtype=numpy.uint8), len(marks)
    gates = [(_ids(data, size), _counts(data.draw(COUNTS)), 0, 2, True)]
    wishes = _wishes(data, size)
    peak = gated.GatedPeak(size, gates, (), wishes)
    for _ in range(3):
        start, wanted = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
        search, _ = _expected(array, gates, (), start, wanted)
        found, totals = search.rows.tolist(), _totals(search, array, wishes)
        best = max(totals, default=0)

        ties_count = peak.find(array, start, wanted)

        assert (peak.count, peak.visited) == (search.count, search.visited)
        chosen = [row for row, total in zip(found, totals, strict=True) if total == best]
        assert [peak.row(turn) for turn in range(ties_count)] == chosen
        for one in wishes[1]:
            one[1][data.draw(st.integers(0, len(one[1]) - 1))] += data.draw(st.integers(0, 9))


def test_other_marks_may_take_the_place_of_those_before(gated):
    peak = gated.GatedPeak(2, [])
    marks, others = numpy.array([3, 5], dtype=numpy.uint8), numpy.array([5, 3], dtype=numpy.uint8)
    before = sys.getrefcount(marks)
    assert (peak.find(marks, 0, 2), peak.row(0)) == (1, 1)
    assert (peak.find(others, 0, 2), peak.row(0)) == (1, 0)
    assert sys.getrefcount(marks) == before


def _used_once(gated, ids, counts, marks):
    gate, level = (ids, counts, 0, 1, False), (ids, counts, counts, 0, 1)
    wishes = ((ids,), ((ids, counts, 1, 0.0, False),), 1, _weigh)
    gated.GatedPeak(2, [gate], [level], wishes).find(marks, 0, 2)


def test_arrays_are_let_go_with_the_gates(gated):
    ids, counts = numpy.zeros(2, dtype=numpy.int32), _counts([0])
    marks = numpy.ones(2, dtype=numpy.uint8)
    before = [sys.getrefcount(one) for one in (ids, counts, marks)]
    for _ in range(100):
        _used_once(gated, ids, counts, marks)
    assert [sys.getrefcount(one) for one in (ids, counts, marks)] == before


def test_gates_that_do_not_fit_are_refused(gated):
    ids, counts = numpy.zeros(2, dtype=numpy.int32), _counts([0])
    with pytest.raises(ValueError, match="another size"):
        gated.GatedPeak(3, [(ids, counts, 0, 1, False)])
    with pytest.raises(ValueError, match="one count per id"):
        gated.GatedPeak(2, [], [(ids, counts, _counts([1, 1]), 0, 1)])
    for wishes in (((ids,), (), 1, _weigh), ((), ((ids, counts, 1, 0.0, False),), 1, _weigh)):
        with pytest.raises(ValueError, match="a wish of another size"):
            gated.GatedPeak(3, [], [], wishes)
    with pytest.raises(OverflowError, match="at most 32 gates"):
        gated.GatedPeak(2, [(ids, counts, 0, 1, False)] * 33)
    with pytest.raises(ValueError, match="negative number of rows"):
        gated.GatedPeak(-1, [])


def test_a_walk_that_cannot_be_is_refused(gated):
    marks = numpy.ones(3, dtype=numpy.uint8)
    peak = gated.GatedPeak(3, [])
    with pytest.raises(IndexError, match="no row 3"):
        peak.find(marks, 3, 1)
    with pytest.raises(ValueError, match="negative"):
        peak.find(marks, 0, -1)
    with pytest.raises(ValueError, match="one mark per row"):
        peak.find(marks[:2], 0, 1)
    empty = gated.GatedPeak(0, [])
    assert (empty.find(numpy.zeros(0, dtype=numpy.uint8), 0, 5), empty.next_start) == (0, 0)
