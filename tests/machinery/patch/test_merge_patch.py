"""RFC 7386 with upstream's pruning of nulls inside lists."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze, thaw
from kcore.machinery.patch.merge import apply_merge_patch

KEYS = st.sampled_from("abc")
VALUES = st.recursive(
    st.none() | st.integers(-3, 3) | st.text("xy", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


def merged(document, patch):
    return thaw(apply_merge_patch(freeze(document), freeze(patch)))


def model(document, patch):
    """The RFC's own pseudocode, and the pruning."""
    if not isinstance(patch, dict):
        return prune(patch)
    if not isinstance(document, dict):
        return prune(patch)
    result = dict(document)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = model(result.get(key), value)
    return result


def prune(value):
    if isinstance(value, dict):
        return {key: prune(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [prune(item) for item in value]
    return value


@given(document=VALUES, patch=VALUES)
def test_it_does_what_the_rfc_says(document, patch):
    assert merged(document, patch) == model(document, patch)


@pytest.mark.parametrize(
    ("document", "patch", "result"),
    [
        ({"a": "b"}, {"a": "c"}, {"a": "c"}),
        ({"a": "b"}, {"b": "c"}, {"a": "b", "b": "c"}),
        ({"a": "b", "b": "c"}, {"a": None}, {"b": "c"}),
        ({"a": ["b"]}, {"a": "c"}, {"a": "c"}),
        ({"a": {"b": "c"}}, {"a": {"b": "d", "c": None}}, {"a": {"b": "d"}}),
        ({"e": None}, {"a": 1}, {"e": None, "a": 1}),
        ({}, {"a": {"bb": {"ccc": None}}}, {"a": {"bb": {}}}),
        ({}, {"a": [{"b": None, "c": 1}, None]}, {"a": [{"c": 1}, None]}),
    ],
)
def test_examples(document, patch, result):
    assert merged(document, patch) == result


def test_a_patch_that_says_the_same_returns_the_same_object():
    document = freeze({"a": {"b": 1}, "c": [1]})

    assert apply_merge_patch(document, freeze({"a": {}}))["a"] is document["a"]
    assert apply_merge_patch(document, freeze({})) is document
