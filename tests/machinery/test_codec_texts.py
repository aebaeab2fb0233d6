"""Values as text: JSON output, request bodies, repeated keys."""

from kcore.machinery.codec import (
    dump_json,
    dump_yaml_documents,
    duplicate_fields,
    parse_body,
)
from kcore.machinery.frozen import freeze


def test_json_has_four_spaces_and_a_final_newline():
    assert (
        dump_json(freeze({"b": 1, "a": [1.0]}))
        == '{\n    "a": [\n        1\n    ],\n    "b": 1\n}\n'
    )


def test_documents_are_separated():
    assert dump_yaml_documents([freeze({"a": 1}), freeze({"b": 2})]) == "a: 1\n---\nb: 2\n"


def test_bodies_are_json_or_yaml():
    assert parse_body('{"a": yes}'.replace("yes", "1")) == {"a": 1}
    assert parse_body("a: yes") == {"a": True}


def test_repeated_keys_are_reported_once_with_their_path():
    text = '{"spec":{"c":[{"n":1,"n":2,"n":3}]},"spec":{}}'

    assert duplicate_fields(text) == [
        'duplicate field "spec.c[0].n"',
        'duplicate field "spec"',
    ]
    assert duplicate_fields("{") == []
