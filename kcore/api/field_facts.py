"""The fields of every served kind for people: types as kubectl shows them, required, enums.

Built-in kinds come from `kcore/api/data/fields.json.gz`, which `tools/generate_field_facts.py`
writes; custom kinds from the schema of their definition, descriptions included. Nothing here
decodes or checks a value.
"""

import gzip
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Final, Protocol

from kcore.machinery.frozen import EMPTY_MAP, FrozenMap
from kcore.machinery.resource import GroupVersionKind

_DATA: Final = "api/data/fields.json.gz"


class Fields(Protocol):
    """A schema: what it is, and its fields by name, in order of their names."""

    @property
    def description(self) -> str | None:
        """What its author says; None where nobody could say anything."""

    @property
    def fields(self) -> Mapping[str, "FieldFact"]:
        """Its fields; none for a plain value."""


@dataclass(frozen=True, slots=True)
class FieldFact:
    """One field. `inside` has the fields below it, through lists and maps; None if there are none.

    `description` is None for built-in kinds: upstream's texts are not part of kcore.
    """

    name: str
    type: str
    is_required: bool = False
    enum: tuple[str, ...] = ()
    description: str | None = None
    inside: Fields | None = field(default=None, compare=False)


@cache
def _document() -> dict[str, Any]:
    raw = files("kcore").joinpath(_DATA).read_bytes()
    document: dict[str, Any] = json.loads(gzip.decompress(raw))
    return document


@dataclass(frozen=True)
class _BuiltIn:
    """A schema of the committed facts, read when asked for."""

    place: int
    description: str | None = None

    @cached_property
    def fields(self) -> Mapping[str, FieldFact]:
        rows = _document()["schemas"][self.place]
        return {
            name: FieldFact(
                name,
                type_text,
                bool(required),
                tuple(enum),
                inside=_BuiltIn(target) if target >= 0 else None,
            )
            for name, type_text, target, required, *enum in rows
        }


def built_in_fields(gvk: GroupVersionKind) -> Fields | None:
    """The fields of a built-in kind; None if it is none that is served."""
    place = _document()["kinds"].get(f"{gvk.api_version}/{gvk.kind}")
    return None if place is None else _BuiltIn(place)


@dataclass(frozen=True)
class _Custom:
    """A schema of a definition (`openAPIV3Schema`), or a part of one."""

    schema: FrozenMap
    more: tuple[FieldFact, ...] = ()

    @property
    def description(self) -> str | None:
        return str(self.schema.get("description") or "")

    @cached_property
    def fields(self) -> Mapping[str, FieldFact]:
        properties = self.schema.get("properties") or EMPTY_MAP
        required = self.schema.get("required") or ()
        found = {one.name: one for one in self.more}
        for name, row in properties.items():
            if name not in found:
                found[name] = _fact(name, row, name in required)
        return dict(sorted(found.items()))


def _fact(name: str, row: FrozenMap, is_required: bool) -> FieldFact:
    inner = row
    while (deeper := inner.get("items") or inner.get("additionalProperties")) is not None:
        if not isinstance(deeper, FrozenMap):
            break
        inner = deeper
    return FieldFact(
        name,
        _type_text(row),
        is_required,
        tuple(map(str, row.get("enum") or ())),
        str(row.get("description") or ""),
        _Custom(inner) if inner.get("properties") else None,
    )


def _type_text(row: FrozenMap) -> str:
    items, more = row.get("items"), row.get("additionalProperties")
    if isinstance(items, FrozenMap):
        return f"[]{_type_text(items)}"
    if isinstance(more, FrozenMap):
        return f"map[string]{_type_text(more)}"
    found = str(row.get("type") or "Object")
    return "Object" if found == "object" else found


def custom_fields(schema: FrozenMap) -> Fields:
    """The fields of a custom kind, from the `openAPIV3Schema` of one version.

    Version, kind and metadata are those of every object, whatever the schema says of them.
    """
    pod = built_in_fields(GroupVersionKind("", "v1", "Pod"))
    assert pod is not None  # The facts have every served kind.
    return _Custom(schema, tuple(_described(pod.fields, ("apiVersion", "kind", "metadata"))))


def _described(known: Mapping[str, FieldFact], names: Iterable[str]) -> Iterable[FieldFact]:
    for name in names:
        fact = known[name]
        yield FieldFact(name, fact.type, description="", inside=fact.inside)
