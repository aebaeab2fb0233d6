"""What a schema refuses, in upstream's words; what was wrong before may stay."""

import pytest

from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import freeze
from kcore.machinery.structural.list_rules import check_lists
from kcore.machinery.structural.structural_schema import compile_schema
from kcore.machinery.structural.validation import check_value


def problems(schema, value, **old):
    old = {key: freeze({"f": item}) for key, item in old.items()}
    compiled = compile_schema(freeze({"type": "object", "properties": {"f": schema}}))
    return [str(error) for error in check_value(freeze({"f": value}), compiled, **old)]


WRONG = [
    (
        {"type": "integer"},
        "x",
        ['f: Invalid value: "string": f in body must be of type integer: "string"'],
    ),
    (
        {"type": "integer"},
        1.5,
        [
            'f: Invalid value: "number": f in body must be of type integer: "number"',
            '<nil>: Invalid value: "": Checked value must be of type integer (default format) in f',
        ],
    ),
    (
        {"type": "object"},
        None,
        ['f: Invalid value: "null": f in body must be of type object: "null"'],
    ),
    (
        {"type": "integer", "maximum": 5, "minimum": 1},
        9,
        ["f: Invalid value: 9: f in body should be less than or equal to 5"],
    ),
    (
        {"type": "number", "minimum": 1, "exclusiveMinimum": True},
        1,
        ["f: Invalid value: 1: f in body should be greater than 1"],
    ),
    (
        {"type": "number", "multipleOf": 0.5},
        1.3,
        ["f: Invalid value: 1.3: f in body should be a multiple of 0.5"],
    ),
    ({"type": "string", "maxLength": 2}, "abc", ["f: Too long: may not be more than 2 bytes"]),
    (
        {"type": "string", "minLength": 2},
        "a",
        ['f: Invalid value: "a": f in body should be at least 2 chars long'],
    ),
    (
        {"type": "string", "pattern": "^[a-z]+$"},
        "A",
        ["f: Invalid value: \"A\": f in body should match '^[a-z]+$'"],
    ),
    (
        {"type": "string", "enum": ["a", "b"]},
        "c",
        ['f: Unsupported value: "c": supported values: "a", "b"'],
    ),
    (
        {"type": "string", "format": "date-time"},
        "nope",
        ['f: Invalid value: "nope": f in body must be of type date-time: "nope"'],
    ),
    ({"type": "array", "maxItems": 1}, [1, 2], ["f: Too many: 2: must have at most 1 item"]),
    (
        {"type": "array", "minItems": 1},
        [],
        ["f: Invalid value: 0: f in body should have at least 1 items"],
    ),
    ({"type": "object", "required": ["a"]}, {}, ["f.a: Required value"]),
    (
        {"x-kubernetes-int-or-string": True},
        True,
        ['f: Invalid value: "boolean": f in body must be of type integer,string: "boolean"'],
    ),
    (
        {"anyOf": [{"required": ["a"]}, {"required": ["b"]}], "type": "object"},
        {},
        [
            '<nil>: Invalid value: "": "f" must validate at least one schema (anyOf)',
            "f.a: Required value",
        ],
    ),
    (
        {"not": {"enum": [1]}, "type": "integer"},
        1,
        ['<nil>: Invalid value: "": "f" must not validate the schema (not)'],
    ),
]


@pytest.mark.parametrize(("schema", "value", "expected"), WRONG)
def test_what_does_not_fit_is_said_in_upstreams_words(schema, value, expected):
    assert problems(schema, value) == expected


@pytest.mark.parametrize(("schema", "value", "_expected"), WRONG)
def test_what_was_wrong_already_may_stay(schema, value, _expected):
    assert problems(schema, value, old=value) == []


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, 1.0),
        ({"type": "number"}, 1),
        ({"type": "string", "nullable": True}, None),
        ({"x-kubernetes-int-or-string": True}, "50%"),
        ({"oneOf": [{"required": ["a"]}, {"required": ["b"]}], "type": "object"}, {"a": 1}),
        ({"type": "string", "format": "ipv4"}, "10.0.0.1"),
        ({"type": "string", "format": "byte"}, "aGk="),
        ({}, {"any": ["thing"]}),
    ],
)
def test_what_fits(schema, value):
    assert problems(schema, value) == []


def test_elements_of_list_maps_are_compared_with_those_of_their_keys():
    schema = {
        "type": "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["k"],
        "items": {
            "type": "object",
            "properties": {"k": {"type": "string"}, "n": {"type": "integer", "maximum": 1}},
        },
    }
    old = [{"k": "a", "n": 9}, {"k": "b", "n": 9}]
    new = [{"k": "b", "n": 9}, {"k": "a", "n": 8}]

    assert problems(schema, new, old=old) == [
        "f[1].n: Invalid value: 8: f[1].n in body should be less than or equal to 1"
    ]


def repeats(schema, value):
    errors = FieldErrors()
    check_lists(freeze({"f": value}), compile_schema(freeze({"properties": {"f": schema}})), errors)
    return [str(error) for error in errors]


def test_sets_and_list_maps_hold_every_element_once():
    a_set = {"type": "array", "x-kubernetes-list-type": "set", "items": {"type": "string"}}
    a_map = {
        "type": "array",
        "x-kubernetes-list-type": "map",
        "x-kubernetes-list-map-keys": ["k", "p"],
        "items": {"type": "object", "properties": {"p": {"type": "string", "default": "TCP"}}},
    }

    assert repeats(a_set, ["a", "b", "a", "a"]) == ['f[2]: Duplicate value: "a"']
    assert repeats(a_map, [{"k": 1}, {"k": 1, "p": "TCP"}]) == [
        'f[1]: Duplicate value: {"k":1,"p":"TCP"}'
    ]
