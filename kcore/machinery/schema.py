"""Typed decoding of built-in kinds: what Go's decoder and encoder make of a JSON object.

`decode` walks a value along its Go type (`schema_types`) and returns the object as upstream would
write it back:

* unknown fields are left out and reported (`unknown field "spec.replicsa"`);
* a JSON value of the wrong type is refused with upstream's 400;
* null becomes the zero value; zero values vanish under `omitempty` and are written without it
  (`"containers": null`, `"resources": {}`);
* quantities, times and bytes get their canonical text.

A subtree that is already in this form is returned as it is (the same object), so decoding a
well-formed object returns the object itself. Specs are remembered by identity in a bounded
memory: thousands of pods made from one template are walked once.

Rules of kinds (defaults, validation) are not known here.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any, Final, Literal

from kcore.errors import ApiError, bad_request
from kcore.machinery.frozen import EMPTY_MAP, FrozenList, FrozenMap, dumps, freeze
from kcore.machinery.identity_memo import IdentityMemo
from kcore.machinery.resource import GroupVersionKind
from kcore.machinery.schema_scalars import (
    SPECIAL_TEXTS,
    ScalarError,
    WrongJsonTypeError,
    bytes_text,
    json_type,
)
from kcore.machinery.schema_types import FieldSchema, TypeRef, TypeTable, type_table
from kcore.machinery.struct_plan import StructPlan, is_empty, written_when_zero

# A positive number below this fits every number type there is.
_EVERY_INT_MAX: Final = 2**31
_LONG_LIST_COUNT: Final = 16

_SCALAR_ZERO: Final[dict[str, Any]] = {"string": "", "bool": False}
_SPECIAL_ZERO: Final[dict[str, Any]] = {
    "meta/v1.Duration": "0s",
    "resource.Quantity": "0",
    "util/intstr.IntOrString": 0,
}
_JSON_SCHEMA: Final = "apiextensions/v1.JSONSchemaProps"
_STORED_AS_JSON: Final = frozenset({"apiextensions.k8s.io", "apiregistration.k8s.io"})
_DROP: Final = object()
Empties = Literal["written", "settled", "sent"]


@dataclass(frozen=True, slots=True)
class Decoded:
    """The object as upstream would write it back, and what strict decoding refuses."""

    object: FrozenMap
    problems: tuple[str, ...] = ()


class Decoder:
    """Decodes along one `TypeTable`. Plans and remembered specs grow with use, within bounds.

    `empties`: whether empty lists and maps are as Go writes them, as protobuf keeps them (null), or
    as they were sent.
    """

    def __init__(self, types: TypeTable, empties: Empties = "written") -> None:
        self._types = types
        self.empties = empties
        self._plans: dict[str, StructPlan] = {}
        self._memory: IdentityMemo[FrozenMap] = IdentityMemo()

    def decode(self, obj: FrozenMap, api_version: str, kind: str) -> Decoded:
        """Decode `obj` as the body of an endpoint for `kind`. O(size), O(changed) for specs.

        Raises:
            ApiError: 400 with upstream's text, for a JSON value of the wrong type.
        """
        schema = self._types.kind(api_version, kind)
        if schema is None:
            return Decoded(obj)
        named = obj
        if obj.get("apiVersion") is None or obj.get("kind") is None:
            named = obj.set("apiVersion", obj.get("apiVersion") or api_version)
            named = named.set("kind", named.get("kind") or kind)
        walk = _Walk(self)
        try:
            result = walk.struct(self.plan(schema.name), named)
        except ScalarError as error:
            raise _cannot_handle(api_version, kind, str(error)) from None
        return Decoded(result, tuple(walk.problems))

    def decode_type(self, value: FrozenMap, type_name: str) -> FrozenMap:
        """Decode a value of a struct type such as `core/v1.PodSpec`; problems are dropped.

        Raises:
            ApiError: 400 for a JSON value of the wrong type.
        """
        try:
            result: FrozenMap = _Walk(self).struct(self.plan(type_name), value)
        except ScalarError as error:
            raise bad_request(str(error)) from None
        return result

    def plan(self, name: str) -> StructPlan:
        """The plan of the struct `name`, made on first use."""
        known = self._plans.get(name)
        if known is None:
            known = self._plans[name] = StructPlan(self._types.struct(name), self.zero)
        return known

    def zero(self, ref: TypeRef) -> Any:
        """What Go writes for a field of this type that nobody set."""
        if ref.pointer or ref.shape in ("list", "map", "bytes"):
            return None
        if ref.shape == "scalar":
            return _SCALAR_ZERO.get(ref.scalar, 0)
        if ref.shape == "special":
            return _SPECIAL_ZERO.get(ref.name)
        return freeze(dict(self.plan(ref.name).always))

    def recall(self, value: Any, name: str) -> Any:
        """The remembered result for this very value, or None."""
        return self._memory.recall(value, name)

    def remember(self, value: Any, name: str, result: Any) -> None:
        """Keep `result` for `value`, and for itself: it is clean."""
        self._memory.remember(value, name, result)
        self._memory.remember(result, name, result)


class _Walk:
    """One decoding: the place in the tree, and the unknown fields met so far."""

    __slots__ = ("_decoder", "_go_path", "_path", "_struct_name", "problems")

    def __init__(self, decoder: Decoder, path: str = "") -> None:
        self._decoder = decoder
        self._path: list[str] = [path] if path else []
        self._go_path: list[str] = []
        self._struct_name = ""
        self.problems: list[str] = []

    def struct(self, plan: StructPlan, value: Any, *, remembered: bool = False) -> Any:
        remembered = remembered or plan.remembered
        if type(value) is not FrozenMap:
            raise self.wrong_type(value, f"{plan.name.rpartition('/')[2]}")
        if remembered:
            known = self._decoder.recall(value, plan.name)
            if known is not None:
                return known
        problems_before = len(self.problems)
        changes = self._field_changes(plan, value)
        for name, zero in plan.always:
            if name not in value:
                changes[name] = zero
        result = _changed(value, changes)
        if remembered and len(self.problems) == problems_before:
            self._decoder.remember(value, plan.name, result)
        return result

    def _field_changes(self, plan: StructPlan, value: FrozenMap) -> dict[str, Any]:
        changes: dict[str, Any] = {}
        plain = plan.plain
        for name, child in value.items():
            # Most fields are scalars that need no look at their type's rules.
            is_plain = child and type(child) is plain.get(name)
            if is_plain and (type(child) is not int or 0 < child < _EVERY_INT_MAX):
                continue
            found = plan.fields.get(name)
            if found is None:
                self.problems.append(f'unknown field "{self._where(name)}"')
                changes[name] = _DROP
                continue
            row, via = found
            new = self._field(plan, row, via, child)
            if new is not child:
                changes[name] = new
        return changes

    def _field(self, plan: StructPlan, row: FieldSchema, via: tuple[str, ...], child: Any) -> Any:
        if child is None:
            new = self._decoder.zero(row.type)
            omitted = not written_when_zero(row, self._decoder.zero)
            return _DROP if omitted else new
        outer, depth = self._struct_name, len(self._go_path)
        self._path.append(f".{row.name}" if self._path else row.name)
        self._go_path.extend((*via, row.name))
        self._struct_name = plan.go_name
        new = self.value(row.type, child)
        self._path.pop()
        del self._go_path[depth:]
        self._struct_name = outer
        empties = self._decoder.empties
        is_bare = isinstance(new, FrozenMap | FrozenList) and not len(new)
        if row.omit_empty and is_empty(new, row.type):
            return new if is_bare and empties == "sent" else _DROP
        is_bare = is_bare and row.type.shape in ("list", "map") and not row.omit_empty
        return None if is_bare and empties == "settled" else new

    def value(self, ref: TypeRef, child: Any) -> Any:
        """Decode one value that is not null."""
        shape = ref.shape
        if shape == "scalar":
            return self._scalar(ref, child)
        if shape == "struct":
            return self.struct(self._decoder.plan(ref.name), child)
        if shape == "list":
            return self._list(ref, child)
        if shape == "map":
            return self._map(ref, child)
        return self._special(ref, child)

    def _scalar(self, ref: TypeRef, child: Any) -> Any:
        kind, wanted = type(child), ref.scalar
        if wanted in ("string", "bool"):
            if kind is (str if wanted == "string" else bool):
                return child
            raise self.wrong_type(child, ref.go_name)
        if kind is int:
            if wanted == "int32" and not -(2**31) <= child < 2**31:
                raise self.wrong_type(child, ref.go_name, number=True)
            return child
        if kind is float:
            if wanted.startswith("float"):
                return child
            if child == int(child) and abs(child) < 2**53:
                return int(child)
        raise self.wrong_type(child, ref.go_name, number=True)

    def _list(self, ref: TypeRef, child: Any) -> Any:
        if type(child) is not FrozenList:
            raise self.wrong_type(child, ref.go_name)
        element = _element(ref)
        # Long lists (endpoints) change one element at a time; the others are known.
        is_long = len(child) >= _LONG_LIST_COUNT and element.shape == "struct"
        plan = self._decoder.plan(element.name) if is_long else None
        items = []
        for index, item in enumerate(child):
            self._path.append(f"[{index}]")
            if plan is None or item is None:
                items.append(self._element(element, item))
            else:
                items.append(self.struct(plan, item, remembered=True))
            self._path.pop()
        same = all(new is old for new, old in zip(items, child, strict=True))
        return child if same else freeze(items)

    def _map(self, ref: TypeRef, child: Any) -> Any:
        if type(child) is not FrozenMap:
            raise self.wrong_type(child, ref.go_name)
        element = _element(ref)
        if element.scalar == "string" and all(type(item) is str for item in child.values()):
            return child
        changes = {}
        for key, item in child.items():
            self._path.append(f".{key}" if self._path else key)
            new = self._element(element, item)
            self._path.pop()
            if new is not item:
                changes[key] = new
        return _changed(child, changes)

    def _element(self, element: TypeRef, item: Any) -> Any:
        return self._decoder.zero(element) if item is None else self.value(element, item)

    def _special(self, ref: TypeRef, child: Any) -> Any:
        try:
            if ref.shape == "bytes":
                new = bytes_text(child)
            elif ref.name in SPECIAL_TEXTS:
                new = SPECIAL_TEXTS[ref.name](child)
            else:
                return self._json_schema_or(ref.name, child)
        except WrongJsonTypeError as error:
            raise self.wrong_type(child, error.go_type, number=error.go_type == "int32") from None
        return child if new == child and type(new) is type(child) else new

    def _json_schema_or(self, name: str, child: Any) -> Any:
        """A JSON schema, or the list, boolean or strings that may stand in its place."""
        types = self._decoder
        if type(child) is FrozenMap:
            return self.struct(types.plan(_JSON_SCHEMA), child)
        if name.endswith("OrBool"):
            if isinstance(child, bool):
                return child
            raise ScalarError("boolean or JSON schema expected")
        if type(child) is not FrozenList:
            return None
        element = "string" if name.endswith("OrStringArray") else _JSON_SCHEMA
        return self._list(type_table().reference(f"[]{element}"), child)

    def wrong_type(self, value: Any, go_type: str, *, number: bool = False) -> ScalarError:
        """The error of a JSON value that its Go type cannot take."""
        found = json_type(value)
        if number and found == "number":
            found = f"number {dumps(value).decode()}"
        if not self._go_path:
            return ScalarError(f"json: cannot unmarshal {found} into Go value of type {go_type}")
        where = f"{self._struct_name}.{'.'.join(self._go_path)}"
        return ScalarError(
            f"json: cannot unmarshal {found} into Go struct field {where} of type {go_type}"
        )

    def _where(self, name: str) -> str:
        return f"{''.join(self._path)}.{name}" if self._path else name


def _element(ref: TypeRef) -> TypeRef:
    assert ref.element is not None  # Lists and maps have one by construction.
    return ref.element


def _changed(value: FrozenMap, changes: dict[str, Any]) -> FrozenMap:
    """`value` with `changes` applied; the same object when there are none."""
    if not changes:
        return value
    merged = {**value, **changes}
    result: FrozenMap = freeze({k: v for k, v in merged.items() if v is not _DROP})
    return result


def _cannot_handle(api_version: str, kind: str, why: str) -> ApiError:
    version = api_version.rpartition("/")[2]
    return bad_request(f'{kind} in version "{version}" cannot be handled as a {kind}: {why}')


@cache
def default_decoder() -> Decoder:
    """The decoder of the built-in kinds."""
    return Decoder(type_table())


@cache
def _decoder_with(empties: Empties) -> Decoder:
    return Decoder(type_table(), empties)


def decode_kept(obj: FrozenMap, api_version: str, kind: str, *, sent: bool = False) -> Decoded:
    """`decode`, with what becomes of empty lists and maps in storage; `sent`: as they are.

    Upstream stores most groups as protobuf, which cannot tell an empty list from none.

    Raises:
        ApiError: 400 with upstream's text, for a JSON value of the wrong type.
    """
    as_json = api_version.partition("/")[0] in _STORED_AS_JSON
    decoder = _decoder_with("sent" if sent else "written" if as_json else "settled")
    return decoder.decode(obj, api_version, kind)


def decode(obj: FrozenMap, api_version: str, kind: str) -> Decoded:
    """Decode `obj` as a built-in kind; custom and unknown kinds pass through unchanged.

    Raises:
        ApiError: 400 with upstream's text, for a JSON value of the wrong type.
    """
    return default_decoder().decode(obj, api_version, kind)


def decode_part(value: Any, type_name: str, path: str, problems: list[str]) -> FrozenMap:
    """Decode a struct inside an object that is not typed; unknown fields go into `problems`.

    Raises:
        ScalarError: a JSON value of the wrong type, with upstream's text.
    """
    decoder = default_decoder()
    walk = _Walk(decoder, path)
    result: FrozenMap = walk.struct(decoder.plan(type_name), value)
    problems.extend(walk.problems)
    return result


def zero_object(api_version: str, kind: str) -> FrozenMap:
    """The object of a built-in kind with nothing set, as Go writes it; `{}` if unknown."""
    schema = type_table().kind(api_version, kind)
    if schema is None:
        return EMPTY_MAP
    decoder = default_decoder()
    result: FrozenMap = decoder.decode_type(EMPTY_MAP, schema.name)
    return result


def is_typed(gvk: GroupVersionKind) -> bool:
    """Whether the kind is built in, so that its fields and merge keys are known."""
    return type_table().kind(gvk.api_version, gvk.kind) is not None
