"""A builder's result is that of one `set` after the other; what it touches is copied once."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, Builder, dumps, freeze

KEYS = st.sampled_from(["a", "b", "spec", "-", "é"])
STEPS = st.one_of(KEYS, st.integers(-2, 2))
PATHS = st.one_of(STEPS, st.lists(STEPS, max_size=4).map(tuple))
VALUES = st.recursive(
    st.one_of(st.none(), st.integers(0, 3), KEYS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None)
@given(start=VALUES, changes=st.lists(st.tuples(PATHS, VALUES, st.booleans()), max_size=6))
def test_like_one_set_after_the_other(start, changes):
    value, builder = freeze({"root": start}), Builder({"root": start})
    for path, new, looks in changes:
        steps = ("root", *(path if isinstance(path, tuple) else (path,)))
        expected = error = None
        try:
            expected = value.set(steps, new)
        except (TypeError, IndexError) as caught:
            error = caught
        if error is None:
            assert builder.set(steps, new) is builder
            value = expected
        else:
            with pytest.raises(type(error)) as raised:
                builder.set(steps, new)
            assert str(raised.value) == str(error)
        if looks:
            assert dumps(builder.build()) == dumps(value)
    assert dumps(builder.build()) == dumps(value)


def test_what_is_not_touched_is_shared():
    pod = freeze({"metadata": {"name": "a"}, "spec": {"containers": [{"name": "main"}]}})
    built = Builder(pod).set(("metadata", "name"), "b").build()
    assert built.spec is pod.spec
    assert pod.metadata.name == "a"
    assert Builder(pod).build() is pod


def test_what_was_built_stays_as_it_is():
    builder = Builder().set(("list", "-"), 1).set("list", [1])
    first = builder.build()
    builder.set(("list", "-"), 2)
    assert first == {"list": [1]}
    assert builder.build() == {"list": [1, 2]}
    given_away = {"k": 1}
    builder.set("map", given_away)
    given_away["k"] = 2
    assert builder.build()["map"] == {"k": 1}


def test_roots():
    assert Builder().build() is EMPTY_MAP
    assert Builder([]).set("-", 1).build() == [1]
    assert Builder(EMPTY_LIST).set("-", {"a": 1}).set((0, "b"), 2).build() == [{"a": 1, "b": 2}]
    assert Builder().set((), [1]).set(0, 2).build() == [2]


def test_too_deep_is_refused_when_built():
    inner = Builder().set(("a",) * 130, {}).build()
    assert Builder().set(("b",) * 125, inner).build().at(*("b",) * 125) is inner
    with pytest.raises(ValueError, match="nested deeper"):
        Builder().set(("b",) * 126, inner).build()


def test_appending_is_linear():
    times = []
    for count in (2_000, 32_000):
        started = time.process_time()
        builder = Builder({"items": []})
        for number in range(count):
            builder.set(("items", "-"), number)
        assert len(builder.build()["items"]) == count
        times.append(time.process_time() - started)
    assert times[1] < 80 * max(times[0], 1e-3)
