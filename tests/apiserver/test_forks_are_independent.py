"""Law C30: what happens in a fork never shows in the parent, and both go on as they would have."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.forking import ForkMemo
from tests.apiserver.conftest import Door, config_map, events_of, new_door

STEPS = st.lists(
    st.tuples(st.sampled_from(["create", "touch", "delete"]), st.sampled_from("abc")), max_size=12
)


def take(door, steps):
    for number, (verb, name) in enumerate(steps):
        there = name in door.names("configmaps")
        if verb == "create" and not there:
            door.create("configmaps", config_map(name))
        elif verb == "touch" and there:
            door.update("configmaps", config_map(name, {"n": str(number)}))
        elif verb == "delete" and there:
            door.delete("configmaps", name)


def picture(door):
    return door.list("configmaps"), door.store.revision, door.trace.digest


@settings(max_examples=60)
@given(before=STEPS, theirs=STEPS, ours=STEPS)
def test_a_fork_leaves_the_parent_alone(before, theirs, ours):
    door = new_door()
    take(door, before)
    kept = picture(door)

    twin = door.fork()
    take(twin, theirs)
    assert picture(door) == kept

    take(door, ours)
    replayed = new_door()
    take(replayed, before)
    take(replayed, ours)
    assert picture(door) == picture(replayed)


def test_a_forked_watch_goes_on_from_the_same_place(door, make):
    stream = door.watch("configmaps", label_selector="x=1")
    door.create("configmaps", make.config_map("a", labels={"x": "1"}))
    assert stream.pending()  # Looks ahead: the found event is part of the fork.
    memo = ForkMemo()
    twin = Door(memo(door.server), memo(door.clock), memo(door.trace))
    copy = memo(stream)

    twin.create("configmaps", make.config_map("b", labels={"x": "1"}))
    door.create("configmaps", make.config_map("c", labels={"x": "1"}))

    assert [name for _, name, _ in events_of(copy)] == ["a", "b"]
    assert [name for _, name, _ in events_of(stream)] == ["a", "c"]


def test_a_forked_watch_keeps_its_initial_events(door, make):
    for name in "abc":
        door.create("configmaps", make.config_map(name))
    stream = door.watch("configmaps")
    stream.next()

    copy = ForkMemo()(stream)

    assert [name for _, name, _ in events_of(copy)] == ["b", "c"]
    assert [name for _, name, _ in events_of(stream)] == ["b", "c"]


def test_both_sides_draw_the_same_uids(door, make):
    twin = door.fork()

    ours = door.create("configmaps", make.config_map("a"))
    theirs = twin.create("configmaps", make.config_map("a"))

    assert ours == theirs


def test_the_trace_tells_every_commit(door, make):
    door.create("configmaps", make.config_map("a"))
    door.update("configmaps", make.config_map("a", {"k": "v"}))
    door.update("configmaps", make.config_map("a", {"k": "v"}))
    door.delete("configmaps", "a")
    door.trace.action(0, "test", "close")

    writes = [
        (write.verb, write.key, write.revision)
        for action in door.trace
        for write in action.writes
        if write.key.startswith("configmaps/")
    ]

    last = door.store.revision
    assert writes == [
        ("create", "configmaps/default/a", last - 2),
        ("update", "configmaps/default/a", last - 1),
        ("delete", "configmaps/default/a", last),
    ]
