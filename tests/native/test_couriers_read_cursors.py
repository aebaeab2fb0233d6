"""A courier whose stream is a cursor delivers what the cursor would have given, on both kernels."""

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore._native.reference import turns as turns_twin
from tests.native.conftest import compiled_kernel, ledger_pair
from tests.native.giving_back import assert_everything_is_given_back
from tests.native.small_store import RefusedError, small_store

MOVES = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["put", "delete"]), st.sampled_from(["/a", "x/a", "x/b", ""])),
        st.tuples(st.sampled_from(["step", "compact", "hold", "release", "restart"]), st.none()),
    ),
    max_size=40,
)


@pytest.fixture(params=["twins", "compiled", "compiled over a twin"], scope="module")
def kernels(request):
    """Kernels of turns and of ledgers; the compiled one reads cursors of either."""
    pair = ledger_pair("compiled" if request.param == "compiled" else "twin")
    pair.turns = turns_twin if request.param == "twins" else compiled_kernel("turns")
    return pair


class Faults:
    """Holds everything back, or nothing."""

    def __init__(self):
        self.held = []

    def is_held(self, watch):
        return True


class Handler(list):
    """Notes what it hears."""

    def on_add(self, new):
        self.append((None, new))

    def on_update(self, old, new):
        self.append((old, new))

    def on_delete(self, old):
        self.append((old, None))


class World:
    """A store, a courier at its end, and a cursor that goes along."""

    def __init__(self, kernels):
        class Cursor(kernels.ledger.CursorCore):
            __slots__ = ()

            def _compacted(self):
                return RefusedError("too old")

        class Courier(kernels.turns.Courier):
            __slots__ = ()

            def _may_list(self):
                return True

            def _list(self):
                raise AssertionError("nobody lists in this world")

            def _refused(self, error):
                return f"refused: {error}"

        self.cursor_class = Cursor
        self.store = small_store(kernels)
        self.put("x/a", 0)
        self.handler = Handler()
        self.courier = Courier(Faults(), "me/watch/pods", SimpleNamespace(), RefusedError)
        self.courier._handlers.append(self.handler)
        self.restart()

    def cursor(self):
        cursor = self.cursor_class()
        cursor._store, cursor._bucket, cursor._known = self.store, "pods", None
        cursor._sequence, cursor._silent_until = self.store.history("pods").end, 0
        cursor._revision = self.store._revision
        return cursor

    def restart(self):
        cursor, self.model = self.cursor(), self.cursor()
        self.courier._stream = SimpleNamespace(pending=cursor.pending, change=cursor.next)

    def put(self, key, value):
        self.store.put("pods", key, value)

    def delete(self, key):
        self.store._revision += 1
        self.store._writable("pods").delete(key, self.store._revision, None)

    def expected(self):
        """What the next step is to say, and what the handler is to hear."""
        try:
            change = self.model.next()
        except RefusedError as error:
            return f"refused: {error}", []
        if change is None:
            return "nothing to deliver", []
        new, old = change.value, change.previous_value
        kind = "DELETED" if new is None else "ADDED" if old is None else "MODIFIED"
        return f"{kind} {change.key.removeprefix('/')}", [(old, new)]


def move(world, name, key, number):
    """Do what a move says; a step is compared with the model's."""
    courier = world.courier
    if name == "put":
        world.put(key, number)
    elif name == "delete" and world.store.get("pods", key) is not None:
        world.delete(key)
    elif name == "step":
        label, heard = world.expected()
        before = len(world.handler)
        assert courier.step() == label
        assert world.handler[before:] == heard
    elif name == "compact":
        world.store.history("pods").compact(world.store._revision)
    elif name == "restart":
        world.restart()
    elif name in ("hold", "release"):
        courier._faults.held[:] = ["*"] * (name == "hold")


@given(MOVES)
def test_a_courier_goes_along_with_a_cursor(kernels, moves):
    world = World(kernels)
    for number, (name, key) in enumerate(moves, 1):
        move(world, name, key, number)
        is_pending, is_held = world.model.pending(), bool(world.courier._faults.held)
        assert world.courier.ready() == (is_pending and not is_held)
        assert world.courier.asleep() == (not is_pending)


def test_methods_of_two_cursors_are_no_cursor(kernels):
    world = World(kernels)
    one, other = world.cursor(), world.cursor()
    world.put("x/b", 1)
    one.next()
    world.courier._stream = SimpleNamespace(pending=one.pending, change=other.next)
    assert not world.courier.ready()
    assert world.courier.step() == "ADDED x/b"


def test_everything_is_given_back():
    kernels = ledger_pair("compiled")
    kernels.turns = compiled_kernel("turns")
    values = [object(), object()]

    def run():
        world = World(kernels)
        for number in range(20):
            world.put(f"x/{number % 3}", values[number % 2])
            assert world.courier.ready()
            world.courier.step()
        world.store.history("pods").compact(world.store._revision)
        world.restart()

    assert_everything_is_given_back(run, values)
