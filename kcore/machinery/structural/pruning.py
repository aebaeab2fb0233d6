"""Pruning: what a schema does not know is dropped, and said so."""

from typing import Any

from kcore.machinery.frozen import FrozenList, FrozenMap, freeze
from kcore.machinery.structural.structural_schema import META_FIELDS, Structural


def prune(value: FrozenMap, schema: Structural, unknown: list[str]) -> FrozenMap:
    """An object without the fields that its schema does not declare; their paths in `unknown`.

    Shares what stays; the object itself when all does. The paths come sorted. O(size).
    """
    found: list[str] = []
    result: FrozenMap = _Pruning(found).object(value, schema, "", True)
    unknown.extend(sorted(found))
    return result


class _Pruning:
    """One walk; notes the paths of what it drops."""

    __slots__ = ("_unknown",)

    def __init__(self, unknown: list[str]) -> None:
        self._unknown = unknown

    def value(self, value: Any, schema: Structural | None, path: str) -> Any:
        if isinstance(value, FrozenMap):
            return self.object(value, schema, path, schema is not None and schema.embedded)
        if isinstance(value, FrozenList):
            element = None if schema is None else schema.items
            if schema is not None and schema.keeps_unknown and element is None:
                return value
            items = [self.value(item, element, f"{path}[{at}]") for at, item in enumerate(value)]
            same = all(new is old for new, old in zip(items, value, strict=True))
            return value if same else freeze(items)
        return value

    def object(self, value: FrozenMap, schema: Structural | None, path: str, is_root: bool) -> Any:
        keeps = schema is not None and schema.keeps_unknown
        kept: dict[str, Any] = {}
        changed = False
        for key, item in value.items():
            if is_root and key in META_FIELDS:
                kept[key] = item
                continue
            known = schema is not None and (
                key in schema.properties or schema.other is not None or schema.others_free
            )
            here = f"{path}.{key}" if path else key
            if not known and not keeps:
                self._unknown.append(here)
                changed = True
                continue
            below = None if schema is None else schema.below(key)
            new = item if keeps and below is None else self.value(item, below, here)
            changed = changed or new is not item
            kept[key] = new
        return freeze(kept) if changed else value
