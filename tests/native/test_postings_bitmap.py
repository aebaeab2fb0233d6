"""A bitmap is a set of ids in order, in whatever form its chunks are."""

import copy
import pickle
from bisect import bisect_left

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

IDS = st.one_of(
    st.integers(0, 70),
    st.sampled_from([65_535, 65_536, 131_071, 2**31, 2**32 - 1]),
    st.integers(0, 2**32 - 1),
)
# (first, step, count): runs long enough to be words, and arrays at the limit between the two.
RUNS = st.tuples(
    st.sampled_from([0, 60_000, 65_000, 200_000]),
    st.integers(1, 9),
    st.sampled_from([1, 100, 3072, 3073, 4095, 4096, 4097, 9000]),
)
SETS = st.tuples(st.lists(IDS, max_size=12), st.lists(RUNS, max_size=2)).map(
    lambda parts: {
        *parts[0],
        *(first + step * n for first, step, count in parts[1] for n in range(count)),
    }
)


def bitmap_of(postings, ids):
    made = postings.Bitmap(sorted(ids, reverse=True))
    made.check_invariants()
    return made


@settings(max_examples=40)
@given(SETS, SETS, SETS)
def test_algebra_is_that_of_sets(postings, a, b, c):
    x, y, z = (bitmap_of(postings, ids) for ids in (a, b, c))
    cases = [
        (x & y, a & b),
        (x | y, a | b),
        (x - y, a - b),
        (x ^ y, a ^ b),
        ((x | y) - z, (a | b) - c),
        (postings.Bitmap.union([x, y, z]), a | b | c),
        (postings.Bitmap.union([x]), a),
        (postings.Bitmap.union([]), set()),
    ]
    for found, wanted in cases:
        found.check_invariants()
        assert len(found) == len(wanted)
        assert bool(found) == bool(wanted)
        assert found.ids() == sorted(wanted)
        assert found == postings.Bitmap(wanted)
    assert x.count_both(y) == len(a & b)
    assert x.ids() == sorted(a), "an operand changed"


@settings(max_examples=40)
@given(SETS, st.lists(IDS, min_size=1, max_size=6))
def test_reading_agrees_with_a_sorted_list(postings, ids, asked):
    bitmap, wanted = bitmap_of(postings, ids), sorted(ids)
    assert list(bitmap) == wanted
    for number in [*asked, *wanted[:2], *wanted[-1:]]:
        place = bisect_left(wanted, number)
        assert (number in bitmap) == (number in ids)
        assert bitmap.rank(number) == place
        assert bitmap.ids(number, 5) == wanted[place : place + 5]
        assert bitmap.ids(number) == wanted[place:]
    for position in {0, len(wanted) // 2, len(wanted) - 1}:
        if 0 <= position < len(wanted):
            assert bitmap.select(position) == wanted[position]
    for position in (-1, len(wanted)):
        with pytest.raises(IndexError, match="no id at this position"):
            bitmap.select(position)


@settings(max_examples=60)
@given(SETS, st.lists(st.tuples(IDS, st.booleans()), max_size=12))
def test_changes_leave_the_old_as_it_was(postings, ids, changes):
    old = now = bitmap_of(postings, ids)
    wanted = set(ids)
    for number, adds in changes:
        now = now.with_id(number) if adds else now.without_id(number)
        wanted = wanted | {number} if adds else wanted - {number}
        now.check_invariants()
    assert now.ids() == sorted(wanted)
    assert old.ids() == sorted(ids)


def test_chunks_change_form_and_back(postings):
    bitmap = postings.Bitmap()
    for number in range(0, 20_000, 4):
        bitmap = bitmap.with_id(number)
    bitmap.check_invariants()
    for number in range(0, 18_000, 4):
        bitmap = bitmap.without_id(number)
        if number % 400 == 0:
            bitmap.check_invariants()
    assert bitmap.ids() == list(range(18_000, 20_000, 4))


def test_equal_content_is_equal_in_any_form(postings):
    few = postings.Bitmap(range(3500))
    shrunk = postings.Bitmap(range(5000)) - postings.Bitmap(range(3500, 5000))
    slowly = postings.Bitmap(range(5000))
    for number in range(3500, 5000):
        slowly = slowly.without_id(number)  # Words still, to spare a conversion.
    assert few == shrunk == slowly == few
    assert slowly & few == few
    assert not few - slowly
    assert few != postings.Bitmap(range(3499))
    assert few != set(range(3500))


def test_values_copy_and_are_no_keys(postings):
    bitmap = postings.Bitmap([1, 5, 70_000])
    assert copy.deepcopy(bitmap) == bitmap == pickle.loads(pickle.dumps(bitmap))
    assert repr(bitmap) == "<Bitmap of 3 ids>"
    with pytest.raises(TypeError, match="unhashable"):
        hash(bitmap)


@pytest.mark.parametrize("bad", [-1, 2**32, 2**80])
def test_ids_out_of_range_are_refused(postings, bad):
    bitmap = postings.Bitmap([1])
    for ask in (bitmap.with_id, bitmap.without_id, bitmap.rank, bitmap.__contains__, bitmap.ids):
        with pytest.raises(OverflowError, match=r"an id must be in \[0, 2\*\*32\)"):
            ask(bad)
    with pytest.raises(OverflowError):
        postings.Bitmap([1, bad])


def test_other_types_are_refused(postings):
    bitmap = postings.Bitmap([1])
    with pytest.raises(TypeError, match="an id must be int, not str"):
        bitmap.with_id("1")
    with pytest.raises(TypeError, match="union\\(\\) takes bitmaps"):
        postings.Bitmap.union([bitmap, {1}])
    with pytest.raises(TypeError, match="count_both\\(\\) takes a Bitmap"):
        bitmap.count_both({1})
    with pytest.raises(TypeError):
        bitmap & {1}
    with pytest.raises(ValueError, match="a limit must not be negative"):
        bitmap.ids(0, -1)


def test_an_iterator_outlives_its_bitmap(postings):
    found = iter(postings.Bitmap(range(100_000)))
    assert [next(found) for _ in range(3)] == [0, 1, 2]
    assert sum(1 for _ in found) == 99_997
