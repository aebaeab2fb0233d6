"""Whether two objects mean the same: upstream's `equality.Semantic.DeepEqual` for JSON values.

Values are equal when their texts are; meaning is wider. Quantities are compared as numbers
(`1` and `1000m`), times as instants, an empty list or map is the same as none, and a field that
Go holds by value is the same at its zero as when it is absent. What is what is read off the API's
types, so both objects must be of one built-in kind; of other kinds, only empty and absent agree.
"""

from typing import Any, Final

from kcore.machinery.frozen import EMPTY_MAP, FrozenList, FrozenMap
from kcore.machinery.quantity import Quantity
from kcore.machinery.schema_types import FieldSchema, TypeRef, TypeSchema, type_table
from kcore.machinery.timestamps import parse_time

_ZEROS: Final[dict[str, Any]] = {"string": "", "bool": False}


def semantic_equal(left: FrozenMap, right: FrozenMap, api_version: str, kind: str) -> bool:
    """Whether two objects of this kind mean the same. O(size), less where subtrees are shared."""
    schema = type_table().kind(api_version, kind)
    return _untyped(left, right) if schema is None else _structs(left, right, schema)


def _structs(left: FrozenMap | None, right: FrozenMap | None, schema: TypeSchema) -> bool:
    """Compare field by field; None is a struct with every field at its zero."""
    if left is right:
        return True
    left, right = left or EMPTY_MAP, right or EMPTY_MAP
    for name in left.keys() | right.keys():
        row = schema.by_json_name.get(name)
        pair = (left.get(name), right.get(name))
        if not (_untyped(*pair) if row is None else _fields(*pair, row)):
            return False
    return True


def _fields(left: Any, right: Any, row: FieldSchema) -> bool:
    if row.type.shape == "scalar" and not row.type.pointer:
        zero = _ZEROS.get(row.type.scalar, 0)
        return bool((zero if left is None else left) == (zero if right is None else right))
    return _values(left, right, row.type)


def _values(left: Any, right: Any, ref: TypeRef) -> bool:
    if left is right:
        return True
    if ref.shape in ("list", "map"):
        return _collections(left, right, ref)
    if ref.pointer and (left is None or right is None):
        return False
    if ref.shape == "struct":
        if all(value is None or isinstance(value, FrozenMap) for value in (left, right)):
            return _structs(left, right, type_table().struct(ref.name))
        return bool(left == right)
    return _special(left, right, ref) if ref.shape == "special" else bool(left == right)


def _collections(left: Any, right: Any, ref: TypeRef) -> bool:
    if not left or not right:
        return not left and not right
    element = ref.element
    if element is None or type(left) is not type(right) or len(left) != len(right):
        return bool(left == right)
    if isinstance(left, FrozenList):
        return all(_values(*pair, element) for pair in zip(left, right, strict=True))
    same_keys = left.keys() == right.keys()
    return same_keys and all(_values(left[key], right[key], element) for key in left)


def _special(left: Any, right: Any, ref: TypeRef) -> bool:
    if left == right:
        return True
    try:
        if ref.name == "resource.Quantity":
            return Quantity.parse(str(left)) == Quantity.parse(str(right))
        if ref.name in ("meta/v1.Time", "meta/v1.MicroTime"):
            return parse_time(left) == parse_time(right)
    except (TypeError, ValueError):
        return False  # One of them is none, and their texts differ.
    return False


def _untyped(left: Any, right: Any) -> bool:
    if left is right:
        return True
    collections = (FrozenMap, FrozenList)
    if isinstance(left, collections) or isinstance(right, collections):
        if not left and not right:
            return True
        if isinstance(left, FrozenMap) and isinstance(right, FrozenMap):
            return all(_untyped(left.get(k), right.get(k)) for k in left.keys() | right.keys())
        if isinstance(left, FrozenList) and isinstance(right, FrozenList):
            same_length = len(left) == len(right)
            return same_length and all(map(_untyped, left, right))
    return bool(left == right)
