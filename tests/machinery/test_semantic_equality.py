"""Two objects mean the same under upstream's Semantic.DeepEqual."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore.machinery.equality import semantic_equal
from kcore.machinery.frozen import freeze
from kcore.testing.builders import pod

POD = pod("web", requests={"cpu": "1", "memory": "1Gi"})
REQUESTS = ("spec", "containers", 0, "resources", "requests")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((*REQUESTS, "cpu"), "1000m"),
        ((*REQUESTS, "memory"), "1024Mi"),
        (("metadata", "annotations"), {}),
        (("metadata", "finalizers"), []),
        (("spec", "hostNetwork"), False),
        (("spec", "nodeName"), ""),
        (("status",), {}),
        (("status",), {"phase": "", "conditions": []}),
    ],
)
def test_the_same_in_other_words(path, value) -> None:
    other = POD.set(path, value)
    assert other != POD
    assert semantic_equal(POD, other, "v1", "Pod")
    assert semantic_equal(other, POD, "v1", "Pod")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ((*REQUESTS, "cpu"), "1001m"),
        ((*REQUESTS, "cpu"), "one"),
        (("metadata", "annotations"), {"a": ""}),
        (("spec", "hostNetwork"), True),
        (("spec", "terminationGracePeriodSeconds"), 0),  # a pointer: zero is not absent
        (("spec", "securityContext"), {}),  # likewise
        (("spec", "containers"), []),
    ],
)
def test_another_meaning(path, value) -> None:
    other = POD.set(path, value)
    assert not semantic_equal(POD, other, "v1", "Pod")
    assert not semantic_equal(other, POD, "v1", "Pod")


def test_times_are_instants() -> None:
    path = ("metadata", "creationTimestamp")
    utc = POD.set(path, "2026-01-01T12:00:00Z")
    assert semantic_equal(utc, POD.set(path, "2026-01-01T13:00:00+01:00"), "v1", "Pod")
    assert not semantic_equal(utc, POD.set(path, "2026-01-01T12:00:01Z"), "v1", "Pod")


def test_of_unknown_kinds_only_empty_and_absent_agree() -> None:
    gadget = freeze({"spec": {"size": "1", "parts": []}})
    assert semantic_equal(gadget, freeze({"spec": {"size": "1"}}), "x.io/v1", "Gadget")
    assert not semantic_equal(gadget, freeze({"spec": {"size": "1000m"}}), "x.io/v1", "Gadget")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | st.text("ab", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["spec", "containers", "name", "x"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(left=st.dictionaries(st.sampled_from(["spec", "status", "x"]), JSON, max_size=3), right=JSON)
def test_it_is_total_reflexive_and_symmetric(left, right) -> None:
    one = freeze(left)
    assert semantic_equal(one, freeze(left), "v1", "Pod")
    if isinstance(right, dict):
        other = freeze(right)
        there = semantic_equal(one, other, "v1", "Pod")
        assert there == semantic_equal(other, one, "v1", "Pod")
        assert there or one != other
