"""Reading, changing and comparing immutable trees along paths.

Knows maps, lists and paths; the node types and their constructors are passed in. A step is a key
or a list index; `"-"` is the place after a list's last element. Nodes that an operation does not
touch are shared between the old and the new root.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, Generic, TypeVar

Step = str | int
Steps = Step | tuple[Step, ...]
Difference = tuple[tuple[Step, ...], Any, Any]

M = TypeVar("M", bound=dict[str, Any])
L = TypeVar("L", bound=tuple[Any, ...])

_map_get = dict.get
_list_get = tuple.__getitem__


class _Absent:
    """The side of a difference where nothing is."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "ABSENT"

    def __reduce__(self) -> str:
        return "ABSENT"


ABSENT: Final = _Absent()


def as_tuple(steps: Steps) -> tuple[Step, ...]:
    """One step stands for a path of one."""
    return steps if isinstance(steps, tuple) else (steps,)


def _first(pair: tuple[str, Any]) -> str:
    return pair[0]


def _where(steps: tuple[Step, ...], depth: int) -> str:
    return "at " + "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps[: depth + 1])


class TreePath(Generic[M, L]):
    """The operations for one pair of node types.

    Args:
        map_type: what a map node is, exactly.
        list_type: what a list node is, exactly.
        make_map: a map node of a mapping or of pairs in key order.
        make_list: a list node of values.
        exact_key: a key as plain str; raises ValueError for text that UTF-8 cannot express.
    """

    def __init__(
        self,
        map_type: type[M],
        list_type: type[L],
        make_map: Callable[[Any], M],
        make_list: Callable[[Iterable[Any]], L],
        exact_key: Callable[[str], str],
    ) -> None:
        self._map_type: Final = map_type
        self._list_type: Final = list_type
        self._make_map = make_map
        self._make_list = make_list
        self._exact_key = exact_key

    def read(self, node: Any, steps: tuple[Step, ...], default: Any) -> Any:
        """What is at `steps`; `default` where anything on the way is absent or null."""
        for step in steps:
            if type(node) is self._map_type and isinstance(step, str):
                node = _map_get(node, step)
            elif (
                type(node) is self._list_type
                and isinstance(step, int)
                and -len(node) <= step < len(node)
            ):
                node = _list_get(node, step)
            else:
                return default
            if node is None:
                return default
        return node

    def set(self, node: Any, steps: tuple[Step, ...], value: Any, depth: int = 0) -> Any:
        """A copy of `node` with `value` at `steps[depth:]`; absent maps are created."""
        if depth == len(steps):
            return value
        step = steps[depth]
        if type(node) is self._list_type:
            return self._set_item(node, steps, value, depth)
        if node is not None and type(node) is not self._map_type:
            kind = type(node).__name__
            raise TypeError(f"cannot set {step!r} inside a {kind} ({_where(steps, depth)})")
        if not isinstance(step, str):
            kind = type(step).__name__
            raise TypeError(f"map keys must be str, not {kind} ({_where(steps, depth)})")
        if node is None or step not in node:
            new = self.set(None, steps, value, depth + 1)
            pair = (self._exact_key(step), new)
            return self._make_map(
                [pair] if node is None else sorted([*node.items(), pair], key=_first)
            )
        old = _map_get(node, step)
        new = self.set(old, steps, value, depth + 1)
        return node if new is old else self._with_key(node, step, new)

    def _with_key(self, node: M, key: str, value: Any) -> M:
        copy = self._make_map(node)
        dict.__setitem__(copy, key, value)
        return copy

    def _set_item(self, node: L, steps: tuple[Step, ...], value: Any, depth: int) -> L:
        step = steps[depth]
        if isinstance(step, str) and step == "-":
            return self._make_list((*node, self.set(None, steps, value, depth + 1)))
        index = self._index(node, steps, depth)
        if index is None:
            raise IndexError(f"list index {step} out of range ({_where(steps, depth)})")
        old = _list_get(node, index)
        new = self.set(old, steps, value, depth + 1)
        return node if new is old else self._with_item(node, index, new)

    def _with_item(self, node: L, index: int, *values: Any) -> L:
        values_before, values_after = (
            _list_get(node, slice(index)),
            _list_get(node, slice(index + 1, None)),
        )
        return self._make_list((*values_before, *values, *values_after))

    def _index(self, node: L, steps: tuple[Step, ...], depth: int) -> int | None:
        """The index from the front; None when it is out of range."""
        step = steps[depth]
        if not isinstance(step, int):
            raise TypeError(f"list index must be int, not {step!r} ({_where(steps, depth)})")
        index = step + len(node) if step < 0 else step
        return index if 0 <= index < len(node) else None

    def remove(self, node: Any, steps: tuple[Step, ...], depth: int = 0) -> Any:
        """A copy of `node` without what is at `steps[depth:]`; `node` when nothing is there."""
        if depth == len(steps):
            raise ValueError("cannot remove the root")
        step, is_last = steps[depth], depth + 1 == len(steps)
        if type(node) is self._list_type:
            index = self._index(node, steps, depth)
            if index is None:
                return node
            if is_last:
                return self._with_item(node, index)
            old = _list_get(node, index)
            new = self.remove(old, steps, depth + 1)
            return node if new is old else self._with_item(node, index, new)
        if type(node) is not self._map_type or not isinstance(step, str) or step not in node:
            return node
        if is_last:
            return self._make_map([pair for pair in node.items() if pair[0] != step])
        old = _map_get(node, step)
        new = self.remove(old, steps, depth + 1)
        return node if new is old else self._with_key(node, step, new)

    def differences(self, old: Any, new: Any, path: tuple[Step, ...]) -> Iterator[Difference]:
        """What differs below `path`, in path order; two leaves that are equal may be reported."""
        if old is new:
            return
        if type(old) is self._map_type and type(new) is self._map_type:
            for key in sorted(old.keys() | new.keys()):
                before, after = _map_get(old, key, ABSENT), _map_get(new, key, ABSENT)
                yield from self.differences(before, after, (*path, key))
        elif type(old) is self._list_type and type(new) is self._list_type:
            for index in range(max(len(old), len(new))):
                before = _list_get(old, index) if index < len(old) else ABSENT
                after = _list_get(new, index) if index < len(new) else ABSENT
                yield from self.differences(before, after, (*path, index))
        else:
            yield path, old, new
