"""Whichever allocation fails, the compiled tree raises MemoryError and keeps its content."""

import pytest

_testcapi = pytest.importorskip("_testcapi", reason="this Python cannot fail allocations on demand")

COUNT = 1_100


def name(number):
    """Long, so that what separates two is a text of its own."""
    return f"{number:05d}/of-a-workload"


def operations(tree, number):
    return {
        "set": lambda: tree.set(name(number * 37 % COUNT) + "x", number),
        "set again": lambda: tree.set(name(number * 37 % COUNT), number),
        "append": lambda: tree.set(name(90_000 + number), number),
        "pop": lambda: tree.pop(name(number)),
        "copy": tree.copy,
        "items": lambda: list(tree.items("00100", "00300")),
        "page": lambda: tree.page("00100", "", 300, reverse=True),
        "runs": lambda: list(tree.runs()),
        "load": lambda: type(tree).load([(name(key), key) for key in range(200)]),
    }


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("is_pinned", [False, True])
@pytest.mark.parametrize(
    "operation_name", ["set", "set again", "append", "pop", "copy", "items", "page", "runs", "load"]
)
def test_every_failing_allocation(compiled_btree, operation_name, is_pinned):
    live = compiled_btree._live()
    tree = compiled_btree.BTree.load((name(key), key) for key in range(COUNT))
    failures = 0
    for number in range(200):
        snapshot = tree.copy() if is_pinned else None
        before = list(tree.items())
        operation = operations(tree, number)[operation_name]
        start = number % 12
        _testcapi.set_nomemory(start, start + 1)
        try:
            operation()
        except MemoryError:
            failures += 1
            _testcapi.remove_mem_hooks()
            assert list(tree.items()) == before
        finally:
            _testcapi.remove_mem_hooks()
        tree.check_invariants()
        if snapshot is not None:
            assert list(snapshot.items()) == before
            snapshot.check_invariants()
    assert failures > 0
    del tree, snapshot, operation
    assert compiled_btree._live() == live


@pytest.mark.usefixtures("no_collector")
def test_the_first_write_fails(compiled_btree):
    live = compiled_btree._live()
    for start in range(4):
        tree = compiled_btree.BTree()
        _testcapi.set_nomemory(start, start + 1)
        try:
            tree.set("a", 1)
        except MemoryError:
            pass
        finally:
            _testcapi.remove_mem_hooks()
        assert len(tree) in {0, 1}
        tree.check_invariants()
    del tree
    assert compiled_btree._live() == live
