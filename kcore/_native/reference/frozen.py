"""Immutable JSON trees: the readable twin of the `frozen` kernel.

A value is a `FrozenMap`, a `FrozenList`, or a scalar (str, int, float, bool, None). It never
changes; an update returns a new root that shares every untouched subtree.

**Canonical form.** A map keeps its keys sorted by code point. Every value therefore has exactly
one compact JSON text, and that text *is* the value: two values are equal if and only if their
texts are. So `True` differs from `1`, while `1.0` equals `1` (Go writes both as `1`), and
`loads(dumps(x)) == x` holds for every x. Each node remembers its text once somebody asked, so
after an update only the changed path is written again.

**Why a dict subclass.** The twin must be bearable as the only kernel where no C compiler exists.
Reads, iteration and copies then run at the speed of `dict`. The price is that `isinstance(x,
dict)` holds here and not in the native kernel; code must ask for `FrozenMap` or `Mapping`.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from json.encoder import encode_basestring as _quote
from typing import Any, Final, Never, SupportsIndex

DEPTH_COUNT_MAX: Final = 256
INT_MIN: Final = -(2**63)
INT_MAX: Final = 2**63 - 1

type_error = "kcore values are immutable: use .set(), .remove() or evolve()"

Step = str | int
Steps = Step | tuple[Step, ...]


class JSONError(ValueError):
    """Text that is not JSON, or is beyond a limit; `position` is the byte offset."""

    def __init__(self, message: str, position: int) -> None:
        super().__init__(f"{message} at offset {position}")
        self.message = message
        self.position = position


class _Absent:
    """The side of a difference where nothing is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"

    def __reduce__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()


class FrozenMap(dict[str, Any]):
    """An immutable map with sorted string keys. Made by `freeze` or `loads`, never called.

    Attribute reads (`pod.spec`) give None for an absent key; item reads (`pod["spec"]`) raise
    KeyError. Keys that are also method names (`items`, `values`, `keys`, `get`, `set`, `remove`,
    `at`) are reachable as items only.
    """

    __slots__ = ("_hash", "_text")

    def __new__(cls, *_args: Any, **_kwargs: Any) -> Never:
        raise TypeError("FrozenMap is made by freeze() or loads()")

    def __getattr__(self, name: str) -> Any:
        value = _get(self, name)
        if value is None and name.startswith("__"):
            raise AttributeError(name)
        return value

    def at(self, *steps: Step, default: Any = None) -> Any:
        """Read along `steps`; `default` where anything on the way is absent or null. O(depth)."""
        return _read(self, steps, default)

    def set(self, steps: Steps, value: Any) -> "FrozenMap":
        """A copy with `value` at `steps`: a key, or a tuple of keys and list indexes.

        Absent maps on the way are created; the index `"-"` appends to a list. O(depth * width).

        Raises:
            TypeError: a step enters a scalar, or `value` is no JSON value.
            IndexError: a list index out of range.
        """
        return _set(self, _steps(steps), freeze(value), 0)  # type: ignore[no-any-return]

    def remove(self, steps: Steps) -> "FrozenMap":
        """A copy without what is at `steps`; the same map when nothing is there."""
        return _remove(self, _steps(steps), 0)  # type: ignore[no-any-return]

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(other) is not FrozenMap:
            if not isinstance(other, Mapping):
                return NotImplemented
            try:
                other = freeze(other)
            except (TypeError, ValueError):
                return False
        return len(self) == len(other) and _text(self) == _text(other)  # type: ignore[arg-type]

    def __ne__(self, other: object) -> bool:
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    def __hash__(self) -> int:  # type: ignore[override]
        return hash(_text(self))

    def __repr__(self) -> str:
        return f"FrozenMap({_text(self)})"

    def __copy__(self) -> "FrozenMap":
        return self

    def __deepcopy__(self, _memo: object) -> "FrozenMap":
        return self

    def __reduce_ex__(self, _protocol: SupportsIndex) -> tuple[Any, ...]:
        return loads, (dumps(self),)

    def _refuse(self, *_args: Any, **_kwargs: Any) -> Never:
        raise TypeError(type_error)

    __setitem__ = __delitem__ = __setattr__ = __delattr__ = _refuse
    __or__ = __ror__ = __ior__ = _refuse


