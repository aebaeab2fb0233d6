"""etcd's rules for transactions beyond compare-and-swap."""

import pytest

from kcore.limits import TXN_OPERATIONS_COUNT_MAX
from kcore.machinery.frozen import freeze
from kcore.store.mvcc import Store
from kcore.store.txn import Compare, Delete, Get, Put, TxnError

ONE, TWO = freeze({"n": 1}), freeze({"n": 2})


@pytest.fixture
def store():
    store = Store()
    store.put("pods", "a", ONE)
    store.put("pods", "a", ONE)
    return store


@pytest.mark.parametrize(
    "writes",
    [
        [Put("pods", "x", ONE), Put("pods", "x", TWO)],
        [Put("pods", "x", ONE), Delete("pods", "x")],
        [Delete("pods", "x"), Put("pods", "x", ONE)],
    ],
)
@pytest.mark.parametrize("branch", ["then", "otherwise"])
def test_a_key_is_written_once(store, writes, branch):
    branches = {"then": [], "otherwise": []} | {branch: writes}
    with pytest.raises(TxnError, match=r"^etcdserver: duplicate key given in txn request$"):
        store.txn([], branches["then"], branches["otherwise"])

    assert store.revision == 3


def test_the_same_key_in_two_buckets_or_deleted_twice_is_fine(store):
    result = store.txn([], [Put("nodes", "a", ONE), Delete("pods", "a"), Delete("pods", "a")])

    assert [response and response.value for response in result.responses] == [ONE, ONE, None]
    assert store.revision == result.revision == 4


def test_too_many_operations(store):
    writes = [Put("pods", str(n), ONE) for n in range(TXN_OPERATIONS_COUNT_MAX + 1)]
    with pytest.raises(TxnError, match=r"^etcdserver: too many operations in txn request$"):
        store.txn([], writes)

    assert store.txn([], writes[:-1]).succeeded


def test_a_txn_that_changes_nothing_takes_no_revision(store):
    result = store.txn([], [Get("pods", "a"), Delete("pods", "absent")])

    assert result.revision == store.revision == 3


def test_all_writes_of_a_txn_share_one_revision(store):
    cursor = store.watch("pods")
    store.txn([], [Put("pods", "b", ONE), Put("pods", "c", ONE)])

    assert [cursor.next().revision, cursor.next().revision, cursor.next()] == [4, 4, None]


@pytest.mark.parametrize(
    ("compare", "holds"),
    [
        (Compare("pods", "a", "version", "=", 2), True),
        (Compare("pods", "a", "version", ">", 2), False),
        (Compare("pods", "a", "create", "<", 3), True),
        (Compare("pods", "a", "create", "=", 2), True),
        (Compare("pods", "a", "mod", "=", 3), True),
        (Compare("pods", "a", "mod", "!=", 3), False),
        (Compare("pods", "a", "value", "=", ONE), True),
        (Compare("pods", "a", "value", "!=", ONE), False),
        (Compare("pods", "a", "value", "!=", TWO), True),
        (Compare("pods", "absent", "version", "=", 0), True),
        (Compare("pods", "absent", "mod", ">", 0), False),
        (Compare("pods", "absent", "value", "!=", ONE), False),
    ],
)
def test_comparisons(store, compare, holds):
    assert store.txn([compare], []).succeeded is holds
