"""Typed views: the base of the generated models, and the one door to pydantic.

A view is a mutable pydantic object for people and editors: snake_case in Python, camelCase on the
wire, unknown fields kept. It exists at the user's edge alone; everything inside works on Frozen
values. What was set is written, null included; defaults are not. So reading a value and writing
it back gives the value again.

A view refuses what upstream's decoder refuses (wrong JSON types, numbers out of range) and a
missing required field. Names outside an enum are the API server's to judge: type checkers see
the enum, the decoder takes any text. Nothing here knows a kind.
"""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Annotated, Any, Final, Self, TypeAlias

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, GetCoreSchemaHandler, Strict
from pydantic_core import CoreSchema, core_schema

from kcore.errors import ManifestError
from kcore.machinery.foreign_objects import T, object_of, value_of
from kcore.machinery.frozen import FrozenList, FrozenMap, loads, thaw
from kcore.machinery.quantity import Quantity
from kcore.machinery.resource import GroupVersionKind


@dataclass(frozen=True, slots=True)
class _Nullable:
    """Lets a required list, map or object be null: Go writes nil that way."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.nullable_schema(handler(source))


@dataclass(frozen=True, slots=True)
class _AnyText:
    """An enum for type checkers, text for the decoder: upstream decodes every text."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        del source, handler
        return core_schema.str_schema()


@dataclass(frozen=True, slots=True)
class _IntOrText:
    """A number or a text, neither made from the other; one message for both."""

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        del source, handler
        return core_schema.union_schema(
            [core_schema.int_schema(strict=True), core_schema.str_schema(strict=True)],
            mode="left_to_right",
            custom_error_type="int_or_string",
            custom_error_message="Input should be a valid integer or string",
        )


@lru_cache(maxsize=4096)
def _checked_quantity(text: str) -> str:
    """`text`, which a quantity must be able to read; objects repeat few of them."""
    Quantity.parse(text)
    return text


def _quantity_text(value: Any) -> Any:
    """The text of a quantity, unchanged when it is text; plain numbers are quantities too."""
    if isinstance(value, str):
        return _checked_quantity(value)
    if isinstance(value, Quantity):
        return str(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        text = str(value)
        Quantity.parse(text)
        return text
    return value


def _plain(value: Any) -> Any:
    """What pydantic cannot write itself: values inside fields of any type."""
    if isinstance(value, FrozenMap | FrozenList):
        return thaw(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")


NULLABLE: Final = _Nullable()
ENUM: Final = _AnyText()

Bool: TypeAlias = Annotated[bool, Strict()]
Int32: TypeAlias = Annotated[int, Strict(), Field(ge=-(2**31), lt=2**31)]
Int64: TypeAlias = Annotated[int, Strict(), Field(ge=-(2**63), lt=2**63)]
Float: TypeAlias = Annotated[float, Strict()]
IntOrString: TypeAlias = Annotated[int | str, _IntOrText()]
"""A number or a text, as given: `80`, `"http"`, `"25%"`."""
QuantityText: TypeAlias = Annotated[str, BeforeValidator(_quantity_text)]
"""The text of a quantity, kept as written; read it with `Quantity.parse`."""
Time: TypeAlias = str
"""RFC 3339 text: `2026-01-01T00:00:00Z`."""


def wire_name(name: str) -> str:
    """The camelCase name of a snake_case field: `node_name` -> `nodeName`, `from_` -> `from`."""
    if "_" not in name:  # half of all fields, and each is asked while classes are made
        return name
    first, *rest = name.rstrip("_").split("_")
    return first + "".join(word.capitalize() for word in rest)


def _value_of(view: BaseModel) -> FrozenMap:
    """Pydantic's part of writing."""
    text = view.__pydantic_serializer__.to_json(
        view, by_alias=True, exclude_unset=True, warnings="error", fallback=_plain
    )
    value: FrozenMap = loads(text)
    return value


class Model(BaseModel):
    """A JSON object with typed fields.

    Construct it with Python names (or wire names, or nested dicts); assignments are checked.
    """

    model_config = ConfigDict(
        alias_generator=wire_name,
        defer_build=True,
        extra="allow",
        protected_namespaces=(),
        serialize_by_alias=True,
        validate_assignment=True,
        validate_by_alias=True,
        validate_by_name=True,
    )

    @classmethod
    def from_frozen(cls, value: FrozenMap) -> Self:
        """The view of a value. O(size).

        Raises:
            pydantic.ValidationError: a field is missing or has the wrong type; names its path.
        """
        view: Self = cls.__pydantic_validator__.validate_python(
            thaw(value), by_alias=True, by_name=False
        )
        return view

    def to_frozen(self) -> FrozenMap:
        """The value: what was set, under its wire names. O(size).

        Raises:
            pydantic_core.PydanticSerializationError: a list or map was changed in place to
                something of the wrong type.
        """
        return _value_of(self)

    @classmethod
    def from_object(cls, obj: Any) -> Self:
        """The view of a mapping, or of an object of another package, such as a `V1Pod`. O(size).

        Raises:
            TypeError: `obj` is no API object.
            pydantic.ValidationError: a field is missing or has the wrong type; names its path.
        """
        return cls.from_frozen(value_of(obj))

    def to_object(self, kind: type[T]) -> T:
        """The same object in a class of another package: `pod.to_object(V1Pod)`. O(size).

        Raises:
            TypeError: instances of `kind` cannot be made from values.
        """
        return object_of(self.to_frozen(), kind)


@cache
def _identity(view: type[BaseModel]) -> tuple[str, str]:
    """Version and kind of a class."""
    fields = view.model_fields
    return fields["api_version"].default, fields["kind"].default


def _check_kind(value: FrozenMap, api_version: str, kind: str) -> None:
    """Let an object pass that does not say its version or kind, or says these."""
    found = value.get("apiVersion") or api_version, value.get("kind") or kind
    if found != (api_version, kind):
        said = f"{value.get('apiVersion')} {value.get('kind')}"
        raise ManifestError(f"{said} is no {api_version} {kind}")


class KindModel(Model):
    """An API object: a `Model` that says its version and kind, even where nobody set them."""

    kind: str  # first, as in upstream's output
    api_version: str

    @classmethod
    def gvk(cls) -> GroupVersionKind:
        """Group, version and kind of this class."""
        return GroupVersionKind.of(*_identity(cls))

    @classmethod
    def from_frozen(cls, value: FrozenMap) -> Self:
        """The view of an object of this kind; items of lists may lack version and kind.

        Raises:
            ManifestError: the object is of another kind or version.
            pydantic.ValidationError: a field is missing or has the wrong type; names its path.
        """
        plain = thaw(value)
        expected = _identity(cls)
        if plain.get("apiVersion") != expected[0] or plain.get("kind") != expected[1]:
            _check_kind(value, *expected)
        view: Self = cls.__pydantic_validator__.validate_python(plain, by_alias=True, by_name=False)
        return view

    def to_frozen(self) -> FrozenMap:
        """The value, with apiVersion and kind. O(size)."""
        value = _value_of(self)
        if "apiVersion" not in value:
            value = value.set("apiVersion", self.api_version)
        if "kind" not in value:
            value = value.set("kind", self.kind)
        return value
