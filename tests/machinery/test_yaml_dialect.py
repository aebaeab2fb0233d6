"""Scalars of Kubernetes' YAML: words, octal, exponents, dates, keys, tags."""

import pytest

from kcore.machinery.codec import dump_yaml, parse_yaml
from kcore.machinery.frozen import freeze
from kcore.machinery.yaml_dialect import YamlError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("yes", True),
        ("on", True),
        ("n", False),
        ("Off", False),
        ("~", None),
        ("0777", 511),
        ("0o17", 15),
        ("0x1F", 31),
        ("1_000", 1000),
        ("1e3", 1000),
        ("1.50", 1.5),
        ("_1", "_1"),
        ("08", 8),
        ("2026-01-01", "2026-01-01"),
        ("12:30:45", "12:30:45"),
        ("=", "="),
        ("'1'", "1"),
        ("!!str 1", "1"),
        ("!custom x", "x"),
        ("1e400", "1e400"),
    ],
)
def test_plain_scalars_resolve_as_kubectl_does(text, value):
    result = parse_yaml(f"v: {text}\n")["v"]

    assert result == value
    assert type(result) is type(value)


def test_keys_become_strings():
    value = parse_yaml("yes: 1\n010: 2\n1.5: 3\n")

    assert sorted(value) == ["1.5", "8", "true"]


def test_merge_keys_fill_in_what_is_not_there():
    value = parse_yaml("a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  b: 3\n")

    assert value["d"] == {"b": 3, "c": 2}


@pytest.mark.parametrize(
    ("text", "line", "problem"),
    [
        ("a: 1\nb: 2\na: 3\n", 3, 'key "a" already set in map'),
        ("a:\n\tb: 1\n", 2, "takes spaces only"),
        ("a: &x [*x]\n", 1, "anchor"),
        ("a: .inf\n", 1, "unsupported value: +Inf"),
        ("a: 1\n? [b]\n: 2\n", 2, "invalid map key: []interface {}"),
        ("a: !!int b\n", 1, "cannot decode !!str `b` as a !!int"),
        ("a: b\n c: d\n", 2, "mapping values are not allowed"),
        ("<<: 1\n", 1, "map merge requires map"),
    ],
)
def test_problems_name_the_line(text, line, problem):
    with pytest.raises(YamlError) as caught:
        parse_yaml(text, strict=True)

    assert caught.value.line == line
    assert problem in caught.value.problem


def test_billion_laughs_are_refused_as_upstream_does():
    levels = "".join(f"l{n + 1}: &l{n + 1} [*l{n}, *l{n}]\n" for n in range(20))

    with pytest.raises(YamlError, match="document contains excessive aliasing"):
        parse_yaml(f"l0: &l0 x\n{levels}")


def test_a_few_aliases_are_fine():
    value = parse_yaml("a: &a [1]\nb: [*a, *a]\n")

    assert value["b"] == [[1], [1]]


@pytest.mark.parametrize(
    "text", ["yes", "1", "1e3", "", "~", "a: b", "# x", "- x", "2026-01-01T00:00:00Z", "x\ny\n"]
)
def test_written_strings_read_back_as_strings(text):
    value = freeze({"v": text, text: 1})

    assert parse_yaml(dump_yaml(value)) == value


def test_yaml_is_written_as_kubectl_prints_it():
    value = freeze({"b": [{"c": 1, "a": "yes"}], "a": {}, "t": "x\ny\n"})

    assert dump_yaml(value) == 'a: {}\nb:\n- a: "yes"\n  c: 1\nt: |\n  x\n  y\n'
