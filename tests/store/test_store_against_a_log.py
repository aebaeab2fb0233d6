"""The store, its forks and its watchers against a model that keeps a full copy per revision."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kcore.forking import ForkMemo
from kcore.machinery.frozen import freeze
from kcore.store.mvcc import Store
from kcore.store.revision import (
    CompactedError,
    CompareFailedError,
    FutureRevisionError,
)
from kcore.store.txn import Compare, Delete, Get, Put

BUCKETS = st.sampled_from(["pods", "nodes"])
KEYS = st.sampled_from([f"ns-{i % 2}/{i}" for i in range(12)])
WHICH = st.integers(0, 2)
EMPTY = {"pods": {}, "nodes": {}}


def color(value):
    return [value.color]


class Model:
    """Every state there ever was: revision -> bucket -> key -> (value, create, mod, version)."""

    def __init__(self):
        self.states = {1: EMPTY}
        self.events = []  # (revision, bucket, key, entry or None, previous or None)
        self.compact_revision = 0

    @property
    def revision(self):
        return max(self.states)

    @property
    def now(self):
        return self.states[self.revision]

    def commit(self, changes):
        revision = self.revision + 1
        state = {bucket: dict(keys) for bucket, keys in self.now.items()}
        for bucket, key, value in changes:
            old = state[bucket].pop(key, None)
            new = None
            if value is not None:
                new = (value, old[1] if old else revision, revision, old[3] + 1 if old else 1)
                state[bucket][key] = new
            self.events.append((revision, bucket, key, new, old))
        self.states[revision] = state

    def copy(self):
        twin = Model()
        twin.states = dict(self.states)
        twin.events = list(self.events)
        twin.compact_revision = self.compact_revision
        return twin

    def suffix(self, bucket, after):
        return [event for event in self.events if event[1] == bucket and event[0] > after]


class Watcher:
    """A cursor, where it started and how many of the model's events it has seen."""

    def __init__(self, cursor, bucket, start, seen=0):
        self.cursor, self.bucket, self.start, self.seen = cursor, bucket, start, seen

    def read(self, model):
        wanted = model.suffix(self.bucket, self.start)
        assert self.cursor.pending() == (self.seen < len(wanted))
        if self.seen == len(wanted):
            assert self.cursor.next() is None
            return
        revision, _, key, new, old = wanted[self.seen]
        if revision < model.compact_revision:
            with pytest.raises(CompactedError):
                self.cursor.next()
            return
        event = self.cursor.next()
        self.seen += 1
        assert (event.revision, event.key) == (revision, key)
        assert plain(event.current) == new
        assert plain(event.previous) == old
        self.check_view(wanted, model)

    def check_view(self, wanted, model):
        """fold(list, watch) == state."""
        state = dict(model.states[min(self.start, model.revision)][self.bucket])
        if self.start > model.revision:
            return
        for _, _, key, new, _ in wanted[: self.seen]:
            state.pop(key, None)
            if new:
                state[key] = new
        assert entries(self.cursor.view) == state


def plain(entry):
    if entry is None:
        return None
    return (entry.value, entry.create_revision, entry.mod_revision, entry.version)


def entries(view):
    return {entry.key: plain(entry) for entry in view.range()}


class World:
    def __init__(self, store, model, watchers):
        self.store, self.model, self.watchers = store, model, watchers


