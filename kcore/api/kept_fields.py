"""Fields that never change, as tables: a row names a field and how a refusal shows its value.

KEPT = (Kept("selector", "*meta/v1.LabelSelector"), Kept("serviceName"))
validate_kept(new_spec, old_spec, KEPT, errors, "spec")
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from kcore.machinery.field_errors import FieldErrors, Rendered, child
from kcore.machinery.frozen import EMPTY_LIST, EMPTY_MAP, FrozenList, FrozenMap
from kcore.machinery.internal_text import rendered_internal
from kcore.machinery.meta import IMMUTABLE
from kcore.machinery.typed_text import rendered

NULL: Final = Rendered("null")
_SHARED: Final = "meta/v1."


@dataclass(frozen=True, slots=True)
class Kept:
    """One field: its JSON name, its type when it is structured, its value when it is unset.

    A field that upstream keeps as a pointer shows `null` when it is unset (`unset` None).
    """

    name: str
    type: str = ""
    unset: Any = None
    detail: str = IMMUTABLE


def validate_kept(
    new: FrozenMap | None,
    old: FrozenMap | None,
    fields: Iterable[Kept],
    errors: FieldErrors,
    path: str,
) -> None:
    """Append a refusal for every field of the table that changed. O(size of what changed)."""
    for field in fields:
        after, before = (side.get(field.name) for side in (new or EMPTY_MAP, old or EMPTY_MAP))
        if not same(after, before):
            value = shown(after, field.type, field.unset)
            errors.invalid(child(path, field.name), value, field.detail)


def same(after: Any, before: Any) -> bool:
    """Whether two values mean the same: nothing and an empty list or map are one."""
    return bool(_plain(after) == _plain(before))


def _plain(value: Any) -> Any:
    return None if value in (EMPTY_LIST, EMPTY_MAP) else value


def shown(value: Any, type_text: str, unset: Any = None) -> Any:
    """How a refusal shows a value of a (versioned) type; "" for texts and numbers."""
    if value is None:
        if type_text and not type_text.startswith(("*", "[]", "map[")):
            return _structured(EMPTY_MAP, type_text)
        return NULL if unset is None else unset
    if not type_text or not isinstance(value, FrozenMap | FrozenList):
        return value
    return _structured(value, type_text)


def _structured(value: Any, type_text: str) -> Rendered:
    if _SHARED in type_text or type_text.startswith(("map[string]string", "[]string")):
        return rendered(value, type_text)
    return rendered_internal(value, type_text)
