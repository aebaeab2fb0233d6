"""/status: writes that touch the status and, as far as the kind allows, metadata."""

from kcore.apiserver.decoding import method_not_allowed
from kcore.apiserver.mutation import check_uid, mutate
from kcore.apiserver.patch_handling import patch_part
from kcore.apiserver.registry import Registry
from kcore.apiserver.strategy.metadata import metadata_of
from kcore.machinery.request import Request, Response


def status(registry: Registry, request: Request) -> Response:
    """Get, update or patch through the status endpoint.

    Raises:
        ApiError: 404, 405, 409 or 422.
    """
    if request.verb == "patch":
        return patch_part(registry, request, registry.status_part)
    if request.verb == "get":
        return registry.get(request)
    if request.verb == "update":
        return _update(registry, request)
    raise method_not_allowed()


def _update(registry: Registry, request: Request) -> Response:
    endpoint = registry.endpoint
    old = registry.require(request)
    wanted, warnings = registry.decoded_update(request, old)
    check_uid(endpoint, request, metadata_of(wanted).get("uid") or "", old)
    if endpoint.traits.defaults_status:
        wanted = endpoint.rules.default(wanted)
    updated = mutate(
        registry.context,
        endpoint,
        request,
        lambda stored: registry.tracked(request, stored, wanted, request.body),
        registry.status_part,
    )
    return Response(200, updated, warnings=warnings)
