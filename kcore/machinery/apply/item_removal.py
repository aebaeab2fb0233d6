"""Taking fields out of a value, and keeping only them."""

from typing import Any

from kcore.machinery.apply.field_path import KEY, Path
from kcore.machinery.apply.field_set import FieldSet
from kcore.machinery.apply.list_items import item_element
from kcore.machinery.apply.typed_schema import ListType, MapType, TypeRef
from kcore.machinery.apply.typed_value import TypedValue, field_set
from kcore.machinery.frozen import FrozenList, FrozenMap, freeze


def remove_items(value: TypedValue, fields: FieldSet) -> TypedValue:
    """`value` without `fields`; what loses all its content becomes null. O(touched)."""
    if not fields:
        return value
    return TypedValue(_walk(value.type, value.value, fields, False), value.type, value.may_repeat)


def extract_items(value: TypedValue, fields: FieldSet, *, with_keys: bool = False) -> TypedValue:
    """Only `fields` of `value`; `with_keys` adds the keys of list elements on the way."""
    if with_keys:
        fields = fields.union(_key_fields(fields, field_set(value)))
    return TypedValue(_walk(value.type, value.value, fields, True), value.type, value.may_repeat)


def _key_fields(fields: FieldSet, present: FieldSet) -> FieldSet:
    paths: list[Path] = []
    for path in fields:
        if path in present:
            for depth, element in enumerate(path, 1):
                if not isinstance(element, str) and element[0] == KEY:
                    paths.extend((*path[:depth], name) for name, _ in element[1])
    return FieldSet.of(*paths)


def _walk(type_ref: TypeRef, value: Any, fields: FieldSet, extracting: bool) -> Any:
    atom = type_ref.atom.deduced(value)
    if atom.map is not None:
        if isinstance(value, FrozenMap) and len(value) and not atom.map.atomic:
            walk_map = _extract_map if extracting else _remove_from_map
            return walk_map(atom.map, value, fields)
        return value if extracting else None
    if atom.scalar is not None:
        return value
    is_list = isinstance(value, FrozenList) and len(value)
    if atom.list is not None and atom.list.associative and is_list:
        walk_list = _extract_list if extracting else _remove_from_list
        return walk_list(atom.list, value, fields)
    return value if extracting else None


def _remove_from_map(map_type: MapType, value: FrozenMap, fields: FieldSet) -> Any:
    kept: dict[str, Any] = {}
    changed = False
    for key, item in value.items():
        if key in fields.members:
            changed = True
            continue
        below = fields.children.get(key)
        if below:
            kept[key] = _walk(map_type.type_of(key), item, below, False)
            changed |= kept[key] is not item
        else:
            kept[key] = item
    if not changed:
        return value
    return freeze(kept) if kept else None


def _extract_map(map_type: MapType, value: FrozenMap, fields: FieldSet) -> Any:
    kept: dict[str, Any] = {}
    for key, item in value.items():
        if key in fields.members:
            # With the set of this place, not of the place below: so does upstream.
            kept[key] = _walk(map_type.type_of(key), item, fields, True)
        else:
            below = fields.children.get(key)
            if below:
                kept[key] = _walk(map_type.type_of(key), item, below, True)
    return freeze(kept) if kept else None


def _remove_from_list(list_type: ListType, value: FrozenList, fields: FieldSet) -> Any:
    kept: list[Any] = []
    changed = False
    for item in value:
        element = item_element(list_type, item)
        if element in fields.members:
            changed = True
            continue
        below = fields.children.get(element)
        if below:
            kept.append(_walk(list_type.element, item, below, False))
            changed |= kept[-1] is not item
        else:
            kept.append(item)
    if not changed:
        return value
    return freeze(kept) if kept else None


def _extract_list(list_type: ListType, value: FrozenList, fields: FieldSet) -> Any:
    kept: list[Any] = []
    for item in value:
        element = item_element(list_type, item)
        below = fields.children.get(element)
        if below:
            kept.append(_walk(list_type.element, item, below, True))
        elif element in fields.members:
            kept.append(item)
    return freeze(kept) if kept else None
