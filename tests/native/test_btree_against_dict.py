"""Native tree, twin and a dict agree under random writes, copies, cursors and deaths of copies."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from kcore._native.reference import btree as twin

# Short and long, sharing prefixes within and beyond a node's, ASCII and not, with NUL, surrogates.
SHAPES = (
    lambda number: f"ns-{number % 3}/pod-{number:04d}",
    lambda number: f"team-{number % 7}/web-{number % 11}-of-a-long-name-{number:05d}",
    lambda number: "x" * (number % 130) + str(number),
    lambda number: "p" * 110 + f"{number % 7}\0{number}",
    lambda number: "é" * (number % 40) + chr(0x20 + number) + "\U0001f600" * (number % 3),
    lambda number: "k" + "\0" * (number % 20) + chr(0xD800 + number),
)
SHAPE = st.integers(0, len(SHAPES) - 1)
KEYS = st.builds(lambda shape, number: SHAPES[shape](number), SHAPE, st.integers(0, 60))
WHICH = st.integers(0, 4)
WORLDS_COUNT_MAX = 5

IS_DEEP = settings.get_current_profile_name() == "deep"
EXAMPLES_COUNT = 2_000 if IS_DEEP else 30


class World:
    """One map, three times."""

    def __init__(self, native, reference, model):
        self.native, self.reference, self.model = native, reference, model

    def put(self, key, value):
        wanted = self.model.get(key)
        assert self.native.set(key, value) == wanted
        assert self.reference.set(key, value) == wanted
        self.model[key] = value

    def pop(self, key):
        wanted = self.model.pop(key)
        assert self.native.pop(key) == wanted
        assert self.reference.pop(key) == wanted

    def copy(self):
        return World(self.native.copy(), self.reference.copy(), dict(self.model))

    def pairs(self, start, end, *, reverse):
        keys = sorted(k for k in self.model if start <= k and (not end or k < end))
        if reverse:
            keys.reverse()
        return [(key, self.model[key]) for key in keys]

    def check(self):
        self.native.check_invariants()
        self.reference.check_invariants()
        assert len(self.native) == len(self.reference) == len(self.model)
        assert list(self.native.items()) == self.pairs("", "", reverse=False)
        # Asked twice, a tree may answer from memory.
        for key in list(self.model)[:30]:
            assert self.native.get(key) == self.native.get(key) == self.model[key]


def check_range(world, start, end, *, reverse):
    wanted = world.pairs(start, end, reverse=reverse)
    values = [value for _, value in wanted]
    for tree in (world.native, world.reference):
        assert list(tree.items(start, end, reverse=reverse)) == wanted
        assert list(tree.values(start, end, reverse=reverse)) == values
        assert tree.page(start, end, 7, reverse=reverse) == values[:7]
        assert tree.page(start, end, reverse=reverse) == values
        assert tree.count(start, end) == len(wanted)
        runs = list(tree.runs(start, end))
        assert all(low < high for _, low, high in runs)
        in_order = values[::-1] if reverse else values
        assert [v for run, low, high in runs for v in run[low:high]] == in_order


class TreeMachine(RuleBasedStateMachine):
    kernel = None  # Set by the test, which knows whether it is built.

    def __init__(self):
        super().__init__()
        self.worlds = [World(self.kernel.BTree(), twin.BTree(), {})]
        self.cursors = []
        self.written = 0

    def world(self, which):
        return self.worlds[which % len(self.worlds)]

    @initialize(count=st.integers(0, 300), shape=SHAPE, backwards=st.booleans())
    def load(self, count, shape, backwards):
        for number in sorted(range(count), reverse=backwards):
            self.put(0, SHAPES[shape](number))

    @rule(which=WHICH, key=KEYS)
    def put(self, which, key):
        self.written += 1
        self.world(which).put(key, self.written)

    @rule(which=WHICH, key=KEYS)
    def pop(self, which, key):
        world = self.world(which)
        if key in world.model:
            world.pop(key)
            return
        for tree in (world.native, world.reference):
            with pytest.raises(KeyError):
                tree.pop(key)

    @rule(which=WHICH, start=st.integers(0, 300), count=st.integers(1, 250))
    def pop_many(self, which, start, count):
        world = self.world(which)
        for key in sorted(world.model)[start : start + count]:
            world.pop(key)

    @rule(which=WHICH, start=st.integers(0, 900), count=st.integers(1, 150))
    def put_many(self, which, start, count):
        for number in range(start, start + count):
            self.put(which, f"z{number:06d}")

    @rule(which=WHICH)
    def copy(self, which):
        if len(self.worlds) == WORLDS_COUNT_MAX:
            del self.worlds[which]
        self.worlds.append(self.world(which).copy())

    @rule(which=WHICH)
    def drop(self, which):
        if len(self.worlds) > 1:
            del self.worlds[which % len(self.worlds)]

    @rule(which=WHICH)
    def reload(self, which):
        world = self.world(which)
        pairs = sorted(world.model.items())
        world.native, world.reference = self.kernel.BTree.load(pairs), twin.BTree.load(pairs)

    @rule(which=WHICH, start=KEYS | st.just(""), end=KEYS | st.just(""), back=st.booleans())
    def read(self, which, start, end, back):
        check_range(self.world(which), start, end, reverse=back)

    @rule(which=WHICH, start=KEYS | st.just(""), end=KEYS | st.just(""), back=st.booleans())
    def open_cursor(self, which, start, end, back):
        world = self.world(which)
        wanted = world.pairs(start, end, reverse=back)
        for tree in (world.native, world.reference):
            self.cursors.append((tree.items(start, end, reverse=back), iter(wanted)))
        del self.cursors[:-8]

    @rule(which=st.integers(0, 7), count=st.integers(1, 100))
    def follow_cursor(self, which, count):
        """A cursor shows what was there when it was opened."""
        if self.cursors:
            cursor, wanted = self.cursors[which % len(self.cursors)]
            for _ in range(count):
                assert next(cursor, None) == next(wanted, None)

    @rule(which=WHICH, key=KEYS)
    def get(self, which, key):
        world = self.world(which)
        wanted = world.model.get(key, -1)
        assert world.native.get(key, -1) == world.reference.get(key, -1) == wanted

    @invariant()
    def agree(self):
        for world in self.worlds:
            world.check()


def test_trees_agree(compiled_btree):
    machine = type("CompiledTreeMachine", (TreeMachine,), {"kernel": compiled_btree})
    run_state_machine_as_test(machine, settings=settings(max_examples=EXAMPLES_COUNT))
