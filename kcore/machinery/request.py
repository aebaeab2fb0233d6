"""The words that clients and the API server share: a request, its options, a response."""

from dataclasses import dataclass, field
from typing import Final, Literal

from kcore.machinery.frozen import FrozenMap
from kcore.machinery.watch_event import WatchStream

Verb = Literal["get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"]
FieldValidation = Literal["Ignore", "Warn", "Strict"]
PropagationPolicy = Literal["Background", "Foreground", "Orphan"]

JSON_PATCH: Final = "application/json-patch+json"
MERGE_PATCH: Final = "application/merge-patch+json"
STRATEGIC_MERGE_PATCH: Final = "application/strategic-merge-patch+json"
APPLY_PATCH: Final = "application/apply-patch+yaml"


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


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """Options of create, update and patch."""

    dry_run: bool = False
    field_manager: str = ""
    field_validation: FieldValidation = "Warn"
    force: bool = False


@dataclass(frozen=True, slots=True)
class DeleteOptions:
    """Options of delete; `grace_period_s` None means the kind's own default."""

    grace_period_s: int | None = None
    propagation_policy: PropagationPolicy | None = None
    uid: str | None = None
    resource_version: str | None = None
    dry_run: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """One call on one resource. `group` and `version` name the endpoint, as the URL does.

    `body` is the object (create, update), or the patch document. A JSON patch, which is a list,
    travels as a map with the one key `operations`.
    """

    verb: Verb
    resource: str
    group: str = ""
    version: str = "v1"
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    body: FrozenMap | None = None
    patch_type: str = ""
    list_options: ListOptions = field(default_factory=ListOptions)
    write_options: WriteOptions = field(default_factory=WriteOptions)
    delete_options: DeleteOptions = field(default_factory=DeleteOptions)
    user: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """What the server answers; refusals are raised as `ApiError` instead."""

    code: int
    body: FrozenMap | None = None
    stream: WatchStream | None = None
    warnings: tuple[str, ...] = ()
