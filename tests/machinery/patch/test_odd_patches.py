"""Patches of wrong types everywhere: each is applied or refused, none breaks anything."""

from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.errors import ApiError
from kcore.machinery.frozen import freeze
from kcore.machinery.patch.go_values import StrategicPatchError
from kcore.machinery.patch.json_patch import JsonPatchError, apply_json_patch
from kcore.machinery.patch.merge import apply_merge_patch
from kcore.machinery.patch.patch_schema import patch_schema
from kcore.machinery.patch.strategic import apply_strategic_patch
from kcore.machinery.patch.three_way import strategic_three_way

POD = patch_schema("v1", "Pod")
KEYS = [
    *("spec", "containers", "name", "ports", "metadata", "labels", "finalizers", "path", "op"),
    *("$patch", "$retainKeys", "$setElementOrder", "$setElementOrder/containers", "value"),
    "$deleteFromPrimitiveList/finalizers",
]
ODD = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(0, 1) | st.sampled_from("abc"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from(["spec", "metadata", "status", "kind"]), ODD, max_size=3)


@given(document=OBJECTS, patch=OBJECTS)
@settings(max_examples=100)
def test_wrong_types_everywhere_give_an_object_or_a_refusal(document, patch):
    document, patch = freeze(document), freeze(patch)

    with suppress(ApiError):
        apply_strategic_patch(document, patch, "v1", "Pod")
    with suppress(StrategicPatchError):
        strategic_three_way(document, patch, document, POD)
    apply_merge_patch(document, patch)


PATHS = st.lists(st.sampled_from(["", "a", "0", "-1", "-", "~1", "~0~1", "9" * 30, "é"])).map(
    lambda parts: "".join(f"/{part}" for part in parts)
)
OPERATIONS = st.lists(
    st.dictionaries(st.sampled_from(["op", "path", "from", "value"]), PATHS | ODD, max_size=4)
    | st.fixed_dictionaries(
        {
            "op": st.sampled_from(["add", "remove", "replace", "test", "move", "copy"]),
            "path": PATHS,
            "from": PATHS,
            "value": ODD,
        }
    ),
    max_size=5,
)


@given(document=st.dictionaries(st.sampled_from("a0/"), ODD, max_size=3), operations=OPERATIONS)
@settings(max_examples=100)
def test_odd_operations_give_a_document_or_a_refusal(document, operations):
    with suppress(JsonPatchError):
        apply_json_patch(freeze(document), freeze(operations))
