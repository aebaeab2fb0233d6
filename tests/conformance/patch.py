"""What kcore answers to the `patch` vectors: JSON, merge, strategic and three-way patches.

Of a three-way patch only the overwriting mode is compared: kcore's apply always overwrites.
"""

from kcore.client.apply import LAST_APPLIED
from kcore.client.apply import _with_last_applied as with_last_applied
from kcore.errors import ApiError
from kcore.machinery.frozen import FrozenMap, JSONError, freeze, loads
from kcore.machinery.go_text import json_text
from kcore.machinery.patch.differences import two_way_patch
from kcore.machinery.patch.go_values import StrategicPatchError
from kcore.machinery.patch.json_patch import JsonPatchError, apply_json_patch
from kcore.machinery.patch.merge import apply_merge_patch
from kcore.machinery.patch.patch_schema import patch_schema
from kcore.machinery.patch.strategic import apply_strategic_patch
from kcore.machinery.patch.three_way import (
    applied,
    check_fixed_fields,
    json_three_way,
    merge_difference,
    strategic_three_way,
)
from kcore.machinery.resource import GroupVersionKind
from tests.conformance.registry import Registry, UnsupportedError

registry = Registry("patch")


def parsed(text, what):
    try:
        return loads(text)
    except JSONError:
        raise UnsupportedError(f"text of a malformed {what}") from None


@registry.answers("json-patch-hand", "json-patch-random")
def json_patch(given):
    document, operations = parsed(given["doc"], "document"), parsed(given["patch"], "patch")
    try:
        return {"result": apply_json_patch(document, operations)}
    except JsonPatchError as error:
        return {"error": {"stage": error.stage, "message": error.message}}


@registry.answers("merge-patch-hand", "merge-patch-random")
def merge_patch(given):
    document, patch = parsed(given["doc"], "document"), parsed(given["patch"], "patch")
    if patch is None or isinstance(patch, (str, int, float)):
        raise UnsupportedError("text for a patch that is no object")
    return {"result": apply_merge_patch(document, patch)}


@registry.answers("merge-patch-create")
def merge_patch_create(given):
    original, modified = freeze(given["original"]), freeze(given["modified"])
    if isinstance(original, str):
        original, modified = (
            parsed(given["original"], "document"),
            parsed(given["modified"], "document"),
        )
    if not (isinstance(original, FrozenMap) and isinstance(modified, FrozenMap)):
        raise UnsupportedError("a patch between documents that are no objects")
    patch = merge_difference(original, modified)
    return {"patch": patch, "applied": apply_merge_patch(original, patch)}


def strategic_result(original, patch, given):
    return apply_strategic_patch(original, patch, given["apiVersion"], given["kind"])


@registry.answers("strategic-hand", "strategic-random", "strategic-drift")
def strategic(given):
    original, patch = freeze(given["original"]), freeze(given["patch"])
    try:
        return {"result": strategic_result(original, patch, given)}
    except ApiError as error:
        return {"error": {"code": str(error.code), "message": error.message}}


@registry.answers("strategic-diff")
def strategic_difference(given):
    original, modified = freeze(given["original"]), freeze(given["modified"])
    try:
        schema = patch_schema(given["apiVersion"], given["kind"])
        patch = two_way_patch(original, modified, schema)
    except StrategicPatchError as error:
        return {"error": {"message": str(error)}}
    try:
        return {"patch": patch, "applied": strategic_result(original, patch, given)}
    except ApiError as error:
        return {"patch": patch, "apply_error": error.message}


def with_result(patch, current, gvk):
    try:
        return {"patch": patch, "applied": applied(current, patch, gvk)}
    except StrategicPatchError as error:
        return {"patch": patch, "apply_error": str(error)}


def refused(error):
    text = str(error)
    kind = {"kind": "precondition"} if text.startswith("precondition failed") else {}
    return {"error": {**kind, "message": text}}


@registry.answers("threeway-hand", "threeway-random", only=("overwrite",))
def three_way(given):
    original = freeze(given["original"] or {})
    modified, current = freeze(given["modified"]), freeze(given["current"])
    group, _, version = given["apiVersion"].rpartition("/")
    try:
        schema = patch_schema(given["apiVersion"], given["kind"])
        patch = strategic_three_way(original, modified, current, schema)
        check_fixed_fields(patch)
    except StrategicPatchError as error:
        return {"overwrite": refused(error)}
    gvk = GroupVersionKind(group, version, given["kind"])
    return {"overwrite": with_result(patch, current, gvk)}


@registry.answers("threeway-json-hand", "threeway-json-random")
def json_three(given):
    original = freeze(given["original"] or {})
    modified, current = freeze(given["modified"]), freeze(given["current"])
    try:
        patch = json_three_way(original, modified, current)
        check_fixed_fields(patch)
    except StrategicPatchError as error:
        return {"error": {"message": str(error)}}
    return {"patch": patch, "applied": apply_merge_patch(current, patch)}


@registry.answers("csa-modified")
def modified_configuration(given):
    obj = freeze(given["object"])
    if given["annotate"]:
        return {"modified": json_text(with_last_applied(obj)) + "\n"}
    annotations = obj.at("metadata", "annotations", default=freeze({})).remove(LAST_APPLIED)
    return {"modified": json_text(obj.set(("metadata", "annotations"), annotations)) + "\n"}


@registry.answers("csa-annotation")
def annotation(given):
    obj = freeze(given["object"])
    present = obj.at("metadata", "annotations", LAST_APPLIED) is not None
    return {"object": with_last_applied(obj) if given["create"] or present else obj}


@registry.answers("csa-original")
def original_configuration(given):
    return {"original": freeze(given["object"]).at("metadata", "annotations", LAST_APPLIED)}
