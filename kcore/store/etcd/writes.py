"""Writing one key or range, alone or as a part of a transaction.

All writes of a transaction go to one revision, the one after the transaction began; what is read
in between is read at the revision that the writes so far have led to.
"""

from typing import Final

from kcore.store.etcd.errors import KEY_NOT_FOUND, LEASE_NOT_FOUND, EtcdError
from kcore.store.etcd.keyspace import Keyspace
from kcore.store.etcd.lease import Lessor
from kcore.store.etcd.messages import (
    DeleteRangeRequest,
    DeleteRangeResponse,
    KeyValue,
    PutRequest,
    PutResponse,
    ResponseHeader,
)

_NO_LEASE: Final = 0


def require_put(keyspace: Keyspace, lessor: Lessor, request: PutRequest) -> None:
    """Refuse a put to a lease that does not exist, or that keeps what an absent key has.

    Raises:
        EtcdError: as said.
    """
    if request.lease != _NO_LEASE and request.lease not in lessor:
        raise EtcdError(LEASE_NOT_FOUND)
    if (request.ignore_value or request.ignore_lease) and keyspace.get(request.key) is None:
        raise EtcdError(KEY_NOT_FOUND)


def put(keyspace: Keyspace, request: PutRequest, revision: int) -> PutResponse:
    """Write a key that `require_put` let pass. O(log n)."""
    previous = None
    value, lease = request.value, request.lease
    if request.ignore_value or request.ignore_lease or request.prev_kv:
        previous = keyspace.get(request.key)
    # Nothing to keep after all if the transaction deleted the key by a range without end, which
    # the check for keys written twice does not see; upstream's server crashes there.
    if previous is not None:
        value = previous.value if request.ignore_value else value
        lease = previous.lease if request.ignore_lease else lease
    keyspace.put(request.key, value, lease, revision)
    return PutResponse(ResponseHeader(revision), previous if request.prev_kv else None)


def delete_range(
    keyspace: Keyspace, request: DeleteRangeRequest, revision: int
) -> DeleteRangeResponse:
    """Delete what is in a range; nothing there, nothing changes. O(m log n)."""
    now = keyspace.revision
    keys = [
        entry.key.encode("latin-1")
        for entry in keyspace.entries(request.key, request.range_end, now)
    ]
    previous: tuple[KeyValue, ...] = ()
    if request.prev_kv:
        previous = tuple(kv for key in keys if (kv := keyspace.get(key)) is not None)
    keyspace.delete(keys, revision)
    return DeleteRangeResponse(ResponseHeader(keyspace.revision), len(keys), previous)
