"""`decoding/*`: YAML to JSON, streams of documents, objects of built-in kinds."""

from kcore.errors import ApiError
from kcore.machinery.codec import duplicate_fields, is_json_text, parse_yaml
from kcore.machinery.frozen import FrozenMap, JSONError, loads, thaw
from kcore.machinery.go_text import json_text
from kcore.machinery.schema import decode
from kcore.machinery.yaml_dialect import YamlError
from tests.conformance.registry import Registry, UnsupportedError

registry = Registry("machinery")


@registry.answers("decoding/yamlToJSON")
def yaml_to_json(given):
    text = given["yaml"]
    out = {}
    try:
        out["json"] = json_text(parse_yaml(text))
    except YamlError as error:
        out["error"] = str(error)
    try:
        out["strict"] = json_text(parse_yaml(text, strict=True))
    except YamlError as error:
        out["strict"] = {"error": str(error)}
    return out


def group_version_kind(obj):
    group, _, version = (obj.get("apiVersion") or "").rpartition("/")
    return [group, version, obj.get("kind") or ""]


@registry.answers("decoding/object", prune=True)
def decode_object(given):
    text = given["text"]
    try:
        obj = loads(text) if given["format"] == "json" else parse_yaml(text)
    except (JSONError, YamlError) as error:
        raise UnsupportedError(f"text of a malformed body: {type(error).__name__}") from None
    if not isinstance(obj, FrozenMap):
        raise UnsupportedError("text of a body that is no object")
    for field in ("kind", "apiVersion"):
        if not (isinstance(obj.get(field), str) and obj[field]):
            raise UnsupportedError("text of an object without kind or apiVersion")
    gvk = group_version_kind(obj)
    try:
        decoded = decode(obj, obj.get("apiVersion") or "", obj.get("kind") or "")
    except ApiError as error:
        flags = dict.fromkeys(("missingKind", "missingVersion", "notRegistered", "strict"), False)
        # The API server says first what it was asked to decode.
        message = error.message.partition(": ")[2]
        return {"error": message, "gvk": gvk, **flags}
    out = {"gvk": gvk, "object": thaw(decoded.object)}
    problems = [*(duplicate_fields(text) if is_json_text(text) else []), *decoded.problems]
    if given["strict"] and problems:
        flags = dict.fromkeys(("missingKind", "missingVersion", "notRegistered"), False)
        out |= {**flags, "strict": True, "error": f"strict decoding error: {', '.join(problems)}"}
    return out
