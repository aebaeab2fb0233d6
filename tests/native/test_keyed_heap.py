"""Keyed heaps answer as a sorted list does, over both kernels, and forks do not meet."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore._native.reference import keyed_heap as twin
from tests.native.conftest import compiled_kernel
from tests.native.giving_back import assert_everything_is_given_back

KEYS = st.sampled_from("abcdefgh")
MOVES = st.lists(
    st.one_of(
        st.tuples(st.just("set"), KEYS, st.integers(-2, 2)),
        st.tuples(st.just("discard"), KEYS),
        st.tuples(st.sampled_from(["pop", "first", "fork", "clear"])),
        # Enough litter to be swept.
        st.tuples(st.just("churn"), KEYS, st.integers(60, 70)),
    ),
    max_size=40,
)


def kernel_of(name):
    return twin if name == "twin" else compiled_kernel("keyed_heap")


@pytest.fixture(params=["twin", "compiled"])
def kernel(request):
    return kernel_of(request.param)


class Model:
    """Rows in the order in which keys came in; the first of the smallest orders comes out."""

    def __init__(self, rows=(), count=0):
        self.rows, self.count, self.popped_count = dict(rows), count, 0

    def set(self, key, order, value):
        known = self.rows.get(key)
        if known is None or known[0] != order:
            self.count += 1
            known = (order, self.count)
        self.rows[key] = (*known[:2], value)

    def discard(self, key):
        row = self.rows.pop(key, None)
        return None if row is None else row[2]

    def first(self):
        rows = self.ordered()
        return None if not rows else (rows[0][0], rows[0][2])

    def pop(self):
        if not self.rows:
            return None
        self.popped_count += 1
        return self.discard(min(self.rows, key=lambda key: self.rows[key][:2]))

    def clear(self):
        self.rows = {}

    def ordered(self):
        return sorted(self.rows.values(), key=lambda row: row[:2])

    def fork(self):
        twin = Model(self.rows, self.count)
        twin.popped_count = self.popped_count
        return twin


@pytest.mark.parametrize("name", ["twin", "compiled"])
@given(moves=MOVES)
@settings(deadline=None)
def test_heaps_follow_a_sorted_list(name, moves):
    heap, model = kernel_of(name).KeyedHeap(), Model()
    left = []
    for number, (move, *arguments) in enumerate(moves):
        if move == "fork":
            left.append((heap, model))
            heap, model = heap.fork(), model.fork()
        elif move == "churn":
            key, count = arguments
            for order in range(count):
                for one in (heap, model):
                    one.set(key, (order,), number)
        elif move == "set":
            key, order = arguments
            for one in (heap, model):
                one.set(key, (order,), number)
        else:
            assert getattr(heap, move)(*arguments) == getattr(model, move)(*arguments)
        for one, other in ((heap, model), *left):
            one.check_invariants()
            assert one.ordered() == [row[2] for row in other.ordered()]
            assert one.values() == [row[2] for row in other.rows.values()]
            assert len(one) == len(other.rows)
            assert one.popped_count == other.popped_count
            assert all((key in one) == (key in other.rows) for key in "abcdefgh")
            assert [one.get(key) for key in other.rows] == one.values()
            assert {key: row[2] for key, row in one.live.items()} == dict(
                zip(other.rows, one.values(), strict=True)
            )


def test_who_holds_a_key(kernel):
    heaps = tuple(kernel.KeyedHeap() for _ in range(3))
    heaps[1].set("a", 1, "one")
    heaps[2].set("b", 1, "two")
    assert kernel.holder(heaps, "a") is heaps[1]
    assert kernel.holder(heaps, "b") is heaps[2]
    assert kernel.holder(heaps, "c") is None
    assert kernel.holder((), "a") is None


SHIFTS = st.lists(
    st.one_of(
        st.tuples(st.just("move"), st.integers(0, 2), KEYS, st.integers(-2, 2)),
        st.tuples(st.just("take"), KEYS),
    ),
    max_size=30,
)


@pytest.mark.parametrize("name", ["twin", "compiled"])
@given(shifts=SHIFTS)
@settings(deadline=None)
def test_a_key_that_is_moved_is_in_one_heap(name, shifts):
    kernel = kernel_of(name)

    class Noting(kernel.KeyedHeap):
        """Whoever adds to what a heap does is asked."""

        __slots__ = ("notes",)

        def set(self, key, order, value):
            self.notes.append(key)
            super().set(key, order, value)

        def discard(self, key):
            self.notes.remove(key)
            return super().discard(key)

    heaps = (kernel.KeyedHeap(), kernel.KeyedHeap(), Noting())
    heaps[2].notes = []
    models = (Model(), Model(), Model())
    for number, (shift, *arguments) in enumerate(shifts):
        key = arguments[-2] if shift == "move" else arguments[0]
        known = [model.discard(key) for model in models]
        if shift == "take":
            assert kernel.take(heaps, key) == next((one for one in known if one is not None), None)
        else:
            place, key, order = arguments
            kernel.move(heaps, heaps[place], key, (order,), number)
            models[place].set(key, (order,), number)
        for heap, model in zip(heaps, models, strict=True):
            heap.check_invariants()
            assert heap.ordered() == [row[2] for row in model.ordered()]
        assert sorted(heaps[2].notes) == sorted(heaps[2].live)


def test_subclasses_copy_what_they_add(kernel):
    class Counting(kernel.KeyedHeap):
        __slots__ = ("copies",)

        def _own(self):
            self.copies += 1
            super()._own()

    heap = Counting()
    heap.copies = 0
    heap.set("a", 1, 1)
    other = heap.fork()
    assert type(other) is Counting
    other.copies = 0
    other.pop()
    heap.set("b", 2, 2)
    heap.set("c", 2, 2)
    assert (heap.copies, other.copies) == (1, 1)
    assert (heap.values(), other.values()) == ([1, 2, 2], [])


def test_orders_that_cannot_be_compared(kernel):
    heap = kernel.KeyedHeap()
    heap.set("a", 1, 1)
    with pytest.raises(TypeError):
        heap.set("b", "text", 2)


def test_wrong_calls():
    kernel = compiled_kernel("keyed_heap")
    heap = kernel.KeyedHeap()
    for attempt in (
        lambda: heap.set(1, 1, 1),
        lambda: heap.get(b"a"),
        lambda: kernel.holder([heap], "a"),
        lambda: kernel.holder((1,), "a"),
        lambda: kernel.take([heap], "a"),
        lambda: kernel.take((1,), "a"),
        lambda: kernel.move((heap,), None, "a", 1, 1),
        lambda: kernel.move((heap,), heap, b"a", 1, 1),
    ):
        with pytest.raises(TypeError):
            attempt()
    with pytest.raises(AttributeError):
        heap.live = {}


def busy(kernel, values):
    heap = kernel.KeyedHeap()
    for number in range(300):
        heap.set(str(number % 40), (number % 7, number), values[number % 3])
        if number % 3 == 0:
            heap.pop()
        if number % 50 == 0:
            heap = heap.fork()
        heap.discard(str(number % 11))
        kernel.move((heap,), heap, str(number % 13), (number % 5, number), values[0])
        kernel.take((heap,), str(number % 17))
        heap.first()


def test_everything_is_given_back():
    kernel = compiled_kernel("keyed_heap")
    values = [object(), object(), object()]
    assert_everything_is_given_back(lambda: busy(kernel, values), values)
