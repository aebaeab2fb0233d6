"""FieldsV1: how field sets travel in `metadata.managedFields`.

Two forms: Frozen values, as objects hold them, and JSON text, where order and repeated keys can be
seen. Element types of the future (`x:...`) are dropped, as upstream does.
"""

from functools import lru_cache
from json.decoder import JSONDecoder
from typing import Any, Final

from kcore.errors import KcoreError
from kcore.limits import NESTING_COUNT_MAX
from kcore.machinery.apply.field_path import (
    INDEX,
    KEY,
    PathElement,
    index_element,
    key_element,
    sort_key,
    unranked,
    value_element,
)
from kcore.machinery.apply.field_set import EMPTY_SET, FieldSet, interned
from kcore.machinery.frozen import EMPTY_MAP, FrozenMap, JSONError, dumps, freeze, loads
from kcore.machinery.go_text import json_text, parse_int64, quote

_SELF: Final = "."
_DECODER: Final = JSONDecoder(strict=False)
_SPACE: Final = " \t\r\n"
_NEAR_BYTES: Final = 10
_AROUND_BYTES: Final = 50
UNKNOWN_ELEMENT: Final = "unknown path element type"


class FieldsV1Error(KcoreError):
    """Text that is no FieldsV1; the message is upstream's."""


# --- elements --------------------------------------------------------------------------------


@lru_cache(maxsize=8192)
def parse_element(text: str) -> PathElement:
    """The element behind `f:name`, `k:{...}`, `v:...` or `i:0`.

    Raises:
        FieldsV1Error: with upstream's text.
    """
    if len(text.encode()) < 2:
        raise FieldsV1Error("key must be 2 characters long:")
    if text[1] != ":":
        raise FieldsV1Error(f"missing colon: {text}")
    kind, content = text[0], text[2:]
    if kind == "f":
        return content
    if kind == "i":
        index = parse_int64(content)
        if index is None:
            raise FieldsV1Error(f"strconv.Atoi: parsing {quote(content)}: invalid syntax")
        return index_element(index)
    if kind == "v":
        return value_element(_number_free(_loaded(content, "ReadMapCB")))
    if kind == "k":
        keys = _loaded(content, "ReadObjectCB")
        if keys is not None and not isinstance(keys, FrozenMap):
            raise _unexpected("ReadObjectCB", content, 1)
        return key_element((name, _number_free(value)) for name, value in (keys or {}).items())
    raise FieldsV1Error(UNKNOWN_ELEMENT)


def _number_free(value: Any) -> Any:
    """Numbers inside FieldsV1 are read as floats, which shows in texts of conflicts."""
    return float(value) if type(value) is int else value


def _loaded(content: str, reader: str) -> Any:
    try:
        return loads(content)
    except JSONError:
        raise _unexpected(reader, content, len(content)) from None


def _unexpected(reader: str, text: str, offset: int) -> FieldsV1Error:
    found = text[offset - 1] if 0 < offset <= len(text) else "\x00"
    return _reported(reader, f"expect {{ or n, but found {found}", text, offset)


def _reported(reader: str, message: str, text: str, offset: int) -> FieldsV1Error:
    near = text[max(0, offset - _NEAR_BYTES) : offset + _NEAR_BYTES]
    around = text[max(0, offset - _AROUND_BYTES) : offset + _AROUND_BYTES]
    return FieldsV1Error(
        f"{reader}: {message}, error found in #{min(offset, _NEAR_BYTES)} byte of "
        f"...|{near}|..., bigger context ...|{around}|..."
    )


@lru_cache(maxsize=8192)
def element_key(element: PathElement) -> str:
    """The text that `parse_element` reads."""
    if isinstance(element, str):
        return f"f:{element}"
    rank, content = element
    if rank == INDEX:
        return f"i:{content}"
    if rank == KEY:
        # Names are kept as they are; only values have their HTML characters escaped.
        members = (
            f"{dumps(name).decode()}:{json_text(unranked(value))}" for name, value in content
        )
        return f"k:{{{','.join(members)}}}"
    return f"v:{json_text(unranked(content))}"


# --- Frozen values ---------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def set_of_fields(fields: FrozenMap | None) -> FieldSet:
    """The set that `fieldsV1` of a managedFields entry says. O(size), remembered.

    Raises:
        FieldsV1Error: it is malformed.
    """
    if fields is None:
        return EMPTY_SET
    found, _ = _read(fields)
    return interned(found) if found else EMPTY_SET


def _read(fields: Any) -> tuple[FieldSet | None, bool]:
    """The paths below, and whether the place itself is a member."""
    if fields is None:
        return None, True
    if not isinstance(fields, FrozenMap):
        raise FieldsV1Error(f"ReadMapCB: expect {{ or n, but found {dumps(fields).decode()[:1]}")
    is_member, members, children = False, [], {}
    for key, value in fields.items():
        if key == _SELF:
            is_member = True
            continue
        element = _known_element(key)
        if element is None:
            continue
        below, below_is_member = _read(value)
        if below_is_member:
            members.append(element)
        if below is not None:
            children[element] = below
    if not members and not children:
        return None, True
    return FieldSet(frozenset(members), children), is_member