class FrozenList(tuple[Any, ...]):
    """An immutable list. Made by `freeze` or `loads`, never called."""

    def __new__(cls, *_args: Any, **_kwargs: Any) -> Never:
        raise TypeError("FrozenList is made by freeze() or loads()")

    def at(self, *steps: Step, default: Any = None) -> Any:
        """Read along `steps`; `default` where anything on the way is absent or null. O(depth)."""
        return _read(self, steps, default)

    def set(self, steps: Steps, value: Any) -> "FrozenList":
        """A copy with `value` at `steps`; see `FrozenMap.set`."""
        return _set(self, _steps(steps), freeze(value), 0)  # type: ignore[no-any-return]

    def remove(self, steps: Steps) -> "FrozenList":
        """A copy without the element at `steps`; the same list when nothing is there."""
        return _remove(self, _steps(steps), 0)  # type: ignore[no-any-return]

    def append(self, value: Any) -> "FrozenList":
        """A copy with `value` at the end. O(n)."""
        return _list((*self, freeze(value)))

    def __eq__(self, other: object) -> bool:
        if self is other:
            return True
        if type(other) is not FrozenList:
            if not isinstance(other, list | tuple):
                return NotImplemented
            try:
                other = freeze(other)
            except (TypeError, ValueError):
                return False
        return len(self) == len(other) and _text(self) == _text(other)  # type: ignore[arg-type]

    def __ne__(self, other: object) -> bool:
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    def __hash__(self) -> int:
        return hash(_text(self))

    def __repr__(self) -> str:
        return f"FrozenList({_text(self)})"

    def __copy__(self) -> "FrozenList":
        return self

    def __deepcopy__(self, _memo: object) -> "FrozenList":
        return self

    def __reduce_ex__(self, _protocol: SupportsIndex) -> tuple[Any, ...]:
        return loads, (dumps(self),)

    def _refuse(self, *_args: Any, **_kwargs: Any) -> Never:
        raise TypeError(type_error)

    __setattr__ = __delattr__ = _refuse


def _hide(name: str) -> property:
    """Give the fields called like a mutator of dict back to attribute reads."""
    return property(lambda self: _get(self, name))


for _name in ("clear", "copy", "fromkeys", "pop", "popitem", "setdefault", "update"):
    type.__setattr__(FrozenMap, _name, _hide(_name))

_get = dict.get
_dict_new = dict.__new__
_dict_update = dict.update
_set_map_text = FrozenMap._text.__set__  # type: ignore[attr-defined]
_get_map_text = FrozenMap._text.__get__  # type: ignore[attr-defined]


def _map(pairs: Iterable[tuple[str, Any]] | Mapping[str, Any]) -> FrozenMap:
    """Wrap pairs that are frozen and in key order."""
    node: FrozenMap = _dict_new(FrozenMap)
    _dict_update(node, pairs)
    return node


def _list(values: Iterable[Any]) -> FrozenList:
    """Wrap values that are frozen."""
    return tuple.__new__(FrozenList, values)


def _steps(steps: Steps) -> tuple[Step, ...]:
    return steps if isinstance(steps, tuple) else (steps,)


def freeze(value: Any) -> Any:
    """Turn dicts, lists, tuples and scalars into a value. O(size); a value returns itself.

    Raises:
        TypeError: something that JSON has no form for, or a key that is no string.
        ValueError: a number outside int64 or not finite, a lone surrogate, or nesting deeper
            than `DEPTH_COUNT_MAX`.
    """
    return _freeze(value, 0)


def _freeze(value: Any, depth: int) -> Any:
    kind = type(value)
    if kind is FrozenMap or kind is FrozenList or value is None or kind is bool:
        return value
    if isinstance(value, str):
        return _checked_str(value)
    if isinstance(value, int):
        if not INT_MIN <= value <= INT_MAX:
            raise ValueError(f"{value} does not fit a 64-bit signed integer")
        return int(value)
    if isinstance(value, float):
        if value - value != 0.0:
            raise ValueError(f"{value!r} has no JSON form")
        return float(value)
    if depth >= DEPTH_COUNT_MAX:
        raise ValueError(f"nested deeper than {DEPTH_COUNT_MAX} levels")
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise TypeError(f"map keys must be str, not {type(key).__name__}")
        return _map([(_checked_str(k), _freeze(value[k], depth + 1)) for k in sorted(value)])
    if isinstance(value, list | tuple):
        return _list([_freeze(item, depth + 1) for item in value])
    raise TypeError(f"{kind.__name__} is no JSON value")


def _checked_str(text: str) -> str:
    if not text.isascii():
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"lone surrogate at character {error.start}") from None
    return text if type(text) is str else str.__str__(text)


def thaw(value: Any) -> Any:
    """Fresh dicts and lists with the content of `value`. O(size)."""
    if type(value) is FrozenMap:
        return {key: thaw(child) for key, child in value.items()}
    if type(value) is FrozenList:
        return [thaw(child) for child in value]
    return value


