"""The store's calls answer, refuse and write the same over both kernels."""

import gc
import pickle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.native.conftest import ledger_pair
from tests.native.giving_back import assert_everything_is_given_back
from tests.native.small_store import RefusedError, plain, small_store, state_of

_testcapi = pytest.importorskip("_testcapi", reason="this Python cannot fail allocations on demand")

EXAMPLES_COUNT = 2_000 if settings.get_current_profile_name() == "deep" else 150

BUCKETS = st.sampled_from(["pods", "nodes", "indexed pods"])
KEYS = st.sampled_from(["a", "b", "c", "é", ""])
NUMBERS = st.integers(-1, 9)
COMPARES = st.tuples(
    st.just("Compare"),
    BUCKETS,
    KEYS,
    st.sampled_from(["version", "create", "mod", "value", "".join(["m", "od"]), "lease"]),
    st.sampled_from(["=", "!=", ">", "<", "≥"]),
    NUMBERS | st.just("text") | st.just(2**70),
)
OPERATIONS = st.one_of(
    st.tuples(st.just("Put"), BUCKETS, KEYS, NUMBERS),
    st.tuples(st.just("Delete"), BUCKETS, KEYS),
    st.tuples(st.just("Get"), BUCKETS, KEYS),
)
BRANCHES = st.lists(OPERATIONS, max_size=5)
CALLS = st.one_of(
    st.tuples(st.just("get"), BUCKETS, KEYS, st.none() | NUMBERS),
    st.tuples(st.just("value"), BUCKETS, KEYS),
    st.tuples(st.just("view"), BUCKETS, st.none() | NUMBERS),
    st.tuples(st.just("last_change"), BUCKETS),
    st.tuples(st.just("is_unchanged"), st.dictionaries(BUCKETS, NUMBERS) | st.none()),
    st.tuples(st.just("put"), BUCKETS, KEYS, NUMBERS, st.none() | NUMBERS),
    st.tuples(st.just("delete"), BUCKETS, KEYS, st.none() | NUMBERS),
    st.tuples(st.just("txn"), st.lists(COMPARES, max_size=2), BRANCHES, BRANCHES),
    st.tuples(st.just("fork"), st.booleans()),
)


def answer_of(ledger, store, call):
    """What a call answers or raises."""

    def words(parts):
        return [getattr(ledger, one[0])(*one[1:]) for one in parts]

    name, *rest = call
    try:
        if name == "put":
            return plain(store.put(*rest[:3], expect=rest[3]))
        if name == "delete":
            bucket, key, expect = rest
            found = store._writable(bucket).delete(key, store._revision + 1, expect)
            store._revision += found is not None
            return plain(found)
        if name == "txn":
            return plain(store.txn(*map(words, rest)))
        assert store.next_revision == store.revision + 1 == store._revision + 1
        return plain(getattr(store, name)(*rest))
    except (KeyError, TypeError, RuntimeError, RefusedError) as error:
        texts = () if isinstance(error, TypeError) else error.args
        return type(error), texts


@given(st.lists(CALLS, max_size=30))
@settings(max_examples=EXAMPLES_COUNT, deadline=None)
def test_both_do_the_same(calls):
    pairs = [ledger_pair("twin"), ledger_pair("compiled")]
    stores = [small_store(kernels) for kernels in pairs]
    others = []
    for call in calls:
        if call[0] == "fork":
            twins = [store.fork(None) for store in stores]
            others.append((stores, [state_of(store) for store in stores]) if call[1] else None)
            stores = twins
            continue
        answers = [
            answer_of(kernels.ledger, store, call)
            for kernels, store in zip(pairs, stores, strict=True)
        ]
        assert answers[0] == answers[1], call
        assert state_of(stores[0]) == state_of(stores[1])
    for kept, before in filter(None, others):
        assert [state_of(store) for store in kept] == before


@pytest.fixture(params=["twin", "compiled"])
def kernels(request):
    return ledger_pair(request.param)


