"""Compare, then write: the words of etcd's transactions.

store.txn(
    [Compare("pods", "default/a", "version", "=", 0)],
    then=[Put("pods", "default/a", value)],
    otherwise=[Get("pods", "default/a")],
)
"""

from collections.abc import Callable, Mapping, Sequence
from operator import attrgetter, eq, gt, lt, ne
from typing import Any, Final, Literal, NamedTuple

from kcore.limits import TXN_OPERATIONS_COUNT_MAX
from kcore.machinery.frozen import FrozenMap
from kcore.store.bucket import Bucket
from kcore.store.revision import KeyValue, StoreError

Target = Literal["version", "create", "mod", "value"]
Relation = Literal["=", "!=", ">", "<"]


_NUMBERS: Final[Mapping[str, Callable[[KeyValue], int]]] = {
    "version": attrgetter("version"),
    "create": attrgetter("create_revision"),
    "mod": attrgetter("mod_revision"),
}
_RELATIONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {"=": eq, "!=": ne, ">": gt, "<": lt}


class TxnError(StoreError):
    """The transaction is refused as a whole; the text is etcd's."""


class Compare(NamedTuple):
    """One condition. An absent key has version, create and mod revision 0.

    Values know only `=` and `!=`; comparing the value of an absent key never holds, as in etcd.
    """

    bucket: str
    key: str
    target: Target
    relation: Relation
    operand: int | FrozenMap


class Put(NamedTuple):
    """Write a key; the response is its new entry."""

    bucket: str
    key: str
    value: FrozenMap

    def run(self, held: Bucket, revision: int) -> KeyValue | None:
        """Do it."""
        return held.put(self.key, self.value, revision)


class Delete(NamedTuple):
    """Delete a key if it is there; the response is what it held."""

    bucket: str
    key: str

    def run(self, held: Bucket, revision: int) -> KeyValue | None:
        """Do it."""
        return held.delete(self.key, revision)


class Get(NamedTuple):
    """Read a key; it sees what the transaction wrote before."""

    bucket: str
    key: str

    def run(self, held: Bucket, revision: int) -> KeyValue | None:
        """Do it."""
        return held.contents.get(self.key)


Operation = Put | Delete | Get


class TxnResult(NamedTuple):
    """`responses[i]` answers operation i of the branch that ran."""

    succeeded: bool
    revision: int
    responses: tuple[KeyValue | None, ...]


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
        is_put = isinstance(operation, Put)
        # Two deletions of one key are one deletion; anything else would need two events.
        if where in put_before and (is_put or put_before[where]):
            raise TxnError("etcdserver: duplicate key given in txn request")
        put_before[where] = is_put


def holds(compare: Compare, entry: KeyValue | None) -> bool:
    """Whether the condition is true of what the key holds."""
    if compare.target == "value":
        if entry is None:
            return False
        equal = entry.value == compare.operand
        return equal if compare.relation == "=" else compare.relation == "!=" and not equal
    found = 0 if entry is None else _NUMBERS[compare.target](entry)
    return bool(_RELATIONS[compare.relation](found, compare.operand))
