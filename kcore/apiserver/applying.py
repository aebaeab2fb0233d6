"""Server-side apply at an endpoint: from a configuration to the object that it makes of another."""

from kcore.apiserver.context import ServerContext
from kcore.apiserver.decoding import check_name, decode_as, decode_sent, placed
from kcore.apiserver.endpoint import Endpoint
from kcore.errors import ApiError, bad_request
from kcore.machinery.apply.field_manager import FieldManager
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.patch.converter_text import converter_text
from kcore.machinery.request import Request
from kcore.machinery.resource import GroupVersionKind


def applied(
    context: ServerContext,
    endpoint: Endpoint,
    manager: FieldManager,
    request: Request,
    live: FrozenMap,
) -> FrozenMap:
    """`live` with the request's configuration applied, defaulted, with the URL's name and place.

    Raises:
        ApiError: 400, 409 or 500, as upstream refuses such configurations.
    """
    if request.body is None:
        raise bad_request("invalid object type: /, Kind=")
    options = request.write_options

    def finish(merged: FrozenMap) -> FrozenMap:
        return _finished(endpoint, merged, request.has_empties)

    obj = manager.apply(
        live,
        request.body,
        options.field_manager,
        context.now_text(),
        finish,
        force=options.force,
    )
    obj = placed(obj, endpoint, request.namespace)
    check_name(obj, request.name)
    return obj


def _finished(endpoint: Endpoint, merged: FrozenMap, has_empties: bool) -> FrozenMap:
    """A merged object as the kind's types write it, with defaults."""
    if endpoint.custom is not None:
        return endpoint.custom.completed(merged)
    try:
        if has_empties:
            decoded, _ = decode_sent(merged, endpoint.info.gvk)
        else:
            decoded, _ = decode_as(merged, endpoint.info.gvk, "Ignore")
    except ApiError as error:
        raise _unconvertible(endpoint.info.gvk, merged, error) from None
    return endpoint.rules.default(decoded)


def _unconvertible(gvk: GroupVersionKind, merged: FrozenMap, error: ApiError) -> ApiError:
    """500 of an applied configuration that merges but is no object of the kind."""
    shown = f"{gvk.group}/{gvk.version}, Kind={gvk.kind}"
    metadata = merged.get("metadata") or EMPTY_MAP
    place = f"{metadata.get('namespace') or ''}/{metadata.get('name') or ''}"
    why = error.message.partition(f" cannot be handled as a {gvk.kind}: ")[2] or error.message
    why = converter_text(why)
    message = (
        f"failed to convert new object ({place}; {shown}) to proper version: "
        f"unable to convert unstructured object to {shown}: {why}"
    )
    return ApiError(500, "", message)


def check_uid_of_new(endpoint: Endpoint, name: str, uid: str) -> None:
    """An object that is created cannot be one that exists already.

    Raises:
        ApiError: 409 with upstream's text.
    """
    if uid:
        why = (
            f"uid mismatch: the provided object specified uid {uid}, and no existing object was "
            "found"
        )
        raise endpoint.conflict(name, why)
