"""JSON written along the Go types: fields in their order, zero values as upstream has them."""

import gzip
import json
from pathlib import Path

import pytest

from kcore.machinery.frozen import freeze, loads
from kcore.machinery.typed_json import dump_typed_json

# One object of each kind with every field set, as upstream writes it.
EVERY_FIELD = Path(__file__).parents[1] / "api" / "data" / "every_field.jsonl.gz"
TEXTS = gzip.decompress(EVERY_FIELD.read_bytes()).decode().splitlines()


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: json.loads(text)["kind"])
def test_every_field_stands_where_upstream_writes_it(text):
    ordered = json.loads(text)
    value = loads(text)

    assert list(pairs(json.loads(dump_typed_json(value)))) == list(pairs(ordered))
    assert dump_typed_json(value, indent=2) == json.dumps(ordered, indent=2, ensure_ascii=False)


def pairs(value, path=""):
    if isinstance(value, dict):
        for key, item in value.items():
            yield from pairs(item, f"{path}.{key}")
    elif isinstance(value, list):
        for item in value:
            yield from pairs(item, f"{path}[]")
    else:
        yield path, value


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            {"apiVersion": "v1", "kind": "Pod"},
            '{"kind":"Pod","apiVersion":"v1","metadata":{},"spec":{"containers":null},"status":{}}',
        ),
        (
            {"apiVersion": "v1", "kind": "ConfigMap", "data": {"b": "<&>\u2028", "a": "é\t"}},
            '{"kind":"ConfigMap","apiVersion":"v1","metadata":{},'
            '"data":{"a":"é\\t","b":"\\u003c\\u0026\\u003e\\u2028"}}',
        ),
        (
            {"apiVersion": "example.com/v1", "kind": "Own", "spec": {"z": [], "a": {}}},
            '{"apiVersion":"example.com/v1","kind":"Own","spec":{"a":{},"z":[]}}',
        ),
        (
            {"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 80}]}},
            '{"kind":"Service","apiVersion":"v1","metadata":{},'
            '"spec":{"ports":[{"port":80,"targetPort":0}]},"status":{"loadBalancer":{}}}',
        ),
    ],
    ids=["zero values", "escapes", "a custom kind", "no omission of structs"],
)
def test_texts(given, text):
    assert dump_typed_json(freeze(given)) == text


def test_inlined_fields_stand_where_their_struct_does():
    volume = {"name": "v", "emptyDir": {}, "hostPath": {"type": "", "path": "/"}}
    pod = {"apiVersion": "v1", "kind": "Pod", "spec": {"volumes": [volume], "containers": []}}

    text = dump_typed_json(freeze(pod), indent=2)

    assert text.index('"name": "v"') < text.index('"hostPath"') < text.index('"emptyDir"')
    assert '"emptyDir": {}' in text
    assert '"containers": []' in text


def test_schemas_keep_their_own_order_at_any_depth():
    schema = {"type": "object", "properties": {"b": {"type": "string", "format": "x"}, "a": {}}}
    crd = {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "spec": {"versions": [{"name": "v1", "schema": {"openAPIV3Schema": {"items": schema}}}]},
    }

    text = dump_typed_json(freeze(crd))

    inner = '{"type":"object","properties":{"a":{},"b":{"type":"string","format":"x"}}}'
    assert f'"openAPIV3Schema":{{"items":{inner}}}' in text


def test_the_fields_may_be_those_of_a_kind_the_object_does_not_name():
    frame = freeze({"type": "ADDED", "object": {"b": 1, "a": 1.5}})

    text = dump_typed_json(frame, api_version="v1", kind="WatchEvent")

    assert text == '{"type":"ADDED","object":{"a":1.5,"b":1}}'
