"""Cursors stand where they say, and are called back when they should be, over both kernels."""

import gc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.native.conftest import ledger_pair
from tests.native.giving_back import assert_everything_is_given_back
from tests.native.small_store import RefusedError, small_store

_testcapi = pytest.importorskip("_testcapi", reason="this Python cannot fail allocations on demand")

EXAMPLES_COUNT = 2_000 if settings.get_current_profile_name() == "deep" else 150

MOVES = st.lists(
    st.tuples(
        st.sampled_from(
            ["write", "next", "drain", "peek", "pending", "know", "pass", "forget", "silence"]
        ),
        st.integers(1, 6),
    ),
    max_size=40,
)


@pytest.fixture(params=["twin", "compiled"])
def kernels(request):
    return ledger_pair(request.param)


def cursor_of(kernels, store, bucket="pods"):
    """A cursor at the beginning that notes when it is called back."""

    class Cursor(kernels.ledger.CursorCore):
        __slots__ = ("notes",)

        def _skip_silent(self):
            self.notes.append("silent")
            self._silent_until = 0

        def _remember(self):
            self.notes.append(("remember", self._sequence, len(self._passed)))
            self._passed.clear()

        def _compacted(self):
            return RefusedError(self._sequence, self._revision)

    cursor = Cursor()
    cursor._store, cursor._bucket, cursor._known = store, bucket, None
    cursor._passed = kernels.ledger.Log(10_000)
    cursor._sequence, cursor._revision, cursor._silent_until = 0, 1, 0
    cursor._passed_count_min, cursor._passed_count_max = 3, 5
    cursor.notes = []
    return cursor


def answer_of(call):
    """What is refused, the revision of an event, or what else is found."""
    try:
        found = call()
    except RefusedError as error:
        return error.args
    return ("event", found.revision) if type(found).__name__ == "Event" else found


class Model:
    """A cursor over a list, the slow way."""

    def __init__(self):
        self.events, self.first = [], 0
        self.sequence, self.revision, self.silent_until = 0, 1, 0
        self.known, self.passed, self.notes = None, [], []

    def peek(self):
        if self.silent_until > self.revision:
            self.notes.append("silent")
            self.silent_until = 0
        if self.sequence == len(self.events):
            return None
        if self.sequence < self.first:
            return self.sequence, self.revision
        return "event", self.events[self.sequence]

    def pending(self):
        self.peek()
        return self.sequence < len(self.events)

    def next(self):
        found = self.peek()
        if found is None or found[0] != "event":
            return found
        self.sequence += 1
        self.revision = found[1]
        if self.known is not None:
            self.passed.append(found[1])
            count = len(self.passed)
            if count >= 5 or (count >= 3 and self.sequence == len(self.events)):
                self.notes.append(("remember", self.sequence, count))
                self.passed.clear()
        return found

    def drain(self):
        """New and previous values; each value is the revision that made it."""
        taken = []
        while (found := self.next()) is not None:
            if found[0] != "event":
                return found
            taken.append(self.events.index(found[1]))
        before = [self.events[place - 1] if place else None for place in taken]
        return [self.events[place] for place in taken], before


@given(MOVES)
@settings(max_examples=EXAMPLES_COUNT, deadline=None)
def test_cursors_follow_a_list(moves):
    for name in ("twin", "compiled"):
        store = small_store(ledger_pair(name))
        store.put("pods", "a", store._revision + 1)
        cursor, model = cursor_of(ledger_pair(name), store), Model()
        model.events.append(store._revision)
        for move, times in moves:
            for _ in range(times):
                if move == "write":
                    store.put("pods", "a", store._revision + 1)
                    model.events.append(store._revision)
                elif move == "know":
                    cursor._known = model.known = times
                elif move == "pass":
                    cursor._pass_to(len(model.events), store._revision, times)
                    model.sequence, model.revision = len(model.events), store._revision
                    model.known, model.passed = times, []
                elif move == "silence":
                    cursor._silent_until = model.silent_until = cursor._revision + times
                elif move == "forget":
                    log = store.history("pods")
                    log.compact(min(store._revision, cursor._revision + times))
                    model.first = log.first
                else:
                    assert answer_of(getattr(cursor, move)) == getattr(model, move)()
                cursor._passed.check_invariants()
                assert cursor.notes == model.notes
                assert [event.revision for event in cursor._passed.since(0)] == model.passed
                assert (cursor._sequence, cursor._revision) == (model.sequence, model.revision)


