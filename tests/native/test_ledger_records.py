"""Entries and events are immutable records that compare, print, unpack and travel."""

import pickle

import pytest

from tests.native.conftest import ledger_pair
from tests.native.giving_back import assert_everything_is_given_back

_testcapi = pytest.importorskip("_testcapi", reason="this Python cannot fail allocations on demand")


@pytest.fixture(params=["twin", "compiled"])
def kernels(request):
    return ledger_pair(request.param)


def test_fields_by_place_and_by_name(kernels):
    entry = kernels.ledger.Entry("a", {"x": 1}, 2, 3, 4)
    named = kernels.ledger.Entry(
        key="a", value={"x": 1}, create_revision=2, mod_revision=3, version=4
    )
    assert entry == named
    assert tuple(entry) == ("a", {"x": 1}, 2, 3, 4)
    assert entry.version == 4
    event = kernels.ledger.Event(5, "a", None, entry)
    assert event == kernels.ledger.Event(revision=5, key="a", current=None, previous=named)
    assert (event.value, event.create_revision, event.key) == (None, 2, "a")
    assert kernels.ledger.Event(5, "a", entry, None).value == {"x": 1}


def test_differences_show(kernels):
    make = kernels.ledger.Entry
    entries = [make("a", 1, 2, 3, 4), make("b", 1, 2, 3, 4), make("a", 0, 2, 3, 4)]
    entries += [make("a", 1, 1, 3, 4), make("a", 1, 2, 2, 4), make("a", 1, 2, 3, 3)]
    assert all(one != other for one in entries for other in entries if one is not other)
    assert len({*entries, make("a", 1, 2, 3, 4)}) == 6
    event = kernels.ledger.Event
    assert event(5, "a", entries[0], None) != event(5, "a", None, entries[0])
    assert hash(event(5, "a", entries[0], None)) == hash(event(5, "a", entries[0], None))


def test_print_and_travel(kernels):
    entry = kernels.ledger.Entry("a", 1, 2, 3, 4)
    event = kernels.ledger.Event(3, "a", entry, None)
    text = "Entry(key='a', value=1, create_revision=2, mod_revision=3, version=4)"
    assert repr(entry) == text
    assert repr(event) == f"Event(revision=3, key='a', current={text}, previous=None)"
    assert pickle.loads(pickle.dumps(event)) == event


def test_nothing_can_be_changed(kernels):
    entry = kernels.ledger.Entry("a", 1, 2, 3, 4)
    for record, name in ((entry, "key"), (entry, "version"), (entry, "other")):
        with pytest.raises(AttributeError):
            setattr(record, name, 1)
    with pytest.raises(AttributeError):
        kernels.ledger.Event(3, "a", entry, None).current = None


def test_wrong_calls():
    kernels = ledger_pair("compiled")
    tree, log = kernels.btree.BTree(), kernels.ledger.Log(10)
    put, delete = kernels.ledger.put, kernels.ledger.delete
    for attempt in (
        lambda: put(tree, log, "a", 1, 2),
        lambda: put(log, tree, "a", 1, 2, None),
        lambda: put(tree, log, b"a", 1, 2, None),
        lambda: put(tree, log, "a", 1, "2", None),
        lambda: put(tree, log, "a", 1, 2, "0"),
        lambda: delete(tree, log, "a", 2),
        lambda: kernels.ledger.Event(1, "a", 1, None),
        lambda: log.append(1),
        lambda: log.get("a"),
        kernels.ledger.Log,
    ):
        with pytest.raises(TypeError):
            attempt()
    foreign = kernels.btree.BTree()
    foreign.set("a", 1)
    for attempt in (
        lambda: put(foreign, log, "a", 1, 2, None),
        lambda: delete(foreign.copy(), log, "a", 2, None),
    ):
        foreign.set("a", 1)
        with pytest.raises(TypeError, match="holds entries"):
            attempt()
    assert put(tree, log, "a", 1, 2, -1) is None
    with pytest.raises(ValueError, match="current or a previous"):
        kernels.ledger.Event(1, "a", None, None)
    with pytest.raises(IndexError, match=r"event 0 is not in \[0, 0\)"):
        log.get(0)


def cycle(kernels, values):
    tree, log = kernels.btree.BTree(), kernels.ledger.Log(700)
    for number in range(1_500):
        kernels.ledger.put(tree, log, f"{number % 50}", values[number % 3], number, None)
        if number % 5 == 0:
            kernels.ledger.delete(tree, log, f"{number % 40}", number, None)
        if number % 300 == 0:
            fork, copy = tree.copy(), log.copy()
            kernels.ledger.put(fork, copy, "fork", values[0], number, None)
    log.compact(1_200)
    log.since(0)
    log.first_of("7", 0)


def test_everything_is_given_back():
    kernels = ledger_pair("compiled")
    values = [object(), object(), object()]
    assert_everything_is_given_back(lambda: cycle(kernels, values), values)


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("is_forked", [False, True])
def test_every_failing_allocation(is_forked):
    """Either both are written or neither is."""
    kernels = ledger_pair("compiled")
    tree, log = kernels.btree.BTree(), kernels.ledger.Log(10_000)
    failures = 0
    for number in range(600):
        others = (tree.copy(), log.copy()) if is_forked else None
        before = (list(tree.items()), log.since(0))
        _testcapi.set_nomemory(number % 9, number % 9 + 1)
        try:
            if number % 3:
                kernels.ledger.put(tree, log, f"{number % 90}", number, number, None)
            else:
                kernels.ledger.delete(tree, log, f"{number % 90}", number, None)
        except MemoryError:
            failures += 1
            _testcapi.remove_mem_hooks()
            assert (list(tree.items()), log.since(0)) == before
        finally:
            _testcapi.remove_mem_hooks()
        log.check_invariants()
        tree.check_invariants()
        if others is not None:
            assert (list(others[0].items()), others[1].since(0)) == before
    assert failures > 0
