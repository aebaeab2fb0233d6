"""Pruning, defaults and nulls of custom resources, by schema."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.limits import NESTING_COUNT_MAX
from kcore.machinery.frozen import freeze
from kcore.machinery.structural.filling import with_defaults, without_stray_nulls
from kcore.machinery.structural.pruning import prune
from kcore.machinery.structural.structural_schema import compile_schema

SCHEMA = compile_schema(
    freeze(
        {
            "type": "object",
            "properties": {
                "spec": {
                    "type": "object",
                    "properties": {
                        "size": {"type": "integer", "default": 3},
                        "note": {"type": "string", "nullable": True, "default": "x"},
                        "free": {"type": "object", "x-kubernetes-preserve-unknown-fields": True},
                        "list": {
                            "type": "array",
                            "items": {
                                "type": "object",
                                "properties": {"a": {"type": "string", "default": "d"}},
                            },
                        },
                        "map": {
                            "type": "object",
                            "additionalProperties": {
                                "type": "object",
                                "properties": {"v": {"type": "integer", "default": 7}},
                            },
                        },
                        "embedded": {
                            "type": "object",
                            "x-kubernetes-embedded-resource": True,
                            "properties": {"spec": {"type": "object"}},
                        },
                    },
                }
            },
        }
    )
)


def pruned(spec):
    unknown = []
    result = prune(freeze({"kind": "W", "spec": spec}), SCHEMA, unknown)
    return result["spec"], unknown


def test_unknown_fields_go_and_are_named_in_order():
    spec, unknown = pruned({"zz": 1, "list": [{"a": "x", "b": 1}], "aa": {"deep": 1}})

    assert spec == {"list": [{"a": "x"}]}
    assert unknown == ["spec.aa", "spec.list[0].b", "spec.zz"]


def test_free_places_and_maps_keep_what_they_have():
    spec = {"free": {"any": [{"thing": 1}]}, "map": {"one": {"v": 1, "w": 2}}}

    assert pruned(spec) == ({**spec, "map": {"one": {"v": 1}}}, ["spec.map.one.w"])


def test_embedded_objects_have_what_every_object_has():
    spec = {"embedded": {"apiVersion": "v1", "kind": "X", "metadata": {"name": "n"}, "more": 1}}

    kept, unknown = pruned(spec)

    assert set(kept["embedded"]) == {"apiVersion", "kind", "metadata"}
    assert unknown == ["spec.embedded.more"]


def test_defaults_fill_what_is_absent_or_null():
    obj = freeze({"spec": {"size": None, "note": None, "list": [{}], "map": {"k": {}}}})

    assert with_defaults(obj, SCHEMA)["spec"] == {
        "size": 3,
        "note": None,
        "list": [{"a": "d"}],
        "map": {"k": {"v": 7}},
    }


def test_nulls_that_may_not_be_go():
    obj = freeze({"spec": {"free": None, "note": None, "list": [{"a": None}], "map": {"k": None}}})

    assert without_stray_nulls(obj, SCHEMA)["spec"] == {
        "note": None,
        "list": [{"a": None}],
        "map": {},
    }


VALUES = st.recursive(
    st.none() | st.integers(0, 3) | st.text("ab", max_size=2),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["spec", "size", "note", "free", "list", "map", "a", "v", "zz"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)
OBJECTS = st.fixed_dictionaries({"spec": VALUES})


@given(obj=OBJECTS)
@settings(max_examples=150)
def test_doing_it_again_changes_nothing_and_shares_everything(obj):
    once = with_defaults(prune(freeze(obj), SCHEMA, []), SCHEMA)
    once = without_stray_nulls(once, SCHEMA)

    assert prune(once, SCHEMA, []) is once
    assert with_defaults(once, SCHEMA) is once
    assert without_stray_nulls(once, SCHEMA) is once


@pytest.mark.parametrize("walk", [with_defaults, without_stray_nulls])
def test_values_as_deep_as_json_may_be_are_walked(walk):
    schema = {"type": "object", "properties": {"leaf": {"type": "string", "default": "d"}}}
    for _ in range(40):
        schema = {"type": "object", "properties": {"a": schema}}
    value = 1
    for _ in range(NESTING_COUNT_MAX - 2):
        value = {"a": value}

    assert walk(freeze(value), compile_schema(freeze(schema))) is not None
