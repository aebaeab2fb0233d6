"""PATCH at a resource: from a patch document to a changed object, or to a new one by apply.

What a document does to an object is `patching`'s and `applying`'s; here it meets storage, decoding,
names and field owners.
"""

from kcore.apiserver.applying import applied, check_uid_of_new
from kcore.apiserver.decoding import check_kind, check_name, decode_at, placed
from kcore.apiserver.field_management import check_patch_options
from kcore.apiserver.mutation import Change, Part
from kcore.apiserver.patching import (
    apply_patch,
    check_patch_type,
    invalid_patch,
    not_convertible,
    text_warnings,
    with_patch_problems,
)
from kcore.apiserver.registry import Registry, defaulted
from kcore.apiserver.strategy.metadata import (
    deduplicated_owners,
    duplicate_owner_warning,
    metadata_of,
)
from kcore.errors import ApiError
from kcore.machinery.frozen import FrozenMap
from kcore.machinery.request import APPLY_PATCH, Request, Response


def patch(registry: Registry, request: Request) -> Response:
    """Change an object by a patch document; apply creates it when it is not there.

    Raises:
        ApiError: as upstream refuses such patches.
    """
    check_patch_type(request)
    if request.patch_type == APPLY_PATCH:
        storage, bucket = registry.context.storage, registry.endpoint.bucket
        if storage.get(bucket, request.namespace, request.name) is None:
            return _create_by_apply(registry, request)
    return patch_part(registry, request, registry.main_part)


def _create_by_apply(registry: Registry, request: Request) -> Response:
    check_patch_options(request)
    warnings = text_warnings(request)
    obj = _without_repeats(_applied(registry, request, registry.field_manager("").empty), warnings)
    check_uid_of_new(registry.endpoint, request.name, metadata_of(obj).get("uid") or "")
    if "resourceVersion" in metadata_of(obj):
        obj = obj.remove(("metadata", "resourceVersion"))
    return registry.create_owned(request, obj, tuple(warnings))


def _applied(registry: Registry, request: Request, live: FrozenMap) -> FrozenMap:
    manager = registry.field_manager(request.subresource)
    return applied(registry.context, registry.endpoint, manager, request, live)


def _without_repeats(obj: FrozenMap, warnings: list[str]) -> FrozenMap:
    obj, repeated = deduplicated_owners(obj)
    if repeated:
        warnings.append(duplicate_owner_warning(repeated))
    return obj


def patch_part(registry: Registry, request: Request, part: Part) -> Response:
    """Change what `part` may touch by a patch document.

    Raises:
        ApiError: as upstream refuses such patches; with the warnings there were until then.
    """
    check_patch_type(request)
    check_patch_options(request)
    warnings: list[str] = []
    if request.patch_type == APPLY_PATCH:
        change = _apply_change(registry, request, warnings)
    else:
        change = _patch_change(registry, request, warnings)
    try:
        updated = registry.mutated(request, change, part, warnings)
    except ApiError as error:
        error.warnings = tuple(warnings)
        raise
    return Response(200, updated, warnings=tuple(warnings))


def _patch_change(registry: Registry, request: Request, warnings: list[str]) -> Change:
    endpoint, request = registry.endpoint, with_patch_problems(request)

    def change(old: FrozenMap) -> FrozenMap:
        patched = apply_patch(request, old, endpoint)
        if patched is old and not request.body_problems:
            return old
        try:
            check_kind(patched, endpoint.info.gvk, registry.scheme)
            decoded, found = decode_at(endpoint, request, patched, old)
        except ApiError as error:
            raise invalid_patch(request, patched, old, error) from None
        warnings[:] = found
        check_name(decoded, request.name)
        obj = _without_repeats(placed(decoded, endpoint, request.namespace), warnings)
        try:
            filled = defaulted(endpoint, obj, old)
        except ApiError as error:
            raise not_convertible(request, patched, old, error) from None
        return registry.tracked(request, old, filled, patched)

    return change


def _apply_change(registry: Registry, request: Request, warnings: list[str]) -> Change:
    def change(old: FrozenMap) -> FrozenMap:
        warnings[:] = text_warnings(request)
        return _without_repeats(_applied(registry, request, old), warnings)

    return change
