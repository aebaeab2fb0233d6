"""Event between v1 and events.k8s.io/v1: the same facts under other names."""

from typing import Final

from kcore.machinery.frozen import FrozenMap, freeze

V1: Final = "v1"
EVENTS_V1: Final = "events.k8s.io/v1"

_NEW_NAMES: Final = {
    "count": "deprecatedCount",
    "firstTimestamp": "deprecatedFirstTimestamp",
    "involvedObject": "regarding",
    "lastTimestamp": "deprecatedLastTimestamp",
    "message": "note",
    "reportingComponent": "reportingController",
    "source": "deprecatedSource",
}
_OLD_NAMES: Final = {new: old for old, new in _NEW_NAMES.items()}


def to_events_v1(event: FrozenMap) -> FrozenMap:
    """The events.k8s.io/v1 form of a v1 event. O(width)."""
    return _renamed(event, EVENTS_V1, _NEW_NAMES)


def to_v1(event: FrozenMap) -> FrozenMap:
    """The v1 form of an events.k8s.io/v1 event. O(width)."""
    return _renamed(event, V1, _OLD_NAMES)


def _renamed(event: FrozenMap, api_version: str, names: dict[str, str]) -> FrozenMap:
    fields = {names.get(key, key): value for key, value in event.items()}
    result: FrozenMap = freeze({**fields, "apiVersion": api_version})
    return result
