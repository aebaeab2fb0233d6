"""The twin and the compiled matcher agree on hostile labels and conditions."""

import copy
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore._native.reference import matcher as twin
from kcore.machinery.labels import NOTHING, parse_selector

KEYS = st.one_of(st.sampled_from(["a", "b", "app", "\u00e9", ""]), st.text(max_size=4))
VALUES = st.one_of(
    st.sampled_from(["", "x", "web", "1", "01", "+1", "-0", "--1", "1 ", "1\n", "\u0661"]),
    st.sampled_from([str(2**63 - 1), str(2**63), str(-(2**63)), str(-(2**63) - 1), "-" * 3]),
    st.text("0123456789+-", max_size=24),
    st.text(max_size=4),
)
LABELS = st.dictionaries(
    KEYS, st.one_of(VALUES, VALUES, st.none(), st.integers(-2, 2)), max_size=12
)
CONDITIONS = st.lists(
    st.tuples(KEYS, st.integers(0, 5), st.lists(VALUES, max_size=7).map(tuple)), max_size=3
)


@settings(max_examples=200)
@given(CONDITIONS, LABELS)
def test_the_same_conditions_hold(compiled, compiled_matcher, conditions, labels):
    expected = twin.Matcher(conditions).matches(labels)
    found = compiled_matcher.Matcher(conditions)
    assert found.matches(labels) is expected
    assert found.matches(compiled.freeze(labels)) is expected


@settings(max_examples=200)
@given(VALUES, VALUES)
def test_numbers_compare_the_same(compiled_matcher, text, bound):
    for relation in (twin.ABOVE, twin.BELOW):
        condition = [("n", relation, (bound,))]
        expected = twin.Matcher(condition).matches({"n": text})
        assert compiled_matcher.Matcher(condition).matches({"n": text}) is expected


@pytest.mark.parametrize("text", ["a=b,c in (d,e),!f,g", "", "n>3"])
def test_selectors_copy(text):
    one = parse_selector(text)
    for again in (copy.copy(one), copy.deepcopy(one), pickle.loads(pickle.dumps(one))):
        assert again == one
        assert again.matches({"a": "b", "c": "d", "g": ""}) == one.matches(
            {"a": "b", "c": "d", "g": ""}
        )
    assert not pickle.loads(pickle.dumps(NOTHING)).matches({})
