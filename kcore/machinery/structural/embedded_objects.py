"""Object metadata inside custom resources: read by the rules of `ObjectMeta`, at any depth."""

from typing import Any

from kcore.machinery.frozen import FrozenList, FrozenMap, freeze
from kcore.machinery.schema import decode_part
from kcore.machinery.schema_scalars import ScalarError
from kcore.machinery.structural.structural_schema import Structural

_OBJECT_META = "meta/v1.ObjectMeta"


def read_metadata(metadata: Any, path: str, problems: list[str]) -> FrozenMap:
    """Metadata as upstream writes it back; unknown fields are dropped and named in `problems`.

    Raises:
        ScalarError: a field has the wrong JSON type; the text is upstream's.
    """
    return decode_part(metadata, _OBJECT_META, path, problems)


def with_read_metadata(value: Any, schema: Structural | None, path: str, found: list[str]) -> Any:
    """`value` with the metadata of every embedded resource read. O(size).

    Raises:
        EmbeddedObjectError: an embedded resource has metadata or type fields of the wrong type.
    """
    if schema is None:
        return value
    if isinstance(value, FrozenMap):
        changes: dict[str, Any] = {}
        for key, item in value.items():
            here = f"{path}.{key}" if path else key
            new = _meta_field(key, item, here, found) if schema.embedded else item
            new = with_read_metadata(new, schema.below(key), here, found)
            if new is not item:
                changes[key] = new
        return freeze({**value, **changes}) if changes else value
    if isinstance(value, FrozenList):
        items = [
            with_read_metadata(item, schema.items, f"{path}[{at}]", found)
            for at, item in enumerate(value)
        ]
        same = all(new is old for new, old in zip(items, value, strict=True))
        return value if same else freeze(items)
    return value


class EmbeddedObjectError(ScalarError):
    """A field of an embedded resource that no object can have."""


def _meta_field(key: str, value: Any, path: str, found: list[str]) -> Any:
    if key in ("apiVersion", "kind") and not isinstance(value, str):
        raise EmbeddedObjectError(f"{path}: Invalid value: {value!r}: must be a string")
    if key != "metadata" or value is None:
        return value
    try:
        return read_metadata(value, path, found)
    except ScalarError as error:
        raise EmbeddedObjectError(f"{path}: Invalid value: {error}") from None
