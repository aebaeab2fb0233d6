"""Numbers stay small: one given back is given out again; copies keep theirs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.store.selection.ids import CHUNK_COUNT, Ids

KEYS = st.sampled_from([f"k{number}" for number in range(12)])


@settings(max_examples=100)
@given(st.lists(st.tuples(KEYS, st.booleans()), max_size=40), st.integers(0, 6))
def test_keys_and_numbers_are_each_others(steps, loaded):
    ids = Ids.load(sorted(f"k{number}" for number in range(loaded)))
    model = {key: ids.number(key) for key in (f"k{number}" for number in range(loaded))}
    pinned = []
    for key, copies in steps:
        if copies:
            pinned.append((ids, dict(model)))
            ids = ids.copy()
        if key in model:
            assert ids.release(key) == model.pop(key)
        else:
            model[key] = ids.take(key)
    for held, then in [*pinned, (ids, model)]:
        held.check_invariants()
        assert {key: held.number(key) for key in then} == then
        assert held.in_key_order(held.live) == sorted(then)
        assert len(held) == len(then) == held.count()
    most = max((len(then) for _, then in [*pinned, (ids, model)]), default=0)
    assert all(number < max(12, most) for number in model.values())


def test_more_keys_than_a_chunk():
    ids = Ids()
    for number in range(3 * CHUNK_COUNT):
        assert ids.take(f"{number:05}") == number
    twin = ids.copy()
    for number in range(CHUNK_COUNT, 2 * CHUNK_COUNT):
        ids.release(f"{number:05}")
    assert ids.take("again") == 2 * CHUNK_COUNT - 1
    assert ids.key(2 * CHUNK_COUNT - 1) == "again"
    assert twin.key(2 * CHUNK_COUNT - 1) == f"{2 * CHUNK_COUNT - 1:05}"
    ids.check_invariants()
    twin.check_invariants()


def test_releasing_a_stranger_is_an_error():
    with pytest.raises(KeyError):
        Ids().release("nobody")