def dumps(value: Any) -> bytes:
    """Compact JSON in UTF-8, numbers and escapes as Go writes them. O(changed since last asked).

    Raises:
        TypeError: `value` is not frozen.
        ValueError: nesting too deep to write.
    """
    try:
        return _text(value).encode()
    except RecursionError:
        raise ValueError(f"nested deeper than {DEPTH_COUNT_MAX} levels") from None


def content_hash(value: Any) -> int:
    """The same 64 bits for the same content in every process: BLAKE2b of the JSON text."""
    return int.from_bytes(hashlib.blake2b(dumps(value), digest_size=8).digest(), "big")


def _text(value: Any) -> str:
    kind = type(value)
    if kind is str:
        return _quote(value)
    if kind is FrozenMap:
        try:
            return _get_map_text(value)  # type: ignore[no-any-return]
        except AttributeError:
            body = ",".join([f"{_quote(k)}:{_text(v)}" for k, v in value.items()])
            text = "{" + body + "}"
            _set_map_text(value, text)
            return text
    if kind is FrozenList:
        cache = value.__dict__
        text = cache.get("text")
        if text is None:
            text = cache["text"] = f"[{','.join([_text(v) for v in value])}]"
        return text  # type: ignore[no-any-return]
    if value is None:
        return "null"
    if kind is bool:
        return "true" if value else "false"
    if kind is int:
        return str(value)
    if kind is float:
        return _float_text(value)
    raise TypeError(f"{kind.__name__} is not frozen")


def _float_text(number: float) -> str:
    """Shortest digits that read back, laid out as Go's encoding/json does."""
    digits = repr(number)
    if number == 0.0 or 1e-6 <= abs(number) < 1e21:
        plain = format(Decimal(digits), "f")
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    mantissa, _, exponent = digits.partition("e")
    return f"{mantissa}e{exponent[0]}{exponent[1:].lstrip('0')}"


# --- reading and changing along a path ---------------------------------------------------------


def _read(node: Any, steps: tuple[Step, ...], default: Any) -> Any:
    for step in steps:
        if type(node) is FrozenMap:
            node = _get(node, step)  # type: ignore[arg-type]
        elif type(node) is FrozenList and isinstance(step, int) and -len(node) <= step < len(node):
            node = node[step]
        else:
            return default
        if node is None:
            return default
    return node


def _set(node: Any, steps: tuple[Step, ...], value: Any, depth: int) -> Any:
    if depth == len(steps):
        return value
    step = steps[depth]
    if type(node) is FrozenList:
        return _set_item(node, steps, value, depth)
    if node is not None and type(node) is not FrozenMap:
        raise TypeError(f"cannot set {step!r} inside a {type(node).__name__} ({_where(steps, depth)})")
    if not isinstance(step, str):
        raise TypeError(f"map keys must be str, not {type(step).__name__} ({_where(steps, depth)})")
    old = None if node is None else _get(node, step)
    new = _set(old, steps, value, depth + 1)
    if node is None:
        return _map([(_checked_str(step), new)])
    if new is old and step in node:
        return node
    if step in node:
        copy = _map(node)
        dict.__setitem__(copy, step, new)
        return copy
    return _map(sorted([*node.items(), (_checked_str(step), new)], key=_first))


def _first(pair: tuple[str, Any]) -> str:
    return pair[0]


def _set_item(node: FrozenList, steps: tuple[Step, ...], value: Any, depth: int) -> FrozenList:
    step = steps[depth]
    if step == "-":
        return _list((*node, _set(None, steps, value, depth + 1)))
    index = _index(node, steps, depth)
    if not 0 <= index < len(node):
        raise IndexError(f"list index {step} out of range ({_where(steps, depth)})")
    new = _set(node[index], steps, value, depth + 1)
    return node if new is node[index] else _list((*node[:index], new, *node[index + 1 :]))


def _index(node: FrozenList, steps: tuple[Step, ...], depth: int) -> int:
    step = steps[depth]
    if not isinstance(step, int):
        raise TypeError(f"list index must be int, not {step!r} ({_where(steps, depth)})")
    return step + len(node) if step < 0 else step


def _remove(node: Any, steps: tuple[Step, ...], depth: int) -> Any:
    if depth == len(steps):
        raise ValueError("cannot remove the root")
    step, last = steps[depth], depth + 1 == len(steps)
    if type(node) is FrozenList:
        index = _index(node, steps, depth)
        if not 0 <= index < len(node):
            return node
        if last:
            return _list((*node[:index], *node[index + 1 :]))
        new = _remove(node[index], steps, depth + 1)
        return node if new is node[index] else _list((*node[:index], new, *node[index + 1 :]))
    if type(node) is not FrozenMap or step not in node:
        return node
    if last:
        return _map([pair for pair in node.items() if pair[0] != step])
    old = _get(node, step)  # type: ignore[arg-type]
    new = _remove(old, steps, depth + 1)
    if new is old:
        return node
    copy = _map(node)
    dict.__setitem__(copy, step, new)  # type: ignore[index]
    return copy


