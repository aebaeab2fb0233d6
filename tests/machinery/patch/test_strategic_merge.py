"""Strategic merge patch: lists by key, directives, order, refusals, sharing."""

import pytest

from kcore.errors import ApiError
from kcore.machinery.frozen import freeze
from kcore.machinery.patch.strategic import apply_strategic_patch

POD = freeze(
    {
        "metadata": {"finalizers": ["a", "b", "c"], "labels": {"app": "web"}},
        "spec": {
            "containers": [
                {"name": "a", "image": "a:1", "args": ["x"]},
                {"name": "b", "image": "b:1"},
            ]
        },
    }
)


def patched(patch, kind="Pod", api_version="v1", original=POD):
    return apply_strategic_patch(original, freeze(patch), api_version, kind)


def names(obj):
    return [container["name"] for container in obj["spec"]["containers"]]


def test_elements_merge_by_their_key():
    result = patched({"spec": {"containers": [{"name": "b", "image": "b:2"}]}})

    assert result["spec"]["containers"][1] == {"name": "b", "image": "b:2"}
    assert result["spec"]["containers"][0] is POD["spec"]["containers"][0]
    assert result["metadata"] is POD["metadata"]


def test_new_elements_come_first():
    assert names(patched({"spec": {"containers": [{"name": "c"}]}})) == ["c", "a", "b"]


def test_lists_without_strategy_are_replaced():
    result = patched({"spec": {"containers": [{"name": "a", "args": ["y", "z"]}]}})

    assert result["spec"]["containers"][0]["args"] == ["y", "z"]


def test_an_element_can_be_deleted():
    patch = {"spec": {"containers": [{"$patch": "delete", "name": "a"}]}}

    assert names(patched(patch)) == ["b"]


def test_a_list_can_be_replaced():
    patch = {"spec": {"containers": [{"name": "o"}, {"$patch": "replace"}]}}

    assert names(patched(patch)) == ["o"]


def test_a_map_can_be_replaced_or_emptied():
    assert patched({"spec": {"$patch": "replace", "nodeName": "n"}})["spec"] == {"nodeName": "n"}
    assert patched({"spec": {"$patch": "delete"}})["spec"] == {}


def test_scalars_merge_and_can_be_deleted():
    patch = {
        "metadata": {
            "$deleteFromPrimitiveList/finalizers": ["b"],
            "$setElementOrder/finalizers": ["c", "x", "a"],
            "finalizers": ["x"],
        }
    }

    assert patched(patch)["metadata"]["finalizers"] == ["c", "x", "a"]


def test_the_order_of_elements_can_be_set():
    patch = {"spec": {"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]}}

    assert names(patched(patch)) == ["b", "a"]


def test_retained_keys_clear_the_others():
    deployment = freeze({"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {}}}})
    patch = {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}

    result = patched(patch, "Deployment", "apps/v1", deployment)

    assert result["spec"]["strategy"] == {"type": "Recreate"}


def test_null_deletes():
    assert patched({"metadata": {"labels": None}})["metadata"] == {"finalizers": ["a", "b", "c"]}


def test_a_patch_that_changes_nothing_returns_the_object():
    assert patched({"spec": {"containers": [{"name": "b", "image": "b:1"}]}}) is POD


def test_kinds_that_are_not_built_in_merge_as_json():
    widget = freeze({"spec": {"containers": [{"name": "a"}]}})

    result = patched({"spec": {"containers": [{"name": "b"}]}}, "Widget", "example.com/v1", widget)

    assert names(result) == ["b"]


@pytest.mark.parametrize(
    ("patch", "code", "message"),
    [
        (
            {"spec": {"containers": [{"image": "x"}]}},
            500,
            "map: map[image:x] does not contain declared merge key: name",
        ),
        (
            {"spec": {"$patch": "bogus"}},
            500,
            "unknown patch type: bogus in map: map[$patch:bogus]",
        ),
        (
            {"spec": {"$setElementOrder/containers": "x"}},
            500,
            "expected a []interface {}, but received a string",
        ),
        (
            {
                "spec": {
                    "$setElementOrder/containers": [{"name": "a"}],
                    "containers": [{"name": "c"}],
                }
            },
            500,
            "The order in patch list:\n[map[name:c]]\n doesn't match $setElementOrder list:\n"
            "[map[name:a]]\n",
        ),
        (
            {"spec": {"$retainKeys": "type", "nodeName": "n"}},
            400,
            "invalid patch format of retainKeys",
        ),
    ],
)
def test_refusals_have_upstreams_words(patch, code, message):
    with pytest.raises(ApiError) as caught:
        patched(patch)

    assert caught.value.code == code
    assert caught.value.message == message
