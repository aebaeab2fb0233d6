"""Types of values as server-side apply sees them: scalars, lists and maps that merge or do not.

A `TypeRef` names a type or holds one inline; its `atom` is made when first asked for. An atom of a
free-form place allows a scalar, a list and a map at once, and the value decides (`deduced`).
Knows no kind and no OpenAPI; `openapi_schema` builds these.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from kcore.machinery.frozen import FrozenList, FrozenMap

Scalar = Literal["string", "numeric", "boolean", "untyped"]


class TypeRef:
    """A place's type; the same object for the same type, so identity is equality."""

    __slots__ = ("_atom", "_make", "name")

    def __init__(self, make: "Callable[[], Atom] | None", name: str = "") -> None:
        self.name = name
        self._make = make
        self._atom: Atom | None = None

    @property
    def atom(self) -> "Atom":
        """What may stand here."""
        found = self._atom
        if found is None:
            found = self._atom = NOTHING if self._make is None else self._make()
        return found

    def __bool__(self) -> bool:
        """False for the type of fields that a schema does not declare."""
        return self._make is not None


@dataclass(frozen=True, slots=True, eq=False)
class ListType:
    """A list: atomic, or associative by keys (a list map) or by value (a set)."""

    element: TypeRef
    associative: bool = False
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class MapType:
    """A map: declared fields, what else may be in it, and whether it is one atomic value."""

    fields: Mapping[str, TypeRef]
    element: TypeRef
    atomic: bool = False
    # Defaults of declared fields: they complete the keys of list maps.
    defaults: Mapping[str, Any] | None = None

    def type_of(self, key: str) -> TypeRef:
        """The type of the value at `key`; false when the schema does not declare it."""
        return self.fields.get(key, self.element)

    @property
    def is_deduced(self) -> bool:
        """Whether nothing is declared of it: such maps are not reconciled with their schema."""
        if self.fields:
            return False
        return self.element.name == DEDUCED or (
            not self.element.name and self.element.atom.scalar == "untyped"
        )


class Atom:
    """What may stand at a place: at most one scalar, list and map type each."""

    __slots__ = ("list", "map", "only_list", "only_map", "only_scalar", "scalar")

    def __init__(
        self,
        scalar: Scalar | None = None,
        list_type: ListType | None = None,
        map_type: MapType | None = None,
    ) -> None:
        self.scalar = scalar
        self.list = list_type
        self.map = map_type
        alone = sum(each is not None for each in (scalar, list_type, map_type)) < 2
        self.only_scalar = self if alone or scalar is None else Atom(scalar)
        self.only_list = self if alone or list_type is None else Atom(None, list_type)
        self.only_map = self if alone or map_type is None else Atom(None, None, map_type)

    def deduced(self, value: Any) -> "Atom":
        """The part of this atom that `value` has; all of it for null and for a wrong type."""
        if isinstance(value, FrozenMap):
            return self.only_map if self.map is not None else self
        if isinstance(value, FrozenList):
            return self.only_list if self.list is not None else self
        if value is None:
            return self
        return self.only_scalar if self.scalar is not None else self


UNTYPED: Final = "__untyped_atomic_"
DEDUCED: Final = "__untyped_deduced_"
NOTHING: Final = Atom()
NO_TYPE: Final = TypeRef(None)


def _make_untyped() -> Atom:
    return Atom("untyped", ListType(UNTYPED_REF), MapType({}, UNTYPED_REF, atomic=True))


def _make_deduced() -> Atom:
    return Atom("untyped", ListType(UNTYPED_REF), MapType({}, DEDUCED_REF))


UNTYPED_REF: Final = TypeRef(_make_untyped, UNTYPED)
"""Anything, replaced as a whole."""
DEDUCED_REF: Final = TypeRef(_make_deduced, DEDUCED)
"""Anything: maps merge key by key, lists are replaced. The type of kinds without a schema."""
