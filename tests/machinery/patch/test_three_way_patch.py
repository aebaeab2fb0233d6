"""Client-side apply: what was applied, what is wanted, what is there."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.errors import ApiError
from kcore.machinery.frozen import EMPTY_MAP, freeze
from kcore.machinery.patch.differences import two_way_patch
from kcore.machinery.patch.patch_schema import patch_schema
from kcore.machinery.patch.strategic import Mode, merge_maps
from kcore.machinery.patch.three_way import applied, three_way_patch
from kcore.machinery.resource import GroupVersionKind

DEPLOYMENT = GroupVersionKind("apps", "v1", "Deployment")
WIDGET = GroupVersionKind("example.com", "v1", "Widget")


def containers(*items):
    return {"spec": {"template": {"spec": {"containers": list(items)}}}}


def test_what_somebody_else_set_survives_and_what_was_removed_goes():
    last = freeze({"metadata": {"labels": {"a": "1", "b": "2"}}, "spec": {"replicas": 2}})
    wanted = freeze({"metadata": {"labels": {"a": "1"}}, "spec": {"replicas": 2}})
    current = freeze(
        {
            "metadata": {"labels": {"a": "1", "b": "2", "x": "9"}},
            "spec": {"replicas": 5, "paused": True},
        }
    )

    patch = three_way_patch(last, wanted, current, DEPLOYMENT)

    assert patch == {"metadata": {"labels": {"b": None}}, "spec": {"replicas": 2}}
    result = applied(current, patch, DEPLOYMENT)
    assert result["metadata"]["labels"] == {"a": "1", "x": "9"}
    assert result["spec"] == {"replicas": 2, "paused": True}


def test_injected_containers_stay():
    last = freeze(containers({"name": "c", "image": "c:1", "env": [{"name": "A", "value": "a"}]}))
    wanted = freeze(containers({"name": "c", "image": "c:2"}))
    current = freeze(
        containers(
            {"name": "c", "image": "c:1", "env": [{"name": "A", "value": "a"}]},
            {"name": "injected", "image": "i"},
        )
    )

    result = applied(current, three_way_patch(last, wanted, current, DEPLOYMENT), DEPLOYMENT)

    assert result == containers({"name": "c", "image": "c:2"}, {"name": "injected", "image": "i"})


def test_nothing_to_do_is_an_empty_patch():
    wanted = freeze(containers({"name": "c", "image": "c:1"}))

    assert three_way_patch(wanted, wanted, wanted, DEPLOYMENT) == EMPTY_MAP
    assert three_way_patch(None, wanted, wanted, DEPLOYMENT) == EMPTY_MAP


def test_kinds_that_are_not_built_in_get_a_merge_patch():
    last = freeze({"spec": {"a": 1, "list": [1, 2]}})
    wanted = freeze({"spec": {"list": [1]}})
    current = freeze({"spec": {"a": 1, "list": [1, 2], "b": 3}})

    patch = three_way_patch(last, wanted, current, WIDGET)

    assert patch == {"spec": {"a": None, "list": [1]}}


def test_a_patch_must_not_rename():
    last = freeze({"metadata": {"name": "a"}})
    wanted = freeze({"metadata": {"name": "b"}})

    with pytest.raises(ApiError, match="precondition failed for"):
        three_way_patch(last, wanted, last, DEPLOYMENT)


NAMES = st.sampled_from("abcdef")
CONTAINERS = st.lists(
    st.fixed_dictionaries(
        {"name": NAMES},
        optional={
            "image": st.sampled_from(["x:1", "x:2"]),
            "args": st.lists(NAMES, max_size=3),
            "env": st.lists(
                st.fixed_dictionaries({"name": NAMES, "value": NAMES}),
                max_size=3,
                unique_by=lambda item: item["name"],
            ),
        },
    ),
    max_size=4,
    unique_by=lambda item: item["name"],
)
OBJECTS = st.fixed_dictionaries(
    {"spec": st.fixed_dictionaries({"containers": CONTAINERS})},
    optional={
        "metadata": st.fixed_dictionaries(
            {"finalizers": st.lists(NAMES, max_size=4, unique=True)},
            optional={"labels": st.dictionaries(NAMES, NAMES, max_size=3)},
        )
    },
)


@given(old=OBJECTS, new=OBJECTS)
@settings(max_examples=150)
def test_the_difference_turns_the_old_object_into_the_new(old, new):
    schema = patch_schema("v1", "Pod")
    before, after = freeze(old), freeze(new)

    result = merge_maps(before, two_way_patch(before, after, schema), schema, Mode.APPLY)

    assert without_empty_lists(result) == without_empty_lists(after)


def without_empty_lists(value):
    """A merge cannot tell an empty merging list from an absent one."""
    if hasattr(value, "items"):
        cleaned = {key: without_empty_lists(item) for key, item in value.items()}
        return {key: item for key, item in cleaned.items() if item not in ([], {})}
    if isinstance(value, (list, tuple)) or type(value).__name__ == "FrozenList":
        return [without_empty_lists(item) for item in value]
    return value
