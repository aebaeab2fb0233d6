"""The words that clients and the API server share: a request, its options, a response."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from kcore.errors import InvariantError
from kcore.machinery.frozen import FrozenMap, Template
from kcore.machinery.watch_event import WatchStream
from kcore.records import changed, record

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

    A server takes the fields from `OPTIONS` on as one slice.
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


OPTIONS: Final = Request._fields.index("body_problems")
"""Where the fields of a request begin that say neither what it is about nor what it brings."""


@record
class Response(NamedTuple):
    """What the server answers; refusals are raised as `ApiError` instead."""

    code: int
    body: FrozenMap | None = None
    stream: WatchStream | None = None
    warnings: tuple[str, ...] = ()


Answer = Callable[[Request], Response]
Make = Callable[[Request], FrozenMap]
"""Answers with the object alone."""
Fill = Callable[[Request, Template, tuple[str, ...]], None]
"""Does what a request asks that is like the given one, but for its body: the template with these
texts. The first of them is the name that the request is about. See `filled`. Refusals are raised;
else there is no answer, since who fills in a template knows what becomes of it."""


def filled(request: Request, template: Template, texts: tuple[str, ...]) -> Request:
    """The request with the name and the body that a template and its texts give it."""
    return changed(request, name=texts[0], body=template(*texts))


def body_of(response: Response) -> FrozenMap:
    """The object in an answer to what is answered with one."""
    body = response.body
    if body is None:
        raise InvariantError("the server answered without a body")
    return body


class Line:
    """The way to whoever answers one verb of one resource, shortened while a server knows how.

    `answer` is always right, and so is `make`, for who reads the object of the answer alone; and so
    is `fill`, for who fills in one template again and again: where a server knows the template,
    nobody makes the body only to read the texts out of it. A server shortens all three at the first
    request, and undoes that when it has changed; from the first fault on, which may strike any
    call, they stay long.
    """

    __slots__ = ("_is_short_forbidden", "_long_way", "answer", "fill", "make")

    def __init__(self, long_way: Answer) -> None:
        self._long_way = long_way
        self._is_short_forbidden = False
        self.lengthen()

    def shorten(self, answer: Answer, make: Make | None = None, fill: Fill | None = None) -> None:
        """Take this way from now on."""
        if not self._is_short_forbidden:
            self.answer = answer
            self.make = self._make if make is None else make
            self.fill = self._fill if fill is None else fill

    def lengthen(self) -> None:
        """Take the long way again."""
        self.answer, self.make, self.fill = self._long_way, self._make, self._fill

    def keep_long(self) -> None:
        """Take the long way for ever."""
        self._is_short_forbidden = True
        self.lengthen()

    def _make(self, request: Request) -> FrozenMap:
        return body_of(self.answer(request))

    def _fill(self, request: Request, template: Template, texts: tuple[str, ...]) -> None:
        self.answer(filled(request, template, texts))
