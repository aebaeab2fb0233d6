"""How elements of associative lists are told apart: by their keys, or by their value."""

from typing import Any

from kcore.machinery.apply.field_path import (
    KEY,
    VALUE,
    PathElement,
    ranked,
)
from kcore.machinery.apply.typed_schema import ListType
from kcore.machinery.frozen import FrozenList, FrozenMap
from kcore.machinery.go_text import quote


def item_element(list_type: ListType, item: Any) -> PathElement | str:
    """The path element of one item; see `item_problem` for items that have none. O(keys)."""
    if not list_type.keys:
        return (VALUE, ranked(item))
    defaults = _defaults(list_type)
    pairs = []
    for name in list_type.keys:
        if name in item:
            pairs.append((name, ranked(item[name])))
        elif name in defaults:
            pairs.append((name, ranked(defaults[name])))
    if len(pairs) > 1:
        pairs.sort()
    return (KEY, tuple(pairs))


def _defaults(list_type: ListType) -> Any:
    map_type = list_type.element.atom.map
    return () if map_type is None else map_type.defaults or ()


def item_problem(list_type: ListType, item: Any) -> str:
    """Why an item cannot be told apart, in upstream's words; empty when it can."""
    if list_type.keys:
        return _keyed_problem(list_type, item)
    if isinstance(item, FrozenMap):
        return "associative list without keys has an element that's a map type"
    if isinstance(item, FrozenList):
        return "not supported: associative list with lists as elements"
    if item is None:
        return "associative list without keys has an element that's an explicit null"
    return ""


def _keyed_problem(list_type: ListType, item: Any) -> str:
    if item is None:
        return "associative list with keys may not have a null element"
    if not isinstance(item, FrozenMap):
        return "associative list with keys may not have non-map elements"
    defaults = _defaults(list_type)
    if any(name in item or name in defaults for name in list_type.keys):
        return ""
    names = " ".join(map(quote, list_type.keys))
    return (
        f"associative list with keys has an element that omits all key fields [{names}] "
        "(and doesn't have default values for any key fields)"
    )
