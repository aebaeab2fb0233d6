"""A JSON document read into a Go struct: what upstream's decoder keeps of it, and what it says.

`read_typed` walks `json_document` values in the order of the text, as Go's decoder does:

* a member that comes twice is decoded into what the first one left: structs merge, maps gain
  keys, list elements are overwritten one by one, null leaves scalars and structs alone;
* the first value of a wrong JSON type is the error, and decoding goes on, because a later value
  that its own type refuses (a quantity, a time) ends decoding and is the error instead;
* unknown and repeated members are problems in the order of the text, once each, at most 100; what
  is inside an unknown member is not looked at.

The result is a plain value with the members that were set; `schema` makes of it what upstream would
write. Nothing here knows a kind.
"""

from collections.abc import Callable
from typing import Any, Final

from kcore.machinery.frozen import freeze
from kcore.machinery.go_text import quote
from kcore.machinery.json_document import Members, Number, plain
from kcore.machinery.schema_scalars import (
    ScalarError,
    base64_problem,
    duration_text,
    micro_time_text,
    quantity_text,
    time_text,
)
from kcore.machinery.schema_types import TypeRef, TypeSchema, TypeTable

PROBLEM_COUNT_MAX: Final = 100

_RANGES: Final = {
    "byte": (0, 2**8 - 1),
    "int": (-(2**63), 2**63 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint16": (0, 2**16 - 1),
    "uint32": (0, 2**32 - 1),
    "uint64": (0, 2**64 - 1),
}
_SCHEMA: Final = "apiextensions/v1.JSONSchemaProps"
_RAW: Final = frozenset({"apiextensions/v1.JSON", "meta/v1.FieldsV1", "runtime.RawExtension"})
_TEXTS: Final[dict[str, Callable[[Any], str]]] = {
    "meta/v1.Duration": duration_text,
    "meta/v1.MicroTime": micro_time_text,
    "meta/v1.Time": time_text,
}
_CLEARED_BY_NULL: Final[dict[str, Any]] = {
    "meta/v1.MicroTime": None,
    "meta/v1.Time": None,
    "resource.Quantity": "0",
}


class Unset:
    """What a field holds before anything was decoded into it."""

    __slots__ = ()


UNSET: Final = Unset()


def read_typed(
    document: Any, schema: TypeSchema, types: TypeTable, *, strict: bool = True
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The members of `document` that a struct has, and what strict decoding refuses. O(size).

    Raises:
        ScalarError: a value that its type cannot take, in upstream's words.
    """
    reader = _Reader(types, strict)
    result = reader.struct(schema, document, UNSET)
    if reader.error:
        raise ScalarError(reader.error)
    return ({} if result is UNSET else result), tuple(reader.problems)


def json_type(value: Any) -> str:
    """Go's word for the JSON type of a document."""
    if isinstance(value, Members):
        return "object"
    if isinstance(value, list):
        return "array"
    if isinstance(value, Number):
        return "number"
    return "bool" if isinstance(value, bool) else "string"


def whole_number(literal: str, go_type: str) -> int | None:
    """The integer of a literal; None where Go's parser refuses it or its type is too narrow."""
    digits = literal[1:] if literal.startswith("-") else literal
    if not digits.isdigit():
        return None
    low, high = _RANGES[go_type]
    number = int(literal)
    is_unsigned_minus = low == 0 and literal.startswith("-")
    return number if low <= number <= high and not is_unsigned_minus else None


class _Reader:
    """One decoding: the place in the tree, the first error and the problems so far."""

    __slots__ = ("_fields", "_outer", "_path", "_strict", "_struct", "_types", "error", "problems")

    def __init__(self, types: TypeTable, strict: bool) -> None:
        self._types = types
        self._strict = strict
        self._path: list[str] = []
        self._fields: list[str] = []
        self._struct = ""
        self._outer = ""  # Of a value that is decoded apart: the struct that errors name.
        self.error = ""
        self.problems: dict[str, None] = {}

    # --- structs, lists and maps -----------------------------------------------------------

    def struct(self, schema: TypeSchema, node: Any, into: Any) -> Any:
        if node is None:
            return into
        if not isinstance(node, Members):
            self._wrong_type(node, schema.name.rpartition("/")[2])
            return into
        result: dict[str, Any] = {} if into is UNSET else into
        located, seen = schema.located, set()
        outer, depth = self._struct, len(self._fields)
        for name, child in node:
            found = located.get(name)
            if found is None:
                self._problem("unknown", name)
                continue
            if name in seen:
                self._problem("duplicate", name)
            seen.add(name)
            row, via = found
            self._struct = schema.go_name
            self._fields.extend((*via, name))
            self._path.append(f".{name}" if self._path else name)
            value = self.value(row.type, child, result.get(name, UNSET))
            self._path.pop()
            del self._fields[depth:]
            self._struct = outer
            if value is not UNSET:
                result[name] = value
        return result

    def _list(self, ref: TypeRef, node: Any, into: Any) -> Any:
        if not isinstance(node, list) or isinstance(node, Members):
            self._wrong_type(node, ref.go_name)
            return into
        before = into if isinstance(into, list) else []
        element, items = _element(ref), []
        for index, item in enumerate(node):
            self._path.append(f"[{index}]")
            known = before[index] if index < len(before) else UNSET
            value = self.value(element, item, known)
            self._path.pop()
            items.append(None if value is UNSET else value)
        return items

    def _map(self, ref: TypeRef, node: Any, into: Any) -> Any:
        if not isinstance(node, Members):
            self._wrong_type(node, ref.go_name)
            return into
        result: dict[str, Any] = into if isinstance(into, dict) else {}
        element, seen = _element(ref), set()
        for key, item in node:
            if key in seen:
                self._problem("duplicate", key)
            seen.add(key)
            self._path.append(f".{key}" if self._path else key)
            value = self.value(element, item, UNSET)
            self._path.pop()
            result[key] = None if value is UNSET else value
        return result

    def value(self, ref: TypeRef, node: Any, into: Any) -> Any:
        """What a place of this type holds after decoding `node` into it."""
        if ref.pointer:
            if node is None:
                return None
            value = self.value(_pointee(ref), node, UNSET if into is None else into)
            return _zero(ref) if value is UNSET else value
        if node is None and ref.shape in ("list", "map", "bytes"):
            return None
        return _READERS[ref.shape](self, ref, node, into)

    def _struct_value(self, ref: TypeRef, node: Any, into: Any) -> Any:
        return self.struct(self._types.struct(ref.name), node, into)

    # --- scalars ---------------------------------------------------------------------------

    def _scalar(self, ref: TypeRef, node: Any, into: Any) -> Any:
        wanted = ref.scalar
        if node is None:
            return into
        if wanted in ("string", "bool"):
            if type(node) is (str if wanted == "string" else bool):
                return node
            self._wrong_type(node, ref.go_name)
            return into
        if not isinstance(node, Number):
            self._wrong_type(node, ref.go_name)
            return into
        number = _float(node) if wanted == "float64" else whole_number(node, wanted)
        if number is None:
            self._wrong_type(node, ref.go_name, literal=node)
            return into
        return number

    def _bytes(self, _ref: TypeRef, node: Any, into: Any) -> Any:
        if type(node) is str:
            problem = base64_problem(node)
            if problem:
                self._save(problem)
                return into
            return node
        if not isinstance(node, list) or isinstance(node, Members):
            self._wrong_type(node, "[]uint8")
            return into
        return [self._byte(item) for item in node]

    def _byte(self, item: Any) -> int:
        if item is None:
            return 0
        number = whole_number(item, "byte") if isinstance(item, Number) else None
        if number is None:
            self._wrong_type(item, "uint8", literal=item if isinstance(item, Number) else "")
        return number or 0

    # --- types that decode themselves: their errors end decoding ----------------------------

    def _special(self, ref: TypeRef, node: Any, into: Any) -> Any:
        name = ref.name
        if name in _RAW:
            return into if node is None else _untyped(node)
        if node is None and name in _CLEARED_BY_NULL:
            return _CLEARED_BY_NULL[name]
        if name == "util/intstr.IntOrString":
            return self._int_or_string(node, into)
        if name == "resource.Quantity":
            return _quantity(node)
        if name in _TEXTS:
            return self._text(name, "" if node is None else node)
        return self._schema_or(name, node)

    def _text(self, name: str, node: Any) -> str:
        if type(node) is not str:
            raise ScalarError(self._wrong_type_text(json_type(node), "string"))
        return _TEXTS[name](node)

    def _int_or_string(self, node: Any, into: Any) -> Any:
        if type(node) is str:
            return node
        if node is None:
            # A text becomes a number; nothing says which, so it is the one that was there.
            return into if isinstance(into, int) else 0
        number = whole_number(node, "int32") if isinstance(node, Number) else None
        if number is None:
            found = f"number {node}" if isinstance(node, Number) else json_type(node)
            raise ScalarError(self._wrong_type_text(found, "int32"))
        return number

    def _schema_or(self, name: str, node: Any) -> Any:
        """A JSON schema, or the list, boolean or strings that may stand in its place.

        Upstream decodes it apart: inside, nothing is unknown or repeated, and places are counted
        from here.
        """
        if isinstance(node, Members):
            return self._apart(lambda inner: inner.struct(self._schema(), node, UNSET))
        if name.endswith("OrBool"):
            if isinstance(node, bool):
                return node
            raise ScalarError("boolean or JSON schema expected")
        if not isinstance(node, list):
            return None
        element = "string" if name.endswith("OrStringArray") else _SCHEMA
        reference = self._types.reference(f"[]{element}")
        return self._apart(lambda inner: inner.value(reference, node, UNSET))

    def _schema(self) -> TypeSchema:
        return self._types.struct(_SCHEMA)

    def _apart(self, read: Callable[["_Reader"], Any]) -> Any:
        inner = _Reader(self._types, strict=False)
        inner._outer, inner._fields = self._outer or self._struct, list(self._fields)
        result = read(inner)
        if inner.error:
            raise ScalarError(inner.error)
        return {} if result is UNSET else result

    # --- complaints ------------------------------------------------------------------------

    def _problem(self, sort: str, name: str) -> None:
        if self._strict and len(self.problems) < PROBLEM_COUNT_MAX:
            where = f"{''.join(self._path)}.{name}" if self._path else name
            self.problems.setdefault(f"{sort} field {quote(where)}")

    def _save(self, error: str) -> None:
        self.error = self.error or error

    def _wrong_type(self, node: Any, go_type: str, *, literal: str = "") -> None:
        found = f"number {literal}" if literal else json_type(node)
        self._save(self._wrong_type_text(found, go_type))

    def _wrong_type_text(self, found: str, go_type: str) -> str:
        if not self._fields:
            return f"json: cannot unmarshal {found} into Go value of type {go_type}"
        where = f"{self._outer or self._struct}.{'.'.join(self._fields)}"
        return f"json: cannot unmarshal {found} into Go struct field {where} of type {go_type}"


_READERS: Final[dict[str, Callable[[_Reader, TypeRef, Any, Any], Any]]] = {
    "bytes": _Reader._bytes,
    "list": _Reader._list,
    "map": _Reader._map,
    "scalar": _Reader._scalar,
    "special": _Reader._special,
    "struct": _Reader._struct_value,
}


def _element(ref: TypeRef) -> TypeRef:
    assert ref.element is not None  # Lists and maps have one by construction.
    return ref.element


def _pointee(ref: TypeRef) -> TypeRef:
    return TypeRef(ref.shape, ref.name, ref.text.removeprefix("*"), ref.scalar, False, ref.element)


def _zero(ref: TypeRef) -> Any:
    """What a pointer points to when nothing fitted: decoding has failed, any value will do."""
    return {} if ref.shape in ("struct", "map") else None


def _float(literal: str) -> float | None:
    number = float(literal)
    return None if number - number != 0 else number


def _untyped(node: Any) -> Any:
    try:
        return plain(node)
    except ValueError as error:
        # Kept as text until somebody reads it.
        raise ScalarError(f"json: cannot unmarshal number {error} into Go value") from None


def _quantity(node: Any) -> str:
    if type(node) is str:
        return quantity_text(node)
    if isinstance(node, Number):
        return quantity_text(str(node))
    return quantity_text(freeze([]))
