"""Values together with their types: validation, and the set of fields that a value says.

Problems are upstream's, each with its path: `.spec.ports: duplicate entries for key [port=80]`.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final

from kcore.errors import KcoreError
from kcore.machinery.apply.field_path import PathElement, element_text
from kcore.machinery.apply.field_set import EMPTY_SET, FieldSet, interned
from kcore.machinery.apply.fitting import fits
from kcore.machinery.apply.list_items import item_element, item_problem
from kcore.machinery.apply.typed_schema import ListType, MapType, Scalar, TypeRef
from kcore.machinery.frozen import FrozenList, FrozenMap
from kcore.machinery.go_text import value_text
from kcore.machinery.patch.go_values import go_text, go_type

_UNDECLARED: Final = "field not declared in schema"


@dataclass(frozen=True, slots=True)
class TypedValue:
    """A value of a type. `may_repeat`: elements of its lists may have the same keys."""

    value: Any
    type: TypeRef
    may_repeat: bool = False


class TypeProblemError(KcoreError):
    """A value does not fit its type; `problems` are `path: message` texts."""

    def __init__(self, problems: list[str]) -> None:
        lines = problems if len(problems) == 1 else ["errors:", *(f"  {row}" for row in problems)]
        super().__init__("\n".join(lines))
        self.problems = tuple(problems)


def typed(value: Any, type_ref: TypeRef, *, allow_duplicates: bool = False) -> TypedValue:
    """`value` as a validated value of its type. O(size).

    Raises:
        TypeProblemError: it does not fit.
    """
    if isinstance(value, FrozenMap):
        return _remembered_typed(value, type_ref, allow_duplicates)
    return _typed(value, type_ref, allow_duplicates)


@lru_cache(maxsize=512)
def _remembered_typed(value: FrozenMap, type_ref: TypeRef, allow_duplicates: bool) -> TypedValue:
    return _typed(value, type_ref, allow_duplicates)


def _typed(value: Any, type_ref: TypeRef, allow_duplicates: bool) -> TypedValue:
    if fits(type_ref, value, allow_duplicates):
        return TypedValue(value, type_ref, allow_duplicates)
    problems: list[str] = []
    map_type = type_ref.atom.deduced(value).map
    if map_type is None or not isinstance(value, FrozenMap):
        _validate(type_ref, value, (), problems, allow_duplicates)
    else:
        for key, item in value.items():
            below = map_type.type_of(key)
            if not below:
                _note(problems, (key,), _UNDECLARED)
                break
            _validate(below, item, (key,), problems, allow_duplicates)
    raise TypeProblemError(problems)


_Path = tuple[PathElement, ...]


def _note(problems: list[str], path: _Path, message: str) -> None:
    where = "".join(map(element_text, path))
    problems.append(f"{where}: {message}" if where else message)


def _validate(
    type_ref: TypeRef, value: Any, path: _Path, problems: list[str], allow_duplicates: bool
) -> None:
    if value is None:
        return
    atom = type_ref.atom.deduced(value)
    if atom.map is not None:
        if isinstance(value, FrozenMap):
            _validate_map(atom.map, value, path, problems, allow_duplicates)
        else:
            _note(problems, path, f"expected map, got {_shown(value)}")
    elif atom.scalar is not None:
        problem = scalar_problem(atom.scalar, value)
        if problem:
            _note(problems, path, problem)
    elif atom.list is not None:
        if isinstance(value, FrozenList):
            _validate_list(atom.list, value, path, problems, allow_duplicates)
        else:
            _note(problems, path, f"expected list, got {_shown(value)}")


def _shown(value: Any) -> str:
    """A value as upstream's `&{...}` wrapper prints it."""
    return f"&{{{go_text(value)}}}"


def scalar_problem(scalar: Scalar, value: Any) -> str:
    """Why `value` is not such a scalar; empty when it is. Null always is."""
    if value is None:
        return ""
    is_bool, is_number = isinstance(value, bool), isinstance(value, int | float)
    if scalar == "numeric" and (is_bool or not is_number):
        return f"expected numeric (int or float), got {go_type(value)}"
    if scalar == "string" and not isinstance(value, str):
        return f"expected string, got {_go_syntax(value)}"
    if scalar == "boolean" and not is_bool:
        return f"expected boolean, got {_shown(value)}"
    if scalar == "untyped" and isinstance(value, FrozenMap | FrozenList):
        return f"expected any scalar, got {_shown(value)}"
    return ""


def _go_syntax(value: Any) -> str:
    shown = go_text(value) if isinstance(value, FrozenMap | FrozenList) else value_text(value)
    if isinstance(value, FrozenMap):
        shown = f"{go_type(value)}{{{shown[4:-1]}}}"
    elif isinstance(value, FrozenList):
        shown = f"{go_type(value)}{{{shown[1:-1]}}}"
    return f"&value.valueUnstructured{{Value:{shown}}}"


