"""Vectors' JSON to requests, responses to vectors' JSON.

Names are those of etcd's `rpc.proto`; bytes are strings of one character per byte, long runs of one
byte `{"rep": [byte, n]}`; zeros are left out on both sides.
"""

import typing
from dataclasses import MISSING, fields, is_dataclass
from functools import cache

from kcore.store.etcd import lease_messages, messages, watch_messages

OPERATIONS = {
    "request_range": messages.RangeRequest,
    "request_put": messages.PutRequest,
    "request_delete_range": messages.DeleteRangeRequest,
    "request_txn": messages.TxnRequest,
}

RESPONSES = {
    messages.RangeResponse: "response_range",
    messages.PutResponse: "response_put",
    messages.DeleteRangeResponse: "response_delete_range",
    messages.TxnResponse: "response_txn",
}

ENUMS = {
    "sort_order": messages.SortOrder,
    "sort_target": messages.SortTarget,
    "result": messages.CompareResult,
    "target": messages.CompareTarget,
    "filters": watch_messages.WatchFilter,
    "action": lease_messages.AlarmAction,
    "alarm": lease_messages.AlarmType,
}

# Names that Python spells otherwise.
RENAMED = {"id": "ID", "ttl": "TTL", "granted_ttl": "grantedTTL"}
UNNAMED = {there: here for here, there in RENAMED.items()}

RUN_LENGTH = 64


def to_bytes(value):
    """One string, or a run of one byte."""
    if isinstance(value, dict):
        byte, count = value["rep"]
        return byte.encode("latin-1") * count
    return value.encode("latin-1")


def from_bytes(data):
    """The reverse of `to_bytes`."""
    if len(data) > RUN_LENGTH and data == data[:1] * len(data):
        return {"rep": [data[:1].decode("latin-1"), len(data)]}
    return data.decode("latin-1")


@cache
def _hints(kind):
    return typing.get_type_hints(kind)


def decode(kind, given):
    """A message of `kind`."""
    found = {}
    for there, value in given.items():
        name = UNNAMED.get(there, there)
        found[name] = _decoded(kind, name, value)
    return kind(**found)


def _decoded(kind, name, value):
    if name in ("success", "failure"):
        return tuple(_operation(item) for item in value)
    if name == "compare":
        return tuple(decode(messages.Compare, item) for item in value)
    if name in ENUMS:
        return _number(ENUMS[name], value)
    if "bytes" in str(_hints(kind)[name]):
        return to_bytes(value)
    return value


def _number(enum, value):
    if isinstance(value, list):
        return tuple(_number(enum, item) for item in value)
    return enum[value] if isinstance(value, str) else value


def _operation(given):
    for name, kind in OPERATIONS.items():
        if name in given:
            return decode(kind, given[name])
    return None


def encode(message):
    """A message as the vectors write it."""
    found = {}
    for field in fields(message):
        value = getattr(message, field.name)
        zero = field.default is not MISSING and value == field.default and field.name != "header"
        if value is None or zero:
            continue
        found[RENAMED.get(field.name, field.name)] = _encoded(field.name, value)
    return found


# Fields with a form of their own; `leases` have no order.
WRITTEN = {
    "responses": lambda value: [{RESPONSES[type(item)]: encode(item)} for item in value],
    "leases": lambda value: [{"ID": item} for item in sorted(value)],
    "alarms": lambda value: [{"alarm": item.name} for item in value],
    "type": lambda value: value.name,
}


def _encoded(name, value):
    if name in WRITTEN:
        return WRITTEN[name](value)
    if isinstance(value, tuple):
        return [_encoded("", item) for item in value]
    if isinstance(value, bytes):
        return from_bytes(value)
    return encode(value) if is_dataclass(value) else value
