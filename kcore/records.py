"""Values with named fields, made in large numbers; the door to the `record` kernel.

`changed(record, field=value)` is a copy of a record that differs in some of its fields.
"""

from dataclasses import MISSING, Field, fields
from itertools import takewhile
from typing import TYPE_CHECKING, Any, TypeVar

from kcore import _native

if TYPE_CHECKING:
    from kcore._native import record as _kernel
else:
    _kernel = _native.record

changed = _kernel.changed

C = TypeVar("C", bound=type)


def acyclic(cls: C) -> C:
    """Decorate a class of slots whose instances are in no circle of references. O(slots).

    What they hold must never lead back to them. Then the collector of circles need not look at
    those that `changed` makes; there are two or three of them for every pod.

    Raises:
        TypeError: instances are made of more than slots.
    """
    _kernel.acyclic(cls)
    return cls


def record(cls: C) -> C:
    """Decorate a class whose instances are made by the thousand: the kernel makes them. O(fields).

    A call takes a third of the time, and an eighth where the class is frozen; all else about it
    stays as it is. For a `NamedTuple`, or a dataclass with slots that only keeps what it is given:
    no `__post_init__`, no field that is left out or given by name alone.

    Raises:
        TypeError: it is another class.
    """
    own = vars(cls)
    if "__dataclass_fields__" in own:
        names, defaults = _fields_of_dataclass(cls)
    elif "_field_defaults" in own:
        names, defaults = own["_fields"], tuple(own["_field_defaults"].values())
    else:
        raise TypeError(f"{cls} is neither a named tuple nor a dataclass")
    _kernel.quicken(cls, names, defaults)
    return cls


def _fields_of_dataclass(cls: Any) -> tuple[tuple[str, ...], tuple[Any, ...]]:
    found = fields(cls)
    names = tuple(field.name for field in found)
    made = cls.__init__.__code__
    is_plain = (
        made.co_filename == "<string>"  # It was not written by hand.
        and made.co_varnames[1 : made.co_argcount] == names
        and cls.__new__ is object.__new__
        and not hasattr(cls, "__post_init__")
    )
    if not is_plain:
        raise TypeError(f"{cls} does more than keep what it is given")
    # Where a default is made anew, or another such field follows, calls without it take their time.
    last = [field.default for field in takewhile(_has_value, reversed(found))]
    return names, tuple(reversed(last))


def _has_value(field: Field[Any]) -> bool:
    return field.default is not MISSING
