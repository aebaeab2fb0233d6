"""Patch documents as text: JSON, or YAML for server-side apply, with upstream's refusals.

The value that a text says, and what strict reading holds against it: repeated keys, which no value
shows. Whoever has text (an HTTP server, a file) reads it here; whoever has values needs nothing.
"""

import re
from typing import Any, Final

from kcore.errors import KcoreError
from kcore.machinery.codec import duplicate_fields, parse_yaml
from kcore.machinery.frozen import FrozenList, FrozenMap, JSONError, freeze, loads
from kcore.machinery.request import APPLY_PATCH, JSON_PATCH, STRATEGIC_MERGE_PATCH
from kcore.machinery.schema_scalars import json_type
from kcore.machinery.yaml_dialect import YamlError

_ANY_MAP: Final = "map[string]interface {}"
_OPERATION_FIELDS: Final = ("op", "from", "path", "value")
_YAML_PREFIX: Final = re.compile(r"yaml: (unmarshal errors:\n\s*)?")


class PatchTextError(KcoreError):
    """Text that is no patch of its content type; the message is that of upstream's 400."""


def read_patch_text(
    text: str, patch_type: str, *, strict: bool = False
) -> tuple[FrozenMap, tuple[str, ...]]:
    """The body of a patch request, and the problems of strict reading. O(size).

    A JSON patch, which is a list, becomes a map with the one key `operations`. `strict` refuses
    YAML with repeated keys at once, as upstream does; repeated keys of JSON are problems always.

    Raises:
        PatchTextError: with upstream's text.
    """
    if patch_type == APPLY_PATCH:
        return _configuration(text, strict)
    try:
        value = loads(text)
    except JSONError:
        raise PatchTextError("invalid JSON patch") from None
    if patch_type == JSON_PATCH:
        problems = [f"json patch {each}" for each in duplicate_fields(text)]
        return _operations(value), tuple(problems)
    if not isinstance(value, FrozenMap):
        if value is None:
            raise PatchTextError("Invalid JSON Patch")
        what = f"json: cannot unmarshal {json_type(value)} into Go value of type {_ANY_MAP}"
        plain = patch_type == STRATEGIC_MERGE_PATCH
        raise PatchTextError(what if plain else f"error decoding patch: {what}")
    return value, tuple(duplicate_fields(text))


def _operations(value: Any) -> FrozenMap:
    if value is not None and not isinstance(value, FrozenList):
        raise _no_operations(f"{json_type(value)} into Go value of type []handlers.jsonPatchOp")
    for operation in value or ():
        if operation is not None and not isinstance(operation, FrozenMap):
            found = json_type(operation)
            raise _no_operations(f"{found} into Go value of type handlers.jsonPatchOp")
        for name in _OPERATION_FIELDS[:3]:
            text = None if operation is None else operation.get(name)
            if not isinstance(text, str | None):
                where = f"Go struct field jsonPatchOp.{name} of type string"
                raise _no_operations(f"{json_type(text)} into {where}")
    body: FrozenMap = freeze({"operations": value})
    return body


def _no_operations(what: str) -> PatchTextError:
    return PatchTextError(f"error decoding patch: json: cannot unmarshal {what}")


def unknown_operation_fields(operations: Any) -> list[str]:
    """What strict decoding holds against the operations of a JSON patch."""
    if not isinstance(operations, FrozenList):
        return []
    return [
        f'json patch unknown field "[{position}].{name}"'
        for position, operation in enumerate(operations)
        if isinstance(operation, FrozenMap)
        for name in operation
        if name not in _OPERATION_FIELDS
    ]


def _configuration(text: str, strict: bool) -> tuple[FrozenMap, tuple[str, ...]]:
    try:
        value = parse_yaml(text)
    except YamlError as error:
        raise PatchTextError(
            f"error decoding patch: error converting YAML to JSON: {error}"
        ) from None
    if not isinstance(value, FrozenMap):
        found = json_type(value)
        raise PatchTextError(
            "error decoding patch: error unmarshaling JSON: while decoding JSON: "
            f"json: cannot unmarshal {found} into Go value of type {_ANY_MAP}"
        )
    try:
        parse_yaml(text, strict=True)
    except YamlError as error:
        problem = _YAML_PREFIX.sub("", str(error), count=1)
        if strict:
            raise PatchTextError(
                "error strict decoding patch: error converting YAML to JSON: "
                f"yaml: unmarshal errors:\n  {problem}"
            ) from None
        return value, (problem,)
    return value, ()
