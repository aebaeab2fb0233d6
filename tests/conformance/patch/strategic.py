"""Strategic merge patches, their differences, and three-way JSON merges."""

from kcore.machinery.frozen import freeze
from kcore.machinery.patch.differences import two_way_patch
from kcore.machinery.patch.merge import apply_merge_patch
from kcore.machinery.patch.patch_schema import patch_schema
from kcore.machinery.patch.strategic import Mode, StrategicPatchError, merge_maps
from kcore.machinery.patch.three_way import check_fixed_fields, json_three_way
from tests.conformance.registry import Registry

registry = Registry("patch")


def schema_of(given):
    return patch_schema(given["apiVersion"], given["kind"])


@registry.answers("strategic-hand", "strategic-random", "strategic-drift")
def strategic(given):
    original, patch = freeze(given["original"]), freeze(given["patch"])
    try:
        return {"result": merge_maps(original, patch, schema_of(given), Mode.APPLY)}
    except StrategicPatchError as error:
        return {"error": {"code": str(error.code), "message": str(error)}}


@registry.answers("strategic-diff")
def difference(given):
    original, modified = freeze(given["original"]), freeze(given["modified"])
    schema = schema_of(given)
    try:
        patch = two_way_patch(original, modified, schema)
        return {"patch": patch, "applied": merge_maps(original, patch, schema, Mode.APPLY)}
    except StrategicPatchError as error:
        return {"error": {"message": str(error)}}


@registry.answers("threeway-json*")
def json_merge(given):
    sides = [freeze(given[side] or {}) for side in ("original", "modified", "current")]
    try:
        patch = json_three_way(*sides)
        check_fixed_fields(patch)
    except StrategicPatchError as error:
        return {"error": {"message": str(error)}}
    return {"patch": patch, "applied": apply_merge_patch(sides[2], patch)}