class StoreMachine(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        store = Store()
        store.declare("pods", {"color": color})
        store.declare("nodes", {})
        self.worlds = [World(store, Model(), [])]
        self.count = 0

    def world(self, which):
        return self.worlds[which % len(self.worlds)]

    def value(self):
        self.count += 1
        return freeze({"color": f"c{self.count % 3}", "count": self.count})

    @rule(which=WHICH, bucket=BUCKETS, key=KEYS, expect=st.none() | st.integers(0, 30))
    def put(self, which, bucket, key, expect):
        world, value = self.world(which), self.value()
        current = world.model.now[bucket].get(key)
        if expect is not None and expect != (current[2] if current else 0):
            with pytest.raises(CompareFailedError) as failure:
                world.store.put(bucket, key, value, expect=expect)
            assert plain(failure.value.current) == current
            return
        promised = world.store.next_revision
        world.model.commit([(bucket, key, value)])
        entry = world.store.put(bucket, key, value, expect=expect)
        assert plain(entry) == world.model.now[bucket][key]
        assert entry.mod_revision == promised

    @rule(which=WHICH, bucket=BUCKETS, key=KEYS, right=st.booleans())
    def delete(self, which, bucket, key, right):
        world = self.world(which)
        current = world.model.now[bucket].get(key)
        if current is None or not right:
            with pytest.raises(CompareFailedError):
                world.store.delete(bucket, key, expect=10**6)
            return
        world.model.commit([(bucket, key, None)])
        assert plain(world.store.delete(bucket, key, expect=current[2])) == current

    @rule(which=WHICH, key=KEYS, other=KEYS, version=st.integers(0, 2))
    def txn(self, which, key, other, version):
        world, value = self.world(which), self.value()
        now = world.model.now
        current = now["pods"].get(key)
        result = world.store.txn(
            [Compare("pods", key, "version", "=", version)],
            then=[Put("pods", key, value), Put("nodes", other, value), Get("pods", key)],
            otherwise=[Delete("pods", other), Get("nodes", other)],
        )
        assert result.succeeded == ((current[3] if current else 0) == version)
        if result.succeeded:
            world.model.commit([("pods", key, value), ("nodes", other, value)])
            assert plain(result.responses[2])[0] == value
        else:
            if other in now["pods"]:
                world.model.commit([("pods", other, None)])
            assert plain(result.responses[1]) == now["nodes"].get(other)
        assert result.revision == world.model.revision

    @rule(which=WHICH, bucket=BUCKETS, back=st.integers(-2, 25))
    def watch(self, which, bucket, back):
        world = self.world(which)
        start = world.model.revision - back
        if start < 1 or start < world.model.compact_revision - 1:
            if start >= 1:
                with pytest.raises(CompactedError):
                    world.store.watch(bucket, start)
            return
        world.watchers.append(Watcher(world.store.watch(bucket, start), bucket, start))
        del world.watchers[:-4]

    @rule(which=WHICH, watcher=st.integers(0, 3), count=st.integers(1, 8))
    def read(self, which, watcher, count):
        world = self.world(which)
        if world.watchers:
            for _ in range(count):
                world.watchers[watcher % len(world.watchers)].read(world.model)

    @rule(which=WHICH, bucket=BUCKETS, back=st.integers(-1, 25), key=KEYS)
    def read_the_past(self, which, bucket, back, key):
        world = self.world(which)
        revision = world.model.revision - back
        if back < 0 or revision < max(1, world.model.compact_revision):
            error = FutureRevisionError if back < 0 else CompactedError
            if revision >= 1:
                with pytest.raises(error):
                    world.store.view(bucket, revision)
                with pytest.raises(error):
                    world.store.get(bucket, key, revision)
            return
        wanted = world.model.states[revision][bucket]
        view = world.store.view(bucket, revision)
        assert view.revision == revision
        assert entries(view) == wanted
        assert len(view) == len(wanted)
        in_order = sorted(k for k in wanted if k.startswith("ns-0/"))
        assert [entry.key for entry in view.range("ns-0/", "ns-00")] == in_order
        assert [entry.key for entry in view.page("ns-0/", "ns-00", 2)] == in_order[:2]
        assert plain(world.store.get(bucket, key, revision)) == wanted.get(key)
        if bucket == "pods":
            by_color = [entry.key for entry in view.by_index("color", "c1")]
            assert by_color == sorted(k for k in wanted if wanted[k][0].color == "c1")

    @rule(which=WHICH, back=st.integers(0, 10))
    def compact(self, which, back):
        world = self.world(which)
        revision = world.model.revision - back
        if revision <= world.model.compact_revision:
            with pytest.raises(CompactedError):
                world.store.compact(revision)
            return
        with pytest.raises(FutureRevisionError):
            world.store.compact(world.model.revision + 1)
        world.store.compact(revision)
        world.model.compact_revision = revision

    @rule(which=WHICH)
    def fork(self, which):
        world, memo = self.world(which), ForkMemo()
        watchers = [Watcher(memo(w.cursor), w.bucket, w.start, w.seen) for w in world.watchers]
        if len(self.worlds) == 3:
            self.worlds.remove(world)
        self.worlds.append(World(memo(world.store), world.model.copy(), watchers))

    @invariant()
    def agree(self):
        for world in self.worlds:
            world.store.check_invariants()
            assert world.store.revision == world.model.revision
            for bucket, wanted in world.model.now.items():
                assert entries(world.store.view(bucket)) == wanted


TestStore = StoreMachine.TestCase
TestStore.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
