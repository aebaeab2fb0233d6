"""Compare, then write: the words of etcd's transactions.

store.txn(
    [Compare("pods", "default/a", "version", "=", 0)],
    then=[Put("pods", "default/a", value)],
    otherwise=[Get("pods", "default/a")],
)
"""

from collections.abc import Sequence

from kcore.limits import TXN_OPERATIONS_COUNT_MAX
from kcore.store.history import Compare, Delete, Get, Put, TxnResult
from kcore.store.revision import StoreError

Operation = Put | Delete | Get

__all__ = [
    "Compare",
    "Delete",
    "Get",
    "Operation",
    "Put",
    "TxnError",
    "TxnResult",
    "check_operations",
]


class TxnError(StoreError):
    """The transaction is refused as a whole; the text is etcd's."""


def check_operations(
    compares: Sequence[Compare], then: Sequence[Operation], otherwise: Sequence[Operation]
) -> None:
    """Refuse what etcd refuses before it runs anything.

    Raises:
        TxnError: too many operations, or a key written by a put and another write.
    """
    if max(len(compares), len(then), len(otherwise)) > TXN_OPERATIONS_COUNT_MAX:
        raise TxnError("etcdserver: too many operations in txn request")
    for branch in (then, otherwise):
        if len(branch) > 1:
            _check_written_once(branch)


def _check_written_once(branch: Sequence[Operation]) -> None:
    put_before: dict[tuple[str, str], bool] = {}
    for operation in branch:
        if isinstance(operation, Get):
            continue
        where = (operation.bucket, operation.key)
        is_put = not isinstance(operation, Delete)
        # Two deletions of one key are one deletion; anything else would need two events.
        if where in put_before and (is_put or put_before[where]):
            raise TxnError("etcdserver: duplicate key given in txn request")
        put_before[where] = is_put
