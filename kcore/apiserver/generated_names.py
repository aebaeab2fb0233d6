"""Names that a server makes up, until one is free."""

from collections.abc import Callable
from typing import Final

from kcore.apiserver.endpoint import Endpoint
from kcore.errors import ApiError
from kcore.limits import GENERATED_NAME_TRIES_COUNT_MAX
from kcore.machinery.frozen import FrozenMap
from kcore.store.revision import CompareFailedError

TRIES: Final = range(GENERATED_NAME_TRIES_COUNT_MAX)


def under_free_name(
    endpoint: Endpoint, body: FrozenMap, make: Callable[[], FrozenMap]
) -> FrozenMap:
    """What `make` makes, tried again while a generated name turns out to be taken.

    Raises:
        ApiError: 409, the name that `body` gives is taken, or too many generated ones were.
    """
    for attempt in TRIES:
        try:
            return make()
        except CompareFailedError as error:
            check_retry(endpoint, body, attempt, error)
    raise AssertionError("unreachable")


def check_retry(
    endpoint: Endpoint, body: FrozenMap, attempt: int, error: CompareFailedError
) -> None:
    """Return if another name may be tried after `attempt` (0 is the first) of a create.

    Raises:
        ApiError: 409, as `under_free_name` does.
    """
    last = attempt + 1 == GENERATED_NAME_TRIES_COUNT_MAX
    if last or body.at("metadata", "name"):
        raise already_exists(endpoint, body, error) from None


def already_exists(endpoint: Endpoint, body: FrozenMap, error: CompareFailedError) -> ApiError:
    """409 in upstream's words; they differ for generated names and for objects being deleted."""
    name = body.at("metadata", "name", default="")
    if not name:
        generated = "" if error.current is None else error.current.value["metadata"]["name"]
        refusal = endpoint.already_exists(generated)
        why = ", the server was not able to generate a unique name for the object"
        return ApiError(409, "AlreadyExists", refusal.message + why, refusal.details)
    refusal = endpoint.already_exists(name)
    current = error.current
    if current is not None and current.value["metadata"].get("deletionTimestamp"):
        message = f"object is being deleted: {refusal.message}"
        return ApiError(409, "AlreadyExists", message, refusal.details)
    return refusal
