"""Patch documents onto stored objects: from content type to result, with upstream's refusals."""

from typing import Final

from kcore.apiserver.endpoint import Endpoint
from kcore.errors import ApiError, Details, bad_request, unsupported_media_type
from kcore.limits import JSON_PATCH_OPERATIONS_COUNT_MAX
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import EMPTY_LIST, FrozenList, FrozenMap
from kcore.machinery.patch.converter_text import converter_text
from kcore.machinery.patch.go_values import go_text
from kcore.machinery.patch.json_patch import JsonPatchError, apply_json_patch
from kcore.machinery.patch.merge import apply_merge_patch
from kcore.machinery.patch.patch_text import unknown_operation_fields
from kcore.machinery.patch.patched_text import merge_trace, operations_trace, patched_text
from kcore.machinery.patch.strategic import apply_strategic_patch, without_directives
from kcore.machinery.request import (
    APPLY_PATCH,
    JSON_PATCH,
    MERGE_PATCH,
    STRATEGIC_MERGE_PATCH,
    Request,
)

_PATCH_TYPES: Final = ("", JSON_PATCH, MERGE_PATCH, STRATEGIC_MERGE_PATCH, APPLY_PATCH)


def check_patch_type(request: Request) -> None:
    """A PATCH has one of the content types that any resource takes.

    Raises:
        ApiError: 415 in the words of upstream's router.
    """
    if request.patch_type not in _PATCH_TYPES:
        raise unsupported_media_type("415: Unsupported Media Type")


def apply_patch(request: Request, old: FrozenMap, endpoint: Endpoint) -> FrozenMap:
    """The stored object with the request's patch applied; not decoded yet.

    Raises:
        ApiError: 400, 413, 415 or 422, as upstream refuses such patches.
    """
    if request.body is None:
        raise bad_request("invalid JSON patch")
    kind = request.patch_type or MERGE_PATCH
    if kind == JSON_PATCH:
        return _json_patched(request.body, old)
    if kind == MERGE_PATCH:
        return apply_merge_patch(old, request.body)  # type: ignore[no-any-return]
    if kind == STRATEGIC_MERGE_PATCH and endpoint.built_in:
        return apply_strategic_patch(old, request.body, endpoint.api_version, endpoint.kind)
    raise unsupported_media_type(_accepted(endpoint))


def _accepted(endpoint: Endpoint) -> str:
    types = [JSON_PATCH, MERGE_PATCH, *([STRATEGIC_MERGE_PATCH] if endpoint.built_in else [])]
    return (
        "the body of the request was in an unknown format - accepted media types include: "
        f"{', '.join([*types, APPLY_PATCH])}"
    )


def _json_patched(body: FrozenMap, old: FrozenMap) -> FrozenMap:
    if "operations" not in body:
        raise bad_request(
            "error decoding patch: json: cannot unmarshal object into Go value of type "
            "[]handlers.jsonPatchOp"
        )
    operations = body["operations"]
    if isinstance(operations, FrozenList) and len(operations) > JSON_PATCH_OPERATIONS_COUNT_MAX:
        message = (
            "The allowed maximum operations in a JSON patch is "
            f"{JSON_PATCH_OPERATIONS_COUNT_MAX}, got {len(operations)}"
        )
        raise ApiError(413, "RequestEntityTooLarge", message)
    try:
        patched = apply_json_patch(old, operations)
    except JsonPatchError as error:
        if error.stage == "decode":
            raise bad_request(f"error decoding patch: {error.message}") from None
        message = "the server rejected our request due to an error in our request"
        raise ApiError(422, "Invalid", message, Details(shown_empty=True)) from None
    if not isinstance(patched, FrozenMap):
        raise bad_request("error decoding patch: the patched document is not an object")
    return patched


def text_warnings(request: Request) -> list[str]:
    """The problems of a configuration's text, unless nobody wants to hear of them."""
    silent = request.write_options.field_validation == "Ignore"
    return [] if silent else list(request.body_problems)


def with_patch_problems(request: Request) -> Request:
    """The request with what strict decoding holds against the operations of a JSON patch."""
    if request.patch_type != JSON_PATCH or request.body is None:
        return request
    found = unknown_operation_fields(request.body.get("operations"))
    if not found:
        return request
    return request._replace(body_problems=(*request.body_problems, *found))


def not_convertible(
    request: Request, patched: FrozenMap, old: FrozenMap, error: ApiError
) -> ApiError:
    """The refusal of a result that no form of the kind can hold: nobody's fault when strategic."""
    if request.patch_type != STRATEGIC_MERGE_PATCH:
        return invalid_patch(request, patched, old, error)
    return ApiError(500, "", _reason(error))


def _reason(error: ApiError) -> str:
    """What decoding or defaulting says, without its first words about the kind."""
    _, handled, why = error.message.partition(" cannot be handled as a ")
    return why.partition(": ")[2] if handled else error.message


def invalid_patch(
    request: Request, patched: FrozenMap, old: FrozenMap, error: ApiError
) -> ApiError:
    """422 of a patch whose result is no object of the kind.

    Shows the result, or the patch itself when it is a strategic one, as upstream does.
    """
    why = _reason(error)
    if request.patch_type == STRATEGIC_MERGE_PATCH:
        shown, why = go_text(without_directives(request.body, old)), converter_text(why)
    elif request.patch_type == JSON_PATCH:
        operations = EMPTY_LIST if request.body is None else request.body.get("operations")
        shown = patched_text(patched, old, operations_trace(operations))
    else:
        shown = patched_text(patched, old, merge_trace(old, request.body))
    errors = FieldErrors()
    errors.invalid("patch", shown, why)
    return errors.to_api_error("", "", "")
