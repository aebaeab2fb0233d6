"""Requests and responses of the key-value API: field names and meanings of etcd's `rpc.proto`.

Fields come in the order of their protobuf numbers, which is what `encoding` relies on. A member of
a oneof that is not set is None; everything else that is not given is zero. Enumerations accept any
integer, since etcd has answers to unknown numbers too.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final


class SortOrder(IntEnum):
    """How a range is sorted; NONE means ascending where the target is not the key."""

    NONE = 0
    ASCEND = 1
    DESCEND = 2


class SortTarget(IntEnum):
    """What a range is sorted by."""

    KEY = 0
    VERSION = 1
    CREATE = 2
    MOD = 3
    VALUE = 4


class CompareResult(IntEnum):
    """The relation that must hold between the key and the operand."""

    EQUAL = 0
    GREATER = 1
    LESS = 2
    NOT_EQUAL = 3


class CompareTarget(IntEnum):
    """The property that is compared."""

    VERSION = 0
    CREATE = 1
    MOD = 2
    VALUE = 3
    LEASE = 4


@dataclass(frozen=True, slots=True)
class ResponseHeader:
    """`revision` is the store's when the request was applied; cluster and member are not kept."""

    revision: int = 0


NO_HEADER: Final = ResponseHeader()


@dataclass(frozen=True, slots=True)
class KeyValue:
    """A key at one revision; of a deletion only `key` and `mod_revision` are set."""

    key: bytes = b""
    create_revision: int = 0
    mod_revision: int = 0
    version: int = 0
    value: bytes = b""
    lease: int = 0


NO_KEY_VALUE: Final = KeyValue()


@dataclass(frozen=True, slots=True)
class RangeRequest:
    """Read keys: `key` alone, or `[key, range_end)`; a `range_end` of one NUL has no end."""

    key: bytes = b""
    range_end: bytes = b""
    limit: int = 0
    revision: int = 0
    sort_order: int = SortOrder.NONE
    sort_target: int = SortTarget.KEY
    serializable: bool = False
    keys_only: bool = False
    count_only: bool = False
    min_mod_revision: int = 0
    max_mod_revision: int = 0
    min_create_revision: int = 0
    max_create_revision: int = 0


@dataclass(frozen=True, slots=True)
class RangeResponse:
    """`count` is of all keys in the range; `more` says that `limit` cut some off.

    Of a streamed range only the last chunk has a header.
    """

    header: ResponseHeader | None = NO_HEADER
    kvs: tuple[KeyValue, ...] = ()
    more: bool = False
    count: int = 0


@dataclass(frozen=True, slots=True)
class PutRequest:
    """Write a key; `ignore_value` and `ignore_lease` keep what the key has."""

    key: bytes = b""
    value: bytes = b""
    lease: int = 0
    prev_kv: bool = False
    ignore_value: bool = False
    ignore_lease: bool = False


@dataclass(frozen=True, slots=True)
class PutResponse:
    """`prev_kv` is what the key held, where asked for and there."""

    header: ResponseHeader = NO_HEADER
    prev_kv: KeyValue | None = None


@dataclass(frozen=True, slots=True)
class DeleteRangeRequest:
    """Delete keys; ranges as in `RangeRequest`."""

    key: bytes = b""
    range_end: bytes = b""
    prev_kv: bool = False


@dataclass(frozen=True, slots=True)
class DeleteRangeResponse:
    """How many keys were deleted, and what they held, where asked for."""

    header: ResponseHeader = NO_HEADER
    deleted: int = 0
    prev_kvs: tuple[KeyValue, ...] = ()


@dataclass(frozen=True, slots=True)
class Compare:
    """One condition on a key, or on every key of a range; `target` says which operand counts."""

    result: int = CompareResult.EQUAL
    target: int = CompareTarget.VERSION
    key: bytes = b""
    version: int | None = None
    create_revision: int | None = None
    mod_revision: int | None = None
    value: bytes | None = None
    lease: int | None = None
    range_end: bytes = b""


@dataclass(frozen=True, slots=True)
class TxnRequest:
    """If all of `compare` hold, `success` runs, else `failure`. None is an operation not given."""

    compare: tuple[Compare, ...] = ()
    success: tuple["Request | None", ...] = ()
    failure: tuple["Request | None", ...] = ()


@dataclass(frozen=True, slots=True)
class TxnResponse:
    """`responses[i]` answers operation i of the branch that ran; a nested header is empty."""

    header: ResponseHeader = NO_HEADER
    succeeded: bool = False
    responses: tuple["Response", ...] = ()


@dataclass(frozen=True, slots=True)
class CompactionRequest:
    """Forget what was before `revision`. Everything here is always done at once, hence physical."""

    revision: int = 0
    physical: bool = False


@dataclass(frozen=True, slots=True)
class CompactionResponse:
    """Done."""

    header: ResponseHeader = NO_HEADER


Request = RangeRequest | PutRequest | DeleteRangeRequest | TxnRequest
Response = RangeResponse | PutResponse | DeleteRangeResponse | TxnResponse
