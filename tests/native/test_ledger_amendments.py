"""Amendments change what fits and tell of it, the same over both kernels."""

import gc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.native.conftest import ledger_pair
from tests.native.giving_back import assert_everything_is_given_back
from tests.native.small_store import RefusedError, small_store, state_of

_testcapi = pytest.importorskip("_testcapi", reason="this Python cannot fail allocations on demand")

EXAMPLES_COUNT = 1_000 if settings.get_current_profile_name() == "deep" else 100

BUCKET = "indexed pods"


class Scene:
    """A small store, what is told of its writes, and an amendment."""

    def __init__(self, kernels, change, depends=None):
        self.store, self.told, self.ledger = small_store(kernels), [], kernels.ledger
        self.journal = self.ledger.Journal(
            self.store, self.note, lambda value: repr(value).encode()
        )
        self.change = change
        depends = {"nodes": 0} if depends is None else depends
        self.amend = self.ledger.Amendment(self.journal, "set", BUCKET, self.called, depends)

    def note(self, *words):
        self.told.append(words)

    def called(self, *parts):
        return self.change(self, *parts)

    def answer(self, call):
        name, *rest = call
        try:
            if name == "amend":
                return self.amend(*rest)
            return self.store.put(*rest, 5).mod_revision
        except (RefusedError, ValueError) as error:
            return type(error), error.args


def summed(scene, value, *given):
    """Nothing for values among the given ones; 7 writes the key, 8 another one, 9 is an error."""
    *given, revision = given
    assert revision == str(scene.store.revision + 1)
    if 9 in given:
        raise ValueError(given)
    if 8 in given:
        scene.store.put(BUCKET, "other/x", 1)
    if 7 in given:
        scene.store.put(BUCKET, "a/x", 1)
    return None if value in given else sum(given) % 5


def obvious(scene, space, name, given):
    """Slow and obvious: what an amendment is, in the words of the store."""
    found = scene.store.get(BUCKET, f"{space}/{name}")
    if scene.store.last_change("nodes") or found is None:
        return None
    value = scene.change(scene, found.value, *given, str(scene.store.revision + 1))
    if value is None:
        return None
    entry = scene.store.put(BUCKET, found.key, value, expect=found.mod_revision)
    scene.note("set", BUCKET, found.key, entry.mod_revision, repr(value).encode())
    return value


NAMES = st.sampled_from(["x", "y", "é"])
GIVEN = st.lists(st.integers(0, 9), max_size=20).map(tuple)
CALLS = st.one_of(
    st.tuples(st.just("amend"), st.sampled_from(["a", "é"]), NAMES, GIVEN),
    st.tuples(st.just("amend"), st.just("a"), st.just("x"), GIVEN),
    st.tuples(st.just("put"), st.just(BUCKET), st.sampled_from(["a/x", "a/é", "é/é", "é/y"])),
    st.tuples(st.just("put"), st.just("nodes"), st.just("n")),
)


@given(st.lists(CALLS, max_size=15))
@settings(max_examples=EXAMPLES_COUNT, deadline=None)
def test_amendments_do_what_they_say(calls):
    scenes = [Scene(ledger_pair(kind), summed) for kind in ("twin", "twin", "compiled")]
    scenes[0].amend = lambda *call: obvious(scenes[0], *call)
    for call in [("put", BUCKET, "a/x"), *calls]:
        expected, *answers = (scene.answer(call) for scene in scenes)
        assert answers == [expected, expected], call
    expected, *found = ((scene.told, state_of(scene.store)) for scene in scenes)
    assert found == [expected, expected]


@pytest.fixture(params=["twin", "compiled"])
def kernels(request):
    return ledger_pair(request.param)


def test_what_a_change_is_told(kernels):
    told = []

    def change(_scene, *parts):
        told.append(parts)
        return None if "no" in parts else parts[-1]

    scene = Scene(kernels, change)
    assert scene.amend("a", "x", ()) is None
    scene.store.put(BUCKET, "a/x", 7)
    assert scene.amend("a", "x", ("no",)) is None
    assert (scene.store.revision, scene.told) == (2, [])
    assert scene.amend("a", "x", tuple(range(30))) == "3"
    assert told == [(7, "no", "3"), (7, *range(30), "3")]
    entry = scene.store.get(BUCKET, "a/x")
    assert (entry.value, entry.mod_revision, entry.version) == ("3", 3, 2)
    assert scene.told == [("set", BUCKET, "a/x", 3, b"'3'")]


