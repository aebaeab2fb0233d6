"""A crowd, whoever reads it when: a list that is copied at each change, and its sums."""

import gc
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore._native.reference import crowd as twin
from tests.native.conftest import compiled_kernel

KERNELS = ["twin", "compiled"]


def crowds(name):
    return twin if name == "twin" else compiled_kernel("crowd")


class One:
    """A member: who it is, which version, and what it brings."""

    def __init__(self, uid, version=0, amounts=(1, 10)):
        self.uid, self.version, self.amounts = uid, version, amounts


def without(members, gone):
    """The slow model: the last one moves into the gap."""
    place = next(place for place, one in enumerate(members) if one.uid == gone.uid)
    left = [*members[:place], members[-1], *members[place + 1 : -1]]
    return left if place < len(members) - 1 else members[:-1]


def net(changes):
    """Changes without who came and left again."""
    found = {}
    for one, amount in changes:
        found[one] = found.get(one, 0) + amount
    return {one: amount for one, amount in found.items() if amount}


def turned_over(crowd, times):
    """The crowd after somebody came and left so often."""
    for _ in range(times):
        crowd = crowd.plus(One("y")).minus(One("y"))
    return crowd


def is_even(one):
    return one.version % 2 == 0


def moved(crowd, model, step, chosen, came):
    """The next version and its list."""
    if step == "plus" or chosen is None:
        return crowd.plus(came, came.amounts), [*model, came]
    if step == "minus":
        return crowd.minus(chosen, chosen.amounts), without(model, chosen)
    newer = One(chosen.uid, came.version, chosen.amounts)
    renewed = crowd.renewed(chosen, newer)
    assert renewed.sums is crowd.sums
    return renewed, [*without(model, chosen), newer]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "plus",
                "plus",
                "plus",
                "minus",
                "renew",
                "read",
                "count",
                "return",
                "let go",
                "let go",
            ]
        ),
        st.integers(0, 1_000),
        st.tuples(st.integers(-3, 2**70), st.integers(0, 5)),
    ),
    max_size=80,
)


@pytest.mark.parametrize("kernel", KERNELS)
@settings(max_examples=150, deadline=None)
@given(STEPS)
def test_every_version_is_the_list_it_was_made_as(kernel, steps):
    versions = [(crowds(kernel).Crowd((), (0, 0)), [])]
    for number, (step, choice, amounts) in enumerate(steps):
        crowd, model = versions[-1]
        if step in ("plus", "minus", "renew") or not model:
            chosen = model[choice % len(model)] if model else None
            versions.append(moved(crowd, model, step, chosen, One(f"u{number}", number, amounts)))
        elif step == "read":
            assert list(crowd.read()) == model
            assert crowd.changes_count == 0
        elif step == "count":
            assert crowd.count("even", is_even) == sum(map(is_even, model))
        elif step == "let go":
            # Nobody holds a version any more: what it was made as is still part of later ones.
            del crowd
            del versions[choice % max(1, len(versions) - 1) : -1]
        else:
            versions.append(versions[choice % len(versions)])
        last = versions[-1][0]
        count_max = max(twin.CHANGES_PER_MEMBER_COUNT * len(last), twin.CHANGES_COUNT_MIN)
        # The last change may have been that a member left.
        assert last.changes_count <= count_max + twin.CHANGES_PER_MEMBER_COUNT
    last, last_model = versions[-1]
    for crowd, model in versions:
        assert len(crowd) == crowd.size == len(model)
        assert crowd.sums == tuple(sum(one.amounts[at] for one in model) for at in range(2))
        expected = net([*((one, 1) for one in last_model), *((one, -1) for one in model)])
        assert net(last.changes_since(crowd)) == expected
        move = last.move_since(crowd)
        if move is not None:
            told = [(one, amount) for one, amount in zip(move, (-1, 1), strict=True) if one]
            assert net(told) == expected
    for crowd, model in versions:
        assert crowd.count("even", is_even) == sum(map(is_even, model))
        assert list(crowd) == model


def test_versions_that_nobody_holds_take_no_room():
    members = [One(number) for number in range(1_000)]
    newer = [One(number, 1) for number in range(1_000)]

    def come_and_renewed(kernel):
        crowd = kernel.Crowd([], (0, 0))
        for one in members:
            crowd = crowd.plus(one, one.amounts)
        for one, other in zip(members, newer, strict=True):
            crowd = crowd.renewed(one, other)
        return crowd

    before = sys.getallocatedblocks()
    crowd = come_and_renewed(crowds("compiled"))
    assert sys.getallocatedblocks() - before < 50
    assert crowd.changes_count > len(members)
    assert list(crowd) == list(come_and_renewed(crowds("twin")))


