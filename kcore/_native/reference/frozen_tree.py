"""The nodes of immutable JSON trees, and the ways in and out: `reference.frozen` says what holds.

**Why a dict subclass.** The twin must be bearable as the only kernel where no C compiler exists.
Reads, iteration and copies then run at the speed of `dict`. The price is that `isinstance(x,
dict)` holds here and not in the native kernel (nor `isinstance(x, tuple)` for lists); code must
ask for `FrozenMap` or `Mapping`. Nor can the twin stop `dict.__setitem__(x, ...)`: it guards
against accidents, the native kernel against everything.
"""

from collections.abc import Iterable, Mapping
from operator import index
from typing import Any, Final, Never, Self, SupportsIndex

from kcore._native.reference.json_text import DEPTH_COUNT_MAX, TOO_DEEP, Reader
from kcore._native.reference.scalar import exact_scalar, exact_str, quote, scalar_text
from kcore._native.reference.tree_path import Step, Steps, TreePath, as_tuple


def _refuse(*_args: Any, **_kwargs: Any) -> Never:
    raise TypeError("kcore values are immutable: use .set(), .remove() or evolve()")


class FrozenMap(dict[str, Any]):
    """An immutable map with sorted string keys. Made by `freeze` or `loads`, never called.

    Attribute reads (`pod.spec`) give None for an absent key; item reads (`pod["spec"]`) raise
    KeyError. Keys that are also method names (`items`, `values`, `keys`, `get`, `set`, `remove`,
    `at`) are reachable as items only. An absent name that starts with two underscores raises
    AttributeError, because Python probes objects for such names.
    """

    __slots__ = ("_depth", "_text")

    def __new__(cls, *_args: Any, **_kwargs: Any) -> Self:
        raise TypeError("FrozenMap is made by freeze() or loads()")

    def __getattr__(self, name: str) -> Any:
        value = _get(self, name)
        if value is None and name.startswith("__") and name not in self:
            raise AttributeError(name)
        return value

    def at(self, *steps: Step, default: Any = None) -> Any:
        """Read along `steps`; `default` where anything on the way is absent or null. O(depth)."""
        return TREE.read(self, steps, default)

    def set(self, steps: Steps, value: Any, /) -> "FrozenMap":
        """A copy with `value` at `steps`: a key, or a tuple of keys and list indexes.

        Absent (or null) maps on the way are created; the index `"-"` appends to a list. Without
        steps the result is `value` itself. O(depth * width).

        Raises:
            TypeError: a step enters a scalar, or `value` is no JSON value.
            IndexError: a list index out of range.
            ValueError: `value` has no JSON form, or the result would nest too deep.
        """
        return set_at(self, steps, value)  # type: ignore[no-any-return]

    def remove(self, steps: Steps, /) -> "FrozenMap":
        """A copy without what is at `steps`; the same map when nothing is there."""
        return TREE.remove(self, as_tuple(steps))  # type: ignore[no-any-return]

    def __eq__(self, other: object) -> bool:
        if type(other) is not FrozenMap:
            return NotImplemented if not isinstance(other, Mapping) else _equals(self, other)
        return self is other or (len(self) == len(other) and text_of(self) == text_of(other))

    def __ne__(self, other: object) -> bool:
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(text_of(self))

    def __repr__(self) -> str:
        return f"FrozenMap({text_of(self)})"

    def __copy__(self) -> "FrozenMap":
        return self

    def __deepcopy__(self, _memo: object) -> "FrozenMap":
        return self

    def __reduce_ex__(self, _protocol: SupportsIndex) -> tuple[Any, ...]:
        return loads, (dumps(self),)

    __setitem__ = __delitem__ = __setattr__ = __delattr__ = _refuse
    __or__ = __ror__ = __ior__ = _refuse


