"""The words of transactions, and when a comparison holds: a part of the twin of `ledger`."""

from collections.abc import Callable, Mapping
from operator import attrgetter, eq, gt, lt, ne
from typing import Any, Final, Generic, Literal, NamedTuple, TypeVar

from kcore._native.reference.ledger_log import Entry

V = TypeVar("V")

Target = Literal["version", "create", "mod", "value"]
Relation = Literal["=", "!=", ">", "<"]

_NUMBERS: Final[Mapping[str, Callable[[Entry[Any]], int]]] = {
    "version": attrgetter("version"),
    "create": attrgetter("create_revision"),
    "mod": attrgetter("mod_revision"),
}
_RELATIONS: Final[Mapping[str, Callable[[Any, Any], bool]]] = {"=": eq, "!=": ne, ">": gt, "<": lt}


class Compare(NamedTuple, Generic[V]):
    """One condition. An absent key has version, create and mod revision 0.

    Values know only `=` and `!=`; comparing the value of an absent key never holds, as in etcd.
    """

    bucket: str
    key: str
    target: Target
    relation: Relation
    operand: int | V


class Put(NamedTuple, Generic[V]):
    """Write a key; the response is its new entry."""

    bucket: str
    key: str
    value: V


class Delete(NamedTuple):
    """Delete a key if it is there; the response is what it held."""

    bucket: str
    key: str


class Get(NamedTuple):
    """Read a key; it sees what the transaction wrote before."""

    bucket: str
    key: str


class TxnResult(NamedTuple, Generic[V]):
    """`responses[i]` answers operation i of the branch that ran."""

    succeeded: bool
    revision: int
    responses: tuple[Entry[V] | None, ...]


def holds(compare: Compare[V], entry: Entry[V] | None) -> bool:
    """Whether the condition is true of what the key holds."""
    if compare.target == "value":
        if entry is None:
            return False
        equal = entry.value == compare.operand
        return equal if compare.relation == "=" else compare.relation == "!=" and not equal
    found = 0 if entry is None else _NUMBERS[compare.target](entry)
    return bool(_RELATIONS[compare.relation](found, compare.operand))