def _validate_map(
    map_type: MapType, value: FrozenMap, path: _Path, problems: list[str], allow_duplicates: bool
) -> None:
    for key, item in value.items():
        type_ref = map_type.type_of(key)
        if not type_ref:
            _note(problems, (*path, key), _UNDECLARED)
            return
        if item is not None:
            _validate(type_ref, item, (*path, key), problems, allow_duplicates)


def _validate_list(
    list_type: ListType, value: FrozenList, path: _Path, problems: list[str], allow_duplicates: bool
) -> None:
    element = list_type.element
    if not list_type.associative:
        for index, item in enumerate(value):
            _validate(element, item, (*path, (3, index)), problems, allow_duplicates)
        return
    seen: set[PathElement] = set()
    for index, item in enumerate(value):
        problem = item_problem(list_type, item)
        if problem:
            _note(problems, path, f"element {index}: {problem}")
            return
        place = item_element(list_type, item)
        if place in seen and not allow_duplicates:
            _note(problems, path, f"duplicate entries for key {element_text(place)}")
        seen.add(place)
        _validate(element, item, (*path, place), problems, allow_duplicates)


# --- the fields a value says -----------------------------------------------------------------


def field_set(typed_value: TypedValue) -> FieldSet:
    """Every leaf and every list element that the value mentions. O(size)."""
    if isinstance(typed_value.value, FrozenMap):
        return _object_fields(typed_value.type, typed_value.value)
    return _fields(typed_value.type, typed_value.value)[1]


@lru_cache(maxsize=512)
def _object_fields(type_ref: TypeRef, value: FrozenMap) -> FieldSet:
    map_type = type_ref.atom.deduced(value).map
    if map_type is None or map_type.atomic or not value:
        return _fields(type_ref, value)[1]
    return interned(_map_fields(map_type, value))


def _fields(type_ref: TypeRef, value: Any) -> tuple[bool, FieldSet]:
    """Whether the place itself is a field, and the fields below it."""
    atom = type_ref.atom.deduced(value)
    if atom.map is not None:
        if atom.map.atomic:
            return True, EMPTY_SET
        return False, _map_fields(atom.map, value) if value else EMPTY_SET
    if atom.scalar is not None:
        return True, EMPTY_SET
    if atom.list is None or not atom.list.associative:
        return True, EMPTY_SET
    return False, _list_fields(atom.list, value) if value else EMPTY_SET


# The same ports, probes and environments come again with every new image.
_remembered_fields = lru_cache(maxsize=8192)(_fields)


def _map_fields(map_type: MapType, value: FrozenMap) -> FieldSet:
    members: list[PathElement] = []
    children: dict[PathElement, FieldSet] = {}
    declared = map_type.fields
    for key, item in value.items():
        type_ref = declared.get(key, map_type.element)
        if not isinstance(item, FrozenMap | FrozenList) and type_ref.atom.scalar is not None:
            members.append(key)
            continue
        is_member, below = _remembered_fields(type_ref, item)
        if is_member or key not in declared or _is_empty(item):
            members.append(key)
        if below.members or below.children:
            children[key] = below
    return FieldSet(frozenset(members), children)


def _is_empty(item: Any) -> bool:
    return item is None or (isinstance(item, FrozenMap) and not len(item))


def _list_fields(list_type: ListType, value: FrozenList) -> FieldSet:
    places = [item_element(list_type, item) for item in value]
    members = frozenset(places)
    children: dict[PathElement, FieldSet] = {}
    if len(members) == len(places):
        repeated: set[PathElement] = set()
    else:
        seen: set[PathElement] = set()
        repeated = {place for place in places if place in seen or seen.add(place)}  # type: ignore[func-returns-value]
    if list_type.keys:
        for place, item in zip(places, value, strict=True):
            if place not in repeated:
                below = _remembered_fields(list_type.element, item)[1]
                if below.members or below.children:
                    children[place] = below
    return FieldSet(members, children)


@lru_cache(maxsize=1024)
def named_fields_added(fields: FieldSet, type_ref: TypeRef) -> FieldSet:
    """`fields` with every declared field that has something below it as a member too. O(size)."""
    return _named_fields_added(fields, type_ref)


def _named_fields_added(fields: FieldSet, type_ref: TypeRef) -> FieldSet:
    if not fields.children:
        return fields
    atom = type_ref.atom
    map_type, list_type = atom.map, atom.list
    declared = {} if map_type is None else map_type.fields
    added: list[PathElement] = []
    children: dict[PathElement, FieldSet] = {}
    for element, below in fields.children.items():
        here = _NOWHERE
        if isinstance(element, str):
            if element in declared:
                added.append(element)
            if map_type is not None:
                here = map_type.type_of(element)
        elif element[0] == 1 and list_type is not None:
            here = list_type.element
        children[element] = _named_fields_added(below, here)
    return FieldSet(fields.members.union(added), children)


_NOWHERE: Final = TypeRef(None)
