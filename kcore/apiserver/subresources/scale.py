"""/scale: how many replicas, without knowing the kind."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from kcore.apiserver.decoding import check_kind, check_name, decode_as, method_not_allowed
from kcore.apiserver.mutation import Change, Part, check_uid, mutate
from kcore.apiserver.patching import apply_patch, invalid_patch
from kcore.apiserver.registry import Registry
from kcore.apiserver.strategy.metadata import metadata_of
from kcore.errors import ApiError, bad_request
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap, freeze
from kcore.machinery.labels import format_label_selector, from_set
from kcore.machinery.request import Request, Response
from kcore.machinery.resource import GroupVersionKind

SCALE: Final = GroupVersionKind("autoscaling", "v1", "Scale")

_KEPT_METADATA: Final = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")


def scale_of(obj: FrozenMap) -> FrozenMap:
    """The Scale that shows this object."""
    metadata = obj["metadata"]
    spec, status = obj.get("spec") or EMPTY_MAP, obj.get("status") or EMPTY_MAP
    replicas = spec.get("replicas") or 0
    shown: dict[str, object] = {"replicas": status.get("replicas") or 0}
    selector = _selector_text(spec)
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


def _selector_text(spec: FrozenMap) -> str:
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
        return Response(200, scale_of(registry.require(request)))
    if request.verb == "update":
        change = _replaced(registry, request)
    elif request.verb == "patch":
        change = _patched(registry, request)
    else:
        raise method_not_allowed()
    endpoint = registry.endpoint
    part = Part(endpoint.strategy.updated, endpoint.rules.validate_update, "scale")
    return Response(200, scale_of(mutate(registry.context, endpoint, request, change, part)))


def _replaced(registry: Registry, request: Request) -> Change:
    if request.body is None:
        raise bad_request("EOF")
    check_kind(request.body, SCALE, registry.scheme)
    wanted, _ = decode_as(request.body, SCALE, request.write_options.field_validation)
    check_name(wanted, request.name)
    old = registry.require(request)
    check_uid(registry.endpoint, request, metadata_of(wanted).get("uid") or "", old)
    return _with_replicas(wanted, request)


def _with_replicas(wanted: FrozenMap, request: Request) -> Callable[[FrozenMap], FrozenMap]:
    count = wanted.at("spec", "replicas", default=0)
    if count < 0:
        errors = FieldErrors()
        errors.invalid("spec.replicas", count, "must be greater than or equal to 0")
        raise errors.to_api_error(SCALE.kind, SCALE.group, request.name)
    version = metadata_of(wanted).get("resourceVersion") or ""

    def change(old: FrozenMap) -> FrozenMap:
        scaled = old.set(("spec", "replicas"), count)
        return scaled.set(("metadata", "resourceVersion"), version) if version else scaled

    return change


def _patched(registry: Registry, request: Request) -> Change:
    shape = replace(registry.endpoint, api_version=SCALE.api_version, kind=SCALE.kind)

    def change(old: FrozenMap) -> FrozenMap:
        patched = apply_patch(request, scale_of(old), shape)
        try:
            check_kind(patched, SCALE, registry.scheme)
            wanted, _ = decode_as(patched, SCALE, request.write_options.field_validation)
        except ApiError as error:
            raise invalid_patch(request, patched, error) from None
        check_name(wanted, request.name)
        return _with_replicas(wanted, request)(old)

    return change
