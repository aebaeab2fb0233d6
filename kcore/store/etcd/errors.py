"""etcd's refusals: gRPC status and text, as a client of etcd 3.7 sees them.

One catalog, so that a text is written once. The texts are upstream's
(`go.etcd.io/etcd/api/v3/v3rpc/rpctypes`).
"""

from dataclasses import dataclass
from typing import Final

from kcore.store.revision import StoreError

# gRPC status names and their numbers, those that etcd's key-value API uses.
GRPC_NUMBERS: Final = {
    "InvalidArgument": 3,
    "NotFound": 5,
    "ResourceExhausted": 8,
    "FailedPrecondition": 9,
    "OutOfRange": 11,
    "Unimplemented": 12,
    "DataLoss": 15,
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A status name and a text."""

    code: str
    message: str


EMPTY_KEY: Final = Refusal("InvalidArgument", "etcdserver: key is not provided")
KEY_NOT_FOUND: Final = Refusal("InvalidArgument", "etcdserver: key not found")
VALUE_PROVIDED: Final = Refusal("InvalidArgument", "etcdserver: value is provided")
LEASE_PROVIDED: Final = Refusal("InvalidArgument", "etcdserver: lease is provided")
TOO_MANY_OPERATIONS: Final = Refusal(
    "InvalidArgument", "etcdserver: too many operations in txn request"
)
DUPLICATE_KEY: Final = Refusal("InvalidArgument", "etcdserver: duplicate key given in txn request")
INVALID_SORT: Final = Refusal("InvalidArgument", "etcdserver: invalid sort option")
REQUEST_TOO_LARGE: Final = Refusal("InvalidArgument", "etcdserver: request is too large")
COMPACTED: Final = Refusal("OutOfRange", "etcdserver: mvcc: required revision has been compacted")
FUTURE_REVISION: Final = Refusal(
    "OutOfRange", "etcdserver: mvcc: required revision is a future revision"
)
NO_SPACE: Final = Refusal("ResourceExhausted", "etcdserver: mvcc: database space exceeded")
CORRUPT: Final = Refusal("DataLoss", "etcdserver: corrupt cluster")
LEASE_NOT_FOUND: Final = Refusal("NotFound", "etcdserver: requested lease not found")
LEASE_EXISTS: Final = Refusal("FailedPrecondition", "etcdserver: lease already exists")
LEASE_TTL_TOO_LARGE: Final = Refusal("OutOfRange", "etcdserver: too large lease TTL")
STREAM_SORTED: Final = Refusal("Unimplemented", "RangeStream does not support custom sort orders")
STREAM_FILTERED: Final = Refusal("Unimplemented", "RangeStream does not support revision filters")

# Why a watch was not created: plain texts inside a response, not statuses.
WATCH_RANGE_EMPTY: Final = "mvcc: watcher range is empty"
WATCH_ID_TAKEN: Final = "mvcc: duplicate watch ID provided on the WatchStream"


def message_too_large(size_bytes: int, size_bytes_max: int) -> Refusal:
    """The transport's refusal of a message longer than it accepts."""
    text = f"grpc: received message larger than max ({size_bytes} vs. {size_bytes_max})"
    return Refusal("ResourceExhausted", text)


class EtcdError(StoreError):
    """A request was refused; nothing was changed.

    `code` is the gRPC status name, `grpc` its number.
    """

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.message)
        self.code = refusal.code
        self.grpc = GRPC_NUMBERS[refusal.code]
        self.message = refusal.message
