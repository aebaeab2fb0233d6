"""Counts that follow members of crowds: what counting anew would say."""

import sys
from typing import Any, NamedTuple

import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore._native.reference import crowd as crowd_twin
from kcore._native.reference import packed_counts as counts_twin
from tests.native.conftest import compiled_kernel

ROWS_COUNT, IDS_COUNT, KINDS_COUNT = 3, 2, 3


class Member(NamedTuple):
    uid: str
    kind: int


class Item(NamedTuple):
    held: Any


@pytest.fixture(params=["twin", "compiled"], scope="module")
def kernel(request):
    return counts_twin if request.param == "twin" else compiled_kernel("packed_counts")


def _zeros(count):
    return numpy.zeros(count, dtype=numpy.int64)


def _places(places):
    return numpy.array(places, dtype=numpy.int32)


def _counter(kernel, counts):
    """A counter whose counts mean members of the kinds up to their own number."""

    class Counter(kernel.MoveCounter):
        asked = 0

        def counts_of(self, member):
            self.asked += 1
            return tuple(one for kind, one in enumerate(counts) if member.kind <= kind)

    return Counter(lambda member: member.kind)


@settings(max_examples=100, deadline=None)
@given(places=st.lists(st.integers(-1, 1), min_size=3, max_size=3), data=st.data())
def test_counts_are_those_of_the_members(kernel, places, data):
    counts = [kernel.RowCounts(_zeros(ROWS_COUNT)) for _ in range(KINDS_COUNT)]
    sums = [kernel.IdSums() for _ in counts]
    for one, added in zip(counts, sums, strict=True):
        one.keep(added)
        added.show(_places(places), _zeros(IDS_COUNT))
    counter = _counter(kernel, counts)
    crowds = [crowd_twin.Crowd() for _ in range(ROWS_COUNT)]
    for number in range(data.draw(st.integers(0, 12))):
        row = data.draw(st.integers(0, ROWS_COUNT - 1))
        crowd = crowds[row]
        for step in range(data.draw(st.integers(1, 3))):  # More than one move is counted, too.
            came = Member(f"{number}-{step}", data.draw(st.integers(0, KINDS_COUNT)))
            members = crowd.read() if data.draw(st.booleans()) else ()
            if not members:
                crowd = crowd.plus(came)
            elif data.draw(st.booleans()):
                crowd = crowd.minus(members[0])
            else:
                crowd = crowd.renewed(members[-1], came._replace(uid=members[-1].uid))
        counter.crowd_changed(row, Item(crowds[row]), Item(crowd))
        crowds[row] = crowd
    for kind, (one, added) in enumerate(zip(counts, sums, strict=True)):
        expected = [sum(member.kind <= kind for member in crowd) for crowd in crowds]
        assert one.per_row.tolist() == expected
        for place in range(IDS_COUNT):
            rows = [row for row in range(ROWS_COUNT) if places[row] == place]
            assert added.counts[place] == sum(expected[row] for row in rows)
    assert counter.asked == len(counter.known) <= KINDS_COUNT + 1


def test_stale_sums_stay_as_they_are_until_they_are_shown(kernel):
    counts, sums = kernel.RowCounts(_zeros(2)), kernel.IdSums()
    counts.keep(sums)
    assert sums.is_stale
    counts.add(1, 5)
    sums.show(_places([0, -1]), _zeros(1))
    counts.add(0, 2)
    counts.add(1, 2)
    assert not sums.is_stale
    sums.spoil()
    counts.add(0, 3)
    assert (counts.per_row.tolist(), sums.counts.tolist()) == ([5, 7], [2])
    counts.per_row = _zeros(1)
    counts.add(0, 1)
    assert counts.per_row.tolist() == [1]


def test_rows_and_ids_that_are_not_there_are_refused(kernel):
    counts, sums = kernel.RowCounts(_zeros(2)), kernel.IdSums()
    counts.keep(sums)
    for row in (-1, 2):
        with pytest.raises(IndexError, match="no row"):
            counts.add(row, 1)
    sums.show(_places([1]), _zeros(1))
    with pytest.raises(IndexError, match="no id 1"):
        counts.add(0, 1)
    with pytest.raises(IndexError, match="no row 1"):
        counts.add(1, 1)


def test_a_counter_must_say_what_members_count_for(kernel):
    counter = kernel.MoveCounter(lambda member: member.kind)
    with pytest.raises(NotImplementedError):
        counter.moved(0, crowd_twin.Crowd(), crowd_twin.Crowd().plus(Member("a", 0)))


def test_arrays_are_let_go(kernel):
    places, counts = _places([0]), _zeros(1)
    before = sys.getrefcount(places), sys.getrefcount(counts)
    for _ in range(100):
        sums, rows = kernel.IdSums(), kernel.RowCounts(counts)
        sums.show(places, counts)
        rows.keep(sums)
        rows.add(0, 1)
    del sums, rows
    assert (sys.getrefcount(places), sys.getrefcount(counts)) == before
