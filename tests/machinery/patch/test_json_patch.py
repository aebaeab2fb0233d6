"""RFC 6902 as upstream's library has it: agreement with another library, and the differences."""

import json

import jsonpatch
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore.machinery.frozen import dumps, freeze, thaw
from kcore.machinery.patch.json_patch import JsonPatchError, apply_json_patch

KEYS = st.sampled_from(["a", "b", "c/d", "e~f"])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.text("xy", max_size=2),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)
DOCUMENTS = st.dictionaries(KEYS, VALUES, max_size=3)


def patched(document, *operations):
    return thaw(apply_json_patch(freeze(document), freeze(list(operations))))


@given(before=DOCUMENTS, after=DOCUMENTS)
def test_a_patch_made_elsewhere_leads_from_before_to_after(before, after):
    operations = jsonpatch.make_patch(before, after).patch

    result = apply_json_patch(freeze(before), freeze(operations))

    assert json.loads(dumps(result)) == json.loads(dumps(freeze(after)))


@pytest.mark.parametrize(
    ("document", "operation", "result"),
    [
        ({"a": 1}, {"op": "replace", "path": "/b", "value": 2}, {"a": 1, "b": 2}),
        ({"a": [1, 2]}, {"op": "remove", "path": "/a/-1"}, {"a": [1]}),
        ({"a": [1, 2]}, {"op": "add", "path": "/a/-1", "value": 3}, {"a": [1, 2, 3]}),
        ({"a": [1]}, {"op": "add", "path": "/a/-", "value": 2}, {"a": [1, 2]}),
        ({"a": 1}, {"op": "add", "path": "/b"}, {"a": 1, "b": None}),
        ({"a": {"b": 1}}, {"op": "move", "from": "/a/b", "path": "/c"}, {"a": {}, "c": 1}),
        (
            {"a/b": 1, "m~n": 2},
            {"op": "copy", "from": "/a~1b", "path": "/m~0n"},
            {"a/b": 1, "m~n": 1},
        ),
        ({"a": 1}, {"op": "replace", "path": "", "value": {"z": 1}}, {"z": 1}),
    ],
)
def test_what_upstream_does(document, operation, result):
    assert patched(document, operation) == result


@pytest.mark.parametrize(
    ("document", "operation", "message"),
    [
        (
            {"a": 1},
            {"op": "remove", "path": "/b"},
            "error in remove for path: '/b': Unable to remove nonexistent key: b: missing value",
        ),
        (
            {"a": [1]},
            {"op": "replace", "path": "/a/1", "value": 2},
            "replace operation does not apply: doc is missing key: /a/1: missing value",
        ),
        (
            {"a": [1, 2]},
            {"op": "add", "path": "/a/3", "value": 3},
            "error in add for path: '/a/3': "
            "Unable to access invalid index: 3: invalid index referenced",
        ),
        (
            {"a": [1, 2]},
            {"op": "add", "path": "/a/x", "value": 3},
            "error in add for path: '/a/x': value was not a proper array index: 'x': "
            'strconv.Atoi: parsing "x": invalid syntax',
        ),
        (
            {"a": 1},
            {"op": "add", "path": "/a/b", "value": 1},
            'add operation does not apply: doc is missing path: "/a/b": missing value',
        ),
        (
            {"a": 1},
            {"op": "test", "path": "/a", "value": 1.0},
            "testing value /a failed: test failed",
        ),
        (
            {"a": 1},
            {"op": "move", "from": "/c", "path": "/b"},
            "error in move for path: 'c': Unable to remove nonexistent key: c: missing value",
        ),
        (
            {"a": 1},
            {"op": "copy", "path": "/b"},
            "copy operation failed to decode from: operation, missing from field: missing value",
        ),
        ({"a": 1}, {"op": "frobnicate", "path": "/a"}, "Unexpected kind: frobnicate"),
        ({"a": 1}, {"op": "add", "value": 1}, "add operation failed to decode path: missing value"),
    ],
)
def test_what_does_not_apply(document, operation, message):
    with pytest.raises(JsonPatchError) as caught:
        patched(document, operation)

    assert (caught.value.stage, caught.value.message) == ("apply", message)


@pytest.mark.parametrize("operations", [{}, "x", [1]])
def test_what_is_no_patch(operations):
    with pytest.raises(JsonPatchError) as caught:
        apply_json_patch(freeze({"a": 1}), freeze(operations))

    assert caught.value.stage == "decode"


def test_untouched_parts_are_shared():
    document = freeze({"a": {"deep": [1, 2]}, "b": 1})

    result = apply_json_patch(document, freeze([{"op": "replace", "path": "/b", "value": 2}]))

    assert result["a"] is document["a"]


def test_copies_may_not_grow_without_bound(monkeypatch):
    monkeypatch.setattr("kcore.machinery.patch.json_patch.REQUEST_BYTES_MAX", 100)
    document = {"a": "x" * 60}
    copy = {"op": "copy", "from": "/a", "path": "/b"}

    with pytest.raises(JsonPatchError, match="exceeding the limit 100"):
        patched(document, copy, copy)
