"""The Go types of the Kubernetes API as data: fields, omitempty, lists, maps, merge keys.

A `TypeRef` is a parsed type text (`*int32`, `[]core/v1.Container`, `map[string]string`); a
`TypeSchema` is a struct with its fields in declaration order. Both are made on first use from
`kcore/api/data/types.json.gz`, which `tools/generate_api_data.py` writes. This module knows
shapes only: defaults and rules of kinds live in `kcore.api`.
"""

import gzip
import json
from dataclasses import dataclass, field
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, Final, Literal

Shape = Literal["scalar", "struct", "list", "map", "bytes", "special"]

_DATA: Final = "api/data/types.json.gz"

# Types with a JSON form of their own.
SPECIAL_TYPES: Final = frozenset(
    {
        "apiextensions/v1.JSON",
        "apiextensions/v1.JSONSchemaPropsOrArray",
        "apiextensions/v1.JSONSchemaPropsOrBool",
        "apiextensions/v1.JSONSchemaPropsOrStringArray",
        "meta/v1.Duration",
        "meta/v1.FieldsV1",
        "meta/v1.MicroTime",
        "meta/v1.Time",
        "resource.Quantity",
        "runtime.RawExtension",
        "util/intstr.IntOrString",
    }
)

# Named map types, whose name upstream's messages show instead of their structure.
_NAMED_MAPS: Final = {
    "map[core/v1.ResourceName]resource.Quantity": "v1.ResourceList",
}

_GO_KINDS: Final = frozenset(
    {"string", "bool", "int", "int32", "int64", "uint32", "uint64", "uint16", "float64", "byte"}
)


@dataclass(frozen=True, slots=True)
class TypeRef:
    """One parsed type. `name` is the struct, special or Go type name; `scalar` its Go kind."""

    shape: Shape
    name: str
    text: str
    scalar: str = ""
    pointer: bool = False
    element: "TypeRef | None" = None

    @property
    def go_name(self) -> str:
        """The type as Go prints it: `[]v1.Container`, `int32`, `v1.Protocol`."""
        if self.shape == "list":
            return f"[]{_element_go_name(self)}"
        if self.shape == "map":
            return _NAMED_MAPS.get(self.text.lstrip("*")) or _map_go_name(self)
        if self.shape == "bytes":
            return "[]uint8"
        return self.name.rpartition("/")[2]


def _element_go_name(ref: TypeRef) -> str:
    element = ref.element
    if element is None:
        return ""
    return f"*{element.go_name}" if element.pointer else element.go_name


def _map_go_name(ref: TypeRef) -> str:
    key = ref.text.lstrip("*")[len("map[") :].partition("]")[0]
    return f"map[{key.rpartition('/')[2]}]{_element_go_name(ref)}"


@dataclass(frozen=True, slots=True)
class FieldSchema:
    """One field of a struct; `inline` ones have their own fields in the parent's JSON."""

    name: str
    type: TypeRef
    inline: bool = False
    omit_empty: bool = False
    omit_zero: bool = False
    patch_strategy: str = ""
    patch_merge_key: str = ""

    @property
    def merges(self) -> bool:
        """Whether a strategic merge patch merges the list instead of replacing it."""
        return "merge" in self.patch_strategy.split(",")

    @property
    def retains_keys(self) -> bool:
        """Whether `$retainKeys` applies."""
        return "retainKeys" in self.patch_strategy.split(",")


@dataclass(frozen=True)
class TypeSchema:
    """One struct: its fields in declaration order and, flattened, by JSON name."""

    name: str
    fields: tuple[FieldSchema, ...]
    types: "TypeTable" = field(repr=False, compare=False)

    @property
    def go_name(self) -> str:
        """`PodSpec`: how upstream's messages call the struct."""
        return self.name.rpartition(".")[2]

    @cached_property
    def by_json_name(self) -> dict[str, FieldSchema]:
        """All fields that JSON shows, inlined ones included. An outer field wins."""
        return {name: found for name, (found, _via) in self.located.items()}

    @cached_property
    def located(self) -> dict[str, tuple[FieldSchema, tuple[str, ...]]]:
        """Per JSON name the field and the inlined structs that lead to it."""
        table: dict[str, tuple[FieldSchema, tuple[str, ...]]] = {}
        for row in self.fields:
            if not row.inline:
                table[row.name] = (row, ())
        for row in self.fields:
            if row.inline and row.type.shape == "struct":
                inner = self.types.struct(row.type.name)
                for name, (found, via) in inner.located.items():
                    table.setdefault(name, (found, (inner.go_name, *via)))
        return table


class TypeTable:
    """All types of the API, parsed when first asked for."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._kinds: dict[str, str] = document["kinds"]
        self._scalars: dict[str, str] = document["scalars"]
        self._rows: dict[str, list[list[str]]] = document["types"]
        self._structs: dict[str, TypeSchema] = {}
        self._references: dict[str, TypeRef] = {}

    def kind(self, api_version: str, kind: str) -> TypeSchema | None:
        """The struct of `apps/v1`, `Deployment`; None for kinds that are not built in."""
        name = self._kinds.get(f"{api_version}/{kind}")
        return None if name is None else self.struct(name)

    def kinds(self) -> list[tuple[str, str]]:
        """Every built-in (apiVersion, kind), sorted; lists and retired versions included."""
        return [(version, kind) for version, _, kind in (k.rpartition("/") for k in self._kinds)]

    def struct(self, name: str) -> TypeSchema:
        """The struct called `name`; KeyError for a name that the data does not have."""
        known = self._structs.get(name)
        if known is None:
            fields = tuple(self._field(*row) for row in self._rows[name])
            known = self._structs[name] = TypeSchema(name, fields, self)
        return known

    def _field(
        self, name: str, type_text: str, flags: str = "", strategy: str = "", merge_key: str = ""
    ) -> FieldSchema:
        reference = self.reference(type_text)
        inline = "i" in flags and not name
        return FieldSchema(name, reference, inline, "e" in flags, "z" in flags, strategy, merge_key)

    def reference(self, text: str) -> TypeRef:
        """Parse a type text; the same text gives the same `TypeRef`."""
        known = self._references.get(text)
        if known is None:
            known = self._references[text] = self._parse(text)
        return known

    def _parse(self, text: str) -> TypeRef:
        pointer = text.startswith("*")
        body = text[1:] if pointer else text
        if body.startswith("[]"):
            return TypeRef("list", body, text, "", pointer, self.reference(body[2:]))
        if body.startswith("map["):
            element = self.reference(body.partition("]")[2])
            return TypeRef("map", body, text, "", pointer, element)
        if body == "bytes":
            return TypeRef("bytes", body, text, "", pointer)
        scalar = body if body in _GO_KINDS else self._scalars.get(body, "")
        if scalar:
            return TypeRef("scalar", body, text, scalar, pointer)
        return TypeRef("special" if body in SPECIAL_TYPES else "struct", body, text, "", pointer)


@cache
def type_table() -> TypeTable:
    """The types of Kubernetes v1.37.2; read once per process, about 5 ms."""
    raw = files("kcore").joinpath(_DATA).read_bytes()
    return TypeTable(json.loads(gzip.decompress(raw)))
