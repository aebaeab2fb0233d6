"""A structural schema compiled for use: one node for each place of a custom resource.

Nodes are made once from the `openAPIV3Schema` of a version, and are immutable. Pruning, defaults
and validation walk a value and its node side by side, and skip what the node's flags say is none
of their business.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from kcore.machinery.frozen import ABSENT, EMPTY_LIST, EMPTY_MAP, FrozenMap
from kcore.machinery.structural.go_pattern import Pattern, compile_go_pattern

META_FIELDS: Final = frozenset({"apiVersion", "kind", "metadata"})
"""What every object has, so that embedded resources need not declare it."""


@dataclass(frozen=True, slots=True, eq=False)
class ValueRules:
    """What a schema says about a value beyond its structure; `Junctors` included."""

    maximum: int | float | None = None
    minimum: int | float | None = None
    exclusive_maximum: bool = False
    exclusive_minimum: bool = False
    multiple_of: int | float | None = None
    length_max: int | None = None
    length_min: int | None = None
    pattern: str = ""
    items_count_max: int | None = None
    items_count_min: int | None = None
    unique_items: bool = False
    properties_count_max: int | None = None
    properties_count_min: int | None = None
    required: tuple[str, ...] = ()
    enum: tuple[Any, ...] = ()
    all_of: tuple["Structural", ...] = ()
    any_of: tuple["Structural", ...] = ()
    one_of: tuple["Structural", ...] = ()
    negated: "Structural | None" = None


@dataclass(frozen=True, slots=True, eq=False)
class Structural:
    """The schema of one place.

    Attributes:
        types: the JSON types that may stand here; empty: any.
        other: the schema of fields that are not declared; None forbids them unless `others_free`.
        others_free: undeclared fields are allowed without a schema.
        default: the value to fill in; ABSENT without one.
        has_defaults: whether there is a default anywhere below.
        has_cel: whether there are rules in CEL anywhere below; they are not evaluated.
    """

    types: tuple[str, ...]
    format: str
    nullable: bool
    properties: Mapping[str, "Structural"]
    other: "Structural | None"
    others_free: bool
    items: "Structural | None"
    default: Any
    has_defaults: bool
    has_cel: bool
    keeps_unknown: bool
    embedded: bool
    list_type: str
    list_keys: tuple[str, ...]
    rules: ValueRules
    pattern: Pattern | None

    def below(self, key: str) -> "Structural | None":
        """The schema of the field `key`; None when nothing is known of it."""
        return self.properties.get(key, self.other)


def compile_schema(schema: FrozenMap) -> Structural:
    """The nodes of a schema as a CustomResourceDefinition has it. O(size)."""
    properties = {
        name: compile_schema(row) for name, row in (schema.get("properties") or EMPTY_MAP).items()
    }
    more = schema.get("additionalProperties")
    other = compile_schema(more) if isinstance(more, FrozenMap) else None
    items = schema.get("items")
    element = compile_schema(items) if isinstance(items, FrozenMap) else None
    default = schema.get("default") if "default" in schema else ABSENT
    below = [*properties.values(), *(each for each in (other, element) if each is not None)]
    embedded = schema.get("x-kubernetes-embedded-resource") is True
    rules = _rules(schema, embedded)
    return Structural(
        types=_types(schema),
        format=schema.get("format") or "",
        nullable=schema.get("nullable") is True,
        properties=properties,
        other=other,
        others_free=more is True,
        items=element,
        default=default,
        has_defaults=default is not ABSENT or any(each.has_defaults for each in below),
        has_cel=bool(schema.get("x-kubernetes-validations")) or any(each.has_cel for each in below),
        keeps_unknown=schema.get("x-kubernetes-preserve-unknown-fields") is True,
        embedded=embedded,
        list_type=schema.get("x-kubernetes-list-type") or "",
        list_keys=tuple(schema.get("x-kubernetes-list-map-keys") or ()),
        rules=rules,
        pattern=compile_go_pattern(rules.pattern),
    )


def _types(schema: FrozenMap) -> tuple[str, ...]:
    if schema.get("x-kubernetes-int-or-string") is True:
        return ("integer", "string")
    found = schema.get("type")
    return (found,) if found else ()


def _rules(schema: FrozenMap, embedded: bool) -> ValueRules:
    def schemas(name: str) -> tuple[Structural, ...]:
        return tuple(map(compile_schema, schema.get(name) or EMPTY_LIST))

    required = tuple(schema.get("required") or ())
    if embedded:
        required = tuple(dict.fromkeys((*required, "apiVersion", "kind")))
    negated = schema.get("not")
    return ValueRules(
        maximum=schema.get("maximum"),
        minimum=schema.get("minimum"),
        exclusive_maximum=schema.get("exclusiveMaximum") is True,
        exclusive_minimum=schema.get("exclusiveMinimum") is True,
        multiple_of=schema.get("multipleOf"),
        length_max=schema.get("maxLength"),
        length_min=schema.get("minLength"),
        pattern=schema.get("pattern") or "",
        items_count_max=schema.get("maxItems"),
        items_count_min=schema.get("minItems"),
        unique_items=schema.get("uniqueItems") is True,
        properties_count_max=schema.get("maxProperties"),
        properties_count_min=schema.get("minProperties"),
        required=required,
        enum=tuple(schema.get("enum") or ()),
        all_of=schemas("allOf"),
        any_of=schemas("anyOf"),
        one_of=schemas("oneOf"),
        negated=None if negated is None else compile_schema(negated),
    )
