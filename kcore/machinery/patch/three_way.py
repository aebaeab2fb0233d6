"""The patch of client-side apply: from what was applied last, what is wanted, and what there is.

What the last manifest had and the new one lacks is deleted; what the new one says is set; what
somebody else set is left alone. Built-in kinds get a strategic merge patch, others a JSON merge
patch.
"""

from typing import Any, Final

from kcore.errors import bad_request
from kcore.machinery.codec import dump_yaml
from kcore.machinery.frozen import EMPTY_MAP, FrozenList, FrozenMap, freeze
from kcore.machinery.patch.conflicts import as_compared, patches_conflict
from kcore.machinery.patch.differences import BOTH, Want, map_difference
from kcore.machinery.patch.go_values import StrategicPatchError, go_text, identical
from kcore.machinery.patch.merge import apply_merge_patch
from kcore.machinery.patch.patch_schema import PatchSchema, patch_schema
from kcore.machinery.patch.strategic import Mode, merge_maps
from kcore.machinery.resource import GroupVersionKind

_FIXED: Final = ("apiVersion", "kind")


def three_way_patch(
    last_applied: FrozenMap | None, modified: FrozenMap, current: FrozenMap, gvk: GroupVersionKind
) -> FrozenMap:
    """The patch that `kubectl apply` would send; empty when there is nothing to do. O(size).

    Args:
        last_applied: the object as last applied; None when nothing was.
        modified: the object as wanted.
        current: the object as it is.
        gvk: which kind it is.

    Raises:
        ApiError: 400, the objects cannot be compared, or the patch would change `apiVersion`,
            `kind` or the name.
    """
    original = last_applied or EMPTY_MAP
    schema = patch_schema(gvk.api_version, gvk.kind)
    try:
        if schema is None:
            patch = json_three_way(original, modified, current)
        else:
            patch = strategic_three_way(original, modified, current, schema)
        check_fixed_fields(patch)
    except StrategicPatchError as error:
        raise bad_request(str(error)) from None
    return patch


def strategic_three_way(
    original: FrozenMap, modified: FrozenMap, current: FrozenMap, schema: PatchSchema
) -> FrozenMap:
    """Deletions from `original` to `modified`, then changes from `current` to `modified`.

    Raises:
        StrategicPatchError: the objects cannot be compared.
    """
    changes = map_difference(current, modified, schema, Want.CHANGES)
    deletions = map_difference(original, modified, schema, Want.DELETIONS)
    return merge_maps(deletions, changes, schema, Mode.COMBINE)


class PatchConflictError(StrategicPatchError):
    """Somebody else has changed what a careful three-way patch would change differently."""

    def __init__(self, patch: FrozenMap, changed: FrozenMap) -> None:
        super().__init__(
            "patch:\n"
            f"{dump_yaml(patch)}\nconflicts with changes made from original to current:\n"
            f"{dump_yaml(changed)}\n",
            409,
        )
        self.patch = patch
        self.changed = changed


def careful_three_way(
    original: FrozenMap, modified: FrozenMap, current: FrozenMap, schema: PatchSchema
) -> FrozenMap:
    """The same patch, unless it would undo what others changed since `original`.

    Raises:
        PatchConflictError: it would.
        StrategicPatchError: the objects cannot be compared, or a fixed field changes.
    """
    patch = strategic_three_way(original, modified, current, schema)
    check_fixed_fields(patch)
    changed = map_difference(original, current, schema, BOTH)
    if patches_conflict(patch, changed, schema):
        raise PatchConflictError(patch, changed)
    return as_compared(patch, changed, schema)


def json_three_way(original: FrozenMap, modified: FrozenMap, current: FrozenMap) -> FrozenMap:
    """The same by JSON merge patch, for kinds without strategies."""
    changes = _half(merge_difference(current, modified), nulls=False)
    deletions = _half(merge_difference(original, modified), nulls=True)
    return _joined(deletions or EMPTY_MAP, changes or EMPTY_MAP)


def merge_difference(original: FrozenMap, modified: FrozenMap) -> FrozenMap:
    """The JSON merge patch from `original` to `modified`. O(size)."""
    patch: dict[str, Any] = {key: None for key in original if key not in modified}
    for key, new in modified.items():
        old = original.get(key)
        if key in original and (old is new or identical(old, new)):
            continue
        if isinstance(old, FrozenMap) and isinstance(new, FrozenMap):
            new = merge_difference(old, new)  # noqa: PLW2901
        patch[key] = new
    result: FrozenMap = freeze(patch)
    return result


def _half(patch: FrozenMap, nulls: bool) -> FrozenMap | None:
    """The deletions of a merge patch, or everything else; None when nothing is left."""
    kept: dict[str, Any] = {}
    for key, value in patch.items():
        if isinstance(value, FrozenMap) and value:
            inner = _half(value, nulls)
            if inner is not None:
                kept[key] = inner
        elif (value is None) == nulls:
            kept[key] = value
    return freeze(kept) if kept else None


def _joined(deletions: FrozenMap, changes: FrozenMap) -> FrozenMap:
    """Two merge patches as one; nulls stay."""
    joined: dict[str, Any] = dict(deletions)
    for key, value in changes.items():
        before = joined.get(key)
        both = isinstance(before, FrozenMap) and isinstance(value, FrozenMap)
        # Nulls inside lists delete nothing: the merge drops them.
        joined[key] = _joined(before, value) if both else _outside_lists(value)  # type: ignore[arg-type]
    result: FrozenMap = freeze(joined)
    return result


def _outside_lists(value: Any) -> Any:
    if isinstance(value, FrozenMap):
        return freeze({key: _outside_lists(item) for key, item in value.items()})
    return apply_merge_patch(None, value) if isinstance(value, FrozenList) else value


def check_fixed_fields(patch: FrozenMap) -> None:
    """A patch must not turn an object into another one.

    Raises:
        StrategicPatchError: it changes `apiVersion`, `kind` or `metadata.name`.
    """
    metadata = patch.get("metadata")
    renames = isinstance(metadata, FrozenMap) and "name" in metadata
    if renames or any(key in patch for key in _FIXED):
        raise StrategicPatchError(f"precondition failed for: {go_text(patch)}", 400)


def applied(current: FrozenMap, patch: FrozenMap, gvk: GroupVersionKind) -> FrozenMap:
    """What `current` becomes under a patch of `three_way_patch`.

    Raises:
        StrategicPatchError: the patch cannot be applied.
    """
    schema = patch_schema(gvk.api_version, gvk.kind)
    if schema is None:
        merged: FrozenMap = apply_merge_patch(current, patch)
        return merged
    return merge_maps(current, patch, schema, Mode.APPLY)
