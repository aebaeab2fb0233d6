"""Trees and logs written together agree with a dict and a list, whatever is copied or forgotten."""

from types import SimpleNamespace

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

from tests.native.conftest import ledger_pair

EXAMPLES_COUNT = 2_000 if settings.get_current_profile_name() == "deep" else 25
KEYS = st.sampled_from([f"ns/{number}" for number in range(9)] + ["é", "\ud800"])
WHICH = st.integers(0, 2)


def plain(entry):
    return None if entry is None else tuple(entry)


class World:
    """A tree and a log, what each key holds, and every event there ever was."""

    def __init__(self, tree, log, count_max):
        self.tree, self.log, self.count_max = tree, log, count_max
        self.now, self.events = {}, []
        self.first = 0
        self.revision = 1

    def copy(self):
        twin = World(self.tree.copy(), self.log.copy(), self.count_max)
        twin.now, twin.events = dict(self.now), list(self.events)
        twin.first, twin.revision = self.first, self.revision
        return twin

    def record(self, key, new):
        self.events.append((self.revision, key, new, self.now.pop(key, None)))
        if new is not None:
            self.now[key] = new
        self.first = max(self.first, len(self.events) - self.count_max)

    def check(self, chunk_count):
        self.tree.check_invariants()
        self.log.check_invariants()
        log, first, end = self.log, self.first, len(self.events)
        assert (log.first, log.end, len(log)) == (first, end, end - first)
        assert log.dropped_revision == (self.events[first - 1][0] if first else 0)
        assert {key: plain(entry) for key, entry in self.tree.items()} == self.now
        for sequence in {first, first + 1, end - chunk_count, end - 1}:
            if first <= sequence < end:
                event = log.get(sequence)
                found = (event.revision, event.key, plain(event.current), plain(event.previous))
                assert found == self.events[sequence]


class LedgerMachine(RuleBasedStateMachine):
    kernels = SimpleNamespace()  # Set by the test.

    @initialize(count_max=st.sampled_from([1, 5, 600, 2_000]), count=st.sampled_from([0, 700]))
    def start(self, count_max, count):
        kernels = self.kernels
        self.worlds = [World(kernels.btree.BTree(), kernels.ledger.Log(count_max), count_max)]
        for number in range(count):
            self.put(0, f"ns/{number % 9}", None)

    def world(self, which):
        return self.worlds[which % len(self.worlds)]

    def expected(self, world, key, expect):
        held = world.now.get(key)
        return held, expect is None or expect == (held[3] if held else 0)

    @rule(which=WHICH, key=KEYS, expect=st.none() | st.integers(0, 30))
    def put(self, which, key, expect):
        world = self.world(which)
        held, is_expected = self.expected(world, key, expect)
        revision, value = world.revision + 1, (key, world.revision)
        entry = self.kernels.ledger.put(world.tree, world.log, key, value, revision, expect)
        if not is_expected:
            assert entry is None
            return
        new = (key, value, held[2] if held else revision, revision, held[4] + 1 if held else 1)
        assert plain(entry) == new
        world.revision = revision
        world.record(key, new)

    @rule(which=WHICH, key=KEYS, expect=st.none() | st.integers(0, 30), is_right=st.booleans())
    def delete(self, which, key, expect, is_right):
        world = self.world(which)
        if is_right and key in world.now:
            expect = world.now[key][3]
        held, is_expected = self.expected(world, key, expect)
        revision = world.revision + 1
        entry = self.kernels.ledger.delete(world.tree, world.log, key, revision, expect)
        if held is None or not is_expected:
            assert entry is None
            return
        assert plain(entry) == held
        world.revision = revision
        world.record(key, None)

    @rule(which=WHICH, back=st.integers(0, 800))
    def compact(self, which, back):
        world = self.world(which)
        revision = world.revision - back
        world.log.compact(revision)
        kept = [place for place, event in enumerate(world.events) if event[0] >= revision]
        world.first = max(world.first, kept[0] if kept else len(world.events))

    @rule(which=WHICH)
    def clear(self, which):
        world = self.world(which)
        world.log.clear()
        world.first = len(world.events)

    @rule(which=WHICH)
    def copy(self, which):
        if len(self.worlds) == 3:
            del self.worlds[which % 3]
        self.worlds.append(self.world(which).copy())

    @rule(which=WHICH, back=st.integers(0, 800), key=KEYS)
    def search(self, which, back, key):
        world = self.world(which)
        revision = world.revision - back
        if revision >= world.log.dropped_revision:
            after = sum(event[0] <= revision for event in world.events)
            assert world.log.sequence_after(revision) == after
        place = max(len(world.events) - back, 0)
        since = [event[0] for event in world.events[max(place, world.first) :]]
        assert [event.revision for event in world.log.since(place)] == since
        later = [event for event in world.events[max(place, world.first) :] if event[1] == key]
        found = world.log.first_of(key, place)
        assert (None if found is None else found.revision) == (later[0][0] if later else None)

    @invariant()
    def agree(self):
        for world in getattr(self, "worlds", ()):
            world.check(self.kernels.ledger.CHUNK_COUNT)


@pytest.mark.parametrize("which", ["twin", "compiled"])
def test_ledgers_agree(which):
    machine = type("Machine", (LedgerMachine,), {"kernels": ledger_pair(which)})
    run_state_machine_as_test(machine, settings=settings(max_examples=EXAMPLES_COUNT))


@pytest.mark.parametrize("which", ["twin", "compiled"])
def test_a_copy_of_a_log_without_chunks_has_its_places(which):
    kernels = ledger_pair(which)
    tree, log = kernels.btree.BTree(), kernels.ledger.Log(1_000)
    count = kernels.ledger.CHUNK_COUNT
    for number in range(count):
        kernels.ledger.put(tree, log, "a", number, number + 2, None)
    log.compact(count + 2)  # The only chunk goes, since it is full.
    copy = log.copy()
    assert (copy.first, copy.end, copy.dropped_revision) == (count, count, count + 1)
    kernels.ledger.put(tree, copy, "a", 0, count + 2, None)
    assert copy.get(count).revision == count + 2
