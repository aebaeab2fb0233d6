"""Pages and counts of a tree three nodes high, against slices of a list."""

from functools import cache

from hypothesis import given
from hypothesis import strategies as st

KEYS = [f"{number:05d}" for number in range(0, 20_000, 2)]
BOUNDS = st.just("") | st.integers(0, 20_001).map("{:05d}".format)


@cache
def filled(kernel):
    """Split in the middle as well as at the end, so that leaves are full and half full."""
    tree = kernel.BTree.load((key, int(key)) for key in KEYS if int(key) % 6)
    for key in KEYS[::3]:
        tree.set(key, int(key))
    return tree


def check_range(tree, start, end, limit):
    numbers = [int(key) for key in KEYS if start <= key and (not end or key < end)]
    assert tree.count(start, end) == len(numbers)
    for wanted in (numbers, numbers[::-1]):
        back = wanted is not numbers
        assert tree.page(start, end, limit, reverse=back) == (wanted[:limit] if limit else wanted)
        assert list(tree.values(start, end, reverse=back)) == wanted


@given(start=BOUNDS, end=BOUNDS, limit=st.integers(0, 600))
def test_ranges_are_slices(btree, start, end, limit):
    check_range(filled(btree), start, end, limit)


@given(start=BOUNDS, length=st.integers(0, 300), limit=st.integers(0, 100))
def test_short_ranges_are_slices(btree, start, length, limit):
    check_range(filled(btree), start, f"{int(start or 0) + length:05d}", limit)
