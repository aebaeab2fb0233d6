"""Transactions: compare, then run one of two lists of operations at one revision.

All comparisons, of nested transactions too, look at the state before the transaction; so do the
checks of what it would put. Only then does it write, and nothing can stop it any more.
"""

from dataclasses import dataclass

from kcore.errors import InvariantError
from kcore.store.etcd import writes
from kcore.store.etcd.compare import all_hold
from kcore.store.etcd.errors import COMPACTED, FUTURE_REVISION, EtcdError
from kcore.store.etcd.keyspace import Keyspace
from kcore.store.etcd.lease import Lessor
from kcore.store.etcd.messages import (
    DeleteRangeRequest,
    PutRequest,
    RangeRequest,
    Request,
    Response,
    ResponseHeader,
    TxnRequest,
    TxnResponse,
)
from kcore.store.etcd.ranges import read_range


@dataclass(frozen=True, slots=True)
class Branch:
    """The operations a transaction is going to run."""

    succeeded: bool
    operations: tuple["RangeRequest | PutRequest | DeleteRangeRequest | Branch", ...]


def is_read_only(request: TxnRequest) -> bool:
    """Whether the transaction can only read; one with nested transactions counts as writing."""
    return all(isinstance(one, RangeRequest) for one in (*request.success, *request.failure))


def choose(keyspace: Keyspace, request: TxnRequest) -> Branch:
    """Compare and say what is to run, in nested transactions too. O(compares * log n)."""
    succeeded = all_hold(keyspace, request.compare)
    chosen = request.success if succeeded else request.failure
    return Branch(succeeded, tuple(_chosen(keyspace, one) for one in chosen))


def _chosen(
    keyspace: Keyspace, operation: Request | None
) -> RangeRequest | PutRequest | DeleteRangeRequest | Branch:
    if operation is None:
        raise InvariantError("an operation that is not given passed the checks")
    return choose(keyspace, operation) if isinstance(operation, TxnRequest) else operation


def require(keyspace: Keyspace, lessor: Lessor, branch: Branch) -> None:
    """Refuse what cannot be done before anything is done.

    Raises:
        EtcdError: a revision that cannot be read, a lease or key that is not there.
    """
    for operation in branch.operations:
        match operation:
            case RangeRequest():
                _require_revision(keyspace, operation.revision)
            case PutRequest():
                writes.require_put(keyspace, lessor, operation)
            case Branch():
                require(keyspace, lessor, operation)


def _require_revision(keyspace: Keyspace, revision: int) -> None:
    if revision > keyspace.revision:
        raise EtcdError(FUTURE_REVISION)
    # Negative revisions read the present, but upstream compares them here nevertheless.
    if revision != 0 and revision < keyspace.first_revision:
        raise EtcdError(COMPACTED)


def run(keyspace: Keyspace, branch: Branch) -> TxnResponse:
    """Run a branch that `require` let pass; all writes get the next revision."""
    answer = _run(keyspace, branch, keyspace.revision + 1)
    header = ResponseHeader(keyspace.revision)
    return TxnResponse(header, answer.succeeded, answer.responses)


def _run(keyspace: Keyspace, branch: Branch, revision: int) -> TxnResponse:
    responses: list[Response] = []
    for operation in branch.operations:
        match operation:
            case RangeRequest():
                responses.append(read_range(keyspace, operation))
            case PutRequest():
                responses.append(writes.put(keyspace, operation, revision))
            case DeleteRangeRequest():
                responses.append(writes.delete_range(keyspace, operation, revision))
            case Branch():
                responses.append(_run(keyspace, operation, revision))
    return TxnResponse(ResponseHeader(), branch.succeeded, tuple(responses))
