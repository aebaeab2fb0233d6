"""Empty lists and maps in requests: Go tells them from absent ones, until it stores the object.

Decoding, defaults and storage know one form, without them. What differs is the words of refusals:
`Invalid value: {}` of labels that were sent empty, `Invalid value: null` of absent ones. So where a
request has empties and is refused, it is validated once more as it was sent, for the words.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from kcore.apiserver.endpoint import Endpoint
from kcore.machinery.field_errors import FieldError, FieldErrors
from kcore.machinery.frozen import FrozenList, FrozenMap, freeze
from kcore.machinery.request import Request
from kcore.machinery.schema import decode_kept


def has_empties(value: Any) -> bool:
    """Whether there is an empty list or map anywhere in a value. O(size)."""
    if isinstance(value, FrozenMap):
        return not value or any(map(has_empties, value.values()))
    return isinstance(value, FrozenList) and (not len(value) or any(map(has_empties, value)))


def settled(endpoint: Endpoint, request: Request, obj: FrozenMap) -> FrozenMap:
    """An object of a request with empty lists and maps as it will be stored."""
    if not request.has_empties or endpoint.custom is not None:
        return obj
    return decode_kept(obj, endpoint.api_version, endpoint.kind).object


def in_words_of(sent: Callable[[FieldErrors], None], errors: FieldErrors) -> FieldErrors:
    """The problems with the words that validating the object as `sent` has for them."""
    found = FieldErrors()
    sent(found)
    words: dict[tuple[str, str], list[FieldError]] = {}
    for error in found:
        words.setdefault((error.type, error.field), []).append(error)
    said = []
    for error in errors:
        same = words.get((error.type, error.field))
        said.append(_shown(same.pop(0)) if same else error)
    return FieldErrors(said)


def _shown(error: FieldError) -> FieldError:
    """A problem whose value is shown as Go writes it: without empty fields inside."""
    value = error.value
    if isinstance(value, FrozenMap):
        return replace(error, value=_without_empties(value))
    return error


def _without_empties(value: Any) -> Any:
    if isinstance(value, FrozenMap):
        kept = {key: _without_empties(item) for key, item in value.items()}
        return freeze({key: item for key, item in kept.items() if not has_nothing(item)})
    return freeze(list(map(_without_empties, value))) if isinstance(value, FrozenList) else value


def has_nothing(value: Any) -> bool:
    """Whether a value is an empty list or map."""
    return isinstance(value, FrozenMap | FrozenList) and not len(value)
