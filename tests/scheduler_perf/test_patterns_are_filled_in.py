"""A manifest with numbers is parsed once, and is what parsing each of them would give."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze, loads
from kcore.machinery.yaml_dialect import yaml_to_json
from kcore.scheduler_perf.manifests import Manifest
from kcore.scheduler_perf.patterns import MARK, pattern_of

texts = st.sampled_from(
    ["a", f"p-{MARK}", f"a{MARK}b{MARK}", MARK, f"1{MARK}", f"-{MARK}", "é", ""]
)
values = st.recursive(
    texts | st.none() | st.integers(0, 3),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(texts, inner, max_size=2),
    max_leaves=8,
)


def numbered(value, number):
    """The slow way: every text and key by itself."""
    if isinstance(value, str):
        return value.replace(MARK, str(number))
    if isinstance(value, list):
        return [numbered(one, number) for one in value]
    if isinstance(value, dict):
        return {numbered(key, number): numbered(one, number) for key, one in value.items()}
    return value


@given(st.dictionaries(texts, values, max_size=3), st.integers(0, 10**6))
def test_every_mark_becomes_the_number(value, number):
    pattern = pattern_of(freeze(value))
    if pattern is not None:
        assert pattern.object(number) == freeze(numbered(value, number))


@pytest.mark.parametrize(
    ("text", "has_pattern"),
    [
        ("kind: Pod\nmetadata: {name: 'pod-{{.Index}}'}", True),
        ("kind: Pod\nspec: {limits: {foo.com/bar-{{.Index}}: 1}}", True),
        ("kind: Pod\nspec: {replicas: {{.Index}}}", False),
        ("kind: Pod\nspec: {limits: {foo-{{.Index}}: 1, bar: 2}}", False),
        ("kind: Pod\nmetadata: {name: pod-{{AddInt .Index 1}}}", False),
        ("kind: Pod\nmetadata: {name: '{{if .Index}}a{{end}}'}", False),
        ("kind: Pod\nmetadata: {name: 'pod-{{.Index}}-of-{{.Count}}'}", True),
    ],
)
def test_it_is_what_parsing_gives(tmp_path, text, has_pattern):
    (tmp_path / "pod.yaml").write_text(text)
    manifest = Manifest(tmp_path / "pod.yaml", {})
    plain = text.replace("{{if .Index}}a{{end}}", "a").replace("{{AddInt .Index 1}}", "13")
    plain = plain.replace("{{.Index}}", "12").replace("{{.Count}}", "20")
    assert manifest.object(12, 20) == loads(yaml_to_json(plain))
    assert any(manifest._patterns.values()) == has_pattern
