"""API objects of other Python packages, and values: read either way by what the objects offer.

    value_of(V1Pod(metadata=V1ObjectMeta(name="web")))      # -> FrozenMap
    object_of(value, V1Pod)                                 # -> V1Pod

Nothing is imported for it. Three protocols are known:

* classes with `openapi_types` and `attribute_map` (kubernetes, kubernetes_asyncio): attributes in
  snake_case, None for what is not set, times as `datetime`;
* classes with `from_dict` and `to_dict` (lightkube): fields under their wire names;
* typed views and other pydantic models.

Version and kind, which such objects often leave out because the call names them, are filled in
where the class says them.
"""

import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from inspect import signature
from typing import Any, Final, TypeVar

from kcore.machinery.frozen import FrozenList, FrozenMap, freeze, thaw
from kcore.machinery.timestamps import parse_time

T = TypeVar("T")

_CLASS_NAME: Final = re.compile(r"V(\d+(?:(?:Alpha|Beta)\d+)?)([A-Z]\w*)")
_CONTAINER: Final = re.compile(r"(list|dict)[\[(](?:\w+, ?)?(.+)[\])]")
_MICROSECONDS_PER_SECOND: Final = 1_000_000
_NANOSECONDS: Final = 1_000


def value_of(obj: Any) -> FrozenMap:
    """The value of an API object: a FrozenMap, a mapping, or an object of another package.

    Raises:
        TypeError: `obj` is no API object.
    """
    value = freeze(_plain(obj))
    if not isinstance(value, FrozenMap):
        raise TypeError(f"an API object must be a mapping, not {type(obj).__name__}")
    made_by: type = type(obj)
    api_version, kind = _identity(made_by)
    if not value.get("apiVersion") and api_version:
        value = value.set("apiVersion", api_version)
    return value if value.get("kind") or not kind else value.set("kind", kind)


def object_of(value: FrozenMap, kind: type[T]) -> T:
    """The value as an object of a class: a typed view, or one of another package.

    Raises:
        TypeError: instances of `kind` cannot be made from values.
    """
    reader: Any = kind
    if hasattr(kind, "from_frozen"):
        return reader.from_frozen(value)  # type: ignore[no-any-return]
    if hasattr(kind, "from_dict"):
        return reader.from_dict(thaw(value))  # type: ignore[no-any-return]
    if _is_generated(kind):
        return _generated(value, kind)  # type: ignore[no-any-return]
    if hasattr(kind, "model_validate"):
        return reader.model_validate(thaw(value))  # type: ignore[no-any-return]
    if issubclass(kind, dict):
        return kind(thaw(value))
    raise TypeError(f"{kind.__name__} cannot be made from an API object")


def kind_of(kind: type) -> tuple[str, str]:
    """Version and kind that instances of a class stand for.

    Raises:
        TypeError: the class does not say.
    """
    if hasattr(kind, "gvk"):
        gvk = kind.gvk()
        return gvk.api_version, gvk.kind
    api_version, name = _identity(kind)
    if not name:
        raise TypeError(f"{kind.__name__} does not say which kind of API object it stands for")
    return api_version, name


def _plain(obj: Any) -> Any:
    """What `freeze` takes: the object without any class of its own."""
    if obj is None or isinstance(obj, str | int | float | FrozenMap | FrozenList):
        return obj
    if isinstance(obj, Mapping):
        return {key: _plain(item) for key, item in obj.items()}
    if isinstance(obj, list | tuple):
        return [_plain(item) for item in obj]
    return time_text(obj) if isinstance(obj, date) else _foreign(obj)


def _foreign(obj: Any) -> Any:
    if hasattr(obj, "to_frozen"):
        return obj.to_frozen()
    if _is_generated(type(obj)):
        fields = ((wire, getattr(obj, name, None)) for name, wire in obj.attribute_map.items())
        return {wire: _plain(item) for wire, item in fields if item is not None}
    if hasattr(obj, "to_dict"):
        return _plain(obj.to_dict())
    if hasattr(obj, "model_dump"):
        return obj.model_dump(mode="json", by_alias=True, exclude_none=True)
    raise TypeError(f"{type(obj).__name__} is no API object, and no part of one")


def time_text(moment: date) -> str:
    """RFC 3339 in UTC; a fraction of six digits where there is one. Naive times are UTC."""
    if not isinstance(moment, datetime):
        moment = datetime(moment.year, moment.month, moment.day, tzinfo=UTC)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    precision = "microseconds" if moment.microsecond else "seconds"
    text = moment.astimezone(UTC).isoformat(timespec=precision)
    return text.removesuffix("+00:00") + "Z"


def _time(text: str) -> datetime:
    seconds, microseconds = divmod(parse_time(text) // _NANOSECONDS, _MICROSECONDS_PER_SECOND)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds)


def _is_generated(kind: Any) -> bool:
    return hasattr(kind, "openapi_types") and hasattr(kind, "attribute_map")


def _generated(value: FrozenMap, kind: Any) -> Any:
    """An instance of a generated class; fields that it does not have are left out."""
    fields = {
        name: _typed(value[wire], kind.openapi_types[name], kind)
        for name, wire in kind.attribute_map.items()
        if value.get(wire) is not None
    }
    if _takes_configuration(kind):
        # The package's own checks are those of another release; what a server says is read.
        fields["local_vars_configuration"] = _UNCHECKED
    return kind(**fields)


@cache
def _takes_configuration(kind: type) -> bool:
    return "local_vars_configuration" in signature(kind).parameters


@dataclass(frozen=True, slots=True)
class _Configuration:
    """What generated classes ask of their configuration."""

    client_side_validation: bool = False


_UNCHECKED: Final = _Configuration()


def _typed(value: Any, type_text: str, near: type) -> Any:
    """A value as `list[V1Container]`, `dict(str, str)`, `datetime`, `V1Pod` or a plain type."""
    container = _CONTAINER.fullmatch(type_text)
    if value is None:
        return None
    if container is not None and container[1] == "list":
        return [_typed(item, container[2], near) for item in value]
    if container is not None:
        return {key: _typed(item, container[2], near) for key, item in value.items()}
    if type_text in ("datetime", "date"):
        return _time(value)
    # Classes of one package stand beside each other: `x.models.v1_pod` in `x.models`.
    for module in (near.__module__.rpartition(".")[0], near.__module__):
        kind = getattr(sys.modules.get(module), type_text, None)
        if _is_generated(kind):
            return _generated(value, kind)
    return thaw(value)


@cache
def _identity(kind: type) -> tuple[str, str]:
    """Version and kind that a class stands for; empty where it does not say."""
    info = getattr(getattr(kind, "_api_info", None), "resource", None)
    if info is not None:
        group = getattr(info, "group", "")
        return f"{group}/{info.version}" if group else info.version, info.kind
    named = _CLASS_NAME.fullmatch(kind.__name__)
    if named is None or not _is_generated(kind):
        return "", ""
    # Typed views are imported without the types of the API; this needs them.
    from kcore.machinery.schema_types import type_table  # noqa: PLC0415 - late on purpose

    version, name = f"v{named[1].lower()}", named[2]
    found = [
        api_version
        for api_version, other in type_table().kinds()
        if other == name and api_version.rpartition("/")[2] == version
    ]
    return (found[0], name) if len(found) == 1 else ("", "")
