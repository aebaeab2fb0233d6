"""How many bytes a message takes as protobuf, which is what etcd's size limits count.

Nothing is encoded: proto3 leaves out zeros, integers are varints, everything else is a length and
its bytes, and all field numbers of these messages but one are below 16, hence have tags of one
byte.
"""

from dataclasses import dataclass, fields
from functools import cache
from typing import Any, Final

from kcore.store.etcd.messages import Request

# `Compare.range_end` is field 64.
_WIDE_TAGS: Final = frozenset({("Compare", "range_end")})
# Members of a oneof are written even when they are zero.
_ONEOFS: Final = frozenset({"Compare"})
# Operations of a transaction are wrapped in a `RequestOp`.
_WRAPPED: Final = frozenset({("TxnRequest", "success"), ("TxnRequest", "failure")})


def varint_bytes(number: int) -> int:
    """Length of a varint; negative numbers take ten bytes."""
    if number < 0:
        return 10
    return max(1, (number.bit_length() + 6) // 7)


@dataclass(frozen=True, slots=True)
class _Field:
    """How a field is written."""

    name: str
    tag_bytes: int
    in_oneof: bool
    is_wrapped: bool


@cache
def _fields(kind: Any) -> tuple[_Field, ...]:
    name = kind.__name__
    return tuple(
        _Field(
            field.name,
            2 if (name, field.name) in _WIDE_TAGS else 1,
            name in _ONEOFS and field.default is None,
            (name, field.name) in _WRAPPED,
        )
        for field in fields(kind)
    )


def encoded_bytes(message: object) -> int:
    """Length of a message without its own tag and length. O(fields, values not read)."""
    total = 0
    # A class is hashable; mypy looks at the hash of its instances.
    for field in _fields(type(message)):  # type: ignore[arg-type]
        value = getattr(message, field.name)
        if not value and not field.in_oneof:
            continue
        if isinstance(value, tuple):
            for item in value:
                total += field.tag_bytes + _item_bytes(item, wrapped=field.is_wrapped)
        elif value is not None:
            total += field.tag_bytes + _value_bytes(value)
    return total


def request_operation_bytes(request: Request | None) -> int:
    """Length of a `RequestOp` around a request."""
    return 0 if request is None else 1 + _delimited(encoded_bytes(request))


def _item_bytes(item: Any, *, wrapped: bool) -> int:
    if wrapped:
        return _delimited(request_operation_bytes(item))
    return _value_bytes(item)


def _value_bytes(value: Any) -> int:
    if isinstance(value, int):
        return varint_bytes(value)
    if isinstance(value, (bytes, str)):
        return _delimited(len(value))
    return _delimited(encoded_bytes(value))


def _delimited(length: int) -> int:
    return varint_bytes(length) + length
