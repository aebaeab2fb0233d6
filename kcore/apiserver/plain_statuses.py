"""Patches by which schedulers say in a pod's status why it waits, or which node it may get.

They come in three forms: a condition, the name of a node, or both. A condition takes the place of
the one of its type, or goes to the front; what these fields may hold is text; nobody has rules
about a pod's status.
"""

from typing import Any, Final

from kcore.apiserver.plain_patches import VERSION, PlainPatches, is_written_time
from kcore.apiserver.registry import Registry
from kcore.machinery.frozen import (
    ABSENT,
    EMPTY_LIST,
    FrozenList,
    FrozenMap,
    Patch,
    Paths,
    Template,
    freeze,
)
from kcore.machinery.request import STRATEGIC_MERGE_PATCH

_CONDITIONS: Final = ("status", "conditions")
_PROMISE: Final = ("status", "nominatedNodeName")

_FIELDS: Final = {
    "type": "",
    "status": "",
    "reason": "",
    "message": "",
    "lastTransitionTime": "",
    "observedGeneration": 1,
}
"""All that a condition has, except the time of a probe, of which schedulers know nothing."""
_TEXTS: Final = ("lastTransitionTime", "type", "status", "reason", "message")

# Most patches say one thing of a pod that nobody has changed since its creation.
_OF_NEW_POD: Final = Template(
    freeze({"status": {"conditions": [_FIELDS]}}), *[(*_CONDITIONS, 0, text) for text in _TEXTS]
)
_ONE_CONDITION: Final = Template(freeze({"status": {"conditions": [{}]}}), (*_CONDITIONS, 0))
_ONE_PROMISE: Final = Template(freeze({"status": {"nominatedNodeName": ""}}), _PROMISE)
_BOTH: Final = Template(
    freeze({"status": {"conditions": [{}], "nominatedNodeName": ""}}), (*_CONDITIONS, 0), _PROMISE
)
_CONDITION: Final = Template(freeze(_FIELDS), "observedGeneration", *_TEXTS)

_FOUND: Final = Paths(_CONDITIONS, _PROMISE)
_SAID: Final = Patch(_CONDITIONS, VERSION)
_PROMISED: Final = Patch(_PROMISE, VERSION)
_BOTH_SAID: Final = Patch(_CONDITIONS, _PROMISE, VERSION)
_WRITTEN: Final = Patch(VERSION)

_Said = tuple[FrozenMap | None, Any]
"""The condition and the promise of a patch; None for no condition, ABSENT for no promise."""


class PlainStatuses(PlainPatches):
    """Answers the patches of the status of pods."""

    __slots__ = ()

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry, registry.status_part, STRATEGIC_MERGE_PATCH)

    def _read(self, body: FrozenMap) -> _Said | None:
        texts = _OF_NEW_POD.read_texts(body)
        if texts is not None and is_written_time(texts[0]):
            return body.at(*_CONDITIONS, 0), ABSENT
        found = _ONE_CONDITION.read(body)
        if found is not None:
            return (found[0], ABSENT) if _is_condition(found[0]) else None
        found = _BOTH.read(body)
        if found is not None:
            return found if _is_condition(found[0]) and _is_promise(found[1]) else None
        found = _ONE_PROMISE.read(body)
        if found is not None:
            return (None, found[0]) if _is_promise(found[0]) else None
        return None

    def _changed(self, old: FrozenMap, said: _Said, version: str) -> FrozenMap | None:
        """O(conditions)."""
        condition, promise = said
        before, promised = _FOUND(old)
        after = before
        if condition is not None:
            after = _with(before or EMPTY_LIST, condition)
            if after is None:
                return None
        new = old
        if promise is ABSENT or promise == promised:
            if after != before:
                new = _SAID(old, after, version)
        elif promise is None:
            new = _WRITTEN(old.remove(_PROMISE), version)
            if condition is not None:
                new = _SAID(new, after, version)
        elif condition is None:
            new = _PROMISED(old, promise, version)
        else:
            new = _BOTH_SAID(old, after, promise, version)
        return new


def _is_promise(value: Any) -> bool:
    return value is None or (type(value) is str and value != "")


def _is_condition(value: Any) -> bool:
    """Whether these are the fields of a condition, each as the server would write it."""
    parts = _CONDITION.read(value) if type(value) is FrozenMap else None
    if parts is None or any(type(text) is not str or not text for text in parts[1:]):
        return False
    return type(parts[0]) is int and parts[0] > 0 and is_written_time(parts[1])


def _with(conditions: FrozenList, condition: FrozenMap) -> FrozenList | None:
    """The conditions with this one among them; None where their types are not distinct texts."""
    kinds = [one.get("type") for one in conditions]
    if None in kinds or len({*kinds}) < len(kinds):
        return None
    kind = condition["type"]
    if kind not in kinds:
        with_new: FrozenList = freeze([condition.set("lastProbeTime", None), *conditions])
        return with_new
    place = kinds.index(kind)
    probed = conditions[place].get("lastProbeTime")
    return conditions.set(place, condition.set("lastProbeTime", probed))
