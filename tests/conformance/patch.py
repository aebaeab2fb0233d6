"""What kcore answers to the `patch` vectors: JSON, merge, strategic and three-way patches."""

import json

from kcore.client.apply import LAST_APPLIED
from kcore.client.apply import _with_last_applied as with_last_applied
from kcore.errors import ApiError
from kcore.machinery.frozen import freeze
from kcore.machinery.go_text import json_text
from kcore.machinery.patch.differences import two_way_patch
from kcore.machinery.patch.document_text import (
    PatchDocumentError,
    json_patched,
    merge_patch_between,
    merge_patched,
)
from kcore.machinery.patch.go_values import StrategicPatchError
from kcore.machinery.patch.json_patch import JsonPatchError
from kcore.machinery.patch.merge import apply_merge_patch
from kcore.machinery.patch.patch_schema import patch_schema
from kcore.machinery.patch.strategic import apply_strategic_patch
from kcore.machinery.patch.three_way import (
    PatchConflictError,
    applied,
    careful_three_way,
    check_fixed_fields,
    json_three_way,
    strategic_three_way,
)
from kcore.machinery.resource import GroupVersionKind
from tests.conformance.registry import Registry

registry = Registry("patch")


@registry.answers("json-patch-hand", "json-patch-random")
def json_patch(given):
    try:
        return {"result": json.loads(json_patched(given["doc"], given["patch"]))}
    except JsonPatchError as error:
        return {"error": {"stage": error.stage, "message": error.message}}


@registry.answers("merge-patch-hand", "merge-patch-random")
def merge_patch(given):
    try:
        return {"result": json.loads(merge_patched(given["doc"], given["patch"]))}
    except PatchDocumentError as error:
        return {"error": {"message": str(error)}}


def text_of(document):
    """Records made by hand hold texts, others values."""
    return document if isinstance(document, str) else json.dumps(document)


@registry.answers("merge-patch-create")
def merge_patch_create(given):
    original = text_of(given["original"])
    try:
        patch = merge_patch_between(original, text_of(given["modified"]))
        applied_text = merge_patched(original, patch)
    except PatchDocumentError as error:
        return {"error": {"message": str(error)}}
    return {"patch": json.loads(patch), "applied": json.loads(applied_text)}


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
    if isinstance(error, PatchConflictError):
        return {"error": {"kind": "conflict"}}
    text = str(error)
    kind = {"kind": "precondition"} if text.startswith("precondition failed") else {}
    return {"error": {**kind, "message": text}}


def overwriting(*given):
    patch = strategic_three_way(*given)
    check_fixed_fields(patch)
    return patch


@registry.answers("threeway-hand", "threeway-random")
def three_way(given):
    original = freeze(given["original"] or {})
    modified, current = freeze(given["modified"]), freeze(given["current"])
    group, _, version = given["apiVersion"].rpartition("/")
    gvk = GroupVersionKind(group, version, given["kind"])
    schema = patch_schema(given["apiVersion"], given["kind"])
    answers = {}
    for mode, make in (("overwrite", overwriting), ("no_overwrite", careful_three_way)):
        try:
            patch = make(original, modified, current, schema)
        except StrategicPatchError as error:
            answers[mode] = refused(error)
        else:
            answers[mode] = with_result(patch, current, gvk)
    return answers


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
