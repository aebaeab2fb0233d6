"""A shelf is the list it was made as, and tells of each place that holds another item."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore._native.reference import shelf as twin
from tests.native.conftest import compiled_kernel
from tests.native.giving_back import assert_everything_is_given_back

KERNELS = ["twin", "compiled"]
NAMES = "abcd"


def shelves(name):
    return twin if name == "twin" else compiled_kernel("shelf")


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), st.lists(st.sampled_from("abcdxyz"), unique=True)),
        st.tuples(st.sampled_from(["take", "copy", "other"]), st.just([])),
    ),
    max_size=30,
)


def taken(shelf):
    """Places that changed, in order; None: any."""
    changes = shelf.take_changes()
    return None if changes is None else list(changes)


@pytest.mark.parametrize("kernel", KERNELS)
@settings(max_examples=100, deadline=None)
@given(STEPS)
def test_every_shelf_is_the_list_it_was_made_as(kernel, steps):
    # A shelf, its items, and the places that changed; the last one is written.
    all_known = [(shelves(kernel).Shelf(NAMES, range(4)), list(range(4)), None)]
    for number, (step, names) in enumerate(steps):
        shelf, items, changed = all_known.pop()
        if step == "put":
            strangers = shelf.put({name: (number, name) for name in names})
            assert list(strangers) == [name for name in names if name not in NAMES]
            places = [NAMES.index(name) for name in names if name in NAMES]
            for place in places:
                items[place] = (number, NAMES[place])
            if changed is not None:
                changed = [*changed, *(place for place in places if place not in changed)]
        elif step == "take":
            assert taken(shelf) == changed
            changed = []
        elif step == "copy":
            all_known.append((shelf.copy(), list(items), changed))
        all_known.append((shelf, items, changed))
        if step == "other":
            all_known.insert(0, all_known.pop())
        for one, expected, _ in all_known:
            assert list(one.items) == expected
            assert len(one) == len(NAMES)
    for one, _, changed in all_known:
        assert [one.place(name) for name in "dax"] == [3, 0, None]
        assert taken(one) == changed


@pytest.fixture(params=KERNELS)
def kernel(request):
    return shelves(request.param)


def test_what_does_not_fit_is_refused(kernel):
    for names, items in (("ab", [1]), ("a", [1, 2]), ("aa", [1]), ("aa", [1, 2])):
        with pytest.raises(ValueError, match="a name for each item"):
            kernel.Shelf(names, items)
    empty = kernel.Shelf()
    assert (len(empty), empty.items, list(empty.put({"a": 1}))) == (0, [], ["a"])


def test_nothing_is_left_behind(kernel):
    def cycle():
        shelf = kernel.Shelf(NAMES, [object() for _ in NAMES])
        shelf.take_changes()
        shelf.put({"a": object(), "x": object()})
        twin_shelf = shelf.copy()
        twin_shelf.put({"b": object()})
        return shelf.take_changes(), twin_shelf.take_changes()

    assert_everything_is_given_back(cycle, ())
