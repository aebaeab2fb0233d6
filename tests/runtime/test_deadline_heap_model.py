"""The compiled and the readable heap answer like a sorted list of (deadline, order, key)."""

import importlib
from types import ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore import _native
from kcore._native.reference import heap as reference

KERNELS = ["reference", "compiled"]


@pytest.fixture(params=KERNELS)
def kernel(request: pytest.FixtureRequest) -> ModuleType:
    if request.param == "reference":
        return reference
    try:
        return importlib.import_module("kcore._native.heap")
    except ModuleNotFoundError:
        pytest.skip("the compiled heap kernel is not built")


KEYS = st.sampled_from([f"key-{n}" for n in range(6)])
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), KEYS, st.integers(-5, 5)),
        st.tuples(st.just("discard"), KEYS, st.just(0)),
        st.tuples(st.just("pop"), st.just(""), st.just(0)),
        st.tuples(st.just("fork"), st.just(""), st.booleans()),
    ),
    max_size=60,
)


class Model:
    """The obvious version: a dict, and a sort whenever somebody asks."""

    def __init__(self) -> None:
        self.entries: dict[str, tuple[int, int]] = {}
        self.order = 0

    def set(self, key: str, deadline: int) -> None:
        self.order += 1
        self.entries[key] = (deadline, self.order)

    def first(self) -> tuple[int, str] | None:
        ordered = sorted((at, order, key) for key, (at, order) in self.entries.items())
        return (ordered[0][0], ordered[0][2]) if ordered else None

    def copy(self) -> "Model":
        twin = Model()
        twin.entries, twin.order = dict(self.entries), self.order
        return twin


@pytest.mark.parametrize("name", KERNELS)
@given(operations=OPERATIONS)
@settings(max_examples=150)
def test_heap_answers_like_a_sorted_list(name: str, operations: list[tuple[str, str, int]]) -> None:
    if name == "compiled" and "heap" not in _native.COMPILED:
        pytest.skip("the compiled heap kernel is not in use")
    heap = _native.heap.DeadlineHeap() if name == "compiled" else reference.DeadlineHeap()
    model = Model()
    for operation, key, argument in operations:
        if operation == "set":
            heap.set(key, argument)
            model.set(key, argument)
        elif operation == "discard":
            heap.discard(key)
            model.entries.pop(key, None)
        elif operation == "pop" and model.entries:
            first = heap.pop()
            assert first == model.first()
            del model.entries[first[1]]
        elif operation == "fork":
            other, other_model = heap.copy(), model.copy()
            if argument:
                heap, other, model, other_model = other, heap, other_model, model
            other.set("only-in-the-other", -99)
        heap.check_invariants()
        assert heap.first() == model.first()
        assert len(heap) == len(model.entries)


def test_pop_of_an_empty_heap_is_an_error(kernel: ModuleType) -> None:
    with pytest.raises(IndexError, match="empty heap"):
        kernel.DeadlineHeap().pop()


def test_deadlines_beyond_64_bits_are_refused(kernel: ModuleType) -> None:
    heap = kernel.DeadlineHeap()
    with pytest.raises(OverflowError, match="64 bits"):
        heap.set("a", 2**63)
    assert len(heap) == 0


def test_equal_deadlines_come_out_in_the_order_they_were_set(kernel: ModuleType) -> None:
    heap = kernel.DeadlineHeap()
    for key in ("c", "a", "b"):
        heap.set(key, 7)
    assert [heap.pop()[1] for _ in range(3)] == ["c", "a", "b"]
