"""The one door to the Frozen kernel: immutable JSON values.

Everything inside kcore works on these values. `kcore._native.reference.frozen` is the readable
definition; the compiled kernel gives the same answers faster.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Self

from kcore import _native

if TYPE_CHECKING:  # The compiled kernel's types: a value is a Mapping, never a dict.
    from kcore._native import frozen as _kernel
else:
    _kernel = _native.frozen

Step = str | int
Steps = Step | tuple[Step, ...]

FrozenMap = _kernel.FrozenMap
FrozenList = _kernel.FrozenList
JSONError = _kernel.JSONError
Path = _kernel.Path
Paths = _kernel.Paths
Strings = _kernel.Strings
Patch = _kernel.Patch
GuardedPatch = _kernel.GuardedPatch
Template = _kernel.Template
NamedTexts = _kernel.NamedTexts
Wording = _kernel.Wording
ABSENT = _kernel.ABSENT
EMPTY_MAP = _kernel.EMPTY_MAP
EMPTY_LIST = _kernel.EMPTY_LIST

freeze = _kernel.freeze
thaw = _kernel.thaw
loads = _kernel.loads
dumps = _kernel.dumps
diff = _kernel.diff
content_hash = _kernel.content_hash
is_dns_subdomain = _kernel.is_dns_subdomain

COMPILED = _native.COMPILED


def evolve(obj: FrozenMap, changes: Mapping[str | tuple[str | int, ...], Any]) -> FrozenMap:
    """Apply several `set` calls: `evolve(pod, {("spec", "nodeName"): "n1", "status": {}})`."""
    for steps, value in changes.items():
        obj = obj.set(steps, value)
    return obj


class Builder:
    """A value in the making: many changes, one result, and no version in between.

    `set` means what it means for values, but each map or list on the way is copied only the first
    time, so adding n elements one by one is O(n) instead of O(n * n). What is not touched is shared
    with the value the builder began with.
    """

    __slots__ = ("_root",)

    def __init__(self, value: Any = EMPTY_MAP) -> None:
        self._root = freeze(value)

    def set(self, steps: Steps, value: Any, /) -> Self:
        """Put `value` at `steps`, as `FrozenMap.set` does. O(depth), amortized.

        Raises:
            TypeError, ValueError, IndexError: as `FrozenMap.set` does; nothing is changed then.
        """
        path = steps if isinstance(steps, tuple) else (steps,)
        frozen = freeze(value)
        if not self._put(path, frozen):
            self._root = self.build().set(path, frozen)  # It knows what is wrong.
        return self

    def build(self) -> Any:
        """The value so far; the builder may go on. O(what was touched).

        Raises:
            ValueError: it nests too deep.
        """
        self._root = freeze(self._root)
        return self._root

    def _put(self, path: tuple[Step, ...], value: Any) -> bool:
        """Whether every step led where a value may go."""
        if not path:
            self._root = value
            return True
        node = self._root = _draft(self._root)
        for index, step in enumerate(path[:-1]):
            if not _leads_into(node, step):
                return False
            child = None if step == "-" and isinstance(node, list) else _part(node, step)
            if child is None:
                rest = path[index + 1 :]
                return all(isinstance(one, str) for one in rest) and _place(
                    node, step, _nested(rest, value)
                )
            child = _draft(child)
            _place(node, step, child)
            node = child
        return _leads_into(node, path[-1]) and _place(node, path[-1], value)


def _draft(value: Any) -> Any:
    """A dict or list in the place of a map or list; the same if it is one already."""
    if isinstance(value, FrozenMap):
        return dict(value)
    return list(value) if isinstance(value, FrozenList) else value


def _leads_into(node: Any, step: Any) -> bool:
    if isinstance(node, list):
        return step == "-" or (isinstance(step, int) and -len(node) <= step < len(node))
    return isinstance(node, dict) and isinstance(step, str)


def _part(node: Any, step: Any) -> Any:
    return node.get(step) if isinstance(node, dict) else node[step]


def _place(node: Any, step: Any, value: Any) -> bool:
    if step == "-" and isinstance(node, list):
        node.append(value)
    else:
        node[step] = value
    return True


def _nested(steps: tuple[Step, ...], value: Any) -> Any:
    for step in reversed(steps):
        value = {step: value}
    return value


__all__ = [
    "ABSENT",
    "COMPILED",
    "EMPTY_LIST",
    "EMPTY_MAP",
    "Builder",
    "FrozenList",
    "FrozenMap",
    "GuardedPatch",
    "JSONError",
    "NamedTexts",
    "Patch",
    "Path",
    "Paths",
    "Strings",
    "Template",
    "Wording",
    "content_hash",
    "diff",
    "dumps",
    "evolve",
    "freeze",
    "is_dns_subdomain",
    "loads",
    "thaw",
]
