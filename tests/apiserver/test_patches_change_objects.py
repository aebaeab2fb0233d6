"""PATCH: JSON and merge patches, conflicts, and what the result must still be."""

import pytest

from kcore.errors import ApiError
from kcore.machinery.request import APPLY_PATCH, JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH


@pytest.fixture
def stored(door, make):
    door.create("configmaps", make.config_map("a", {"x": "1", "y": "2"}, labels={"l": "1"}))
    return door


def json_patch(door, *operations):
    return door.patch("configmaps", "a", list(operations), patch_type=JSON_PATCH)


def test_json_patch(stored):
    patched = json_patch(
        stored,
        {"op": "add", "path": "/data/z", "value": "3"},
        {"op": "replace", "path": "/data/x", "value": "9"},
        {"op": "remove", "path": "/data/y"},
    )

    assert patched["data"] == {"x": "9", "z": "3"}


def test_a_json_patch_that_does_not_apply_is_unprocessable(stored):
    refusal = stored.refusal(json_patch, stored, {"op": "test", "path": "/data/x", "value": "nope"})

    assert (refusal.code, refusal.reason, refusal.message) == (
        422,
        "Invalid",
        "the server rejected our request due to an error in our request",
    )


def test_a_json_patch_that_is_none_is_a_bad_request(stored):
    document = {"operations": {"data": {}}}

    refusal = stored.refusal(stored.patch, "configmaps", "a", document, patch_type=JSON_PATCH)

    assert refusal.code == 400
    assert refusal.message.startswith("error decoding patch: ")


def test_merge_patch(stored):
    patched = stored.patch(
        "configmaps", "a", {"data": {"x": None, "z": "3"}, "metadata": {"labels": None}}
    )

    assert patched["data"] == {"y": "2", "z": "3"}
    assert "labels" not in patched["metadata"]


def test_an_empty_patch_changes_nothing(stored):
    before = stored.get("configmaps", "a")

    assert stored.patch("configmaps", "a", {}) == before


def test_a_patch_may_name_the_version_it_saw(stored):
    version = stored.get("configmaps", "a")["metadata"]["resourceVersion"]
    patch = {"data": {"x": "5"}, "metadata": {"resourceVersion": version}}

    stored.patch("configmaps", "a", patch)

    assert stored.refusal(stored.patch, "configmaps", "a", {**patch, "data": {}}).code == 409


@pytest.mark.parametrize(
    ("patch", "code", "words"),
    [
        ({"metadata": {"name": "b"}}, 400, "does not match the name on the URL (a)"),
        ({"metadata": {"namespace": "other"}}, 400, "the namespace of the provided object"),
        ({"metadata": None}, 400, "name must be provided"),
        ({"metadata": {"uid": "5" * 8}}, 422, "metadata.uid: Invalid value"),
        ({"kind": "Secret"}, 422, "unknown conversion"),
        ({"data": "x"}, 422, "json: cannot unmarshal string"),
        ({"metadata": {"labels": {"a b": "c"}}}, 422, "metadata.labels: Invalid value"),
    ],
)
def test_the_result_must_still_be_the_object(stored, patch, code, words):
    before = stored.get("configmaps", "a")

    refusal = stored.refusal(stored.patch, "configmaps", "a", patch)

    assert refusal.code == code
    assert words in refusal.message
    assert stored.get("configmaps", "a") == before


def test_the_servers_own_fields_cannot_be_patched(stored):
    before = stored.get("configmaps", "a")

    patched = stored.patch(
        "configmaps", "a", {"metadata": {"creationTimestamp": None, "generation": 9}}
    )

    assert patched == before


def test_a_missing_object_is_not_found(stored):
    assert stored.refusal(stored.patch, "configmaps", "nope", {}).code == 404


def test_an_unknown_patch_type_is_named(stored):
    refusal = stored.refusal(stored.patch, "configmaps", "a", {}, patch_type="text/x")

    assert (refusal.code, refusal.reason) == (415, "UnsupportedMediaType")


def test_apply_names_its_manager(stored):
    with pytest.raises(ApiError, match="fieldManager: Required value: is required for apply patch"):
        stored.patch("configmaps", "a", {}, patch_type=APPLY_PATCH)


@pytest.mark.parametrize(("patch_type", "code"), [(STRATEGIC_MERGE_PATCH, 500), (MERGE_PATCH, 422)])
def test_a_result_that_no_form_can_hold_is_refused(door, make, patch_type, code):
    template = make.deployment("web")["spec"]["template"]
    labels = template["metadata"]["labels"]
    spec = {"selector": {"matchLabels": labels}, "template": template}
    door.create(
        "daemonsets.apps",
        {
            "apiVersion": "apps/v1",
            "kind": "DaemonSet",
            "metadata": {"name": "a", "namespace": "default"},
            "spec": spec,
        },
    )
    annotations = {"deprecated.daemonset.template.generation": "1z"}
    patch = {"metadata": {"annotations": annotations}}

    refusal = door.refusal(door.patch, "daemonsets.apps", "a", patch, patch_type=patch_type)

    assert refusal.code == code
    assert 'strconv.ParseInt: parsing "1z": invalid syntax' in refusal.message
