"""/finalize of namespaces: the one way to change `spec.finalizers`."""

from dataclasses import replace

from kcore.api.object_rules import distinct
from kcore.apiserver.context import ServerContext
from kcore.apiserver.decoding import method_not_allowed
from kcore.apiserver.mutation import Part, check_uid, mutate
from kcore.apiserver.registry import Registry
from kcore.apiserver.strategy.base import NO_HOOKS
from kcore.apiserver.strategy.metadata import metadata_of
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import EMPTY_LIST, FrozenMap
from kcore.machinery.meta import (
    validate_finalizer_name,
    validate_kept_finalizers,
    validate_object_meta,
    validate_object_meta_update,
)
from kcore.machinery.names import path_segment
from kcore.machinery.request import Request, Response


def finalize(registry: Registry, request: Request) -> Response:
    """Replace the finalizers; the last one gone from a dying namespace removes it.

    Raises:
        ApiError: 400, 404, 405, 409 or 422.
    """
    if request.verb != "update":
        raise method_not_allowed()
    endpoint = registry.endpoint
    old = registry.require(request)
    wanted, warnings = registry.decoded_update(request, old)
    check_uid(endpoint, request, metadata_of(wanted).get("uid") or "", old)
    wanted = endpoint.rules.default(wanted)
    generic = replace(endpoint.strategy, hooks=NO_HOOKS)

    def prepare(new: FrozenMap, old: FrozenMap, context: ServerContext) -> FrozenMap:
        return generic.updated(new, old, context)

    part = Part(prepare, _validate, "finalize")
    updated = mutate(registry.context, endpoint, request, lambda _old: wanted, part)
    return Response(200, updated, warnings=warnings)


def _validate(new: FrozenMap, old: FrozenMap, errors: FieldErrors) -> None:
    found, metadata = FieldErrors(), metadata_of(new)
    validate_object_meta(metadata, False, path_segment, found)
    validate_object_meta_update(metadata, metadata_of(old), found)
    validate_kept_finalizers(metadata, found)
    for position, name in enumerate(new.at("spec", "finalizers", default=EMPTY_LIST)):
        validate_finalizer_name(name, found, f"spec.finalizers[{position}]")
    errors.extend(distinct(found))
