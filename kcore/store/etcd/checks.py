"""What etcd refuses before it looks into the store: empty keys, odd flags, too many operations.

A transaction may write a key once: two puts of it are refused, and a put of what an operation
before or beside it deletes, in nested transactions too. The two branches of one transaction
exclude each other, so both may put the same key. (A put in one nested transaction and a deletion
in a later one are let through; upstream does so as well.)
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from kcore.store.etcd import errors
from kcore.store.etcd.errors import EtcdError
from kcore.store.etcd.messages import (
    DeleteRangeRequest,
    PutRequest,
    RangeRequest,
    Request,
    SortOrder,
    SortTarget,
    TxnRequest,
)


def check_range(request: RangeRequest) -> None:
    """Refuse a range without key or with an unknown order."""
    if not request.key:
        raise EtcdError(errors.EMPTY_KEY)
    if not SortOrder.NONE <= request.sort_order <= SortOrder.DESCEND:
        raise EtcdError(errors.INVALID_SORT)
    if not SortTarget.KEY <= request.sort_target <= SortTarget.VALUE:
        raise EtcdError(errors.INVALID_SORT)


def is_key_order(request: RangeRequest) -> bool:
    """Whether upstream takes the range as it lies, in the order of keys.

    An order of NONE counts even with another target: the limit then applies before sorting.
    """
    if request.sort_order == SortOrder.NONE:
        return True
    return request.sort_target == SortTarget.KEY and request.sort_order == SortOrder.ASCEND


def is_filtered(request: RangeRequest) -> bool:
    """Whether the range has bounds on revisions."""
    bounds = (
        request.min_mod_revision,
        request.max_mod_revision,
        request.min_create_revision,
        request.max_create_revision,
    )
    return any(bounds)


def check_range_stream(request: RangeRequest) -> None:
    """Refuse what a streamed range cannot do."""
    check_range(request)
    if not is_key_order(request):
        raise EtcdError(errors.STREAM_SORTED)
    if is_filtered(request):
        raise EtcdError(errors.STREAM_FILTERED)


def check_put(request: PutRequest) -> None:
    """Refuse a put without key, or with a value or lease that it also wants to keep."""
    if not request.key:
        raise EtcdError(errors.EMPTY_KEY)
    if request.ignore_value and request.value:
        raise EtcdError(errors.VALUE_PROVIDED)
    if request.ignore_lease and request.lease:
        raise EtcdError(errors.LEASE_PROVIDED)


def check_delete_range(request: DeleteRangeRequest) -> None:
    """Refuse a deletion without key."""
    if not request.key:
        raise EtcdError(errors.EMPTY_KEY)


def check_txn(request: TxnRequest, operations_count_max: int) -> None:
    """Refuse malformed operations, too many of them, and keys written twice."""
    _check_txn_shape(request, operations_count_max)
    _Writes().add(request.success)
    _Writes().add(request.failure)


def _check_txn_shape(request: TxnRequest, operations_count_max: int) -> None:
    count = max(len(request.compare), len(request.success), len(request.failure))
    if count > operations_count_max:
        raise EtcdError(errors.TOO_MANY_OPERATIONS)
    if not all(compare.key for compare in request.compare):
        raise EtcdError(errors.EMPTY_KEY)
    for operation in (*request.success, *request.failure):
        _check_operation(operation, operations_count_max - count)


def _check_operation(operation: Request | None, operations_count_max: int) -> None:
    match operation:
        case None:
            raise EtcdError(errors.KEY_NOT_FOUND)
        case RangeRequest():
            check_range(operation)
        case PutRequest():
            check_put(operation)
        case DeleteRangeRequest():
            check_delete_range(operation)
        case TxnRequest():
            _check_txn_shape(operation, operations_count_max)


@dataclass(slots=True)
class _Writes:
    """What one list of operations and the transactions in it put and delete."""

    # A dict for a set with an order.
    puts: dict[bytes, None] = field(default_factory=dict)
    deletions: list[DeleteRangeRequest] = field(default_factory=list)

    def add(self, operations: Sequence[Request | None]) -> None:
        """Deletions first, then nested transactions, then puts, in upstream's order."""
        self.deletions.extend(one for one in operations if isinstance(one, DeleteRangeRequest))
        for operation in operations:
            if isinstance(operation, TxnRequest):
                self._add_nested(operation)
        for operation in operations:
            if isinstance(operation, PutRequest):
                self._put(operation.key)

    def _add_nested(self, nested: TxnRequest) -> None:
        branches = (_Writes(), _Writes())
        branches[0].add(nested.success)
        branches[1].add(nested.failure)
        for key in branches[0].puts:
            self._put(key)
        for key in branches[1].puts:
            # Put by the other branch of the same transaction: only one of the two will run.
            if key in branches[0].puts:
                self._refuse_deleted(key)
            else:
                self._put(key)
        for branch in branches:
            self.deletions.extend(branch.deletions)

    def _put(self, key: bytes) -> None:
        if key in self.puts:
            raise EtcdError(errors.DUPLICATE_KEY)
        self._refuse_deleted(key)
        self.puts[key] = None

    def _refuse_deleted(self, key: bytes) -> None:
        for one in self.deletions:
            # A NUL has no meaning here: upstream's check does not know it either.
            if one.key <= key < (one.range_end or one.key + b"\x00"):
                raise EtcdError(errors.DUPLICATE_KEY)
