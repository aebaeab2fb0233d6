"""The words that clients and the API server share: a request, its options, a response."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from kcore.machinery.frozen import FrozenMap
from kcore.machinery.watch_event import WatchStream
from kcore.records import record

Verb = Literal["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]
FieldValidation = Literal["Ignore", "Warn", "Strict"]
PropagationPolicy = Literal["Background", "Foreground", "Orphan"]

JSON_PATCH: Final = "application/json-patch+json"
MERGE_PATCH: Final = "application/merge-patch+json"
STRATEGIC_MERGE_PATCH: Final = "application/strategic-merge-patch+json"
APPLY_PATCH: Final = "application/apply-patch+yaml"


@record
@dataclass(frozen=True, slots=True)
class ListOptions:
    """Options of list, watch and deletecollection; texts as in the query string."""

    label_selector: str = ""
    field_selector: str = ""
    resource_version: str = ""
    resource_version_match: str = ""
    limit: int = 0
    continue_token: str = ""
    send_initial_events: bool = False
    allow_watch_bookmarks: bool = False


@record
@dataclass(frozen=True, slots=True)
class WriteOptions:
    """Options of create, update and patch."""

    dry_run: bool = False
    field_manager: str = ""
    field_validation: FieldValidation = "Warn"
    force: bool = False


@record
@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """Options of delete; `grace_period_s` None means the kind's own default."""

    grace_period_s: int | None = None
    propagation_policy: PropagationPolicy | None = None
    uid: str | None = None
    resource_version: str | None = None
    dry_run: bool = False


# Options are immutable, so requests share the defaults: making them anew would take longer than
# answering a get.
_LIST_OPTIONS: Final = ListOptions()
_WRITE_OPTIONS: Final = WriteOptions()
_DELETE_OPTIONS: Final = DeleteOptions()


@record
class Request(NamedTuple):
    """One call on one resource. `group` and `version` name the endpoint, as the URL does.

    `body` is the object (create, update), or the patch document. A JSON patch, which is a list,
    travels as a map with the one key `operations`. `body_problems` is what strict reading holds
    against the text that the body was read from: `duplicate field "spec.replicas"`. `has_empties`:
    there are empty lists or maps in the body, which Go tells from absent ones until it stores them.

    A server takes the first four fields, which say what is called, as one slice.
    """

    verb: Verb
    resource: str
    group: str = ""
    version: str = "v1"
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    body: FrozenMap | None = None
    body_problems: tuple[str, ...] = ()
    has_empties: bool = False
    patch_type: str = ""
    list_options: ListOptions = _LIST_OPTIONS
    write_options: WriteOptions = _WRITE_OPTIONS
    delete_options: DeleteOptions = _DELETE_OPTIONS
    user: str = ""


@record
class Response(NamedTuple):
    """What the server answers; refusals are raised as `ApiError` instead."""

    code: int
    body: FrozenMap | None = None
    stream: WatchStream | None = None
    warnings: tuple[str, ...] = ()


class Line:
    """The short way to whoever answers one verb of one resource, while a server knows it.

    A server opens it with the first request, and closes it when it has changed: a request that
    finds no answer here is sent as any other, and then there may be one again.
    """

    __slots__ = ("answer",)

    def __init__(self, answer: Callable[[Request], Response] | None = None) -> None:
        self.answer = answer
