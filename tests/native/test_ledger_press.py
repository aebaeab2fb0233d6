"""Journals tell of what they write, and presses put values, the same over both kernels."""

import gc
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.native.conftest import ledger_pair
from tests.native.giving_back import assert_everything_is_given_back
from tests.native.small_store import RefusedError, small_store, state_of

_testcapi = pytest.importorskip("_testcapi", reason="this Python cannot fail allocations on demand")

EXAMPLES_COUNT = 1_000 if settings.get_current_profile_name() == "deep" else 100

SPACES = st.sampled_from(["", "a", "é", "\U0001f600"])
TEXTS = st.lists(st.sampled_from(["x", "y", "é", ""]), max_size=3).map(tuple)
CALLS = st.one_of(
    st.tuples(st.just("press"), SPACES, st.sampled_from(["noon", "night"]), TEXTS),
    st.tuples(st.just("commit"), st.sampled_from(["a/x", "a/n-0"]), st.none() | st.integers(0, 3)),
    st.tuples(st.just("depends"), st.just("nodes")),
)
PRESSES = st.tuples(st.none() | st.sampled_from(["n-", "é"]), st.integers(0, 3), st.booleans())


class Scene:
    """A journal over a small store, a press over it, and all that either told."""

    def __init__(self, kernels, prefix=None, times_count=1, has_wording=False, depends=None):
        self.store, self.told, self.drawn = small_store(kernels), [], count()
        self.ledger = kernels.ledger
        self.journal = self.ledger.Journal(
            self.store, self.note, lambda value: repr(value).encode()
        )
        self.press = self.ledger.Press(
            self.journal,
            "make",
            "indexed pods",
            self.suffix,
            self.identity,
            lambda *parts: parts,
            prefix,
            times_count,
            {"nodes": 0} if depends is None else depends,
            *([self.wording] if has_wording else []),
        )

    def wording(self, *parts):
        return repr(parts).encode()

    def note(self, *words):
        self.told.append(words)

    def suffix(self):
        return str(next(self.drawn) % 3)

    def identity(self):
        return f"id {next(self.drawn)}"

    def answer(self, call):
        name, *rest = call
        try:
            if name == "press":
                return self.press(*rest)
            if name == "commit":
                return self.journal.commit("set", "indexed pods", rest[0], 7, rest[1])
            return self.store.put(rest[0], "n", 1).mod_revision
        except RefusedError as error:
            return error.args
        except TypeError:
            return TypeError


def obvious(scene, call, prefix, times_count, depends):
    """Slow and obvious: what a press is, in the words of the store."""
    space, now, texts = call
    if scene.store.last_change("nodes") != depends:
        return None
    name = texts[0] if prefix is None else prefix + scene.suffix()
    own = scene.identity()
    value = (str(scene.store.revision + 1), own, *[now] * times_count)
    value += texts if prefix is None else (name, *texts)
    entry = scene.store.put("indexed pods", f"{space}/{name}", value, expect=0)
    scene.note("make", "indexed pods", entry.key, entry.mod_revision, repr(value).encode())
    return value


class Obvious(Scene):
    """The same, without a press."""

    def __init__(self, kernels, prefix, times_count, has_wording):
        super().__init__(kernels, prefix, times_count, has_wording)
        self.press = lambda *call: obvious(self, call, prefix, times_count, 0)


@given(PRESSES, st.lists(CALLS, max_size=15))
@settings(max_examples=EXAMPLES_COUNT, deadline=None)
def test_presses_do_what_they_say(press, calls):
    twins, compiled = ledger_pair("twin"), ledger_pair("compiled")
    scenes = Obvious(twins, *press), Scene(twins, *press), Scene(compiled, *press)
    for call in calls:
        if call[0] == "press" and press[0] is None and not (call[3] and call[3][0]):
            continue  # There is no name: see below.
        expected, *answers = (scene.answer(call) for scene in scenes)
        assert answers == [expected, expected]
    expected, *found = ((scene.told, state_of(scene.store)) for scene in scenes)
    assert found == [expected, expected]


@pytest.fixture(params=["twin", "compiled"])
def kernels(request):
    return ledger_pair(request.param)


def test_a_refused_write_is_not_told(kernels):
    scene = Scene(kernels, "n-")
    assert scene.press("a", "noon", ("x",)) == ("2", "id 1", "noon", "n-0", "x")
    assert scene.press("a", "noon", ()) == ("3", "id 3", "noon", "n-2")
    scene.drawn = count()
    with pytest.raises(RefusedError):
        scene.press("a", "noon", ())
    assert [told[:4] for told in scene.told] == [
        ("make", "indexed pods", "a/n-0", 2),
        ("make", "indexed pods", "a/n-2", 3),
    ]
    assert next(scene.drawn) == 2  # A name and an id were drawn all the same.


def test_what_a_press_depends_on(kernels):
    scene = Scene(kernels, "n-", depends={"nodes": 2})
    assert scene.press("a", "noon", ()) is None
    scene.store.put("nodes", "n", 1)
    assert scene.press("a", "noon", ()) is not None
    scene.store.put("nodes", "n", 2)
    assert scene.press("a", "noon", ()) is None
    assert next(scene.drawn) == 2  # Nothing is drawn where nothing is made.


