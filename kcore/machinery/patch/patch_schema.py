"""Which strategy a strategic merge patch follows at a field, read off the Go types."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from kcore.machinery.go_text import quote
from kcore.machinery.patch.go_values import StrategicPatchError
from kcore.machinery.schema_types import FieldSchema, TypeRef, TypeSchema, type_table

_RETAIN_KEYS: Final = "retainKeys"
_KIND_WORDS: Final = {"list": "slice", "bytes": "slice", "special": "struct"}


@dataclass(frozen=True, slots=True)
class FieldPlan:
    """How to merge one field, and the place to look up what is below it."""

    below: "PatchSchema"
    strategy: str = ""
    merge_key: str = ""
    retain_keys: bool = False


class PatchSchema:
    """The type at one place of an object; one for each type, which remembers its fields' plans."""

    __slots__ = ("_lists", "_plans", "type")

    def __init__(self, ref: TypeRef) -> None:
        self.type = ref
        self._plans: dict[str, FieldPlan] = {}
        self._lists: dict[str, FieldPlan] = {}

    def field(self, name: str) -> FieldPlan:
        """The plan for a field that holds an object. O(1) after the first time.

        Raises:
            StrategicPatchError: the type has no such field.
        """
        plan = self._plans.get(name)
        if plan is None:
            # What is remembered is bounded by the fields there are, in the cases met.
            plan = self._plans[name] = _field(self.type, name)
        return plan

    def list_field(self, name: str) -> FieldPlan:
        """The plan for a field that holds a list; `below` is the type of its elements.

        Raises:
            StrategicPatchError: the type has no such field, or it is no list.
        """
        known = self._lists.get(name)
        if known is not None:
            return known
        plan = self.field(name)
        element = plan.below.type.element
        if plan.below.type.shape != "list" or element is None:
            word = _kind_word(plan.below.type)
            raise StrategicPatchError(f"expected slice or array type, but got: {word}")
        made = FieldPlan(_schema_of(element), plan.strategy, plan.merge_key, plan.retain_keys)
        self._lists[name] = made
        return made


@lru_cache(maxsize=8192)
def _schema_of(ref: TypeRef) -> PatchSchema:
    return PatchSchema(ref)


@lru_cache(maxsize=8192)
def _field(ref: TypeRef, name: str) -> FieldPlan:
    if ref.shape not in ("struct", "special"):
        word = _kind_word(ref)
        raise StrategicPatchError(
            f"merging an object in json but data type is not struct, instead is: {word}"
        )
    schema = type_table().struct(ref.name)
    row = schema.by_json_name.get(name) or _caseless(schema, name)
    if row is None:
        raise StrategicPatchError(
            f"unable to find api field in struct {schema.go_name} for the json field {quote(name)}"
        )
    words = [word for word in row.patch_strategy.split(",") if word]
    strategy = next((word for word in words if word != _RETAIN_KEYS), "")
    return FieldPlan(_schema_of(row.type), strategy, row.patch_merge_key, _RETAIN_KEYS in words)


def _caseless(schema: TypeSchema, name: str) -> FieldSchema | None:
    folded = name.casefold()
    for known, row in schema.by_json_name.items():
        if known.casefold() == folded:
            return row
    return None


def _kind_word(ref: TypeRef) -> str:
    return ref.scalar or _KIND_WORDS.get(ref.shape, ref.shape)


@lru_cache(maxsize=1024)
def patch_schema(api_version: str, kind: str) -> PatchSchema | None:
    """The schema of a built-in kind; None for others, which merge without strategies."""
    schema = type_table().kind(api_version, kind)
    return None if schema is None else _schema_of(type_table().reference(schema.name))
