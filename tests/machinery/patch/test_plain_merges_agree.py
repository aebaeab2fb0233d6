"""The short way through a strategic merge gives what the general one gives."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.machinery.patch.go_values import StrategicPatchError
from kcore.machinery.patch.patch_schema import patch_schema
from kcore.machinery.patch.plain_merge import plainly_merged
from kcore.machinery.patch.strategic import Mode, merge_maps

POD = patch_schema("v1", "Pod")
NAMES = st.sampled_from("abcd")
CONTAINER = st.fixed_dictionaries(
    {"name": NAMES},
    optional={
        "image": NAMES,
        "args": st.lists(NAMES, max_size=2),
        "env": st.lists(st.fixed_dictionaries({"name": NAMES, "value": NAMES}), max_size=3),
        "stdin": st.booleans() | st.none(),
    },
)
OBJECTS = st.fixed_dictionaries(
    {"spec": st.fixed_dictionaries({"containers": st.lists(CONTAINER, max_size=4)})},
    optional={
        "metadata": st.fixed_dictionaries(
            {"labels": st.dictionaries(NAMES, NAMES, max_size=3)},
            optional={"finalizers": st.lists(NAMES, max_size=3)},
        ),
        "nonsense": st.just({"a": 1}),
    },
)


@given(live=OBJECTS, patch=OBJECTS)
@settings(max_examples=200)
def test_both_ways_lead_to_the_same_object(live, patch):
    live, patch = freeze(live), freeze(patch)
    try:
        expected = merge_maps(live, patch, POD, Mode.APPLY)
    except StrategicPatchError as error:
        expected = str(error)
    try:
        found = plainly_merged(live, patch, POD)
    except StrategicPatchError as error:
        found = str(error)

    assert found is None or found == expected


def live():
    containers = [{"name": name, "image": "x", "tty": False} for name in "abc"]
    return freeze({"spec": {"containers": containers, "nodeName": "n"}})


def plain(**spec):
    return plainly_merged(live(), freeze({"spec": spec}), POD)


def test_a_new_image_is_plain():
    result = plain(containers=[{"name": "b", "image": "y"}])

    assert [item["image"] for item in result["spec"]["containers"]] == ["x", "y", "x"]


def test_what_changes_nothing_is_the_object_itself():
    obj = live()

    assert plainly_merged(obj, obj, POD) is obj


@pytest.mark.parametrize(
    "spec",
    [
        {"containers": [{"name": "d"}]},
        {"containers": [{"name": "c"}, {"name": "a"}]},
        {"containers": [{"image": "y"}]},
        {"containers": [{"name": "a", "$patch": "delete"}]},
        {"containers": []},
        {"$retainKeys": ["containers"]},
        {"nodeName": None},
        {"nodeName": 1},
        {"hostname": "h"},
    ],
)
def test_everything_else_is_left_to_the_general_way(spec):
    assert plain(**spec) is None
