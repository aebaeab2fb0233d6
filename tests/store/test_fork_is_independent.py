"""Law C30: nothing done to a fork shows in its parent, and a fork continues as its parent would."""

import io

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.forking import ForkMemo
from kcore.machinery.frozen import freeze
from kcore.store.dump import save
from kcore.store.mvcc import Store

STEPS = st.lists(st.tuples(st.integers(0, 30), st.booleans()), max_size=25)


def apply(store, steps):
    for number, remove in steps:
        key = f"ns/{number}"
        if remove and store.get("pods", key):
            store.delete("pods", key)
        else:
            store.put("pods", key, freeze({"at": store.next_revision}))


def state(store):
    stream = io.BytesIO()
    save(store, stream)
    history = [store.event("pods", n) for n in range(store.history_end("pods"))]
    past = [
        [tuple(entry) for entry in store.view("pods", revision).range()]
        for revision in range(store.oldest_revision("pods"), store.revision + 1)
        if revision
    ]
    return stream.getvalue(), history, past


@given(STEPS, STEPS, STEPS)
@settings(max_examples=100, deadline=None)
def test_parent_is_bit_identical_and_child_equals_replay(before, in_child, in_parent):
    parent, replay = Store(), Store()
    for store in (parent, replay):
        store.declare("pods", {})
        apply(store, before)
    frozen_state = state(parent)

    memo = ForkMemo()
    child = memo(parent)
    apply(child, in_child)
    assert state(parent) == frozen_state
    child_state = state(child)
    apply(parent, in_parent)

    apply(replay, in_child)
    assert state(child) == child_state == state(replay)
    parent.check_invariants()
    child.check_invariants()


def test_cursors_of_parent_and_child_part_ways():
    parent = Store()
    cursor = parent.watch("pods")
    parent.put("pods", "ns/shared", freeze({}))
    memo = ForkMemo()
    child, child_cursor = memo(parent), memo(cursor)

    child.put("pods", "ns/child", freeze({}))
    parent.put("pods", "ns/parent", freeze({}))

    def read(which):
        return [event.key for event in iter(which.next, None)]

    assert read(cursor) == ["ns/shared", "ns/parent"]
    assert read(child_cursor) == ["ns/shared", "ns/child"]
    assert [entry.key for entry in child_cursor.view.range()] == ["ns/child", "ns/shared"]


def test_a_fork_of_a_large_store_copies_no_bucket():
    store = Store()
    for number in range(2000):
        store.put("pods", f"ns/{number}", freeze({}))

    child = store.fork()

    assert child._buckets is store._buckets
