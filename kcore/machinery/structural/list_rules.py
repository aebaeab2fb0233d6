"""Sets and list maps of a custom resource hold every element once."""

from typing import Any

from kcore.machinery.apply.field_path import ranked
from kcore.machinery.field_errors import FieldErrors, child, index, key
from kcore.machinery.frozen import ABSENT, FrozenList, FrozenMap, freeze
from kcore.machinery.structural.structural_schema import Structural


def check_lists(value: Any, schema: Structural | None, errors: FieldErrors, path: str = "") -> None:
    """Append duplicates of sets and list maps, at any depth. O(size)."""
    if schema is None:
        return
    if isinstance(value, FrozenMap):
        for name, item in value.items():
            declared = schema.properties.get(name)
            if declared is not None:
                check_lists(item, declared, errors, child(path, name))
            if schema.other is not None:
                check_lists(item, schema.other, errors, key(path, name))
    elif isinstance(value, FrozenList):
        if schema.list_type == "set":
            _check_once(value, list(map(ranked, value)), list(value), errors, path)
        elif schema.list_type == "map":
            keys = [_keys(item, schema) for item in value]
            _check_once(value, list(map(ranked, keys)), keys, errors, path)
        for position, item in enumerate(value):
            check_lists(item, schema.items, errors, index(path, position))


def _keys(item: Any, schema: Structural) -> Any:
    """The key fields of an element, with their defaults."""
    found = {}
    if isinstance(item, FrozenMap):
        for name in schema.list_keys:
            node = None if schema.items is None else schema.items.properties.get(name)
            default = ABSENT if node is None else node.default
            value = item.get(name, default)
            if value is not ABSENT:
                found[name] = value
    return freeze(found)


def _check_once(
    items: FrozenList, identities: list[Any], shown: list[Any], errors: FieldErrors, path: str
) -> None:
    counts: dict[Any, int] = {}
    for position in range(len(items)):
        identity = identities[position]
        counts[identity] = counts.get(identity, 0) + 1
        # What comes three times is reported once.
        if counts[identity] == 2:
            errors.duplicate(index(path, position), shown[position])
