"""Strings tell every text along a path; a list stands for its items."""

import copy
import gc
import pickle
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore._native.reference import frozen as twin
from tests.native.conftest import compiled_kernel

POD = {
    "metadata": {"ownerReferences": [{"uid": "u1"}, {"uid": ""}, {"name": "x"}, {"uid": "u2"}]},
    "spec": {"nodeName": "n1", "priority": 3, "empty": "", "none": None, "ips": ["a", "", "b"]},
    "deep": [[{"a": "1"}], {"a": ["2", ["3"]]}, "4", {"a": {"a": "5"}}],
}


@pytest.mark.parametrize(
    ("steps", "wanted"),
    [
        (("spec", "nodeName"), ("n1",)),
        (("metadata", "ownerReferences", "uid"), ("u1", "u2")),
        (("metadata", "ownerReferences", 0, "uid"), ("u1",)),
        (("metadata", "ownerReferences", -1, "uid"), ("u2",)),
        (("metadata", "ownerReferences", 4, "uid"), ()),
        (("metadata", "ownerReferences"), ()),
        (("spec", "ips"), ("a", "b")),
        (("spec", "ips", True), ()),
        (("spec", "ips", 2), ("b",)),
        (("deep", "a"), ("1", "2", "3")),
        (("deep", "a", "a"), ("5",)),
        (("deep",), ("4",)),
        (("spec", "priority"), ()),
        (("spec", "priority", "x"), ()),
        (("spec", "none"), ()),
        (("spec", "none", "x"), ()),
        (("spec", "empty"), ()),
        (("spec", 0), ()),
        (("absent",), ()),
        ((), ()),
    ],
)
def test_what_they_find(kernel, steps, wanted):
    pod = kernel.freeze(POD)
    for _ in range(2):
        assert kernel.Strings(*steps)(pod) == wanted
        assert kernel.Strings(*steps, default=None)(pod) == wanted
        assert kernel.Strings(*steps, default="none")(pod) == (wanted or ("none",))
        assert kernel.Strings(*steps, default="")(pod) == (wanted or ("",))
    assert kernel.Strings()(kernel.freeze(["a", ["b"], {"c": "d"}])) == ("a", "b")


STEPS = st.lists(st.sampled_from(["a", "b", 0, 1, -1]), max_size=4)
VALUES = st.recursive(
    st.none() | st.integers(0, 2) | st.sampled_from(["", "x", "y", "é"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3)
    ),
    max_leaves=12,
).filter(lambda value: isinstance(value, list | dict))


@given(STEPS, st.none() | st.sampled_from(["", "z"]), st.lists(VALUES, min_size=1, max_size=5))
@settings(max_examples=300, deadline=None)
def test_both_kernels_find_the_same(steps, default, values):
    compiled = compiled_kernel("frozen")
    ours, theirs = (one.Strings(*steps, default=default) for one in (twin, compiled))
    for value in values:
        assert ours(twin.freeze(value)) == theirs(compiled.freeze(value))


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda k: k.Strings("a", None), TypeError, "steps must be str or int, not NoneType"),
        (lambda k: k.Strings("\ud800"), ValueError, "lone surrogate at character 0"),
        (lambda k: k.Strings("a", default=1), TypeError, "default must be str, not int"),
        (lambda k: k.Strings(default="\ud800"), ValueError, "lone surrogate at character 0"),
        (lambda k: k.Strings("a")({"a": 1}), TypeError,
         "paths lead through frozen maps and lists, not dict"),
    ],
)  # fmt: skip
def test_refusals(kernel, make, error, message):
    with pytest.raises(error) as caught:
        make(kernel)
    assert str(caught.value) == message


def test_wrong_calls_are_refused(kernel):
    strings = kernel.Strings("a")
    for attempt in (
        strings,
        lambda: strings(kernel.EMPTY_MAP, ""),
        lambda: strings(kernel.EMPTY_MAP, x=1),
        lambda: kernel.Strings(steps=("a",)),
        lambda: kernel.Strings("a", default="", x=1),
    ):
        with pytest.raises(TypeError):
            attempt()
    with pytest.raises(AttributeError):
        strings.steps = ()


def test_they_tell_what_they_are(kernel):
    for strings in (kernel.Strings("a", True, -2, default=""), kernel.Strings("a")):
        for one in (strings, pickle.loads(pickle.dumps(strings)), copy.copy(strings)):
            assert type(one) is kernel.Strings
            assert (one.steps, one.default) == (strings.steps, strings.default)
            assert repr(one) == repr(strings)
    assert repr(kernel.Strings("a", True, default="")) == "<strings at ('a', 1), default ''>"


def test_they_hold_nothing_but_what_they_need(compiled):
    marker, pod = "a text that nobody else holds " * 2, compiled.freeze(POD)
    before, references = compiled._shapes_live(), sys.getrefcount(marker)
    strings = compiled.Strings("unusual", "list", default=marker)
    for i in range(200):
        value = compiled.freeze({f"lonely-{i}": 1, "unusual": {"list": ["x", marker, f"{i}"]}})
        assert strings(value) == ("x", marker, f"{i}")
        assert strings(pod) == (marker,)
    del value
    gc.collect()
    assert compiled._shapes_live() <= before + 4
    del strings
    assert compiled._shapes_live() == before
    assert sys.getrefcount(marker) == references
