"""How upstream's messages show a value in its internal form.

Upstream checks objects in a form of its own: fields have Go names and another order, and empty ones
are shown too (`{"Kind":"Pod","Namespace":"",...}`). Which fields there are is data
(`kcore/api/data/internal.json.gz`, written by `tools/generate_internal_types.py`); a field takes
the value of the versioned field with the same Go name. Types that both forms share (labels,
metadata, conditions) keep their JSON form.
"""

import gzip
import json
from collections.abc import Iterable, Iterator
from difflib import unified_diff
from functools import cache
from importlib.resources import files
from typing import Any, Final

from kcore.machinery.field_errors import Rendered
from kcore.machinery.frozen import EMPTY_MAP, FrozenList, FrozenMap
from kcore.machinery.go_text import json_text
from kcore.machinery.schema_types import FieldSchema, TypeRef, type_table
from kcore.machinery.typed_text import typed_json

_DATA: Final = "api/data/internal.json.gz"
_SHARED: Final = "meta/v1."
_METADATA: Final = "meta/v1.ObjectMeta"
_ZERO: Final[dict[str, Any]] = {
    "string": "",
    "bool": False,
    "resource.Quantity": "0",
    "util/intstr.IntOrString": 0,
    "meta/v1.Time": None,
    "meta/v1.MicroTime": None,
    "runtime.RawExtension": None,
}
_NUMBERS: Final = frozenset({"int", "int32", "int64", "uint", "uint8", "uint32", "float64", "byte"})
_CONTEXT_LINES: Final = 3


class _Types:
    """The internal types, and where their fields are in the versioned ones."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._rows: dict[str, list[list[str]]] = document["types"]
        self._odd_names: dict[str, dict[str, str]] = document["names"]
        self._sources: dict[str, dict[str, FieldSchema]] = {}

    def rows(self, name: str) -> list[list[str]] | None:
        """`[Go name, type, JSON tag]` of each field; None for a type without fields."""
        return self._rows.get(name)

    def sources(self, versioned: str) -> dict[str, FieldSchema]:
        """The fields of a versioned struct by Go name, inlined ones included."""
        known = self._sources.get(versioned)
        if known is None:
            known = self._sources[versioned] = dict(self._named_fields(versioned))
        return known

    def _named_fields(self, versioned: str) -> Iterator[tuple[str, FieldSchema]]:
        odd = self._odd_names.get(versioned, {})
        for row in type_table().struct(versioned).fields:
            if row.inline:
                yield from self._named_fields(row.type.name)
            else:
                yield odd.get(row.name) or row.name[:1].upper() + row.name[1:], row


@cache
def _types() -> _Types:
    raw = files("kcore").joinpath(_DATA).read_bytes()
    return _Types(json.loads(gzip.decompress(raw)))


def rendered_internal(value: Any, type_text: str) -> Rendered:
    """`value` of a versioned type (`[]core/v1.Volume`) in its internal form. O(type)."""
    return Rendered(_text(value, type_table().reference(type_text), _internal_type(type_text)))


def internal_difference(old: Any, new: Any, type_text: str) -> str:
    """A unified diff of two values in their internal form, as upstream's messages have it."""
    before, after = (_lines(value, type_text) for value in (old, new))
    # The first two lines name files, and there are none.
    return "".join(list(unified_diff(before, after, n=_CONTEXT_LINES))[2:])


def _lines(value: Any, type_text: str) -> list[str]:
    text = rendered_internal(value, type_text).text
    pretty = json.dumps(json.loads(text), indent=1, ensure_ascii=False)
    return [f"{line}\n" for line in pretty.split("\n")]


def _internal_type(type_text: str) -> str:
    for prefix in ("*", "[]"):
        if type_text.startswith(prefix):
            return prefix + _internal_type(type_text.removeprefix(prefix))
    package, _, name = type_text.rpartition(".")
    return f"{package.partition('/')[0]}.{name}"


def _text(value: Any, ref: TypeRef, internal: str) -> str:
    """`value`, described by the versioned `ref`, as a value of the type text `internal`."""
    if internal.startswith("*"):
        return "null" if value is None else _text(value, ref, internal[1:])
    if internal.startswith("[]"):
        return _list(value, ref, internal[2:])
    if internal.startswith("map["):
        return _map(value, ref, internal.partition("]")[2])
    if internal.startswith(_SHARED):
        return _shared(value, ref, internal)
    rows = _types().rows(internal)
    if rows is None:
        return json_text(_zero(internal) if value is None else value)
    return _object(_fields(value, ref.name, rows))


def _list(value: Any, ref: TypeRef, element: str) -> str:
    if not isinstance(value, FrozenList) or ref.element is None:
        return "null" if value is None else json_text(value)
    return f"[{','.join(_text(item, ref.element, element) for item in value)}]"


def _map(value: Any, ref: TypeRef, element: str) -> str:
    if not isinstance(value, FrozenMap) or ref.element is None:
        return "null" if value is None else json_text(value)
    inner = ref.element
    return _object(f"{json_text(key)}:{_text(item, inner, element)}" for key, item in value.items())


def _shared(value: Any, ref: TypeRef, internal: str) -> str:
    if value is None:
        return json_text(_ZERO[internal]) if internal in _ZERO else "{}"
    return typed_json(value, ref)


def _fields(value: Any, versioned: str, rows: list[list[str]]) -> Iterator[str]:
    """The members of a struct; embedded structs have theirs among them."""
    sources = _types().sources(versioned)
    holder: FrozenMap = value if isinstance(value, FrozenMap) else EMPTY_MAP
    for name, internal, *tag in rows:
        if not name:
            yield from _embedded(holder, versioned, internal)
            continue
        shown, omits = _shown_name(name, tag)
        if shown == "-":
            continue
        source = sources.get(name)
        inner = None if source is None else holder.get(source.name)
        if omits and not inner:
            continue
        ref = type_table().reference("string") if source is None else source.type
        yield f"{json_text(shown)}:{_text(inner, ref, internal) if source else _unset(internal)}"


def _shown_name(name: str, tag: list[str]) -> tuple[str, bool]:
    words = tag[0].split(",") if tag else [""]
    return words[0] or name, "omitempty" in words[1:]


def _embedded(holder: FrozenMap, versioned: str, internal: str) -> Iterator[str]:
    if internal == _METADATA:
        metadata = holder.get("metadata") or EMPTY_MAP
        text = typed_json(metadata, type_table().reference(_METADATA))
        if text != "{}":
            yield text[1:-1]
        return
    rows = _types().rows(internal.removeprefix("*"))
    if rows is None:  # Version and kind, which the internal form leaves empty.
        return
    source = _types().sources(versioned).get(internal.rpartition(".")[2])
    if source is None:
        yield from _fields(holder, versioned, rows)
    else:
        yield from _fields(holder.get(source.name), source.type.name, rows)


def _unset(internal: str) -> str:
    """What Go shows for a field that the versioned form does not have."""
    if internal.startswith(("*", "[]", "map[")):
        return "null"
    rows = _types().rows(internal)
    if rows is None:
        return "{}" if internal.startswith(_SHARED) else json_text(_zero(internal))
    parts = (
        f"{json_text(_shown_name(name, tag)[0])}:{_unset(inner)}"
        for name, inner, *tag in rows
        if name and not _shown_name(name, tag)[1]
    )
    return _object(parts)


def _zero(internal: str) -> Any:
    return 0 if internal in _NUMBERS else _ZERO.get(internal)


def _object(pairs: Iterable[str]) -> str:
    return f"{{{','.join(pairs)}}}"
