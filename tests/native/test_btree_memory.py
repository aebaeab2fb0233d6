"""Memory comes back: nodes, keys and values go when the last tree that sees them goes."""

import gc
import sys
import weakref

import pytest
from hypothesis import settings

CYCLES_COUNT = 10_000_000 if settings.get_current_profile_name() == "deep" else 50_000
COUNT = 1_000


class Value:
    """Something whose end can be watched."""


@pytest.fixture
def live(compiled_btree):
    """The nodes and epochs there are beyond those of other tests."""
    gc.collect()
    nodes, epochs = compiled_btree._live()

    def count():
        now = compiled_btree._live()
        return now[0] - nodes, now[1] - epochs

    return count


def filled(kernel, count=COUNT):
    return kernel.BTree.load((f"{number:05d}", number) for number in range(count))


def test_an_empty_tree_has_no_nodes(compiled_btree, live):
    trees = [compiled_btree.BTree().copy() for _ in range(3)]
    assert live() == (0, 0)
    assert [len(tree) for tree in trees] == [0, 0, 0]


@pytest.mark.parametrize("stride", [1, 7_919])
@pytest.mark.parametrize(
    "name", ["ns-{0:05d}/pod-{1:08d}", "team-{0:05d}/web-{2}-7d4f9c8b6d-{1:05d}"]
)
def test_an_entry_takes_at_most_50_bytes(compiled_btree, name, stride):
    """Sorted or not; `__sizeof__` leaves out what malloc rounds up, 2 to 5 bytes an entry."""
    tree, count = compiled_btree.BTree(), 50_000
    for number in range(count):
        place = number * stride % count
        tree.set(name.format(place // 500, place, place // 50), None)
    assert len(tree) == count
    assert sys.getsizeof(tree) / count < 45


def test_a_dropped_tree_leaves_nothing(compiled_btree, live):
    tree = filled(compiled_btree)
    assert live()[0] > COUNT / 64
    del tree
    assert live() == (0, 0)


def test_copies_die_in_any_order(compiled_btree, live):
    for order in (1, -1, 7):
        copies = [filled(compiled_btree)]
        for number in range(100):
            copies.append(copies[number // 2].copy())
            copies[-1].set(f"{number * 7:05d}", -1)
            copies[number // 3].pop(f"{number * 7 + 3:05d}")
        places = sorted(range(101), key=lambda place: place * order % 101)
        for place in places:
            copies[place].check_invariants()
            copies[place] = None
        assert live() == (0, 0)


def test_writes_are_in_place_again_when_a_snapshot_has_gone(compiled_btree, live):
    tree = filled(compiled_btree)
    nodes = live()[0]
    snapshot = tree.copy()
    tree.set("00500", -1)
    assert live() == (nodes + 2, 2)
    assert tree.node_counts() == (nodes, 2)
    del snapshot
    assert live() == (nodes, 1)
    assert tree.node_counts() == (nodes, nodes)


def test_a_snapshot_that_nobody_wrote_beside_costs_nothing(compiled_btree, live):
    tree = filled(compiled_btree)
    before = live()
    snapshots = [tree.copy() for _ in range(100)]
    assert live() == before
    del snapshots
    tree.set("00500", -1)
    assert live() == before


def test_dropping_many_snapshots_newest_first_is_cheap(compiled_btree, live):
    tree = filled(compiled_btree, 5_000)
    oldest = tree.copy()
    snapshots = []
    for number in range(3_000):
        tree.set(f"{number:05d}", -1)
        snapshots.append(tree.copy())
    while snapshots:
        snapshots.pop()
        tree.set("00000", len(snapshots))
    assert live()[0] <= sum(tree.node_counts()[:1]) + oldest.node_counts()[0]


def test_values_are_counted_once_per_life(compiled_btree):
    value, other = Value(), Value()
    before = sys.getrefcount(value)
    tree = compiled_btree.BTree()
    tree.set("a", value)
    copies = [tree.copy() for _ in range(10)]
    tree.set("b", other)
    assert sys.getrefcount(value) == before + 1
    assert tree.set("a", other) is value
    assert sys.getrefcount(value) == before + 1
    del copies
    assert sys.getrefcount(value) == before
    assert tree.pop("a") is other


@pytest.mark.parametrize("is_tree_first", [False, True])
@pytest.mark.parametrize("count", [300, 9_000])
def test_keys_are_counted_too(compiled_btree, count, is_tree_first):
    """Separators of inner nodes count their keys as well, wherever splits and joins move them."""
    keys = [f"key-{number:05d}" for number in range(count)]
    before = [sys.getrefcount(key) for key in keys]
    tree = compiled_btree.BTree()
    for key in keys[::2]:
        tree.set(key, 1)
    copy = tree.copy()
    for key in keys:
        copy.set(key, 2)
    later = copy.copy()
    for number, key in enumerate(keys):
        if number % 50:
            copy.pop(key)
            if number % 2 == 0:
                tree.pop(key)
    for one in (tree, copy, later):
        one.check_invariants()
    if is_tree_first:
        del tree, one, later, copy, key
    else:
        del copy, one, later, tree, key
    assert [sys.getrefcount(key) for key in keys] == before


def test_a_cursor_keeps_what_it_reads(compiled_btree, live):
    tree = filled(compiled_btree)
    cursor = tree.values()
    assert next(cursor) == 0
    for number in range(COUNT):
        tree.pop(f"{number:05d}")
    assert list(cursor) == list(range(1, COUNT))
    assert live() == (1, 1)
    del tree
    assert live() == (0, 0)


def test_an_abandoned_cursor_lets_go(compiled_btree, live):
    tree = filled(compiled_btree)
    cursor = tree.items()
    next(cursor)
    tree.set("00001", -1)
    assert live()[1] == 2
    del cursor
    assert live()[1] == 1


def test_cycles_through_trees_are_collected(compiled_btree, live):
    ends = []
    for is_shared in (False, True):
        tree = compiled_btree.BTree()
        values = [Value() for _ in range(200)]
        for number, value in enumerate(values):
            value.tree = tree
            tree.set(f"{number:03d}", value)
        ends.append(weakref.ref(values[100]))
        if is_shared:
            fork = tree.copy()
            fork.set("000", fork)
            values[3].cursor = fork.values()
            next(values[3].cursor)
        del tree, values, value
        fork = None
    gc.collect()
    assert [end() for end in ends] == [None, None]
    assert live() == (0, 0)


def test_what_a_fork_still_sees_is_not_collected(compiled_btree):
    tree = compiled_btree.BTree()
    for number in range(200):
        value = Value()
        value.tree = tree
        tree.set(f"{number:03d}", value)
    fork = tree.copy()
    for number in range(200):
        tree.set(f"{number:03d}", [tree])
    del tree, value
    gc.collect()
    fork.check_invariants()
    assert all(type(value) is Value for value in fork.values())
    assert fork.get("007").tree.get("007")[0] is fork.get("007").tree


def test_a_tree_of_plain_values_costs_the_collector_nothing(compiled_btree):
    tree = filled(compiled_btree)
    assert not gc.is_tracked(tree)
    assert not gc.is_tracked(tree.copy())
    tree.set("x", [])
    assert gc.is_tracked(tree)
    assert gc.is_tracked(tree.copy())


def test_fork_put_drop_leaves_nothing(compiled_btree):
    tree = filled(compiled_btree)
    before = None
    for number in range(CYCLES_COUNT):
        fork = tree.copy()
        fork.set(f"{number % COUNT:05d}", number)
        tree.set(f"{number * 7 % COUNT:05d}", number)
        if number % 2:
            fork.pop(f"{number * 3 % COUNT:05d}")
        del fork
        if number == COUNT:
            before = (compiled_btree._live(), sys.getallocatedblocks())
    tree.check_invariants()
    assert compiled_btree._live() == before[0]
    # The kernel keeps some hundred heap nodes for its next dead, and others in this process take
    # and give blocks, too; a leak would be of at least one a cycle.
    assert abs(sys.getallocatedblocks() - before[1]) < CYCLES_COUNT // 10
