"""JSON texts keep what they say, and malformed ones are refused in Go's words."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.machinery.frozen import dumps, freeze, loads
from kcore.machinery.json_document import (
    JsonSyntaxError,
    Members,
    Number,
    check_syntax,
    plain,
    read_document,
)
from kcore.machinery.object_text import read_object
from kcore.machinery.schema import decode

SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.text(max_size=5)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def test_order_repetitions_and_digits_stay():
    document = read_document('{"b":1.0,"a":[1e3],"b":-0}')

    assert document == Members([("b", "1.0"), ("a", ["1e3"]), ("b", "-0")])
    assert isinstance(document[0][1], Number)


@settings(max_examples=100, deadline=None)
@given(VALUES)
def test_untyped_values_are_those_of_the_fast_reader(value):
    text = json.dumps(value, ensure_ascii=False)

    assert freeze(plain(read_document(text))) == loads(text)
    check_syntax(text)


@pytest.mark.parametrize(
    ("text", "problem", "offset"),
    [
        ("", "unexpected end of JSON input", 0),
        ("{}x", "invalid character 'x' after top-level value", 3),
        ("{'", r"invalid character '\'' looking for beginning of object key string", 2),
        ('{"a" 1}', "invalid character '1' after object key", 6),
        ('{"a":1 1}', "invalid character '1' after object key:value pair", 8),
        ("[1 1]", "invalid character '1' after array element", 4),
        ("[1,]", "invalid character ']' looking for beginning of value", 4),
        ("nux", "invalid character 'x' in literal null (expecting 'l')", 3),
        ("-x", "invalid character 'x' in numeric literal", 2),
        ("1.x", "invalid character 'x' after decimal point in numeric literal", 3),
        ("1ex", "invalid character 'x' in exponent of numeric literal", 3),
        ('"\n"', r"invalid character '\n' in string literal", 2),
        (r'"\x"', "invalid character 'x' in string escape code", 3),
        (r'"\u00g"', r"invalid character 'g' in \u hexadecimal character escape", 6),
        ("é", "invalid character 'Ã' looking for beginning of value", 1),
        ("NaN", "invalid character 'N' looking for beginning of value", 1),
    ],
)
def test_malformed_texts(text, problem, offset):
    with pytest.raises(JsonSyntaxError) as caught:
        read_document(text)

    assert (caught.value.problem, caught.value.offset) == (problem, offset)


def test_nesting_has_an_end():
    with pytest.raises(JsonSyntaxError, match="exceeded max depth"):
        read_document("[" * 100_000)


def test_half_surrogates_are_replaced():
    assert read_document(r'"\ud800x"') == "\ufffdx"


SPECS = st.fixed_dictionaries(
    {},
    optional={
        "nodeName": st.text(max_size=3) | st.none(),
        "priority": st.integers(-5, 5),
        "nodeSelector": st.dictionaries(st.text(max_size=2), st.text(max_size=2), max_size=2),
        "overhead": st.just({"cpu": "1000m"}),
        "containers": st.lists(st.fixed_dictionaries({"name": st.text(max_size=2)}), max_size=2),
        "unknown": st.integers(),
    },
)


@settings(max_examples=100, deadline=None)
@given(SPECS)
def test_texts_and_values_of_one_object_decode_to_the_same(spec):
    obj = freeze({"apiVersion": "v1", "kind": "Pod", "spec": spec})

    found, decoded = read_object(dumps(obj).decode()), decode(obj, "v1", "Pod")

    assert found.object == decoded.object
    assert found.problems == decoded.problems
