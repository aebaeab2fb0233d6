"""A courier delivers what its stream has, one change a step, unless it is held back."""

import gc
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore.machinery.watch_event import Change


class RefusedError(Exception):
    """The stream cannot go on."""


class Stream:
    """Hands out what was put into it, and raises what was."""

    def __init__(self, changes=()):
        self.changes = list(changes)

    def pending(self):
        return bool(self.changes)

    def change(self):
        change = self.changes.pop(0) if self.changes else None
        if isinstance(change, Exception):
            raise change
        return change


class Faults:
    """Holds back what it is told to."""

    def __init__(self):
        self.held = []

    def is_held(self, watch):
        return watch in self.held


class Lister:
    """Has seen something."""

    seen = "a view"


class Heard(list):
    """Notes what it is told, and that nothing old can be read meanwhile."""

    def __init__(self, lister):
        super().__init__()
        self.lister = lister

    def hear(self, *words):
        assert self.lister.seen is None
        self.append(words)

    def on_add(self, obj):
        self.hear("+", obj)

    def on_update(self, old, new):
        self.hear("~", old, new)

    def on_delete(self, obj):
        self.hear("-", obj)


@pytest.fixture(scope="module")
def make(turns):
    class Worker(turns.Courier):
        """Lists when it is told to, and at most so often."""

        __slots__ = ("__weakref__", "may")

        def _may_list(self):
            return self.may

        def _list(self):
            self._stream = Stream()
            return "listed"

        def _refused(self, error):
            self._stream = None
            return f"refused: {error}"

    def make(changes=None, handler_count=1):
        lister = Lister()
        worker = Worker(Faults(), "me/watch/things", lister, RefusedError)
        worker.may = True
        worker._stream = None if changes is None else Stream(changes)
        worker._handlers += [Heard(lister) for _ in range(handler_count)]
        return worker

    return make


CHANGES = st.builds(
    Change, st.sampled_from(["/a", "x/a", "x/"]), st.sampled_from([None, 1, 2]), st.integers(3, 4)
) | st.builds(Change, st.just("x/new"), st.integers(1, 2), st.none())


def said(change):
    """Label and what a handler hears."""
    key = change.key.removeprefix("/")
    if change.value is None:
        return f"DELETED {key}", ("-", change.previous_value)
    if change.previous_value is None:
        return f"ADDED {key}", ("+", change.value)
    return f"MODIFIED {key}", ("~", change.previous_value, change.value)


@given(st.lists(CHANGES, max_size=8), st.integers(0, 3))
def test_each_step_tells_each_handler_of_one_change(make, changes, handler_count):
    worker = make(changes, handler_count)
    for number, change in enumerate(changes):
        worker._lister.seen = "an old view"
        assert worker.ready()
        assert not worker.asleep()
        label, heard = said(change)
        assert worker.step() == label
        for handler in worker._handlers:
            assert len(handler) == number + 1
            assert handler[-1] == heard
    assert worker.asleep()
    assert not worker.ready()


def test_a_step_without_a_change_leaves_the_view(make):
    worker = make([])
    assert worker.step() == "nothing to deliver"
    assert worker._lister.seen == "a view"


def test_what_is_held_back_is_not_asleep(make):
    worker = make([Change("x/a", 1, None)])
    worker._faults.held.append("me/watch/others")
    assert worker.ready()
    worker._faults.held.append("me/watch/things")
    assert not worker.ready()
    assert not worker.asleep()


def test_without_a_stream_it_lists(make):
    worker = make()
    assert worker.ready()
    worker.may = False
    assert not worker.ready()
    assert not worker.asleep()
    assert worker.step() == "listed"
    assert worker.asleep()


def test_a_refusal_is_dealt_with_and_other_errors_come_out(make):
    worker = make([ValueError("broken"), RefusedError("by order")])
    with pytest.raises(ValueError, match="broken"):
        worker.step()
    assert worker.step() == "refused: by order"
    assert worker._handlers == [[]]


def test_errors_of_handlers_come_out(make):
    worker = make([Change("x/a", 1, None)])
    worker._handlers[0].lister = Lister()
    with pytest.raises(AssertionError):
        worker.step()


def test_a_dropped_courier_leaves_nothing(make):
    worker = make([Change("x/a", 1, None)])
    worker.step()
    worker._handlers.append(worker)  # A cycle.
    gone = weakref.ref(worker)
    del worker
    gc.collect()
    assert gone() is None
