"""Field sets, schemas and values that fit them, small enough to be checked by hand."""

from hypothesis import strategies as st

from kcore.machinery.apply.field_path import index_element, key_element, value_element
from kcore.machinery.apply.field_set import FieldSet
from kcore.machinery.apply.openapi_schema import custom_type
from kcore.machinery.frozen import freeze

elements = st.one_of(
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from([1, 2, True, "x"]).map(value_element),
    st.sampled_from([0, 1]).map(index_element),
    st.sampled_from(["x", "y"]).map(lambda name: key_element([("name", name)])),
)
paths = st.lists(elements, min_size=1, max_size=3).map(tuple)
path_sets = st.frozensets(paths, max_size=8)


def field_set_of(found):
    return FieldSet.of(*sorted(found, key=repr))


SCHEMA = {
    "type": "object",
    "properties": {
        "spec": {
            "type": "object",
            "properties": {
                "size": {"type": "integer"},
                "note": {"type": "string"},
                "labels": {"type": "object", "additionalProperties": {"type": "string"}},
                "whole": {
                    "type": "object",
                    "x-kubernetes-map-type": "atomic",
                    "additionalProperties": {"type": "string"},
                },
                "words": {
                    "type": "array",
                    "x-kubernetes-list-type": "set",
                    "items": {"type": "string"},
                },
                "ports": {
                    "type": "array",
                    "x-kubernetes-list-type": "map",
                    "x-kubernetes-list-map-keys": ["port", "protocol"],
                    "items": {
                        "type": "object",
                        "properties": {
                            "port": {"type": "integer"},
                            "protocol": {"type": "string", "default": "TCP"},
                            "name": {"type": "string"},
                        },
                    },
                },
            },
        }
    },
}
TYPE = custom_type(SCHEMA)
VERSION = "example.com/v1"

words = st.sampled_from(["x", "y", "z"])
ports = st.fixed_dictionaries(
    {"port": st.integers(1, 3)},
    optional={"protocol": st.sampled_from(["TCP", "UDP"]), "name": words},
)
specs = st.fixed_dictionaries(
    {},
    optional={
        "size": st.integers(0, 3),
        "note": words,
        "labels": st.dictionaries(words, words, min_size=1, max_size=3),
        "whole": st.dictionaries(words, words, min_size=1, max_size=2),
        "words": st.lists(words, unique=True, min_size=1, max_size=3),
        "ports": st.lists(
            ports,
            unique_by=lambda row: (row["port"], row.get("protocol", "TCP")),
            min_size=1,
            max_size=3,
        ),
    },
)


def as_object(spec):
    fields = {"apiVersion": VERSION, "kind": "Widget", "metadata": {"name": "w"}}
    return freeze({**fields, "spec": spec} if spec else fields)


objects = specs.map(as_object)
