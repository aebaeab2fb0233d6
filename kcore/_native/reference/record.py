"""Classes whose instances a call makes at once: the readable twin of the `record` kernel.

A call of a named tuple runs its `__new__`, a call of a dataclass its `__init__`: Python code that
does nothing but put every argument in its place. The compiled kernel does that without running any
code; what comes of a call, refusals and their words included, is the same. So there is nothing to
do here but to refuse the classes that the kernel would refuse.
"""

from types import MemberDescriptorType
from typing import Any, Final

FIELD_COUNT_MAX: Final = 32


def quicken(type: type[Any], names: tuple[str, ...], defaults: tuple[Any, ...], /) -> None:
    """Let calls of the class make instances at once. O(fields).

    `names` are its fields in the order of its arguments; the last ones have `defaults`. The class
    must do nothing with its arguments but keep them, in a tuple or in slots, and must not get
    another `__new__` or `__init__` later. Its subclasses stay as they are.

    Raises:
        TypeError: it has another metaclass, too many fields, or a field that is no slot.
    """
    if type.__class__ is not _ORDINARY:
        raise TypeError(f"{type} is not an ordinary class")
    if len(names) > FIELD_COUNT_MAX or len(defaults) > len(names):
        raise TypeError(f"{type} has too many fields or defaults")
    for name in names:
        if not isinstance(name, str):
            raise TypeError("names are texts")
        is_slot = isinstance(getattr(type, name, None), MemberDescriptorType)
        if not issubclass(type, tuple) and not is_slot:
            raise TypeError(f"{type} has no slot {name!r}")


_ORDINARY: Final = type