def _where(steps: tuple[Step, ...], depth: int) -> str:
    return "at " + "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps[: depth + 1])


Difference = tuple[tuple[Step, ...], Any, Any]


def diff(old: Any, new: Any) -> list[Difference]:
    """What changed, as `(path, old, new)` in path order; ABSENT where one side has nothing.

    Skips shared subtrees, so comparing two versions of an object costs O(what changed * width).
    """
    return list(_differences(old, new, ()))


def _differences(old: Any, new: Any, path: tuple[Step, ...]) -> Iterator[Difference]:
    if old is new:
        return
    if type(old) is FrozenMap and type(new) is FrozenMap:
        for key in sorted(old.keys() | new.keys()):
            yield from _differences(old.get(key, ABSENT), new.get(key, ABSENT), (*path, key))
    elif type(old) is FrozenList and type(new) is FrozenList:
        for index in range(max(len(old), len(new))):
            before = old[index] if index < len(old) else ABSENT
            after = new[index] if index < len(new) else ABSENT
            yield from _differences(before, after, (*path, index))
    elif old is ABSENT or new is ABSENT or _text(old) != _text(new):
        yield path, old, new


# --- parsing -----------------------------------------------------------------------------------


def loads(data: bytes | str) -> Any:
    """JSON text to a value. O(size).

    A number without point or exponent that fits int64 is an int, any other a double, as Go's
    decoder of untyped data decides. Of repeated keys the last wins. Lone surrogates escaped in
    the text become U+FFFD.

    Raises:
        JSONError: not JSON, not UTF-8, infinite numbers, or deeper than `DEPTH_COUNT_MAX`.
    """
    text = _decoded(data)
    _check_depth(text)
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise JSONError(error.msg, len(text[: error.pos].encode("utf-8", "replace"))) from None
    return value if type(value) is not str else _replace_surrogates(value)


def _decoded(data: bytes | str) -> str:
    if isinstance(data, str):
        return data
    try:
        return bytes(data).decode()
    except UnicodeDecodeError as error:
        raise JSONError("invalid UTF-8", error.start) from None


_BRACKETS = re.compile(r'"(?:[^"\\]|\\.)*+"|[\[\]{}]', re.DOTALL)


def _check_depth(text: str) -> None:
    depth = 0
    for token in _BRACKETS.finditer(text):
        character = text[token.start()]
        if character in "[{":
            depth += 1
            if depth > DEPTH_COUNT_MAX:
                offset = len(text[: token.start()].encode("utf-8", "replace"))
                raise JSONError(f"nested deeper than {DEPTH_COUNT_MAX} levels", offset)
        elif character in "]}":
            depth -= 1


def _replace_surrogates(text: str) -> str:
    if text.isascii():
        return text
    return re.sub("[\ud800-\udfff]", "\ufffd", text)


def _parsed(value: Any) -> Any:
    """Freeze what the decoder made: its maps are frozen already, its lists and strings are not."""
    if type(value) is list:
        return _list([_parsed(item) for item in value])
    return _replace_surrogates(value) if type(value) is str else value


def _map_from_pairs(pairs: list[tuple[str, Any]]) -> FrozenMap:
    unique = {_replace_surrogates(key): _parsed(value) for key, value in pairs}
    return _map([(key, unique[key]) for key in sorted(unique)])


def _parse_int(digits: str) -> int | float:
    value = int(digits) if len(digits) < 20 else None
    return value if value is not None and INT_MIN <= value <= INT_MAX else _parse_float(digits)


def _parse_float(digits: str) -> float:
    value = float(digits)
    if value - value != 0.0:
        raise JSONError(f"number {digits[:40]} is out of range", 0)
    return value


def _parse_constant(word: str) -> Never:
    raise JSONError(f"{word} is no JSON value", 0)


class _Decoder(json.JSONDecoder):
    """The standard decoder with the rules above; top-level lists are frozen at the end."""

    def decode(self, text: str) -> Any:  # type: ignore[override]
        return _parsed(super().decode(text))


_DECODER = _Decoder(
    object_pairs_hook=_map_from_pairs,
    parse_int=_parse_int,
    parse_float=_parse_float,
    parse_constant=_parse_constant,
)

EMPTY_MAP: Final[FrozenMap] = freeze({})
EMPTY_LIST: Final[FrozenList] = freeze([])
