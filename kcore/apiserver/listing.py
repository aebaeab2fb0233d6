"""Lists: pages, continue tokens and the resourceVersion rules.

Every page of one list shows one revision. What `resourceVersion`, `resourceVersionMatch`, `limit`
and `continue` mean together is upstream's matrix (KEP-2340); contradictions are 422.
"""

from dataclasses import dataclass
from itertools import islice
from typing import Final

from kcore.apiserver.continue_token import ContinueToken, decode_token
from kcore.apiserver.endpoint import Endpoint
from kcore.apiserver.selection import Selection, select
from kcore.apiserver.storage import Storage
from kcore.errors import ApiError, bad_request, expired, too_large_resource_version
from kcore.machinery.field_errors import FieldErrors
from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.request import ListOptions, Request, Response
from kcore.store.revision import CompactedError
from kcore.store.selection import SelectionLine
from kcore.store.snapshot import BucketView

EXACT: Final = "Exact"
NOT_OLDER_THAN: Final = "NotOlderThan"

_INCONSISTENT: Final = (
    "The provided continue parameter is too old to display a consistent list result. "
    "You can start a new list without the continue parameter, or use the continue token in this "
    "response to retrieve the remainder of the results. Continuing with the provided token results "
    "in an inconsistent list - objects that were created, modified, or deleted between the time "
    "the first chunk was returned and now may show up in the list."
)


def list_objects(storage: Storage, endpoint: Endpoint, request: Request) -> Response:
    """Answer a list. O(log n + m) for m objects looked at.

    Raises:
        ApiError: 400, 410, 422 or 504, as upstream refuses such lists.
    """
    options = request.list_options
    check_list_options(options)
    selection = select(endpoint, request.namespace, options)
    place = _place(storage, endpoint, selection, options)
    line = storage.store.selections(endpoint.bucket)
    if not place.limit and not place.start:
        found = list(selection.of_view(place.view, line))
        return Response(200, _body(endpoint, place.view.revision, found))
    return Response(200, _page(endpoint, selection, place, line))


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page begins: which view, which key (empty: the first), at most how many."""

    view: BucketView
    start: str = ""
    limit: int = 0
    expected_count: int | None = None


def _place(
    storage: Storage, endpoint: Endpoint, selection: Selection, options: ListOptions
) -> _Place:
    limit = max(options.limit, 0)
    wanted = options.resource_version
    if options.continue_token:
        if wanted and wanted != "0":
            raise bad_request("specifying resource version is not allowed when using continue")
        token = decode_token(options.continue_token)
        view = _continued_view(storage, endpoint, selection, token)
        # Upstream answers resourceVersion=0 from its cache, which knows no pages.
        limit = 0 if wanted == "0" else limit
        return _Place(view, selection.start_key + token.start, limit, token.remaining_count)
    revision = _list_revision(wanted) if wanted else 0
    if not revision:
        return _Place(storage.view(endpoint.bucket), limit=0 if wanted == "0" else limit)
    current = storage.store.revision
    if revision > current:
        raise too_large(revision, current)
    match = options.resource_version_match
    if match == EXACT or (not match and limit):
        try:
            return _Place(storage.view(endpoint.bucket, revision), limit=limit)
        except CompactedError:
            message = "The resourceVersion for the provided list is too old."
            raise expired(message) from None
    return _Place(storage.view(endpoint.bucket), limit=limit)


def _continued_view(
    storage: Storage, endpoint: Endpoint, selection: Selection, token: ContinueToken
) -> BucketView:
    if token.revision < 0:
        return storage.view(endpoint.bucket)
    if token.revision > storage.store.revision:
        raise too_large(token.revision, storage.store.revision)
    try:
        return storage.view(endpoint.bucket, token.revision)
    except CompactedError:
        raise InconsistentContinueError(ContinueToken(-1, token.start).encode()) from None


class InconsistentContinueError(ApiError):
    """410 of a continuation that is too old; offers a token that goes on at the present."""

    def __init__(self, token: str) -> None:
        super().__init__(410, "Expired", _INCONSISTENT)
        self.continue_token = token

    def to_status(self) -> dict[str, object]:
        """The Status, with the offered token in its metadata."""
        status = super().to_status()
        status["metadata"] = {"continue": self.continue_token}
        return status


def _page(
    endpoint: Endpoint, selection: Selection, place: _Place, line: SelectionLine
) -> FrozenMap:
    view = place.view
    entries, is_exact = selection.candidates(view, line, place.start, place.limit)
    if not is_exact:
        entries = (entry for entry in entries if selection.matches(entry.value))
    page = list(islice(entries, place.limit) if place.limit else entries)
    found = [entry.value for entry in page]
    if not place.limit or len(page) < place.limit:
        return _body(endpoint, view.revision, found)
    after = page[-1].key + "\0"
    left_count = view.count(after, selection.end_key)
    if not left_count:
        return _body(endpoint, view.revision, found)
    # What is left may be none of the selected: nobody has looked.
    remaining = None
    if not selection.has_selector:
        expected = place.expected_count
        remaining = left_count if expected is None else expected - len(found)
    token = ContinueToken(view.revision, after[len(selection.start_key) :], remaining)
    return _body(endpoint, view.revision, found, token.encode(), remaining)


def _body(
    endpoint: Endpoint,
    revision: int,
    found: list[FrozenMap],
    continue_token: str = "",
    remaining_count: int | None = None,
) -> FrozenMap:
    metadata: dict[str, object] = {"resourceVersion": str(revision)}
    if continue_token:
        metadata["continue"] = continue_token
    if remaining_count is not None:
        metadata["remainingItemCount"] = remaining_count
    body: FrozenMap = freeze(
        {
            "apiVersion": endpoint.api_version,
            "kind": f"{endpoint.kind}List",
            "metadata": metadata,
            "items": found,
        }
    )
    return body


def parse_revision(text: str) -> int:
    """A resourceVersion as a number.

    Raises:
        ApiError: 500 with upstream's text.
    """
    if text.isascii() and text.isdigit():
        return int(text)
    raise ApiError(
        500,
        "",
        f'resourceVersion: Invalid value: "{text}": '
        f'strconv.ParseUint: parsing "{text}": invalid syntax',
    )


def _list_revision(text: str) -> int:
    try:
        return parse_revision(text)
    except ApiError as error:
        raise bad_request(f"invalid resource version: {error.message}") from None


def too_large(wanted: int, current: int) -> ApiError:
    """504 of a read of the future."""
    refusal = too_large_resource_version(wanted, current)
    return ApiError(504, "Timeout", f"Timeout: {refusal.message}", refusal.details)


def check_list_options(options: ListOptions) -> None:
    """Refuse contradictions between the options of a list.

    Raises:
        ApiError: 422 with upstream's causes.
    """
    errors = FieldErrors()
    if options.send_initial_events:
        errors.forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list")
    if options.resource_version_match:
        _check_match(options, errors)
    if len(errors):
        raise errors.to_api_error("ListOptions", "meta.k8s.io", "")


def _check_match(options: ListOptions, errors: FieldErrors) -> None:
    path, match = "resourceVersionMatch", options.resource_version_match
    if not options.resource_version:
        errors.forbidden(path, f"{path} is forbidden unless resourceVersion is provided")
    if options.continue_token:
        errors.forbidden(path, f"{path} is forbidden when continue is provided")
    if match not in (EXACT, NOT_OLDER_THAN):
        errors.not_supported(path, match, (EXACT, NOT_OLDER_THAN, ""))
    if match == EXACT and options.resource_version == "0":
        errors.forbidden(path, f'{path} "exact" is forbidden for resourceVersion "0"')
