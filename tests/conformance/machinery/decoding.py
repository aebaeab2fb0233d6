"""`decoding/*`: YAML to JSON, streams of documents, objects of built-in kinds."""

from kcore.machinery.frozen import thaw
from kcore.machinery.go_text import marshalled
from kcore.machinery.object_stream import (
    EndOfStreamError,
    StreamDecoder,
    StreamError,
    yaml_documents,
)
from kcore.machinery.object_text import ObjectTextError, read_object
from kcore.machinery.yaml_dialect import YamlError, yaml_to_json
from tests.conformance.registry import Registry

registry = Registry("machinery")

VALUE_COUNT_MAX = 20
FLAGS = {
    "missingKind": "missing kind",
    "missingVersion": "missing version",
    "notRegistered": "not registered",
}


@registry.answers("decoding/yamlToJSON")
def converted_yaml(given):
    text = given["yaml"]
    out = {}
    try:
        out["json"] = yaml_to_json(text)
    except YamlError as error:
        out["error"] = str(error)
    try:
        out["strict"] = yaml_to_json(text, strict=True)
    except YamlError as error:
        out["strict"] = {"error": str(error)}
    return out


def named(gvk):
    return {"gvk": [gvk.group, gvk.version, gvk.kind]}


@registry.answers("decoding/object", prune=True)
def decode_object(given):
    try:
        found = read_object(given["text"], is_yaml=given["format"] == "yaml")
    except ObjectTextError as error:
        flags = {name: error.sort == sort for name, sort in FLAGS.items()}
        out = {"error": error.message, "strict": False, **flags}
        return out if error.gvk is None else {**out, **named(error.gvk)}
    out = {**named(found.gvk), "object": thaw(found.object)}
    if given["strict"] and found.problems:
        why = f"strict decoding error: {', '.join(found.problems)}"
        out |= {**dict.fromkeys(FLAGS, False), "strict": True, "error": why}
    return out


@registry.answers("decoding/stream")
def read_stream(given):
    text, out = given["text"], {"documents": [], "values": []}
    try:
        for document in yaml_documents(text):
            out["documents"].append(document)
    except StreamError as error:
        out["readError"] = str(error)
    decoder = StreamDecoder(text)
    try:
        for _ in range(VALUE_COUNT_MAX):
            value = decoder.next()
            out["values"].append(None if value is None else marshalled(value))
    except EndOfStreamError:
        pass
    except StreamError as error:
        out["error"] = str(error)
    return out
