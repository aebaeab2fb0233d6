"""Protobuf field numbers of the API's types, and the kinds that only travel.

`kcore/api/data/wire.json.gz` holds the numbers in the order of each type's fields
(`tools/generate_api_data.py` writes it); everything else about a field, its wire type included,
follows from its Go type (`schema_types`).

Kinds that only travel are never stored: options of calls and watch frames, which belong to every
group version, bodies of webhooks, discovery, tables.
"""

import gzip
import json
from functools import cache
from importlib.resources import files
from typing import Any, Final

from kcore.machinery.protobuf.wire import FIXED64, LENGTH, VARINT
from kcore.machinery.schema_types import FieldSchema, TypeRef, type_table

_DATA: Final = "api/data/wire.json.gz"

# Lists that upstream wraps in a message of their own, because their Go type has a name.
WRAPPED_LISTS: Final = frozenset({("meta/v1.APIResource", "verbs")})


@cache
def _document() -> dict[str, Any]:
    raw = files("kcore").joinpath(_DATA).read_bytes()
    document: dict[str, Any] = json.loads(gzip.decompress(raw))
    return document


def wire_type_name(api_version: str, kind: str) -> str | None:
    """The struct that travels as a kind: `v1`, `Pod` -> `core/v1.Pod`; None if it is not built in.

    `DeleteOptions` and its like are known under every version, and under none.
    """
    schema = type_table().kind(api_version, kind)
    if schema is not None:
        return schema.name
    kinds = _document()["kinds"]
    name: str | None = kinds.get(f"{api_version}/{kind}") or kinds.get(kind)
    return name


@cache
def numbered_fields(type_name: str) -> tuple[tuple[int, FieldSchema], ...]:
    """The fields of a struct that protobuf has, in order of their numbers.

    Raises:
        KeyError: there is no such struct.
    """
    fields = type_table().struct(type_name).fields
    numbers = _document()["numbers"][type_name]
    pairs = ((number, row) for number, row in zip(numbers, fields, strict=True) if number)
    return tuple(sorted(pairs, key=lambda pair: pair[0]))


def wire_of(ref: TypeRef) -> int:
    """The wire type of a field: strings, bytes and messages have a length, numbers have none."""
    if ref.shape == "list" and ref.element is not None:
        ref = ref.element
    if ref.shape != "scalar" or ref.scalar == "string":
        return LENGTH
    return FIXED64 if ref.scalar == "float64" else VARINT