def test_arguments_by_name(kernels):
    store, ledger = small_store(kernels), kernels.ledger
    store.put(bucket="pods", key="a", value=1, expect=0)
    assert store.get(key="a", bucket="pods").value == 1
    assert store.get("pods", "a", revision=9) == ("past", "pods", "a", 9)
    same = ledger.Compare(bucket="pods", key="a", target="mod", relation="=", operand=2)
    result = store.txn([same], then=(), otherwise=[ledger.Get("pods", "a")])
    assert (result.succeeded, result.revision, result.responses) == (True, 2, ())
    assert store.txn(compares=[], then=[ledger.Put("pods", key="b", value=2)]).revision == 3


def test_the_history_of_a_bucket(kernels):
    store = small_store(kernels)
    store.put("pods", "a", 1)
    assert store.history("pods") is store._buckets["pods"].history
    with pytest.raises(KeyError, match="nodes"):
        store.history("nodes")


def test_a_view_is_made_once_a_revision(kernels):
    store = small_store(kernels)
    store.put("pods", "a", 1)
    first = store.view("pods")
    assert store.view(bucket="pods", revision=None) is first
    assert store.view("pods", 1) is not first
    store.put("nodes", "a", 1)
    second = store.view("pods")
    assert second.revision == store.revision == first.revision + 1
    store._buckets["pods"].now = None
    assert store.view("pods") is not second
    assert store.view("services") is not store.view("services")


def test_the_last_change_of_a_bucket(kernels):
    store = small_store(kernels, count_max=2)
    assert store.last_change("pods") == 0
    for number in range(4):
        store.put("pods", "a", number)
        store.put("nodes", "a", number)
        assert (store.last_change("pods"), store.last_change("nodes")) == (
            store.revision - 1,
            store.revision,
        )
        known = {"pods": store.revision - 1, "nodes": store.revision, "services": 0}
        assert store.is_unchanged(known)
        assert store.is_unchanged({})
        assert not store.is_unchanged({**known, "services": 1})
    fork = store.fork(None)
    fork._writable("pods").history.compact(100)
    assert fork.last_change("pods") == store.last_change("pods") == 8
    assert len(fork.history("pods")) == 0
    fork._revision += 1
    fork._writable("pods").delete("a", fork.revision)
    assert (fork.last_change("pods"), store.last_change("pods")) == (10, 8)
    with pytest.raises(AttributeError):
        store.revision = 1


def test_words_are_records(kernels):
    put = kernels.ledger.Put("pods", "a", 1)
    assert repr(put) == "Put(bucket='pods', key='a', value=1)"
    assert tuple(put) == ("pods", "a", 1)
    assert put == kernels.ledger.Put(value=1, bucket="pods", key="a") != put.__class__("x", "a", 1)
    assert len({put, pickle.loads(pickle.dumps(put))}) == 1
    with pytest.raises(AttributeError):
        put.key = "b"


def test_wrong_calls(kernels):
    store, ledger = small_store(kernels), kernels.ledger
    attempts = [
        lambda: ledger.Put("pods", "a"),
        lambda: ledger.Put("pods", "a", 1, 2),
        lambda: ledger.Put("pods", "a", 1, value=1),
        lambda: ledger.Get("pods", kee="a"),
        lambda: store.put("pods", "a"),
        lambda: store.put("pods", "a", 1, 2),
        lambda: store.put("pods", "a", 1, key="a"),
        lambda: store.put("pods", "a", 1, other=1),
        lambda: store.get("pods"),
        lambda: store.value("pods"),
        lambda: store.value("pods", "a", 1),
        store.view,
        lambda: store.view("pods", None, 1),
        lambda: store.view("pods", name="pods"),
        store.last_change,
        lambda: store.txn([]),
        lambda: store.txn(1, []),
        lambda: store.fork(None, None),
    ]
    for attempt in attempts:
        with pytest.raises(TypeError):
            attempt()
    assert state_of(store) == (1, {})