class FrozenList(tuple[Any, ...]):
    """An immutable list. Made by `freeze` or `loads`, never called."""

    def __new__(cls, *_args: Any, **_kwargs: Any) -> Self:
        raise TypeError("FrozenList is made by freeze() or loads()")

    def at(self, *steps: Step, default: Any = None) -> Any:
        """Read along `steps`; `default` where anything on the way is absent or null. O(depth)."""
        return TREE.read(self, steps, default)

    def set(self, steps: Steps, value: Any, /) -> "FrozenList":
        """A copy with `value` at `steps`; see `FrozenMap.set`."""
        return set_at(self, steps, value)  # type: ignore[no-any-return]

    def remove(self, steps: Steps, /) -> "FrozenList":
        """A copy without the element at `steps`; the same list when nothing is there."""
        return TREE.remove(self, as_tuple(steps))  # type: ignore[no-any-return]

    def append(self, value: Any, /) -> "FrozenList":
        """A copy with `value` at the end. O(n)."""
        return set_at(self, "-", value)  # type: ignore[no-any-return]

    def __getitem__(self, index: Any) -> Any:
        item = _item(self, index)
        return _list(item) if isinstance(index, slice) else item

    def __eq__(self, other: object) -> bool:
        if type(other) is not FrozenList:
            return NotImplemented if not isinstance(other, list | tuple) else _equals(self, other)
        return self is other or (len(self) == len(other) and text_of(self) == text_of(other))

    def __ne__(self, other: object) -> bool:
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    def __lt__(self, other: object) -> Never:
        raise TypeError("kcore lists have no order")

    __le__ = __gt__ = __ge__ = __lt__

    def __hash__(self) -> int:
        return hash(text_of(self))

    def __repr__(self) -> str:
        return f"FrozenList({text_of(self)})"

    def __copy__(self) -> "FrozenList":
        return self

    def __deepcopy__(self, _memo: object) -> "FrozenList":
        return self

    def __reduce_ex__(self, _protocol: SupportsIndex) -> tuple[Any, ...]:
        return loads, (dumps(self),)

    __setitem__ = __delitem__ = __setattr__ = __delattr__ = _refuse
    __add__ = __radd__ = __mul__ = __rmul__ = _refuse


_get = dict.get
_item = tuple.__getitem__
_dict_new = dict.__new__
_dict_update = dict.update
_dict_set = dict.__setitem__
_set_map_text = FrozenMap._text.__set__  # type: ignore[attr-defined]
_get_map_text = FrozenMap._text.__get__  # type: ignore[attr-defined]
_set_map_depth = FrozenMap._depth.__set__  # type: ignore[attr-defined]
_get_map_depth = FrozenMap._depth.__get__  # type: ignore[attr-defined]
# What a list remembers lies in its __dict__, under names that no attribute read can spell.
_TEXT: Final = " text"
_DEPTH: Final = " depth"


def _hide(name: str) -> property:
    """Give a field called like an attribute of dict back to attribute reads."""
    return property(lambda self: _get(self, name))


for _name in ("clear", "copy", "fromkeys", "pop", "popitem", "setdefault", "update"):
    type.__setattr__(FrozenMap, _name, _hide(_name))
for _name in ("_depth", "_text"):  # The slots stay reachable through the four functions above.
    type.__delattr__(FrozenMap, _name)


def _map(pairs: Iterable[tuple[str, Any]] | Mapping[str, Any]) -> FrozenMap:
    """Wrap pairs that are frozen and in key order."""
    node: FrozenMap = _dict_new(FrozenMap)
    _dict_update(node, pairs)
    return node


def _list(values: Iterable[Any]) -> FrozenList:
    """Wrap values that are frozen."""
    return tuple.__new__(FrozenList, values)


def depth_of(value: Any) -> int:
    """Levels of containers in `value`: 0 for a scalar, 1 for `{}`. Remembered by each node."""
    kind = type(value)
    if kind is FrozenMap:
        try:
            return _get_map_depth(value)  # type: ignore[no-any-return]
        except AttributeError:
            depth = 1 + max(map(depth_of, value.values()), default=0)
            _set_map_depth(value, depth)
            return depth
    if kind is FrozenList:
        if _DEPTH not in value.__dict__:
            value.__dict__[_DEPTH] = 1 + max(map(depth_of, value), default=0)
        return value.__dict__[_DEPTH]  # type: ignore[no-any-return]
    return 0


def _equals(value: FrozenMap | FrozenList, other: Any) -> bool:
    """Compare with something unfrozen; what cannot be frozen equals nothing."""
    try:
        other = freeze(other)
    except (TypeError, ValueError):
        return False
    return text_of(value) == text_of(other)


def freeze(value: Any, /) -> Any:
    """Turn dicts, lists, tuples and scalars into a value. O(size); a value returns itself.

    Subclasses of str, int and float become plain; negative zero becomes zero.

    Raises:
        TypeError: something that JSON has no form for, or a key that is no string.
        ValueError: a number outside int64 or not finite, a lone surrogate, or nesting deeper
            than `DEPTH_COUNT_MAX`.
    """
    return _freeze(value, 0)


