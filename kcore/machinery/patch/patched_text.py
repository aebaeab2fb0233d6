"""A patched object as upstream's messages show it.

Upstream patches JSON text. What a patch does not touch keeps the text that Go wrote, fields in the
order of their structs; every map on the way to a change is written anew, sorted; what the patch
brings comes sorted too. A `Trace` says which places are which.
"""

from dataclasses import dataclass, field
from typing import Any

from kcore.machinery.frozen import EMPTY_MAP, FrozenList, FrozenMap
from kcore.machinery.go_text import json_text
from kcore.machinery.schema_types import TypeRef, type_table
from kcore.machinery.typed_text import typed_json

_Place = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Trace:
    """The places that a patch wrote anew: containers on its way, and values it brought."""

    passed: set[_Place] = field(default_factory=set)
    brought: set[_Place] = field(default_factory=set)


def merge_trace(old: Any, patch: Any) -> Trace:
    """The trace of a merge patch. O(patch)."""
    trace = Trace()
    _follow(old, patch, (), trace)
    return trace


def _follow(old: Any, patch: Any, place: _Place, trace: Trace) -> None:
    if not isinstance(patch, FrozenMap) or not isinstance(old, FrozenMap):
        trace.brought.add(place)
        return
    trace.passed.add(place)
    for key, change in patch.items():
        if change is not None:
            _follow(old.get(key), change, (*place, key), trace)


def operations_trace(operations: Any) -> Trace:
    """The trace of a JSON patch. O(operations)."""
    trace = Trace()
    for operation in operations or ():
        for name in ("path", "from"):
            steps = tuple((operation.get(name) or "").split("/")[1:])
            steps = tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)
            trace.passed.update(steps[:length] for length in range(len(steps)))
            if name == "path" and operation.get("op") in ("add", "replace"):
                trace.brought.add(steps)
    return trace


def patched_text(patched: Any, old: FrozenMap, trace: Trace) -> str:
    """The JSON text of `patched`, made of `old` by a patch with this trace. O(size)."""
    schema = type_table().kind(old["apiVersion"], old["kind"])
    ref = None if schema is None else type_table().reference(schema.name)
    return _Writer(trace).text(patched, old, ref, ())


class _Writer:
    """Writes one object."""

    __slots__ = ("_trace",)

    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    def text(self, value: Any, old: Any, ref: TypeRef | None, place: _Place) -> str:
        if ref is None or place in self._trace.brought:
            return json_text(value)
        if value is old and place not in self._trace.passed:
            return typed_json(value, ref)
        if isinstance(value, FrozenMap):
            return self._map(value, old, ref, place)
        if isinstance(value, FrozenList):
            return self._list(value, old, ref, place)
        return json_text(value)

    def _map(self, value: FrozenMap, old: Any, ref: TypeRef, place: _Place) -> str:
        before = old if isinstance(old, FrozenMap) else EMPTY_MAP
        shown = [
            f"{json_text(key)}:{self.text(item, before.get(key), _below(ref, key), (*place, key))}"
            for key, item in value.items()
        ]
        return f"{{{','.join(shown)}}}"

    def _list(self, value: FrozenList, old: Any, ref: TypeRef, place: _Place) -> str:
        # Elements move; where one came from is told by which one it is.
        kept = {id(item): item for item in old} if isinstance(old, FrozenList) else {}
        shown = [
            self.text(item, kept.get(id(item)), ref.element, (*place, str(position)))
            for position, item in enumerate(value)
        ]
        return f"[{','.join(shown)}]"


def _below(ref: TypeRef, key: str) -> TypeRef | None:
    if ref.shape == "map":
        return ref.element
    if ref.shape != "struct":
        return None
    row = type_table().struct(ref.name).by_json_name.get(key)
    return None if row is None else row.type