def test_what_is_called_back_may_raise(kernels):
    store = small_store(kernels)
    cursor = cursor_of(kernels, store)
    with pytest.raises(KeyError, match="pods"):
        cursor.pending()
    store.put("pods", "a", 1)

    def fail(self):
        raise RuntimeError("by order")

    for name in ("_skip_silent", "_remember"):
        cursor = cursor_of(kernels, store)
        setattr(type(cursor), name, fail)
        cursor._known, cursor._passed_count_min = 1, 1
        cursor._silent_until = 9 if name == "_skip_silent" else 0
        with pytest.raises(RuntimeError, match="by order"):
            cursor.next()


def test_wrong_parts():
    kernels = ledger_pair("compiled")
    store = small_store(kernels)
    store.put("pods", "a", 1)
    cursor = cursor_of(kernels, store)
    cursor._known, cursor._passed = 1, ()
    with pytest.raises(TypeError, match="no log of what it passed"):
        cursor.next()
    with pytest.raises(TypeError, match="no log of what it passed"):
        cursor.drain()
    with pytest.raises(TypeError, match="no log of what it passed"):
        cursor._pass_to(1, 2, None)
    for wrong in ((1, 2), ("1", 2, None), (1, None, None)):
        with pytest.raises(TypeError):
            cursor._pass_to(*wrong)
    assert (cursor._sequence, cursor._revision) == (0, 1)
    for name in ("_store", "_bucket"):
        cursor = cursor_of(kernels, store)
        delattr(cursor, name)
        with pytest.raises(TypeError, match="no store or no bucket"):
            cursor.peek()
    cursor = cursor_of(kernels, {})
    with pytest.raises(TypeError, match="no store or no bucket"):
        cursor.pending()
    with pytest.raises(OverflowError):
        cursor._sequence = 2**64


def busy(kernels, values):
    store = small_store(kernels, 50)
    store.put("pods", "a", 0)
    cursor = cursor_of(kernels, store)
    for number in range(300):
        store.put("pods", str(number % 40), values[number % 3])
        cursor.pending(), cursor.peek()
        if number % 50 == 0:
            cursor.drain()
        cursor._silent_until = number % 7
        if number % 5:
            cursor.next(), cursor.next()
        if number == 100:
            cursor._known = values[0]
        if number > 200:
            answer_of(cursor.next)
            cursor._pass_to(cursor._sequence, number, values[1])
            assert cursor._log_ahead() is store.history("pods")
            store.history("pods").compact(store._revision)


def test_everything_is_given_back():
    kernels = ledger_pair("compiled")
    values = [object(), object(), object()]
    assert_everything_is_given_back(lambda: busy(kernels, values), values)


def test_a_cursor_in_a_cycle_is_collected():
    kernels = ledger_pair("compiled")
    gc.collect()
    before = kernels.btree._live()
    store = small_store(kernels)
    store.put("pods", "a", 1)
    cursor = cursor_of(kernels, store)
    cursor._known = [cursor]
    cursor.next()
    del store, cursor
    gc.collect()
    assert kernels.btree._live() == before


@pytest.mark.usefixtures("no_collector")
def test_every_failing_allocation():
    """A change is handed out or still to come."""
    kernels = ledger_pair("compiled")
    store = small_store(kernels, 10_000)
    store.put("pods", "a", 0)
    cursor = cursor_of(kernels, store)
    cursor._known, cursor._passed_count_min = 1, 10_000
    cursor._passed_count_max = 10_000
    failures = 0
    for number in range(400):
        store.put("pods", "a", number)
        before = cursor._sequence, cursor._revision, len(cursor._passed)
        _testcapi.set_nomemory(number % 4, number % 4 + 1)
        try:
            cursor.next()
        except MemoryError:
            failures += 1
            _testcapi.remove_mem_hooks()
            assert (cursor._sequence, cursor._revision, len(cursor._passed)) == before
        finally:
            _testcapi.remove_mem_hooks()
    assert failures > 0