def _freeze(value: Any, depth: int) -> Any:
    """`depth` containers are already around `value`."""
    kind = type(value)
    if value is None or kind is bool:
        return value
    if kind is FrozenMap or kind is FrozenList:
        _check_depth(depth + depth_of(value) if depth else 0)
        return value
    if isinstance(value, str | int | float):
        return exact_scalar(value)
    _check_depth(depth + 1)
    if isinstance(value, Mapping):
        return _freeze_map(value, depth + 1)
    if isinstance(value, list | tuple):
        return _list([_freeze(item, depth + 1) for item in value])
    raise TypeError(f"{kind.__name__} is no JSON value")


def _check_depth(depth: int) -> None:
    if depth > DEPTH_COUNT_MAX:
        raise ValueError(TOO_DEEP)


def _freeze_map(value: Mapping[Any, Any], depth: int) -> FrozenMap:
    unique = {}
    for key in value:
        if not isinstance(key, str):
            raise TypeError(f"map keys must be str, not {type(key).__name__}")
        unique[exact_str(key)] = value[key]
    return _map([(key, _freeze(unique[key], depth)) for key in sorted(unique)])


def thaw(value: Any, /) -> Any:
    """Fresh dicts and lists with the content of `value`. O(size)."""
    if type(value) is FrozenMap:
        return {key: thaw(child) for key, child in value.items()}
    if type(value) is FrozenList:
        return [thaw(child) for child in value]
    return value


def loads(data: bytes | str, /, *, bytes_max: int | None = None) -> Any:
    """JSON text to a value; of repeated keys the last wins. O(size). See `json_text.Reader`.

    Raises:
        TypeError: `data` is neither bytes nor str.
        JSONError: what is wrong with the text, and at which byte; text of more than `bytes_max`
            bytes is not looked at.
    """
    return READER.read(data, None if bytes_max is None else index(bytes_max))


def _map_from_pairs(pairs: list[tuple[str, Any]]) -> FrozenMap:
    unique = dict(pairs)
    return _map([(key, unique[key]) for key in sorted(unique)])


READER: Final = Reader(_map_from_pairs, _list)


def dumps(value: Any, /, *, html_escapes: bool = False) -> bytes:
    r"""Compact JSON in UTF-8 with Go's numbers. O(changed since last asked).

    Escapes `"`, `\` and control characters only; with `html_escapes` also what Go's encoder does
    unless told otherwise: `<`, `>`, `&`, U+2028 and U+2029, as `\u003c` and so on.

    Raises:
        TypeError: `value` is not frozen.
        ValueError: a scalar without JSON form.
    """
    text = text_of(as_frozen(value))
    return (text.translate(_HTML_ESCAPES) if html_escapes else text).encode()


# Such characters stand only inside strings, so the finished text can be gone over.
_HTML_ESCAPES: Final = {ord(mark): f"\\u{ord(mark):04x}" for mark in "<>&\u2028\u2029"}


def as_frozen(value: Any) -> Any:
    """Refuse what was never frozen; plain scalars are checked like everywhere."""
    kind = type(value)
    if kind is FrozenMap or kind is FrozenList:
        return value
    if value is None or kind in (bool, str, int, float):
        return _freeze(value, 0)
    raise TypeError(f"{kind.__name__} is not frozen")


def text_of(value: Any) -> str:
    """The canonical text; a node remembers it."""
    kind = type(value)
    if kind is FrozenMap:
        try:
            return _get_map_text(value)  # type: ignore[no-any-return]
        except AttributeError:
            text = "{" + ",".join([f"{quote(k)}:{text_of(v)}" for k, v in value.items()]) + "}"
            _set_map_text(value, text)
            return text
    if kind is FrozenList:
        if _TEXT not in value.__dict__:
            value.__dict__[_TEXT] = f"[{','.join([text_of(v) for v in value])}]"
        return value.__dict__[_TEXT]  # type: ignore[no-any-return]
    return scalar_text(value)


TREE: Final = TreePath(FrozenMap, FrozenList, _map, _list, exact_str)


def set_at(root: Any, steps: Steps, value: Any) -> Any:
    """`root`, a value, with `value` at `steps`; see `FrozenMap.set`."""
    frozen, path = freeze(value), as_tuple(steps)
    if path:
        _check_depth(len(path) + depth_of(frozen))
    return TREE.set(root, path, frozen)