def _known_element(key: str) -> PathElement | None:
    try:
        return parse_element(key)
    except FieldsV1Error as error:
        if str(error) == UNKNOWN_ELEMENT:
            return None
        raise FieldsV1Error(f"parsing key as path element: {error}") from None


@lru_cache(maxsize=4096)
def fields_of_set(fields: FieldSet) -> FrozenMap:
    """The set as the value of `fieldsV1`. O(size), remembered."""
    result: FrozenMap = freeze(_written(fields, False))
    return result


def _written(node: FieldSet, with_self: bool) -> dict[str, Any]:
    out: dict[str, Any] = (
        {_SELF: EMPTY_MAP} if with_self and (node.members or node.children) else {}
    )
    for element in node.members:
        if element not in node.children:
            out[element_key(element)] = EMPTY_MAP
    for element, below in node.children.items():
        out[element_key(element)] = _written(below, element in node.members)
    return out


# --- text ------------------------------------------------------------------------------------


def fields_text(fields: FieldSet) -> str:
    """The set as JSON text in upstream's order."""
    return _text(fields, False)


def _text(node: FieldSet, with_self: bool) -> str:
    parts = ['".":{}'] if with_self and (node.members or node.children) else []
    for element in sorted({*node.members, *node.children}, key=sort_key):
        below = node.children.get(element)
        content = "{}" if below is None else _text(below, element in node.members)
        parts.append(f"{dumps(element_key(element)).decode()}:{content}")
    return f"{{{','.join(parts)}}}"


def parse_fields_text(text: str) -> FieldSet:
    """The set that FieldsV1 text says; of repeated keys all members and the last subtree count.

    Raises:
        FieldsV1Error: it is malformed, or deeper than JSON may be.
    """
    found, _, position = _parse(text, _skip(text, 0), 0)
    if _skip(text, position) < len(text):
        message = "unexpected trailing data after JSON object"
        raise _reported("managedFields parsing", message, text, position)
    return found or EMPTY_SET


def _parse(text: str, position: int, depth: int) -> tuple[FieldSet | None, bool, int]:
    if text.startswith("null", position):
        return None, True, position + 4
    if depth > NESTING_COUNT_MAX or text[position : position + 1] != "{":
        raise _unexpected("ReadMapCB", text, position + 1)
    is_member = False
    members: set[PathElement] = set()
    children: dict[PathElement, FieldSet] = {}
    position = _skip(text, position + 1)
    while text[position : position + 1] != "}":
        key, position = _key(text, position)
        if key == _SELF:
            is_member = True
            position = _skip_value(text, position, depth)
        else:
            position = _parse_member(text, position, depth, key, members, children)
        position = _skip(text, position)
        if text[position : position + 1] == ",":
            position = _skip(text, position + 1)
        elif text[position : position + 1] != "}":
            raise _unexpected("ReadMapCB", text, position + 1)
    found = FieldSet(frozenset(members), children) if members or children else None
    return found, is_member or found is None, position + 1


def _parse_member(
    text: str,
    position: int,
    depth: int,
    key: str,
    members: set[PathElement],
    children: dict[PathElement, FieldSet],
) -> int:
    try:
        element = _known_element(key)
    except FieldsV1Error as error:
        reader, _, message = str(error).partition(": ")
        raise _reported(reader, message, text, position) from None
    if element is None:
        return _skip_value(text, position, depth)
    below, below_is_member, position = _parse(text, position, depth + 1)
    if below_is_member:
        members.add(element)
    if below is not None:
        children[element] = below
    return position


def _key(text: str, position: int) -> tuple[str, int]:
    if text[position : position + 1] != '"':
        found = text[position : position + 1] or "\x00"
        message = f'expect " after {{, but found {found}'
        raise _reported("ReadMapCB", message, text, position)
    try:
        key, position = _DECODER.raw_decode(text, position)
    except ValueError:
        raise _unexpected("ReadMapCB", text, position + 1) from None
    position = _skip(text, position)
    if text[position : position + 1] != ":":
        raise _unexpected("ReadMapCB", text, position + 1)
    return key, _skip(text, position + 1)


def _skip(text: str, position: int) -> int:
    while position < len(text) and text[position] in _SPACE:
        position += 1
    return position


def _skip_value(text: str, position: int, depth: int) -> int:
    """Past the value of a key that does not matter: a map, as all values of FieldsV1 are."""
    if text[position : position + 2] == "{}":
        return position + 2
    return _parse(text, position, depth + 1)[2]
