"""Whether a value fits its type, without saying why not.

Nearly all values fit. So the question is answered first, part by part and remembered: the same
ports, probes and environments come again with every new image. Only a value that does not fit is
walked once more for its problems (`typed_value`).
"""

from functools import lru_cache
from typing import Any

from kcore.machinery.apply.list_items import item_element, item_problem
from kcore.machinery.apply.typed_schema import ListType, MapType, Scalar, TypeRef
from kcore.machinery.frozen import FrozenList, FrozenMap


def fits(type_ref: TypeRef, value: Any, allow_duplicates: bool) -> bool:
    """Whether `value` has no problem anywhere. O(size), O(1) for parts met before."""
    if isinstance(value, FrozenMap | FrozenList):
        return _container_fits(type_ref, value, allow_duplicates)
    return _scalar_fits(type_ref, value)


def _scalar_fits(type_ref: TypeRef, value: Any) -> bool:
    atom = type_ref.atom.deduced(value)
    if value is None or (atom.map is None and atom.scalar is None and atom.list is None):
        return True
    return atom.map is None and atom.scalar is not None and scalar_fits(atom.scalar, value)


# Few frames a level: values may nest as deep as JSON does.
@lru_cache(maxsize=8192)
def _container_fits(type_ref: TypeRef, value: Any, allow_duplicates: bool) -> bool:
    atom = type_ref.atom.deduced(value)
    if atom.map is not None:
        return isinstance(value, FrozenMap) and _map_fits(atom.map, value, allow_duplicates)
    if atom.scalar is not None:
        return False
    if atom.list is not None:
        return isinstance(value, FrozenList) and _list_fits(atom.list, value, allow_duplicates)
    return True


def scalar_fits(scalar: Scalar, value: Any) -> bool:
    """Whether `value` is such a scalar; null always is."""
    kind = type(value)
    if scalar == "string":
        return kind is str or value is None
    if scalar == "numeric":
        return kind is int or kind is float or value is None
    if scalar == "boolean":
        return kind is bool or value is None
    return not isinstance(value, FrozenMap | FrozenList)


def _map_fits(map_type: MapType, value: FrozenMap, allow_duplicates: bool) -> bool:
    fields, element = map_type.fields, map_type.element
    for key, item in value.items():
        below = fields.get(key, element)
        if not below:
            return False
        if isinstance(item, FrozenMap | FrozenList):
            if not _container_fits(below, item, allow_duplicates):
                return False
        elif item is not None and not _scalar_fits(below, item):
            return False
    return True


def _list_fits(list_type: ListType, value: FrozenList, allow_duplicates: bool) -> bool:
    element, seen = list_type.element, set()
    for item in value:
        if list_type.associative:
            if item_problem(list_type, item):
                return False
            seen.add(item_element(list_type, item))
        if isinstance(item, FrozenMap | FrozenList):
            if not _container_fits(element, item, allow_duplicates):
                return False
        elif not _scalar_fits(element, item):
            return False
    return allow_duplicates or not list_type.associative or len(seen) == len(value)
