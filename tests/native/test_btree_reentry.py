"""Values run code as they go, and the collector at any allocation: the tree is whole by then."""

import gc

import pytest


class Loud:
    """Does something when it goes."""

    def __init__(self, action):
        self.action = action

    def __del__(self):
        self.action()


def filled(kernel, value, count=300):
    tree = kernel.BTree()
    for number in range(count):
        tree.set(f"{number:04d}", value())
    return tree


@pytest.mark.parametrize("is_forked", [False, True])
def test_values_write_to_their_tree_as_they_go(btree, is_forked):
    heard = []

    def act():
        if not others:
            return
        number = len(heard)
        heard.append(number)
        others[0].set(f"{number * 5 % 400:04d}", number)
        if number % 3 == 0:
            others.append(others[0].copy())
        if len(others) > 3:
            del others[1]
        others[0].check_invariants()

    others = [btree.BTree()]
    tree = filled(btree, lambda: Loud(act))
    others[0] = tree.copy() if is_forked else tree
    if is_forked:
        for number in range(300):
            others[0].set(f"{number:04d}", 2)
    for number in range(0, 300, 2):
        tree.set(f"{number:04d}", 1)
    for number in range(1, 300, 4):
        if tree.get(f"{number:04d}") is not None:
            tree.pop(f"{number:04d}")
    tree.check_invariants()
    del tree
    del others[1:]
    gc.collect()
    others[0].check_invariants()
    others.clear()
    assert heard


def test_dying_trees_take_their_relatives_along(btree):
    trees = []
    root = filled(btree, lambda: Loud(lambda: trees and trees.pop()))
    trees += [root.copy() for _ in range(100)]
    for number, tree in enumerate(list(trees)):
        tree.set(f"{number:04d}", Loud(lambda: trees and trees.pop(0)))
        tree.pop(f"{number + 100:04d}")
    del root, tree
    while trees:
        trees.pop()
    gc.collect()
    assert trees == []


def test_trees_in_trees_in_trees_go_without_a_deep_stack(btree):
    tree = btree.BTree()
    for _ in range(100_000):
        outer = btree.BTree()
        outer.set("inner", tree)
        tree = outer
    del tree, outer


def test_the_collector_writes_while_the_tree_allocates(compiled_btree):
    tree = filled(compiled_btree, list)
    wrote = []

    class Writer:
        def __del__(self):
            if not wrote or wrote[-1] < 400:
                wrote.append(len(wrote))
                tree.set(f"{len(wrote) * 11 % 500:04d}", [])

    threshold = gc.get_threshold()
    gc.set_threshold(1)
    try:
        for number in range(400):
            knot = Writer()
            knot.self = knot
            del knot
            snapshot = tree.copy()
            tree.set(f"{number % 500:04d}", [number])
            list(snapshot.values("0100", "0200"))
            tree.page("0100", "", 50)
            list(tree.runs("0100", "0300"))
            if tree.get(f"{number:04d}") is not None:
                tree.pop(f"{number:04d}")
            snapshot.check_invariants()
            tree.check_invariants()
    finally:
        gc.set_threshold(*threshold)
    assert wrote
