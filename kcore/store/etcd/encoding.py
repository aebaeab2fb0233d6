"""How many bytes a message takes as protobuf, which is what etcd's size limits count.

Nothing is encoded: proto3 leaves out zeros, integers are varints, everything else is a length and
its bytes, and all field numbers of these messages but one are below 16, hence have tags of one
byte.
"""

from dataclasses import fields, is_dataclass
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


def encoded_bytes(message: Any) -> int:
    """Length of a message without its own tag and length. O(fields, values not read)."""
    name = type(message).__name__
    total = 0
    for field in fields(message):
        value = getattr(message, field.name)
        tag = 2 if (name, field.name) in _WIDE_TAGS else 1
        keep_zero = name in _ONEOFS and field.default is None
        if isinstance(value, tuple):
            wrapped = (name, field.name) in _WRAPPED
            total += sum(tag + _item_bytes(item, wrapped=wrapped) for item in value)
        elif value is not None and (value or keep_zero or is_dataclass(value)):
            total += tag + _value_bytes(value)
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
