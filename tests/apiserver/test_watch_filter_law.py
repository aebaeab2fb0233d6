"""Law C11: what a watch says follows from whether old and new content are selected. And C17: a
list plus the events after it is the list at every later moment."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.apiserver.conftest import config_map, new_door

NAMES = st.sampled_from(["a", "b", "c"])
LABELS = st.sampled_from([{}, {"x": "1"}, {"x": "2"}])
OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("put"), NAMES, LABELS, st.sampled_from(["1", "2"])),
        st.tuples(st.just("delete"), NAMES),
    ),
    max_size=20,
)
SELECTORS = st.sampled_from(
    [
        {},
        {"label_selector": "x=1"},
        {"label_selector": "!x"},
        {"label_selector": "x!=1"},
        {"field_selector": "metadata.name!=a"},
        {"field_selector": "metadata.name=b", "label_selector": "x"},
    ]
)


def run(door, operation):
    kind, name, *rest = operation
    exists = name in door.names("configmaps")
    if kind == "delete":
        if exists:
            door.delete("configmaps", name)
        return
    labels, value = rest
    obj = config_map(name, {"k": value}, **({"labels": labels} if labels else {}))
    (door.update if exists else door.create)("configmaps", obj)


def listed(door, selector):
    return {obj["metadata"]["name"]: obj for obj in door.list("configmaps", **selector)["items"]}


@settings(max_examples=120)
@given(before=OPERATIONS, after=OPERATIONS, selector=SELECTORS, kept_up=st.booleans())
def test_folding_events_gives_the_list(before, after, selector, kept_up):
    door = new_door()
    for operation in before:
        run(door, operation)
    state = listed(door, selector)
    stream = door.watch("configmaps", resource_version=str(door.store.revision), **selector)
    for operation in after:
        run(door, operation)
        if kept_up:
            fold(stream, state)
            assert state == listed(door, selector)
    fold(stream, state)

    assert state == listed(door, selector)
    assert {obj["metadata"]["name"]: obj for obj in stream.view.list()} == state


def fold(stream, state):
    """Apply events, checking the law for each."""
    while stream.pending():
        event = stream.next()
        assert event is not None
        name = event.object["metadata"]["name"]
        assert event.object["metadata"]["resourceVersion"] == str(event.revision)
        if event.type == "ADDED":
            assert name not in state
            state[name] = event.object
        elif event.type == "MODIFIED":
            assert state[name]["metadata"]["uid"] == event.object["metadata"]["uid"]
            state[name] = event.object
        else:
            assert event.type == "DELETED"
            last = state.pop(name)
            version = ("metadata", "resourceVersion")
            assert event.object == last.set(version, str(event.revision))
        shown = {obj["metadata"]["name"]: obj for obj in stream.view.list()}
        assert shown == state
        assert len(stream.view) == len(state)


def test_leaving_is_deleted_and_entering_is_added():
    door = new_door()
    door.create("configmaps", config_map("a", {"k": "1"}, labels={"x": "1"}))
    now = str(door.store.revision)
    stream = door.watch("configmaps", label_selector="x=1", resource_version=now)
    door.update("configmaps", config_map("a", {"k": "2"}, labels={"x": "2"}))
    door.update("configmaps", config_map("a", {"k": "3"}, labels={"x": "1"}))

    left, entered = stream.next(), stream.next()

    assert (left.type, left.object["data"]) == ("DELETED", {"k": "1"})
    assert (entered.type, entered.object["data"]) == ("ADDED", {"k": "3"})
    assert int(left.object["metadata"]["resourceVersion"]) == left.revision
