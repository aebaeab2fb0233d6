"""The one door to the Frozen kernel: immutable JSON values.

Everything inside kcore works on these values. `kcore._native.reference.frozen` is the readable
definition; the compiled kernel gives the same answers faster.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kcore import _native

if TYPE_CHECKING:  # The compiled kernel's types: a value is a Mapping, never a dict.
    from kcore._native import frozen as _kernel
else:
    _kernel = _native.frozen

FrozenMap = _kernel.FrozenMap
FrozenList = _kernel.FrozenList
JSONError = _kernel.JSONError
Path = _kernel.Path
Patch = _kernel.Patch
Template = _kernel.Template
ABSENT = _kernel.ABSENT
EMPTY_MAP = _kernel.EMPTY_MAP
EMPTY_LIST = _kernel.EMPTY_LIST

freeze = _kernel.freeze
thaw = _kernel.thaw
loads = _kernel.loads
dumps = _kernel.dumps
diff = _kernel.diff
content_hash = _kernel.content_hash

COMPILED = _native.COMPILED


def evolve(obj: FrozenMap, changes: Mapping[str | tuple[str | int, ...], Any]) -> FrozenMap:
    """Apply several `set` calls: `evolve(pod, {("spec", "nodeName"): "n1", "status": {}})`."""
    for steps, value in changes.items():
        obj = obj.set(steps, value)
    return obj


__all__ = [
    "ABSENT",
    "COMPILED",
    "EMPTY_LIST",
    "EMPTY_MAP",
    "FrozenList",
    "FrozenMap",
    "JSONError",
    "Patch",
    "Path",
    "Template",
    "content_hash",
    "diff",
    "dumps",
    "evolve",
    "freeze",
    "loads",
    "thaw",
]
