"""Manifest files: many documents, lists, lines, and what is refused with which words."""

import pytest

from kcore.errors import ManifestError
from kcore.machinery.manifest import Manifest, load_manifests

TWO = """\
# a comment
apiVersion: v1
kind: Service
metadata:
  name: web
---
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:
    example.com/tier: front
spec:
  template:
    spec:
      containers:
      - name: a
        image: nginx
      - name: b
        image: redis
"""


def test_documents_come_in_order_and_empty_ones_are_skipped():
    manifests = load_manifests(TWO, "web.yaml")

    assert [m.object["kind"] for m in manifests] == ["Service", "Deployment"]
    assert [m.line for m in manifests] == [2, 8]
    assert {m.source for m in manifests} == {"web.yaml"}


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("spec.template.spec.containers[1].image", 21),
        ("spec.template.spec.containers[0]", 18),
        ("spec.template.spec.containers.image", 17),
        ("spec.template.spec.containers[7].image", 17),
        ("spec.replicas", 14),
        ("metadata.labels.example.com/tier", 13),
        ("metadata.labels[example.com/tier]", 13),
        ("", 8),
    ],
)
def test_fields_are_located(path, line):
    assert load_manifests(TWO)[1].locate(path) == line


def test_all_lines_are_known():
    lines = load_manifests(TWO)[1].lines

    assert lines["spec.template.spec.containers[1].name"] == 20
    assert lines["metadata.labels.example.com/tier"] == 13


def test_lists_are_flattened_with_their_own_lines():
    text = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n"
    typed = "apiVersion: v1\nkind: PodList\nitems:\n- metadata:\n    name: a\n"

    (first,), (second,) = load_manifests(text), load_manifests(typed)

    assert (first.object["kind"], first.line) == ("Pod", 4)
    assert second.object["kind"] == "Pod"
    assert second.object["apiVersion"] == "v1"


def test_json_is_read_with_lines():
    manifest = load_manifests(
        '{"apiVersion": "v1",\n"kind": "Pod",\n"spec": {"x": "\\ud83d\\ude00"}}'
    )[0]

    assert manifest.object["spec"]["x"] == "\U0001f600"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "web.yaml: the file is empty"),
        ("# only\n---\n", "web.yaml: no object: only comments or empty documents"),
        ("a: 1\n", "web.yaml:1: apiVersion: required, but missing"),
        ("apiVersion: v1\n", "web.yaml:1: kind: required, but missing"),
        ("apiVersion: 1\nkind: x\n", "web.yaml:1: apiVersion: must be a string, this is the int 1"),
        ("- 1\n", "web.yaml:1: an object must be a mapping, this is a list"),
        ("a: 1\na: 2\n", 'web.yaml:2: key "a" already set in map'),
        ("a: [1\nb: 2\n", "web.yaml:2: did not find expected ',' or ']'"),
        ('{"apiVersion":"v1","kind":"X",\n"a":1,"a":2}', 'web.yaml:2: key "a" already set in map'),
        ("a: \x01\n", "web.yaml:1: control characters are not allowed"),
    ],
)
def test_refusals_name_file_line_and_rule(text, message):
    with pytest.raises(ManifestError) as caught:
        load_manifests(text, "web.yaml")

    assert str(caught.value) == message


def test_a_value_can_be_a_manifest():
    manifest = Manifest.of({"apiVersion": "v1", "kind": "Pod"})

    assert manifest.locate("spec") == 0
    with pytest.raises(ManifestError, match="kind: required, but missing"):
        Manifest.of({"apiVersion": "v1"}, "<object 3>")