def test_errors_pass_through(kernels):
    def fail(*_words):
        raise RuntimeError("no")

    scene = Scene(kernels, "n-")
    journal = kernels.ledger.Journal(scene.store, fail, repr)
    with pytest.raises(RuntimeError, match="no"):
        journal.commit("set", "pods", "a", 1, 0)
    assert scene.store.value("pods", "a") == 1  # It was written before it was told.
    for broken in range(3):
        makers = [scene.suffix, scene.identity, lambda *parts: parts]
        makers[broken] = fail
        press = kernels.ledger.Press(scene.journal, "make", "pods", *makers, "n-", 1, {})
        with pytest.raises(RuntimeError, match="no"):
            press("a", "noon", ())
    assert len(scene.store.history("pods")) == 1
    makers = scene.suffix, scene.identity, lambda *parts: parts
    press = kernels.ledger.Press(scene.journal, "make", "pods", *makers, "n-", 1, {}, fail)
    with pytest.raises(RuntimeError, match="no"):
        press("a", "noon", ())
    assert len(scene.store.history("pods")) == 2  # It was written before it was told.


def test_wrong_parts():
    kernels = ledger_pair("compiled")
    scene, ledger = Scene(kernels), kernels.ledger
    makers = scene.suffix, scene.identity, tuple
    attempts = [
        lambda: ledger.Journal(1, print, repr),
        lambda: ledger.Journal(scene.store, print),
        lambda: ledger.Journal(scene.store, note=print, to_bytes=repr),
        lambda: scene.journal.commit("set", "pods", "a", 1),
        lambda: scene.journal.commit("set", "pods", "a", 1, "0"),
        lambda: scene.journal.commit("set", "pods", 1, 1, 0),
        lambda: ledger.Press(scene.store, "make", "pods", *makers, "n-", 1, {}),
        lambda: ledger.Press(scene.journal, "make", "pods", *makers, 1, 1, {}),
        lambda: ledger.Press(scene.journal, "make", "pods", *makers, "n-", -1, {}),
        lambda: ledger.Press(scene.journal, "make", "pods", *makers, "n-", 1, []),
        lambda: ledger.Press(scene.journal, "make", "pods", *makers, "n-", 1, depends={}),
        lambda: ledger.Press(scene.journal, "make", "pods", int, *makers[1:], "n-", 1, {})(
            "a", "", ()
        ),
        lambda: scene.press("a", "noon"),
        lambda: scene.press("a", "noon", ["x"]),
        lambda: scene.press(1, "noon", ("x",)),
        lambda: scene.press("a", "noon", ()),
        lambda: scene.press("a", "noon", (1,)),
        lambda: scene.press("a", "noon", texts=("x",)),
    ]
    for attempt in attempts:
        with pytest.raises(TypeError):
            attempt()
    assert (scene.store.revision, scene.told) == (1, [])
    kind = type(scene.store)
    kind._refuse = lambda *_words: None  # Not what a store should do.
    with pytest.raises(TypeError, match="refused"):
        scene.journal.commit("set", "pods", "a", 1, 5)


def busy(kernels, values):
    for prefix in (None, "n-"):
        scene = Scene(kernels, prefix, has_wording=prefix is None)
        for number in range(40):
            value = values[number % 3]
            scene.answer(("press", "a", value, (f"x{number % 30}", value)))
            scene.journal.commit("set", "pods", "a", value, None)
        scene.store.put("nodes", "n", 1)
        assert scene.press("a", "noon", ("new",)) is None


def test_everything_is_given_back():
    kernels = ledger_pair("compiled")
    values = [object(), object(), object()]
    assert_everything_is_given_back(lambda: busy(kernels, values), values)


def test_a_press_in_a_cycle_is_collected():
    kernels = ledger_pair("compiled")
    gc.collect()
    before = kernels.btree._live()
    scene = Scene(kernels, "n-")  # Its press calls the scene, which holds the press.
    scene.press("a", "noon", ())
    del scene
    gc.collect()
    assert kernels.btree._live() == before


@pytest.mark.usefixtures("no_collector")
def test_every_failing_allocation():
    """A value is put and told of, or put, or nothing happens."""
    kernels = ledger_pair("compiled")
    scene = Scene(kernels, None)
    scene.press("a", "noon", ("first",))
    failures = 0
    for number in range(400):
        name, before = f"x{number}", scene.store.revision
        _testcapi.set_nomemory(number % 40, number % 40 + 1)
        try:
            scene.press("a", "noon", (name, "y"))
        except MemoryError:
            failures += 1
        finally:
            _testcapi.remove_mem_hooks()
        assert scene.store.revision in (before, before + 1)
        assert (scene.store.value("indexed pods", f"a/{name}") is None) == (
            scene.store.revision == before
        )
        scene.store._buckets["indexed pods"].contents.entries.check_invariants()
    assert failures > 0
