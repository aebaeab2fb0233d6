"""The B+tree and all its copies behave like dicts, whatever the order of writes."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from kcore.store.tree import new_tree

KEYS = st.integers(0, 400).map(lambda number: f"ns-{number % 3}/pod-{number:04d}")


class TreeMachine(RuleBasedStateMachine):
    """A few trees that share nodes, each beside its dict."""

    def __init__(self):
        super().__init__()
        self.pairs = [(new_tree(), {})]

    @initialize(count=st.integers(0, 300), backwards=st.booleans())
    def load(self, count, backwards):
        for number in sorted(range(count), reverse=backwards):
            self.put(0, f"ns-0/pod-{number:04d}", number)

    @rule(which=st.integers(0, 3), key=KEYS, value=st.integers())
    def put(self, which, key, value):
        tree, model = self.pairs[which % len(self.pairs)]
        assert tree.set(key, value) == model.get(key)
        model[key] = value

    @rule(which=st.integers(0, 3), key=KEYS)
    def pop(self, which, key):
        tree, model = self.pairs[which % len(self.pairs)]
        if key in model:
            assert tree.pop(key) == model.pop(key)
        else:
            with pytest.raises(KeyError):
                tree.pop(key)

    @rule(which=st.integers(0, 3), start=st.integers(0, 400), count=st.integers(1, 200))
    def pop_range(self, which, start, count):
        tree, model = self.pairs[which % len(self.pairs)]
        for key in sorted(model)[start : start + count]:
            assert tree.pop(key) == model.pop(key)

    @rule(which=st.integers(0, 3))
    def copy(self, which):
        tree, model = self.pairs[which % len(self.pairs)]
        if len(self.pairs) == 4:
            self.pairs.pop(which % 4)
        self.pairs.append((tree.copy(), dict(model)))

    @rule(which=st.integers(0, 3), start=KEYS, end=KEYS | st.just(""))
    def iterate(self, which, start, end):
        tree, model = self.pairs[which % len(self.pairs)]
        wanted = [(k, model[k]) for k in sorted(model) if start <= k and (not end or k < end)]
        assert list(tree.items(start, end)) == wanted
        runs = list(tree.runs(start, end))
        assert all(low < high for _, low, high in runs)
        assert [v for values, low, high in runs for v in values[low:high]] == [v for _, v in wanted]

    @invariant()
    def agree(self):
        for tree, model in self.pairs:
            tree.check_invariants()
            assert list(tree.items()) == sorted(model.items())
            assert len(tree) == len(model)


TestTree = TreeMachine.TestCase
TestTree.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


@pytest.mark.parametrize("count", [0, 1, 64, 65, 66, 4096, 4097, 9000])
@pytest.mark.parametrize("order", ["up", "down", "shuffled"])
def test_emptying_a_tree_of_every_shape(count, order):
    numbers = list(range(count))
    if order == "down":
        numbers.reverse()
    elif order == "shuffled":
        numbers = [number * 7919 % 9001 for number in range(count)]
    tree = new_tree()
    for number in numbers:
        tree.set(f"{number:05d}", number)
    tree.check_invariants()
    whole = tree.copy()

    for place, number in enumerate(numbers):
        assert tree.pop(f"{number:05d}") == number
        if place % 500 == 0:
            tree.check_invariants()

    tree.check_invariants()
    assert len(tree) == 0
    assert list(tree.items()) == []
    assert [number for _, number in whole.items()] == sorted(numbers)


def test_a_sorted_load_fills_its_leaves():
    tree = new_tree()
    for number in range(64 * 100):
        tree.set(f"{number:05d}", number)

    nodes_count, _ = tree.node_counts()

    assert nodes_count <= 105 + 3


def test_a_copy_shares_all_but_one_path():
    tree = new_tree()
    for number in range(10_000):
        tree.set(f"{number:05d}", number)
    twin = tree.copy()

    twin.set("05000", -1)

    assert twin.node_counts()[1] == 3
    assert tree.get("05000") == 5000
