"""Requests and responses of the watch API."""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from kcore.store.etcd.messages import NO_HEADER, NO_KEY_VALUE, KeyValue, ResponseHeader

# The watch id of responses that are about no watch, or about all of a stream.
NO_WATCH_ID: Final = -1


class EventType(IntEnum):
    """What happened to a key."""

    PUT = 0
    DELETE = 1


class WatchFilter(IntEnum):
    """Events a watch does not want."""

    NOPUT = 0
    NODELETE = 1


@dataclass(frozen=True, slots=True)
class WatchCreateRequest:
    """Watch keys from `start_revision` on (0: from now on); a `watch_id` of 0 is chosen."""

    key: bytes = b""
    range_end: bytes = b""
    start_revision: int = 0
    progress_notify: bool = False
    filters: tuple[int, ...] = ()
    prev_kv: bool = False
    watch_id: int = 0
    fragment: bool = False


@dataclass(frozen=True, slots=True)
class Event:
    """One change of one key."""

    type: EventType = EventType.PUT
    kv: KeyValue = NO_KEY_VALUE
    prev_kv: KeyValue | None = None


@dataclass(frozen=True, slots=True)
class WatchResponse:
    """A watch's creation, its end, its events, or (without events) its progress."""

    header: ResponseHeader = NO_HEADER
    watch_id: int = 0
    created: bool = False
    canceled: bool = False
    compact_revision: int = 0
    cancel_reason: str = ""
    fragment: bool = False
    events: tuple[Event, ...] = ()
