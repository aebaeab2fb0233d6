"""Huge, deep and nonsensical patches: refused or applied, in time that grows with their size."""

import time

import pytest

from kcore.machinery.frozen import freeze
from kcore.machinery.patch.document_text import PatchDocumentError, merge_patched
from kcore.machinery.patch.json_patch import JsonPatchError, apply_json_patch
from kcore.machinery.patch.merge import apply_merge_patch
from kcore.machinery.patch.patch_schema import patch_schema
from kcore.machinery.patch.patch_text import PatchTextError, read_patch_text
from kcore.machinery.patch.strategic import apply_strategic_patch
from kcore.machinery.patch.three_way import strategic_three_way
from kcore.machinery.request import (
    APPLY_PATCH,
    JSON_PATCH,
    MERGE_PATCH,
    STRATEGIC_MERGE_PATCH,
)

COUNT = 5_000
# Far above what linear work takes, far below what quadratic work would.
PATIENCE_S = 5.0
POD = patch_schema("v1", "Pod")


@pytest.fixture(autouse=True)
def bounded():
    start = time.perf_counter()
    yield
    assert time.perf_counter() - start < PATIENCE_S


def containers(numbers, **fields):
    return [{"name": f"c{number}", **fields} for number in numbers]


def pod(numbers):
    spec = {"containers": containers(numbers, image="x")}
    return freeze({"apiVersion": "v1", "kind": "Pod", "spec": spec})


def strategic(live, spec):
    return apply_strategic_patch(live, freeze({"spec": spec}), "v1", "Pod")


def names(obj):
    return [item["name"] for item in obj["spec"]["containers"]]


def test_ten_thousand_insertions_at_the_front():
    operations = freeze([{"op": "add", "path": "/l/0", "value": n} for n in range(10_000)])

    result = apply_json_patch(freeze({"l": []}), operations)

    assert list(result["l"]) == list(range(9_999, -1, -1))


def test_copies_of_a_value_into_itself_are_refused():
    operations = freeze([{"op": "copy", "from": "/a", "path": "/a/b"}] * 10_000)

    with pytest.raises(JsonPatchError) as caught:
        apply_json_patch(freeze({"a": {"b": 1}}), operations)

    assert caught.value.stage == "apply"


def test_a_value_cannot_move_into_itself():
    operations = freeze([{"op": "move", "from": "/a", "path": "/a/b/c"}])

    with pytest.raises(JsonPatchError, match="doc is missing destination path: /a/b/c"):
        apply_json_patch(freeze({"a": {"b": {}}}), operations)


def test_a_list_that_names_every_element_backwards():
    backwards = range(COUNT - 1, -1, -1)

    result = strategic(pod(range(COUNT)), {"containers": containers(backwards, image="y")})

    assert names(result) == [f"c{number}" for number in backwards]


def test_a_list_that_repeats_one_key():
    repeated = containers([1] * COUNT, image="y")

    result = strategic(pod(range(COUNT)), {"containers": repeated})

    assert len(result["spec"]["containers"]) == COUNT
    assert result["spec"]["containers"][1]["image"] == "y"


def test_every_element_is_deleted_one_by_one():
    gone = containers(range(COUNT), **{"$patch": "delete"})

    assert names(strategic(pod(range(COUNT)), {"containers": gone})) == []


def test_an_order_for_everything():
    order = containers(range(COUNT - 1, -1, -1))
    patch = {"$setElementOrder/containers": order, "containers": containers([0], image="y")}

    assert names(strategic(pod(range(COUNT)), patch))[0] == f"c{COUNT - 1}"


def test_scalars_come_and_go_by_the_thousand():
    live = freeze({"metadata": {"finalizers": [f"f{n}" for n in range(COUNT)]}})
    patch = freeze(
        {
            "metadata": {
                "$deleteFromPrimitiveList/finalizers": [f"f{n}" for n in range(COUNT)],
                "finalizers": [f"g{n}" for n in range(COUNT)],
            }
        }
    )

    result = apply_strategic_patch(live, patch, "v1", "Pod")

    assert len(result["metadata"]["finalizers"]) == COUNT


def test_three_way_patches_of_long_lists():
    last, wanted, live = pod(range(COUNT)), pod(range(1, COUNT)), pod(range(COUNT + 1))

    patch = strategic_three_way(last, wanted, live, POD)

    assert {"name": "c0", "$patch": "delete"} in list(patch["spec"]["containers"])


def test_a_merge_patch_of_very_many_keys():
    document = freeze({f"k{number}": number for number in range(100_000)})
    patch = freeze({f"k{number}": None for number in range(100_000)})

    assert apply_merge_patch(document, patch) == {}


@pytest.mark.parametrize("kind", [JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH, APPLY_PATCH])
@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "", "\0", "nul", '"x"', "7"])
def test_texts_that_are_no_patch(kind, text):
    with pytest.raises(PatchTextError):
        read_patch_text(text, kind)


def test_documents_that_are_none():
    with pytest.raises(PatchDocumentError, match="Invalid JSON Document"):
        merge_patched("[" * 100_000, "{}")
