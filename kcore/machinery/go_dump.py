"""An API value as Go would print it with `%#v` through its dump library: types, names and all.

Nobody reads this text; upstream hashes it. It is a walk along the Go type of the value: every
field in declaration order, absent ones as Go's zero value, maps sorted, pointers as `(*int64)5`.

    (v1.HostAlias){IP:(string)1.2.3.4 Hostnames:([]string)[a b]}

A type is printed once on the way down: elements of lists and maps, and what a pointer points to,
come without theirs.
"""

from typing import Any, Final

from kcore.errors import NotModelledError
from kcore.machinery.go_field_names import go_field_name
from kcore.machinery.quantity import Quantity, quantity_of
from kcore.machinery.schema_types import TypeRef, TypeSchema, type_table
from kcore.machinery.timestamps import SECOND_NS, ZERO_NS, parse_time

_NIL: Final = "<nil>"
_WORD: Final = 1 << 64  # of a 64-bit machine
_ZERO_OF_KIND: Final = {"string": "", "bool": False}


def dump_struct(value: Any, name: str) -> str:
    """The text of `value` as the struct called `name` (`core/v1.PodTemplateSpec`)."""
    schema = type_table().struct(name)
    return f"(v1.{schema.go_name}){_struct(value, schema)}"


def _struct(value: Any, schema: TypeSchema) -> str:
    parts: list[str] = []
    for field in schema.fields:
        if field.inline:
            # An embedded struct sits in its parent's JSON, but not in its parent's Go value.
            parts.append(f"{field.type.go_name.rpartition('.')[2]}:{_typed(value, field.type)}")
            continue
        inner = None if value is None else value.at(field.name)
        go_name = go_field_name(schema.go_name, field.name)
        parts.append(f"{go_name}:{_typed(inner, field.type)}")
    return f"{{{' '.join(parts)}}}"


def _typed(value: Any, ref: TypeRef) -> str:
    """The value with its type in front."""
    if not ref.pointer:
        return f"({ref.go_name}){_bare(value, ref)}"
    if value is None:
        return f"(*{ref.go_name}){_NIL}"
    return f"(*{ref.go_name}){_bare(value, ref)}"


def _element(value: Any, ref: TypeRef) -> str:
    """An element of a list or map: without type, a pointer with its level of indirection."""
    if not ref.pointer:
        return _bare(value, ref)
    return f"<*>{_NIL}" if value is None else f"<*>{_bare(value, ref)}"


def _bare(value: Any, ref: TypeRef) -> str:
    if ref.shape == "struct":
        return _struct(value, type_table().struct(ref.name))
    if ref.shape == "scalar":
        return _scalar(_ZERO_OF_KIND.get(ref.scalar, 0) if value is None else value)
    if ref.shape == "special":
        return _special(value, ref)
    if value is None:
        return _NIL
    if ref.element is None:
        raise NotModelledError(f"hash of a value with a {ref.text}")
    if ref.shape == "list":
        return f"[{' '.join(_element(one, ref.element) for one in value)}]"
    pairs = (f"{key}:{_element(value[key], ref.element)}" for key in value)
    return f"map[{' '.join(pairs)}]"


def _scalar(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _special(value: Any, ref: TypeRef) -> str:
    kind = ref.name.rpartition(".")[2]
    if kind == "Quantity":
        return _quantity(None if value is None else quantity_of(value))
    if kind == "IntOrString":
        return _int_or_string(value)
    if kind == "Time":
        return _time(value)
    raise NotModelledError(f"hash of a value with a {ref.text}")


def _int_or_string(value: Any) -> str:
    is_text = isinstance(value, str)
    number, text = (0, value) if is_text else (value or 0, "")
    head = f"Type:(intstr.Type){int(is_text)} IntVal:(int32){number}"
    return f"{{{head} StrVal:(string){text}}}"


def _time(value: str | None) -> str:
    instant_ns = ZERO_NS if value is None else parse_time(value)
    seconds, fraction_ns = divmod(instant_ns - ZERO_NS, SECOND_NS)
    if seconds or fraction_ns:
        # A set time carries its zone, whose value depends on the machine.
        raise NotModelledError("hash of a template with a time")
    return "{Time:(time.Time){wall:(uint64)0 ext:(int64)0 loc:(*time.Location)<nil>}}"


def _quantity(quantity: Quantity | None) -> str:
    number_format = "" if quantity is None else quantity.format
    number, scale, decimal, text = 0, 0, _NIL, ""
    if quantity is not None:
        text = quantity.original_text
        if quantity.is_decimal:
            decimal = _decimal(quantity.number.unscaled, -quantity.number.exponent)
        else:
            number, scale = quantity.number.unscaled, quantity.number.exponent
    return (
        f"{{i:(resource.int64Amount){{value:(int64){number} scale:(resource.Scale){scale}}} "
        f"d:(resource.infDecAmount){{Dec:(*inf.Dec){decimal}}} "
        f"s:(string){text} Format:(resource.Format){number_format}}}"
    )


def _decimal(unscaled: int, scale: int) -> str:
    words: list[str] = []
    magnitude = abs(unscaled)
    while magnitude:
        magnitude, word = divmod(magnitude, _WORD)
        words.append(str(word))
    magnitude_text = f"[{' '.join(words)}]" if words else _NIL
    negative = _scalar(unscaled < 0)
    return (
        f"{{unscaled:(big.Int){{neg:(bool){negative} abs:(big.nat){magnitude_text}}} "
        f"scale:(inf.Scale){scale}}}"
    )
