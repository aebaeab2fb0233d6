"""Path elements: one step from a map to a field, or from a list to an element.

A field is its name, a plain `str`, because nearly all elements are fields and sets of them must be
quick. The others are tuples that start with a rank, so that `sort_key` gives upstream's order:
fields, then keys, then values, then indexes.

    "spec"                                a field
    (1, (("name", (1, "web")),))          the element of a list map with these keys
    (2, (1, "a"))                         the element of a set with this value
    (3, 0)                                the element at this index

Scalars inside are `(rank, value)` pairs: numbers, strings, bools, lists, maps, null, in upstream's
order. This keeps True apart from 1, and lets 1 equal 1.0, as upstream does.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeAlias

from kcore.machinery.frozen import FrozenList, FrozenMap
from kcore.machinery.go_text import quote, value_text

PathElement: TypeAlias = str | tuple[int, Any]
Path: TypeAlias = tuple[PathElement, ...]

KEY: Final = 1
VALUE: Final = 2
INDEX: Final = 3

_NUMBER, _STRING, _BOOL, _LIST, _MAP, _NULL = range(6)


def ranked(value: Any) -> tuple[Any, ...]:
    """A JSON value as a hashable pair that compares as upstream's values do. O(size)."""
    kind = type(value)
    if kind is str:
        return (_STRING, value)
    if kind is bool:
        return (_BOOL, value)
    if kind is int or kind is float:
        return (_NUMBER, value)
    if value is None:
        return (_NULL,)
    if isinstance(value, FrozenMap | Mapping):
        return (_MAP, tuple(sorted((key, ranked(item)) for key, item in value.items())))
    return (_LIST, tuple(map(ranked, value)))


def unranked(pair: tuple[Any, ...]) -> Any:
    """The plain JSON value behind `ranked`."""
    rank = pair[0]
    if rank == _NULL:
        return None
    if rank == _LIST:
        return [unranked(item) for item in pair[1]]
    if rank == _MAP:
        return {key: unranked(item) for key, item in pair[1]}
    return pair[1]


def key_element(keys: Iterable[tuple[str, Any]]) -> PathElement:
    """The element of a list map whose fields `keys` have these values."""
    return (KEY, tuple(sorted((name, ranked(value)) for name, value in keys)))


def value_element(value: Any) -> PathElement:
    """The element of a set that equals `value`."""
    return (VALUE, ranked(value))


def index_element(index: int) -> PathElement:
    """The element at a position of an atomic list."""
    return (INDEX, index)


def is_item(value: Any) -> bool:
    """Whether a value is a list or a map."""
    return isinstance(value, FrozenMap | FrozenList)


def sort_key(element: PathElement) -> tuple[Any, ...]:
    """For `sorted`: upstream's order of elements."""
    return (0, element) if type(element) is str else element  # type: ignore[return-value]


def element_text(element: PathElement) -> str:
    """An element as conflicts show it: `.spec`, `[name="web"]`, `[="a"]`, `[0]`."""
    if isinstance(element, str):
        return f".{element}"
    rank, content = element
    if rank == KEY:
        return f"[{','.join(f'{name}={ranked_text(value)}' for name, value in content)}]"
    return f"[={ranked_text(content)}]" if rank == VALUE else f"[{content}]"


def ranked_text(pair: tuple[Any, ...]) -> str:
    """A value inside an element, as conflicts show it."""
    rank = pair[0]
    if rank == _STRING:
        return quote(pair[1])
    if rank == _NULL:
        return "null"
    if rank == _LIST:
        return f"[{','.join(map(ranked_text, pair[1]))}]"
    if rank == _MAP:
        return "".join(f"{key}={ranked_text(value)}" for key, value in pair[1])
    return value_text(pair[1])


def path_text(path: Path) -> str:
    """A whole path: `.spec.containers[name="web"].image`."""
    return "".join(map(element_text, path))
