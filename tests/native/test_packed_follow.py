"""A table follows items of which crowds alone are others, and says which rows hold more news."""

from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.native.giving_back import assert_everything_is_given_back
from tests.native.test_packed_kernels_agree import KERNELS, tables

SUMS = st.tuples(*[st.integers(0, 50)] * 5)
ROWS_COUNT = 4


def crowd(sums):
    return SimpleNamespace(size=sum(sums) % 10, sums=sums)


def item(frame, sums):
    return SimpleNamespace(frame=frame, held=crowd(sums))


class Slotted:
    """An item whose attributes lie in slots, as those of most do."""

    __slots__ = ("frame", "held")

    def __init__(self, frame, sums):
        self.frame, self.held = frame, crowd(sums)


class Derived(Slotted):
    """One more kind of items, whose crowd is worked out."""

    __slots__ = ("_sums",)

    def __init__(self, frame, sums):
        self.frame, self._sums = frame, crowd(sums)

    @property
    def held(self):
        return self._sums


ITEMS = [item, Slotted, Derived]


class Listener:
    def __init__(self):
        self.heard = []

    def crowd_changed(self, row, old, new):
        self.heard.append((row, old, new))


class Shelf:
    def __init__(self, items, changes):
        self.items, self.changes = items, changes

    def take_changes(self):
        changes, self.changes = self.changes, {}
        return changes


def made(kernel):
    table = tables(kernel).Table(3)
    table.rearrange([-1] * ROWS_COUNT)
    for row in range(ROWS_COUNT):
        table.set(row, (9, 0), [(100, 0)] * 3, (0, 0))
    return table


@pytest.mark.parametrize("kernel", KERNELS)
@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, ROWS_COUNT - 1),
            st.sampled_from(["same", "sums", "held", "frame"]),
            SUMS,
            st.sampled_from(ITEMS),
        ),
        max_size=12,
    )
)
def test_crowds_are_followed_and_the_rest_is_left(kernel, changes):
    table, listener = made(kernel), Listener()
    items = [item("frame", (0,) * 5) for _ in range(ROWS_COUNT)]
    newer, before = list(items), list(items)
    for row, what, sums, make in changes:
        one = newer[row]
        if what == "sums":
            newer[row] = make(one.frame, sums)
        elif what == "held":
            newer[row] = make(one.frame, one.held.sums)
        elif what == "frame":
            newer[row] = make(object(), sums)
    rows = dict.fromkeys(row for row, *_ in changes)
    followed = [
        row
        for row in rows
        if newer[row] is not before[row] and newer[row].frame is before[row].frame
    ]

    others = table.follow(items, Shelf(newer, rows), [listener, listener])

    expected = [row for row in rows if newer[row].frame is not before[row].frame]
    assert others == (expected or None)
    assert listener.heard == [(row, before[row], newer[row]) for row in followed for _ in range(2)]
    for row in range(ROWS_COUNT):
        assert items[row] is (newer[row] if row in followed else before[row])
        cpu, memory, storage, *weighed = items[row].held.sums
        assert table.row(row) == (
            (9, items[row].held.size),
            ((100, cpu), (100, memory), (100, storage)),
            tuple(weighed),
        )


@pytest.mark.parametrize("kernel", KERNELS)
def test_what_cannot_be_followed_is_named(kernel):
    table = made(kernel)
    items = [item("frame", (0,) * 5) for _ in range(ROWS_COUNT)]
    with pytest.raises(ValueError, match="one item per row"):
        table.follow(items[1:], Shelf(items, {}), ())
    for row in (-1, ROWS_COUNT):
        with pytest.raises(IndexError, match="no row"):
            table.follow(items, Shelf(items, {row: None}), ())
    newer = [item("frame", (2**53, 0, 0, 0, 0)), *items[1:]]
    with pytest.raises(OverflowError, match="below 2"):
        table.follow(items, Shelf(newer, {0: None}), ())


@pytest.mark.parametrize("kernel", KERNELS)
def test_another_shelf_is_not_followed(kernel):
    table = made(kernel)
    items = [item("frame", (0,) * 5) for _ in range(ROWS_COUNT)]
    newer = [item("frame", (1,) * 5) for _ in range(ROWS_COUNT)]
    before = list(items)
    for shelf in (Shelf(newer, None), Shelf(newer[1:], {0: None})):
        assert table.follow(items, shelf, ()) == []
        assert items == before
        assert shelf.changes == {}


@pytest.mark.parametrize("kernel", KERNELS)
def test_slots_are_read_as_attributes_are(kernel):
    table = made(kernel)
    old, new = Slotted("frame", (0,) * 5), Slotted("frame", (1,) * 5)
    for _ in range(2):  # The second time it is known where they lie.
        assert table.follow([old] * ROWS_COUNT, Shelf([new] * ROWS_COUNT, {0: None}), ()) is None
    del new.held
    with pytest.raises(AttributeError, match="held"):
        table.follow([old] * ROWS_COUNT, Shelf([new] * ROWS_COUNT, {0: None}), ())

    class Changing(Slotted):
        __slots__ = ()

    new = Changing("frame", (2,) * 5)
    table.follow([old] * ROWS_COUNT, Shelf([new] * ROWS_COUNT, {0: None}), ())
    Changing.frame = "another"
    shelf = Shelf([new] * ROWS_COUNT, {0: None})
    assert table.follow([old] * ROWS_COUNT, shelf, ()) == [0]


def test_following_gives_everything_back():
    table, frame = made(KERNELS[-1]), object()
    makes = (Slotted, Derived, item)

    def follow():
        items = [Slotted(frame, (0,) * 5) for _ in range(ROWS_COUNT)]
        for make in makes:
            newer = [make(frame, (number, *range(4))) for number in range(ROWS_COUNT)]
            table.follow(items, Shelf(newer, dict.fromkeys(range(ROWS_COUNT))), ())
            assert items == newer
        assert table.follow(items, Shelf([Slotted(0, (0,) * 5)] * ROWS_COUNT, {1: None}), ()) == [1]

    assert_everything_is_given_back(follow, [frame])
