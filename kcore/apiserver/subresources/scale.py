"""/scale: how many replicas, without knowing the kind."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from kcore.apiserver.decoding import check_kind, check_name, decode_as, method_not_allowed
from kcore.apiserver.endpoint import Endpoint
from kcore.apiserver.field_management import check_patch_options, manager_name, sent_owners
from kcore.apiserver.mutation import Change, Part, check_uid, mutate
from kcore.apiserver.patching import apply_patch, invalid_patch
from kcore.apiserver.registry import Registry
from kcore.apiserver.strategy.metadata import metadata_of
from kcore.errors import ApiError, Cause, Details, bad_request
from kcore.machinery.apply.managed_fields import (
    decode_managed,
    managed_fields_of,
    with_managed_fields,
)
from kcore.machinery.apply.scale_owners import owners_of_parent, owners_of_scale
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap, freeze
from kcore.machinery.labels import format_label_selector, from_set
from kcore.machinery.request import APPLY_PATCH, Request, Response
from kcore.machinery.resource import GroupVersionKind

SCALE: Final = GroupVersionKind("autoscaling", "v1", "Scale")

_KEPT_METADATA: Final = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")


@dataclass(frozen=True, slots=True)
class ScalePaths:
    """Where an object keeps what its Scale shows; `selector` None: as labels in its spec."""

    spec: tuple[str, ...] = ("spec", "replicas")
    status: tuple[str, ...] = ("status", "replicas")
    selector: tuple[str, ...] | None = None
    is_custom: bool = False


_BUILT_IN: Final = ScalePaths()


def scale_paths(endpoint: Endpoint) -> ScalePaths:
    """The paths of one resource; a custom one says them in its definition."""
    scale = None if endpoint.custom is None else endpoint.custom.scale
    if scale is None:
        return _BUILT_IN

    def steps(name: str) -> tuple[str, ...]:
        return tuple(part for part in (scale.get(name) or "").split(".") if part)

    return ScalePaths(
        steps("specReplicasPath"), steps("statusReplicasPath"), steps("labelSelectorPath"), True
    )


def scale_of(obj: FrozenMap, paths: ScalePaths = _BUILT_IN) -> FrozenMap:
    """The Scale that shows this object."""
    metadata = obj["metadata"]
    replicas = obj.at(*paths.spec, default=0)
    shown: dict[str, object] = {"replicas": obj.at(*paths.status, default=0)}
    selector = _selector_text(obj, paths.selector)
    if selector:
        shown["selector"] = selector
    scale: FrozenMap = freeze(
        {
            "apiVersion": SCALE.api_version,
            "kind": SCALE.kind,
            "metadata": {key: metadata[key] for key in _KEPT_METADATA if key in metadata},
            "spec": {"replicas": replicas} if replicas else {},
            "status": shown,
        }
    )
    return scale


def _no_replicas(path: tuple[str, ...]) -> ApiError:
    why = f'the spec replicas field ".{".".join(path)}" does not exist'
    details = Details(causes=(Cause("", why, ""),))
    return ApiError(500, "InternalError", f"Internal error occurred: {why}", details)


def _selector_text(obj: FrozenMap, path: tuple[str, ...] | None) -> str:
    if path is not None:
        found: str = obj.at(*path, default="") if path else ""
        return found
    spec = obj.get("spec") or EMPTY_MAP
    selector = spec.get("selector") or EMPTY_MAP
    if "matchLabels" in selector or "matchExpressions" in selector:
        return format_label_selector(selector)
    return str(from_set(selector))


def scale(registry: Registry, request: Request) -> Response:
    """Get, update or patch the number of replicas.

    Raises:
        ApiError: 400, 404, 405, 409 or 422.
    """
    if request.verb == "get":
        shown, paths = registry.require(request), scale_paths(registry.endpoint)
        if paths.is_custom and shown.at(*paths.spec) is None:
            raise _no_replicas(paths.spec)
        return Response(200, scale_of(shown, paths))
    if request.verb == "update":
        change = _replaced(registry, request)
    elif request.verb == "patch":
        check_patch_options(request)
        is_apply = request.patch_type == APPLY_PATCH
        change = _applied(registry, request) if is_apply else _patched(registry, request)
    else:
        raise method_not_allowed()
    endpoint = registry.endpoint
    part = Part(endpoint.strategy.updated, endpoint.rules.validate_update, "scale")
    scaled = mutate(registry.context, endpoint, request, change, part)
    return Response(200, scale_of(scaled, scale_paths(endpoint)))


def _replaced(registry: Registry, request: Request) -> Change:
    if request.body is None:
        raise bad_request("EOF")
    check_kind(request.body, SCALE, registry.scheme)
    wanted, _ = decode_as(request.body, SCALE, request.write_options.field_validation)
    check_name(wanted, request.name)
    old = registry.require(request)
    check_uid(registry.endpoint, request, metadata_of(wanted).get("uid") or "", old)
    set_replicas = _with_replicas(registry, wanted, request)
    sent = sent_owners(request.body)
    return lambda old: _tracked(registry, request, old, wanted, sent)(set_replicas(old))


def _with_replicas(
    registry: Registry, wanted: FrozenMap, request: Request
) -> Callable[[FrozenMap], FrozenMap]:
    count = wanted.at("spec", "replicas", default=0)
    # A custom resource has rules of its own for what its paths lead to.
    if count < 0 and registry.endpoint.custom is None:
        errors = FieldErrors()
        errors.invalid("spec.replicas", count, "must be greater than or equal to 0")
        raise errors.to_api_error(SCALE.kind, SCALE.group, request.name)
    version = metadata_of(wanted).get("resourceVersion") or ""
    path = scale_paths(registry.endpoint).spec

    def change(old: FrozenMap) -> FrozenMap:
        scaled = old.set(path, count)
        return scaled.set(("metadata", "resourceVersion"), version) if version else scaled

    return change


def _patched(registry: Registry, request: Request) -> Change:
    shape = replace(registry.endpoint, api_version=SCALE.api_version, kind=SCALE.kind)

    def change(old: FrozenMap) -> FrozenMap:
        before = scale_of(old, scale_paths(registry.endpoint))
        patched = apply_patch(request, before, shape)
        try:
            check_kind(patched, SCALE, registry.scheme)
            wanted, _ = decode_as(patched, SCALE, request.write_options.field_validation)
        except ApiError as error:
            raise invalid_patch(request, patched, before, error) from None
        check_name(wanted, request.name)
        scaled = _with_replicas(registry, wanted, request)(old)
        return _tracked(registry, request, old, wanted, sent_owners(patched))(scaled)

    return change


def _applied(registry: Registry, request: Request) -> Change:
    manager = registry.field_manager("scale")

    def change(old: FrozenMap) -> FrozenMap:
        if request.body is None:
            raise bad_request("invalid object type: /, Kind=")
        wanted = manager.apply(
            _scale_with_owners(registry, old),
            request.body,
            request.write_options.field_manager,
            registry.context.now_text(),
            lambda merged: decode_as(merged, SCALE, "Ignore")[0],
            force=request.write_options.force,
        )
        check_name(wanted, request.name)
        scaled = _with_replicas(registry, wanted, request)(old)
        return _with_parent_owners(registry, old, scaled, wanted)

    return change


def _scale_with_owners(registry: Registry, old: FrozenMap) -> FrozenMap:
    managed = decode_managed(managed_fields_of(old))
    owners = owners_of_scale(managed, registry.endpoint.api_version)
    return with_managed_fields(scale_of(old, scale_paths(registry.endpoint)), owners)


def _tracked(
    registry: Registry, request: Request, old: FrozenMap, wanted: FrozenMap, sent: Any
) -> Change:
    """What gives a scaled object its owners; nothing for objects that nobody tracks."""

    def change(scaled: FrozenMap) -> FrozenMap:
        if not len(managed_fields_of(old)):
            return scaled
        updated = registry.field_manager("scale").update(
            _scale_with_owners(registry, old),
            wanted,
            sent,
            manager_name(request),
            registry.context.now_text(),
        )
        return _with_parent_owners(registry, old, scaled, updated)

    return change


def _with_parent_owners(
    registry: Registry, old: FrozenMap, scaled: FrozenMap, scale_object: FrozenMap
) -> FrozenMap:
    managed = owners_of_parent(
        decode_managed(managed_fields_of(old)),
        decode_managed(managed_fields_of(scale_object)),
        registry.endpoint.api_version,
    )
    return with_managed_fields(scaled, managed)
