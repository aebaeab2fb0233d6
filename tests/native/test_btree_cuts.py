"""Nodes are cut where keys part, and what separates them is a text of its own."""

import sys

from hypothesis import given
from hypothesis import strategies as st

from tests.native.giving_back import assert_everything_is_given_back

FAN_OUT = 64
BETWEEN = st.text("abc/-\0é\U0001f600", max_size=12)


def names(count, stride=7_919):
    """Pods as Deployments name them, in no order; `stride`: a prime above `count`."""
    keys = [
        f"team-{number // 300}/web-{number // 50}-7d4f9c8b6d-{number * 7_919 % 90_001:05d}"
        for number in range(count)
    ]
    return [keys[place * stride % count] for place in range(count)]


@given(count=st.integers(1, 2_000), stride=st.sampled_from([2_003, 7_919, 10_007, 104_729]))
def test_every_key_is_on_its_side(compiled_btree, count, stride):
    keys = names(count, stride)
    tree = compiled_btree.BTree()
    for key in keys:
        tree.set(key, key)
    tree.check_invariants()
    assert list(tree.values()) == sorted(keys)
    assert all(tree.get(key) == key for key in keys)


@given(below=BETWEEN, between=st.lists(BETWEEN, min_size=1, max_size=8), above=BETWEEN)
def test_keys_that_come_to_where_a_leaf_was_cut(compiled_btree, below, between, above):
    """A full leaf parts between `a...` and `c...`, and what is inserted lies on either side."""
    tails = [f"{number:03d}-a-tail-that-is-not-needed" for number in range(FAN_OUT // 2)]
    pairs = {
        side + text + tail: tail for side, text in (("a", below), ("c", above)) for tail in tails
    }
    tree = compiled_btree.BTree.load(sorted(pairs.items()))
    for text in between:
        tree.set("b" + text, text)
        pairs["b" + text] = text
        tree.check_invariants()
    assert list(tree.items()) == sorted(pairs.items())
    for key in sorted(pairs):
        assert tree.pop(key) == pairs[key]
        tree.check_invariants()


def test_a_node_is_cut_between_namespaces(compiled_btree):
    """Wherever a leaf is full of two namespaces, as long as each has a quarter of it."""
    for first_count in range(FAN_OUT // 4, FAN_OUT * 3 // 4 + 1):
        keys = [f"{'ab'[number >= first_count]}/{number:02d}" for number in range(FAN_OUT)]
        tree = compiled_btree.BTree.load((key, key) for key in keys)
        tree.set("a/", "a/")
        first_run, low, high = next(iter(tree.runs()))
        assert first_run[low:high] == ["a/", *keys[:first_count]]


def test_a_tree_counts_separators_that_are_its_own(compiled_btree):
    tree = compiled_btree.BTree.load([(name, None) for name in sorted(names(600))])
    alone = sys.getsizeof(tree)

    snapshot = tree.copy()
    assert sys.getsizeof(tree) == sys.getsizeof(snapshot) == sys.getsizeof(compiled_btree.BTree())

    tree.set(names(1)[0], None)
    assert sys.getsizeof(tree) < alone / 2
    del snapshot
    assert sys.getsizeof(tree) == alone


def test_separators_are_given_back(compiled_btree):
    keys = names(600)

    def run():
        tree = compiled_btree.BTree()
        for key in keys:
            tree.set(key, None)
        snapshot = tree.copy()
        for number, key in enumerate(keys):
            (tree if number % 3 else snapshot).pop(key)

    assert_everything_is_given_back(run, keys)
