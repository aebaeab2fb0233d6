"""Records, values with named fields, made and copied: the readable twin of the `record` kernel.

A call of a named tuple runs its `__new__`, a call of a dataclass its `__init__`: Python code that
does nothing but put every argument in its place. The compiled kernel does that without running any
code; what comes of a call, refusals and their words included, is the same. So there is nothing to
do here but to refuse the classes that the kernel would refuse, and to note the fields.

A record that can be copied with changes is a named tuple of a quickened class, or an instance of a
class whose instances are made of `__slots__` and nothing else: no `__dict__`, no weak references,
nothing that a type written in C keeps beside them.
"""

from types import MemberDescriptorType
from typing import Any, Final, TypeVar

FIELD_COUNT_MAX: Final = 32

_Record = TypeVar("_Record")

_ORDINARY: Final = type
_FIELDS: Final = "__record_fields__"
"""Not where the compiled kernel keeps what it knows of a class: both may know one class."""
_HEAP_TYPE: Final = 1 << 9
"""The flag of classes that a class statement made."""


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
    setattr(type, _FIELDS, names)


def acyclic(type: type[Any], /) -> None:
    """Keep copies of this class's instances from the collector of circles. O(slots).

    It looks at everything that holds references, again and again; the compiled kernel takes copies
    that `changed` makes off its list. They go when nobody holds them, as ever; whoever says this
    knows that nothing an instance holds can lead back to it. Subclasses stay as they are.

    Raises:
        TypeError: it is no class of records.
    """
    try:
        _members(type)
    except (AttributeError, TypeError):
        raise TypeError(f"{type!r} is no class of records") from None


def changed(record: _Record, /, **slots: object) -> _Record:
    """A copy of a record with other values in some slots, made without `__init__`. O(slots).

    A slot that is empty stays empty. Classes that refuse assignments are not asked. A named tuple's
    slots are its fields.

    Raises:
        TypeError: it is no record.
        AttributeError: there is no such slot.
    """
    kind = type(record)
    if isinstance(record, tuple):
        copy: _Record = _changed_tuple(record, slots)
        return copy
    members = _members(kind)
    twin = object.__new__(kind)
    for member in members:
        try:
            value = member.__get__(record, kind)
        except AttributeError:
            continue  # Empty.
        member.__set__(twin, value)
    for name, value in slots.items():
        object.__setattr__(twin, name, value)
    return twin


def _changed_tuple(record: Any, fields: dict[str, object]) -> Any:
    kind = type(record)
    names = vars(kind).get(_FIELDS)
    if names is None or len(record) != len(names):
        raise TypeError(f"{kind.__name__} is no record: it is made of more than slots")
    values = dict(zip(names, record, strict=True))
    for name, value in fields.items():
        if name not in values:
            raise AttributeError(f"{kind.__name__!r} object has no attribute {name!r}")
        values[name] = value
    return tuple.__new__(kind, values.values())


def _members(kind: type[Any]) -> list[MemberDescriptorType]:
    bases = [base for base in kind.__mro__ if base is not object]
    members = [
        member
        for base in bases
        for member in vars(base).values()
        if isinstance(member, MemberDescriptorType)
    ]
    size = object.__basicsize__ + len(members) * tuple.__itemsize__
    if (
        not all(base.__flags__ & _HEAP_TYPE for base in bases)
        or size != kind.__basicsize__
        or kind.__itemsize__
        or kind.__dictoffset__
        or kind.__weakrefoffset__
    ):
        raise TypeError(f"{kind.__name__} is no record: it is made of more than slots")
    return members
