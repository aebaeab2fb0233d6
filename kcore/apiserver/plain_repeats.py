"""Patches by which recorders say that an event has happened again: how often, when, in which words.

Nobody has rules about these three fields of old events, those without `eventTime`; the rules about
the rest of an event held when it was created.
"""

from typing import Any, Final

from kcore.apiserver.plain_patches import VERSION, PlainPatches, is_written_time
from kcore.apiserver.registry import Registry
from kcore.machinery.frozen import FrozenMap, Patch, Path, Template, freeze
from kcore.machinery.request import MERGE_PATCH

_FIELDS: Final = ("count", "lastTimestamp", "message")
_REPEAT: Final = Template(freeze({"count": 1, "lastTimestamp": "", "message": ""}), *_FIELDS)
_REPEATED: Final = Patch(*_FIELDS)
_WRITTEN: Final = Patch(VERSION)
_EVENT_TIME: Final = Path("eventTime")

_INT32_MAX: Final = 2**31 - 1


class PlainRepeats(PlainPatches):
    """Answers the patches of events."""

    __slots__ = ()

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry, registry.main_part, MERGE_PATCH)
        # In the new version of events the fields have other names.
        self._is_open = self._is_open and registry.endpoint.api_version == "v1"

    def _read(self, body: FrozenMap) -> tuple[Any, ...] | None:
        said = _REPEAT.read(body)
        if said is None:
            return None
        count, last, message = said
        is_plain = (
            type(count) is int
            and 0 < count <= _INT32_MAX
            and type(message) is str
            and message != ""
            and type(last) is str
            and is_written_time(last)
        )
        return said if is_plain else None

    def _changed(self, old: FrozenMap, said: tuple[Any, ...], version: str) -> FrozenMap | None:
        """O(1)."""
        if _EVENT_TIME(old) is not None:
            return None
        new = _REPEATED(old, *said)
        return old if new == old else _WRITTEN(new, version)