def test_what_an_amendment_depends_on(kernels):
    scene = Scene(kernels, lambda *parts: parts[1] + 1, depends={"nodes": 3})
    scene.store.put(BUCKET, "a/x", 7)
    assert scene.amend("a", "x", ()) is None
    scene.store.put("nodes", "n", 1)
    assert scene.amend("a", "x", ()) == 8
    scene.store.put("nodes", "n", 2)
    assert scene.amend("a", "x", ()) is None
    assert scene.store.value(BUCKET, "a/x") == 8


def test_wrong_parts():
    kernels = ledger_pair("compiled")
    scene = Scene(kernels, lambda *parts: parts[1])
    scene.store.put(BUCKET, "a/x", 7)
    make = scene.ledger.Amendment
    attempts = [
        lambda: make(scene.store, "set", "pods", int, {}),
        lambda: make(scene.journal, 1, "pods", int, {}),
        lambda: make(scene.journal, "set", None, int, {}),
        lambda: make(scene.journal, "set", "pods", int, []),
        lambda: make(scene.journal, "set", "pods", int, depends={}),
        lambda: make(scene.journal, "set", "pods", int),
        lambda: make(scene.journal, "set", BUCKET, 1, {})("a", "x", ()),
        lambda: make(scene.journal, "set", BUCKET, int, {BUCKET: "2"})("a", "x", ()),
        lambda: scene.amend("a", "x"),
        lambda: scene.amend("a", "x", []),
        lambda: scene.amend("a", 1, ()),
        lambda: scene.amend(1, "x", ()),
        lambda: scene.amend("a", "x", given=()),
    ]
    for attempt in attempts:
        with pytest.raises(TypeError):
            attempt()
    assert (scene.store.revision, scene.told) == (2, [])


def busy(kernels, values):
    scene = Scene(kernels, lambda _scene, _value, *given: given[0])
    scene.store.put(BUCKET, "a/x", 1)
    for number in range(40):
        scene.amend("a", f"{'xy'[number % 2]}", (values[number % 3], *values * 10))
        scene.amend("a", "x", (None,))
    scene.store.put("nodes", "n", 1)
    assert scene.amend("a", "x", (values[0],)) is None


def test_everything_is_given_back():
    kernels = ledger_pair("compiled")
    values = [object(), object(), object()]
    assert_everything_is_given_back(lambda: busy(kernels, values), values)


def test_an_amendment_in_a_cycle_is_collected():
    kernels = ledger_pair("compiled")
    gc.collect()
    before = kernels.btree._live()
    scene = Scene(kernels, lambda *parts: parts[1])  # Its amendment calls the scene.
    scene.store.put(BUCKET, "a/x", 1)
    scene.amend("a", "x", ())
    del scene
    gc.collect()
    assert kernels.btree._live() == before


@pytest.mark.usefixtures("no_collector")
def test_every_failing_allocation():
    """A value is changed and told of, or changed, or nothing happens."""
    kernels = ledger_pair("compiled")
    scene = Scene(kernels, lambda _scene, _value, *given: given[0])
    scene.store.put(BUCKET, "a/x", "first")
    failures = 0
    for number in range(400):
        before = scene.store.revision, scene.store.value(BUCKET, "a/x")
        _testcapi.set_nomemory(number % 30, number % 30 + 1)
        try:
            scene.amend("a", "x", (f"v{number}", *range(number % 20)))
        except MemoryError:
            failures += 1
        finally:
            _testcapi.remove_mem_hooks()
        after = scene.store.revision, scene.store.value(BUCKET, "a/x")
        assert after in (before, (before[0] + 1, f"v{number}"))
        scene.store._buckets[BUCKET].contents.entries.check_invariants()
    assert failures > 0
