"""YAML to JSON in the dialect of Go's older parser, refusals included."""

import pytest

from kcore.machinery.yaml_dialect import YamlError, yaml_to_json


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "null"),
        ("b: 1\na: <x>\n", r'{"a":"\u003cx\u003e","b":1}'),
        ("v: 18446744073709551615\n", '{"v":18446744073709551615}'),
        ("v: -0.0\n", '{"v":-0}'),
        ("v: 1e21\n", '{"v":1e+21}'),
        ("v: 0.0000001\n", '{"v":1e-7}'),
        ("0.30000000000000004: v\n", '{"0.3":"v"}'),
        (".inf: v\n", '{".inf":"v"}'),
        ("a: &x {b: 1}\nc: {b: 2, <<: *x}\n", '{"a":{"b":1},"c":{"b":1}}'),
        ("a: &x {b: 1}\nc: {<<: *x, b: 2}\n", '{"a":{"b":1},"c":{"b":2}}'),
        ("a: &x 1\nb: &x 2\nc: *x\n", '{"a":1,"b":2,"c":2}'),
        ("1: a\ntrue: b\n'1': c\n", None),
        ("[]: v\n", "[]"),
        ("a: 1\n---\nb: [\n", '{"a":1}'),
        ("v: !!binary aGk=\n", '{"v":"hi"}'),
        ("v: !!float 1\n", '{"v":1}'),
        ("v: '<<'\n", r'{"v":"\u003c\u003c"}'),
    ],
)
def test_values(text, expected):
    if expected is None:  # Two keys of one text: either value may stay.
        assert yaml_to_json(text) in ('{"1":"a","true":"b"}', '{"1":"c","true":"b"}')
    else:
        assert yaml_to_json(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("v: .nan\n", "json: unsupported value: NaN"),
        ("v: *a\n", "yaml: unknown anchor 'a' referenced"),
        ("a: &a 1\nv: *b\n", "yaml: unknown anchor 'b' referenced"),
        ("a: &a [*a]\n", "yaml: anchor 'a' value contains itself"),
        ("<<: 1\n", "yaml: map merge requires map or sequence of maps as the value"),
        ("v: !!int a\n", "yaml: cannot decode !!str `a` as a !!int"),
        ("? {a: 1.5}\n: v\n", 'yaml: invalid map key: map[interface {}]interface {}{"a":1.5}'),
        ("~: v\n", 'unsupported map key of type: %!s(<nil>), key: <nil>, value: "v"'),
        ("0xFFFFFFFFFFFFFFFF: 1\n", "unsupported map key of type: uint64, key: 0xffff"),
        ("a: b\n c: d\n", "yaml: line 2: mapping values are not allowed in this context"),
        ("a: 1\n- b\n", "yaml: line 1: did not find expected key"),
        ("%YAML 1.2\n---\na: 1\n", "yaml: found incompatible YAML document"),
        ('a: "\\/"\n', "yaml: found unknown escape character"),
        ("a: [x?y]\n", "yaml: did not find expected ',' or ']'"),
        ("a: \x01\n", "yaml: control characters are not allowed"),
    ],
)
def test_refusals(text, message):
    with pytest.raises(YamlError) as caught:
        yaml_to_json(text)

    assert str(caught.value).startswith(message)


def test_strictness_names_every_repeated_key_at_its_value():
    with pytest.raises(YamlError) as caught:
        yaml_to_json("a: 1\na:\n  2\nb: {c: 1, c: 2}\n", strict=True)

    assert str(caught.value) == (
        'yaml: unmarshal errors:\n  line 3: key "a" already set in map\n'
        '  line 4: key "c" already set in map'
    )
