"""Field ownership at the endpoints: which manager writes, what it owns, what apply makes of it.

An object is tracked from its first apply on, or from its creation where the server is told so
(`ServerContext.tracks_fields`). Objects that nobody tracks cost nothing.
"""

from typing import Any, Final

from kcore.api.custom_kind import CustomKind
from kcore.apiserver.context import ServerContext
from kcore.apiserver.endpoint import Endpoint
from kcore.apiserver.reset_fields import reset_fields
from kcore.apiserver.strategy.metadata import metadata_of
from kcore.machinery.apply.field_manager import FieldManager
from kcore.machinery.apply.field_set import FieldSet
from kcore.machinery.apply.managed_fields import without_managed_fields
from kcore.machinery.apply.openapi_schema import built_in_types
from kcore.machinery.apply.scale_owners import SCALE_VERSION
from kcore.machinery.apply.typed_schema import DEDUCED_REF, TypeRef
from kcore.machinery.apply.updater import Updater, renamed
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.request import APPLY_PATCH, Request
from kcore.machinery.resource import GroupVersionKind
from kcore.machinery.schema import zero_object

_MANAGER_LENGTH_MAX: Final = 128
_FIELD_VALIDATIONS: Final = ("", "Ignore", "Strict", "Warn")
_CUSTOM_STATUS_RESETS: Final = FieldSet.of(("metadata",), ("spec",))


def build_field_manager(endpoint: Endpoint, subresource: str) -> FieldManager:
    """The field manager of one endpoint; built once for each."""
    if subresource == "scale":
        return _scale_manager()
    if endpoint.custom_kind is not None:
        return _custom_manager(endpoint, endpoint.custom_kind, subresource)
    version = endpoint.api_version
    versions = endpoint.versions
    resets = reset_fields(endpoint, subresource)
    updater = Updater(
        types={each: _type_ref(endpoint, each) for each in _served_versions(endpoint)},
        ignored=dict.fromkeys(_served_versions(endpoint), resets),
        to_version=renamed if versions is None else versions.bare,
    )
    empty = zero_object(version, endpoint.kind) if endpoint.built_in else freeze({})
    empty = empty.set("apiVersion", version).set("kind", endpoint.kind)
    return FieldManager(endpoint.info.gvk, updater, empty, subresource)


def _served_versions(endpoint: Endpoint) -> tuple[str, ...]:
    """The versions in which owners of the endpoint's objects may have written."""
    return (endpoint.api_version,) if endpoint.versions is None else endpoint.versions.served


def _type_ref(endpoint: Endpoint, api_version: str) -> TypeRef:
    found = built_in_types().kind(api_version, endpoint.kind) if endpoint.built_in else None
    return DEDUCED_REF if found is None else found


def _custom_manager(endpoint: Endpoint, kind: CustomKind, subresource: str) -> FieldManager:
    """The field manager of a custom kind: owners in any of its versions are known."""
    custom_status = subresource == "status"
    resets = _CUSTOM_STATUS_RESETS if custom_status else reset_fields(endpoint, subresource)
    versions = list(kind.versions.values())
    updater = Updater(
        types={version.info.gvk.api_version: version.type_ref for version in versions},
        ignored={version.info.gvk.api_version: resets for version in versions},
    )
    empty = freeze({"apiVersion": endpoint.api_version, "kind": endpoint.kind})
    return FieldManager(endpoint.info.gvk, updater, empty, subresource)


def _scale_manager() -> FieldManager:
    type_ref = built_in_types().kind(SCALE_VERSION, "Scale") or DEDUCED_REF
    empty = zero_object(SCALE_VERSION, "Scale")
    empty = empty.set("apiVersion", SCALE_VERSION).set("kind", "Scale")
    gvk = GroupVersionKind.of(SCALE_VERSION, "Scale")
    return FieldManager(gvk, Updater({SCALE_VERSION: type_ref}), empty, "scale")


def manager_name(request: Request) -> str:
    """Who writes: the request's field manager, or else the client as it calls itself."""
    return request.write_options.field_manager or request.user.partition("/")[0]


def sent_owners(body: FrozenMap | None) -> Any:
    """`metadata.managedFields` as a request has it: an empty list says to forget all owners."""
    return None if body is None else metadata_of(body).get("managedFields")


def tracked_birth(
    context: ServerContext, manager: FieldManager, request: Request, obj: FrozenMap, sent: Any
) -> FrozenMap:
    """A new object with its owners, as it is before the server fills it in."""
    if not context.tracks_fields and not sent:
        return without_managed_fields(obj)
    return manager.update(manager.empty, obj, sent, manager_name(request), context.now_text())


def check_patch_options(request: Request) -> None:
    """Only an apply may be forced, and it must name its manager.

    Raises:
        ApiError: 422 with upstream's text.
    """
    errors = FieldErrors()
    options = request.write_options
    if request.patch_type == APPLY_PATCH:
        if not options.field_manager:
            errors.required("fieldManager", "is required for apply patch")
    elif options.force:
        errors.forbidden("force", "may not be specified for non-apply patch")
    if len(options.field_manager.encode()) > _MANAGER_LENGTH_MAX:
        errors.too_long("fieldManager", _MANAGER_LENGTH_MAX)
    if options.field_validation not in _FIELD_VALIDATIONS:
        errors.not_supported("fieldValidation", options.field_validation, _FIELD_VALIDATIONS)
    if len(errors):
        raise errors.to_api_error("PatchOptions", "meta.k8s.io", "")
