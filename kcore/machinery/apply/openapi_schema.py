"""From OpenAPI schemas to apply types: built-in kinds from committed data, custom ones from CRDs.

The rules are those of kube-openapi's schema conversion: list types before patch strategies, lists
without either are atomic, strings with a format are untyped scalars, a place without a type takes
anything.
"""

import gzip
import json
from collections.abc import Mapping
from functools import cache, partial
from importlib.resources import files
from typing import Any, Final

from kcore.machinery.apply.typed_schema import (
    DEDUCED_REF,
    NO_TYPE,
    UNTYPED_REF,
    Atom,
    ListType,
    MapType,
    Scalar,
    TypeRef,
)

_DATA: Final = "api/data/openapi.json.gz"
_QUANTITY: Final = "apimachinery.pkg.api.resource.Quantity"
_RAW_EXTENSION: Final = "apimachinery.pkg.runtime.RawExtension"
_OBJECT_META: Final = "apimachinery.pkg.apis.meta.v1.ObjectMeta"
_SCALARS: Final[Mapping[str, Scalar]] = {
    "integer": "numeric",
    "number": "numeric",
    "boolean": "boolean",
}
_LIST_TYPE: Final = "x-kubernetes-list-type"
_STRATEGY: Final = "x-kubernetes-patch-strategy"
_KEEPS_UNKNOWN: Final = "x-kubernetes-preserve-unknown-fields"

Schema = Mapping[str, Any]


class OpenAPITypes:
    """The types of one OpenAPI document; each is converted when first used."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._kinds: Mapping[str, str] = document["kinds"]
        self._schemas: Mapping[str, Schema] = document["types"]
        self._named: dict[tuple[str, str], TypeRef] = {}

    def kind(self, api_version: str, kind: str) -> TypeRef | None:
        """The type of `apps/v1`, `Deployment`; None for kinds that are not in the document."""
        name = self._kinds.get(f"{api_version}/{kind}")
        return None if name is None else self.named(name)

    def named(self, name: str, relationship: str = "") -> TypeRef:
        """The type called `name`; `relationship` overrides whether it merges (`x-...map-type`)."""
        known = self._named.get((name, relationship))
        if known is None:
            make = partial(self._make_named, name, relationship)
            known = self._named[name, relationship] = TypeRef(make, name)
        return known

    def _make_named(self, name: str, relationship: str) -> Atom:
        if name == _QUANTITY:
            return Atom("untyped")
        if name == _RAW_EXTENSION:
            return UNTYPED_REF.atom
        atom = self.atom(self._schemas[name], False)
        return _overridden(atom, relationship) if relationship else atom

    def reference(self, schema: Schema, keeps_unknown: bool) -> TypeRef:
        """The type of a place with this schema."""
        name = schema.get("$ref")
        if name:
            return self.named(name, schema.get("x-kubernetes-map-type", ""))
        return TypeRef(partial(self.atom, schema, keeps_unknown))

    def atom(self, schema: Schema, keeps_unknown: bool) -> Atom:
        """What may stand where `schema` is; `keeps_unknown` is inherited from above."""
        keeps_unknown = keeps_unknown or schema.get(_KEEPS_UNKNOWN) is True
        kind = schema.get("type", "")
        if kind == "object":
            return Atom(None, None, self._map(schema, keeps_unknown))
        if kind == "array":
            return Atom(None, self._list(schema, keeps_unknown))
        if kind == "string":
            return Atom("string" if schema.get("format", "") in ("", "byte") else "untyped")
        if kind:
            return Atom(_SCALARS.get(kind, "untyped"))
        return Atom("untyped", self._list(schema, keeps_unknown), self._map(schema, keeps_unknown))

    def _map(self, schema: Schema, keeps_unknown: bool) -> MapType:
        properties = schema.get("properties") or {}
        fields = {name: self.reference(row, keeps_unknown) for name, row in properties.items()}
        defaults = {name: row["default"] for name, row in properties.items() if "default" in row}
        atomic = schema.get("x-kubernetes-map-type") == "atomic"
        return MapType(fields, self._element(schema, keeps_unknown), atomic, defaults)

    def _element(self, schema: Schema, keeps_unknown: bool) -> TypeRef:
        more = schema.get("additionalProperties")
        if more is None:
            free = keeps_unknown or not schema.get("properties")
            return DEDUCED_REF if free else NO_TYPE
        if isinstance(more, bool):
            return DEDUCED_REF if more else NO_TYPE
        return self.reference(more, keeps_unknown)

    def _list(self, schema: Schema, keeps_unknown: bool) -> ListType:
        associative, keys = _relationship(schema)
        items = schema.get("items")
        element = UNTYPED_REF if items is None else self.reference(items, keeps_unknown)
        return ListType(element, associative, keys)


def _relationship(schema: Schema) -> tuple[bool, tuple[str, ...]]:
    """Whether a list is associative, and by which keys."""
    list_type = schema.get(_LIST_TYPE)
    if list_type is not None:
        keys = tuple(schema.get("x-kubernetes-list-map-keys") or ())
        return (True, keys) if list_type == "map" else (list_type == "set", ())
    if schema.get(_STRATEGY) in ("merge", "merge,retainKeys"):
        key = schema.get("x-kubernetes-patch-merge-key")
        return True, () if key is None else (key,)
    return False, ()


def _overridden(atom: Atom, relationship: str) -> Atom:
    atomic = relationship == "atomic"
    if atom.map is not None:
        map_type = MapType(atom.map.fields, atom.map.element, atomic, atom.map.defaults)
        return Atom(atom.scalar, atom.list, map_type)
    if atom.list is not None:
        return Atom(atom.scalar, ListType(atom.list.element, not atomic, atom.list.keys))
    return atom


@cache
def built_in_types() -> OpenAPITypes:
    """The types of Kubernetes v1.37.2; read once per process, about 5 ms."""
    raw = files("kcore").joinpath(_DATA).read_bytes()
    return OpenAPITypes(json.loads(gzip.decompress(raw)))


def custom_type(schema: Schema | None) -> TypeRef:
    """The type of a custom kind from the `openAPIV3Schema` of its version; None: no schema."""
    if schema is None:
        return DEDUCED_REF
    types = built_in_types()
    return TypeRef(partial(types.atom, _with_object_fields(_embedded(schema)), False))


def _with_object_fields(schema: Schema) -> dict[str, Any]:
    """The schema of an object with what every object has."""
    own: dict[str, Any] = {
        "apiVersion": {"type": "string"},
        "kind": {"type": "string"},
        "metadata": {"$ref": _OBJECT_META},
    }
    properties = {**(schema.get("properties") or {}), **own}
    return {**schema, "properties": properties}


def _embedded(schema: Any) -> Any:
    """The schema with the object fields added to embedded resources, at any depth."""
    if not isinstance(schema, Mapping):
        return schema
    found: dict[str, Any] = dict(schema)
    properties = found.get("properties")
    if properties is not None:
        found["properties"] = {name: _embedded(row) for name, row in properties.items()}
    for place in ("items", "additionalProperties"):
        if place in found:
            found[place] = _embedded(found[place])
    if found.get("x-kubernetes-embedded-resource") is True:
        found = _with_object_fields(found)
    return found
