"""Patches of JSON texts, without an API: the library calls behind upstream's patches.

Texts differ from values in two ways that matter here. A text can be malformed, and the refusals
are upstream's. And it can hold numbers that no value can (beyond 64 bits): upstream copies what it
does not touch, so these travel as marked texts and come out as they went in.
"""

import re
from typing import Any, Final

from kcore.errors import KcoreError
from kcore.machinery.frozen import FrozenList, FrozenMap, JSONError, dumps, freeze, loads
from kcore.machinery.patch.json_patch import JsonPatchError, apply_json_patch
from kcore.machinery.patch.merge import apply_merge_patch
from kcore.machinery.patch.three_way import merge_difference

_TOKEN: Final = re.compile(r'"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*')
_MARK: Final = "\\u0000number "
_MARKED: Final = re.compile(r'"\\u0000number ([^"]*)"')
_INT64: Final = 2**63
_BAD_DOCUMENT: Final = "Invalid JSON Document"
_BAD_PATCH: Final = "Invalid JSON Patch"
_MISMATCHED: Final = "Mismatched JSON Documents"


class PatchDocumentError(KcoreError):
    """A text that is no document or no patch; the message is upstream's."""


def json_patched(document: str, patch: str) -> str:
    """A document after a JSON patch. O(operations * depth * width).

    Raises:
        JsonPatchError: the patch is none, or does not apply.
    """
    try:
        operations = _read(patch)
    except JSONError as error:
        raise JsonPatchError("decode", _go_message(patch, error)) from None
    try:
        value = _read(document)
    except JSONError as error:
        raise JsonPatchError("apply", _go_message(document, error)) from None
    return _written(apply_json_patch(value, operations))


def merge_patched(document: str, patch: str) -> str:
    """A document after a merge patch, which is an object or a list. O(size).

    Raises:
        PatchDocumentError: a text is malformed, or the patch is a scalar.
    """
    value = _checked(document, _BAD_DOCUMENT)
    change = _checked(patch, _BAD_PATCH)
    if not isinstance(change, FrozenMap | FrozenList):
        raise PatchDocumentError(_BAD_PATCH)
    return _written(apply_merge_patch(value, change))


def merge_patch_between(original: str, modified: str) -> str:
    """The merge patch that makes one object of another, or a list of patches of two lists.

    Raises:
        PatchDocumentError: a text is malformed, or no patch leads from one to the other.
    """
    if _is_list(original) != _is_list(modified):
        raise PatchDocumentError(_MISMATCHED)
    before, after = _checked(original, _BAD_DOCUMENT), _checked(modified, _BAD_DOCUMENT)
    if not _is_list(original):
        return _written(_difference(before, after))
    if len(before) != len(after):
        raise PatchDocumentError(_BAD_DOCUMENT)
    patches = [_difference(old, new) for old, new in zip(before, after, strict=True)]
    return _written(freeze(patches))


def _difference(before: Any, after: Any) -> FrozenMap:
    # Go reads null into an empty map.
    before = freeze({}) if before is None else before
    after = freeze({}) if after is None else after
    if not (isinstance(before, FrozenMap) and isinstance(after, FrozenMap)):
        raise PatchDocumentError(_BAD_DOCUMENT)
    return merge_difference(before, after)


def _is_list(text: str) -> bool:
    return text.strip().startswith("[")


def _checked(text: str, refusal: str) -> Any:
    try:
        return _read(text)
    except JSONError:
        raise PatchDocumentError(refusal) from None


def _read(text: str) -> Any:
    return loads(_TOKEN.sub(_mark, text))


def _mark(found: "re.Match[str]") -> str:
    token = found.group()
    is_small = token.startswith('"') or len(token) < 19
    if is_small or not re.fullmatch(r"-?\d+", token) or -_INT64 <= int(token) < _INT64:
        return token
    return f'"{_MARK}{token}"'


def _written(value: Any) -> str:
    text: str = dumps(value).decode()
    return _MARKED.sub(lambda found: found.group(1), text)


def _go_message(text: str, error: JSONError) -> str:
    """What Go's reader says of a text that ends too early; of others, what ours says."""
    offset = str(error).rpartition(" ")[2]
    ends = offset.isdigit() and int(offset) >= len(text.rstrip())
    return "unexpected end of JSON input" if ends else str(error)
