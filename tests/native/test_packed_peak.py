"""The best of the first open rows, found in one walk: what a whole search would have found."""

import sys

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore._native.reference import packed_peak as peak_twin
from kcore._native.reference import packed_search as search_twin
from tests.native.conftest import compiled_kernel


@pytest.fixture(params=["twin", "compiled"], scope="module")
def peaks(request):
    return peak_twin if request.param == "twin" else compiled_kernel("packed_peak")


@settings(max_examples=100, deadline=None)
@given(
    marks=st.lists(st.sampled_from([0, 0, 7, 100, 101, 101, 255]), min_size=1, max_size=300),
    data=st.data(),
)
def test_the_peak_is_the_best_of_what_a_search_finds(peaks, marks, data):
    array = numpy.array(marks, dtype=numpy.uint8)
    start = data.draw(st.integers(0, len(marks) - 1))
    wanted = data.draw(st.integers(0, len(marks)))
    search = search_twin.Search()
    search.find(array, (), start, wanted)
    found = search.rows.tolist()
    best = max((marks[row] for row in found), default=0)
    expected = [row for row in found if marks[row] == best]

    peak = peaks.PeakSearch()
    ties_count = peak.find(array, start, wanted)

    assert (peak.count, peak.visited) == (search.count, search.visited)
    assert peak.next_start == (start + search.visited) % len(marks)
    assert [peak.row(turn) for turn in range(ties_count)] == expected
    for turn in (-1, ties_count):
        with pytest.raises(IndexError, match="no such row"):
            peak.row(turn)


def test_marks_may_change_and_others_take_their_place(peaks):
    marks, others = numpy.array([3, 5, 5], dtype=numpy.uint8), numpy.ones(2, dtype=numpy.uint8)
    peak = peaks.PeakSearch()
    before = sys.getrefcount(marks)
    assert (peak.find(marks, 0, 3), peak.row(0)) == (2, 1)
    marks[0] = 9
    assert (peak.find(marks, 0, 3), peak.row(0)) == (1, 0)
    assert peak.find(others, 0, 2) == 2
    assert sys.getrefcount(marks) == before
    assert (peak.find(marks, 0, 3), peak.row(0)) == (1, 0)
    assert (peak.find(marks[:0], 0, 3), peak.next_start) == (0, 0)


def test_a_peak_search_refuses_what_it_cannot_walk(peaks):
    marks = numpy.ones(3, dtype=numpy.uint8)
    peak = peaks.PeakSearch()
    with pytest.raises(IndexError, match="no row 3"):
        peak.find(marks, 3, 1)
    with pytest.raises(ValueError, match="negative"):
        peak.find(marks, 0, -1)
    assert peak.find(numpy.zeros(0, dtype=numpy.uint8), 0, 5) == 0
    assert (peak.count, peak.visited) == (0, 0)