def test_wrong_parts():
    kernels = ledger_pair("compiled")
    store, ledger = small_store(kernels), kernels.ledger
    with pytest.raises(TypeError, match=r"a Compare is wanted, not .*Put"):
        store.txn([ledger.Put("pods", "a", 1)], [])
    with pytest.raises(TypeError, match=r"a Put, Delete or Get is wanted, not .*Compare"):
        store.txn([], [ledger.Compare("pods", "a", "mod", "=", 1)])
    for key in (1, type("Text", (str,), {})("a")):
        with pytest.raises(TypeError, match="keys are exact str"):
            store.put("pods", key, 1)
    store.put("pods", "a", 1)
    with pytest.raises(TypeError, match="keys are str"):
        store.get("pods", 1)
    held = store._buckets["pods"]
    for part in ("contents", "history"):
        kept = getattr(held, part)
        setattr(held, part, 1)
        with pytest.raises(TypeError, match="of a wrong type"):
            store.put("pods", "a", 1)
        setattr(held, part, kept)
    for now in (1, (), ("a", 1), (2**70, 1)):
        held.now = now
        assert store.view("pods").revision == store.revision
    held.now = (held.history.end, object())
    with pytest.raises(AttributeError, match="revision"):
        store.view("pods")
    store._buckets["pods"] = 1
    with pytest.raises(TypeError, match="a store holds buckets, not int"):
        store.get("pods", "a")
    del store._buckets
    with pytest.raises(TypeError, match="no table of buckets"):
        store.get("pods", "a")


def test_operations_that_change_while_they_run():
    kernels = ledger_pair("compiled")
    store, ledger = small_store(kernels), kernels.ledger
    operations = [ledger.Put("indexed", str(number), number) for number in range(3)]
    store.put("indexed", "a", 1)
    contents = store._buckets["indexed"].contents

    def clearing(value):
        operations.clear()
        return (str(value),)

    contents.indexes = {"clearing": clearing}
    contents.postings = kernels.btree.BTree()
    contents.reindex("a", None, store.get("indexed", "a"))
    operations += [ledger.Put("indexed", str(number), number) for number in range(3)]
    with pytest.raises(RuntimeError, match="operations changed"):
        store.txn([], operations)


def busy(kernels, values):
    store, ledger = small_store(kernels, 50), kernels.ledger
    for number in range(300):
        bucket, key = ("pods", "indexed pods")[number % 2], str(number % 40)
        found = store.get(bucket, key)
        same = ledger.Compare(bucket, key, "mod", "=", found.mod_revision if found else number % 3)
        put, get = ledger.Put(bucket, key, values[number % 3]), ledger.Get(bucket, key)
        store.txn([same], [put], [get, ledger.Delete(bucket, key)])
        repr(put), hash(same)
        if number % 20 == 0:
            store = store.fork(None)


def test_everything_is_given_back():
    kernels = ledger_pair("compiled")
    values = [object(), object(), object()]
    assert_everything_is_given_back(lambda: busy(kernels, values), values)


def test_a_store_in_a_cycle_is_collected():
    kernels = ledger_pair("compiled")
    gc.collect()
    before = kernels.btree._live()
    store = small_store(kernels)
    store.put("pods", "a", 1)
    store._interests = [store]
    del store
    gc.collect()
    assert kernels.btree._live() == before


@pytest.mark.usefixtures("no_collector")
def test_every_failing_allocation():
    """A transaction of one write happens or does not; a fork too."""
    kernels = ledger_pair("compiled")
    store, ledger = small_store(kernels, 10_000), kernels.ledger
    store.put("pods", "0", 0)
    failures = 0
    for number in range(600):
        key, before = str(number % 30), state_of(store)
        same = ledger.Compare("pods", key, "mod", "!=", 10**6)
        put = ledger.Put("pods", key, number)
        other = None
        _testcapi.set_nomemory(number % 12, number % 12 + 1)
        try:
            if number % 5 == 0:
                other = store.fork(None)
            store.txn([same], [put])
        except MemoryError:
            failures += 1
            _testcapi.remove_mem_hooks()
            after = state_of(store)
            # The answer itself may be what there was no room for.
            assert after == before or after[0] == before[0] + 1
        finally:
            _testcapi.remove_mem_hooks()
        if other is not None:
            assert state_of(other) == before
        store._buckets["pods"].contents.entries.check_invariants()
        store._buckets["pods"].history.check_invariants()
    assert failures > 0