@pytest.mark.parametrize("kernel", KERNELS)
def test_one_who_came_last_is_renewed_without_a_trace(kernel):
    first, second, third = One("a"), One("b"), One("c")
    start = crowds(kernel).Crowd([first])
    came = start.plus(second)
    again = One("b", 1)
    renewed = came.renewed(second, again)
    assert renewed.changes_count == came.changes_count == 1
    # Whoever knows the crowd of before is told without anybody being asked to read.
    later = renewed.plus(third)
    assert net(later.changes_since(came)) == {third: 1, again: 1, second: -1}
    assert net(renewed.changes_since(came)) == {again: 1, second: -1}
    assert renewed.move_since(came) == (second, again)
    assert later.move_since(renewed) == (None, third)
    assert later.move_since(came) is None
    assert net(came.changes_since(renewed)) == {again: -1, second: 1}
    assert net(start.changes_since(came)) == {second: -1}
    assert later.changes_count == 2
    references = sys.getrefcount(second)
    del came
    assert sys.getrefcount(second) == references - 1
    assert list(later) == [first, again, third]
    # One who did not come last moves others.
    moved = later.renewed(again, One("b", 2))
    assert [one.uid for one in moved] == ["a", "c", "b"]
    # Nobody came last after a list was read.
    assert later.renewed(third, One("c", 1)).changes_count == 1


@pytest.fixture(params=KERNELS)
def kernel(request):
    return crowds(request.param)


def test_a_crowd_starts_with_whom_it_is_given(kernel):
    crowd = kernel.Crowd([One("a"), One("b")], (2, 20))
    assert [one.uid for one in crowd] == ["a", "b"]
    assert (crowd.size, crowd.sums, crowd.changes_count) == (2, (2, 20), 0)
    assert kernel.CHANGES_COUNT_MIN == twin.CHANGES_COUNT_MIN
    assert kernel.CHANGES_PER_MEMBER_COUNT == twin.CHANGES_PER_MEMBER_COUNT


def test_one_who_is_not_there_is_found_out(kernel):
    def absent(member):
        return ArithmeticError(member.uid)

    crowd = kernel.Crowd([One("a")])
    with pytest.raises(LookupError, match="z left a crowd without being there"):
        crowd.minus(One("z")).read()
    crowd = kernel.Crowd([One("a")], absent=absent)
    for number in range(8):
        crowd = crowd.plus(One(number))
    crowd = crowd.minus(One("z"))
    with pytest.raises(ArithmeticError, match="z"):
        crowd.read()
    # The list is read unasked when there are twice as many changes as members.
    with pytest.raises(ArithmeticError, match="z"):
        turned_over(crowd, times=2 * len(crowd))


def test_what_does_not_fit_is_refused(kernel):
    crowd = kernel.Crowd([], (0, 0))
    for refused in ((1,), (1, 2, 3)):
        with pytest.raises(ValueError, match="as many amounts"):
            crowd.plus(One("a"), refused)
    with pytest.raises(TypeError):
        crowd.plus(One("a"), ("x", 1))
    with pytest.raises(AttributeError):
        crowd.minus(object(), (0, 0)).read()
    with pytest.raises(ZeroDivisionError):
        crowd.plus(One("a"), (0, 0)).count("bad", lambda one: 1 / 0)


def test_the_collector_of_circles_does_not_look_at_crowds():
    kernel = crowds("compiled")

    class Own(kernel.Crowd):
        __slots__ = ()

    assert not gc.is_tracked(Own([One("a")]).plus(One("b")))


def test_long_chains_are_let_go_of_and_leave_nothing(kernel):
    def cycle(length):
        crowd = kernel.Crowd([], (0, 0))
        versions = []
        for number in range(length):
            one = One(number)
            crowd = crowd.plus(one, one.amounts)
            versions.append(crowd.renewed(one, One(number)))
        crowd.count("even", is_even)
        versions[-1].changes_since(crowd)
        del versions, one
        # Half of the chain goes now, the rest with the last of it.
        middle = crowd
        for _ in range(length // 2):
            middle = middle.renewed(One("x"), One("x"))
        del middle
        return crowd

    cycle(60_000)
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(50):
        cycle(100).read()
    gc.collect()
    assert abs(sys.getallocatedblocks() - before) < 60
