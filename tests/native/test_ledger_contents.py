"""Contents keep indexes in step, whatever their functions do."""

import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.native.conftest import ledger_pair
from tests.native.giving_back import assert_everything_is_given_back

_testcapi = pytest.importorskip("_testcapi", reason="this Python cannot fail allocations on demand")

WORDS = st.text(alphabet="ab\x00é€😀1", max_size=3)


@pytest.fixture(params=["twin", "compiled"])
def kernels(request):
    return ledger_pair(request.param)


def contents_of(kernels, indexes):
    contents = kernels.ledger.ContentsCore()
    contents.entries, contents.postings = kernels.btree.BTree(), kernels.btree.BTree()
    contents.indexes = indexes
    return contents


def as_given(value):
    return value


@given(WORDS, WORDS, WORDS)
def test_the_key_of_a_posting(name, value, key):
    wanted = f"{name}\x00{len(value)}\x00{value}\x00{key}"
    for which in ("twin", "compiled"):
        found = ledger_pair(which).ledger.posting_key(name, value, key)
        assert found == wanted
        assert sys.getsizeof(found) <= sys.getsizeof(wanted)


@pytest.mark.parametrize("length", [0, 9, 10, 99, 100, 12345])
def test_the_length_of_a_string(kernels, length):
    found = kernels.ledger.posting_key("n", "x" * length, "k")
    assert found == f"n\x00{length}\x00{'x' * length}\x00k"


WRITES = st.lists(
    st.tuples(st.sampled_from(["k", "é"]), st.none() | st.lists(WORDS, max_size=4)), max_size=20
)


@given(WRITES)
@settings(max_examples=200, deadline=None)
def test_postings_are_what_a_scan_finds(writes):
    indexes = {"list": list, "tuple": tuple, "sorted": sorted, "none": lambda _: ()}
    for which in ("twin", "compiled"):
        kernels, held = ledger_pair(which), {}
        contents = contents_of(kernels, indexes)
        for revision, (key, words) in enumerate(writes):
            old = held.pop(key, None)
            new = None if words is None else kernels.ledger.Entry(key, words, 1, revision + 1, 1)
            if new is not None:
                held[key] = new
            contents.reindex(key, old, new)
        assert dict(contents.postings.items()) == {
            kernels.ledger.posting_key(name, word, key): entry
            for key, entry in held.items()
            for name, function in indexes.items()
            for word in function(entry.value)
        }
        contents.postings.check_invariants()


def test_a_posting_holds_the_entry_itself(kernels):
    contents = contents_of(kernels, {"any": as_given})
    entries = [kernels.ledger.Entry("k", ("x",), 1, number, number) for number in (1, 2)]
    contents.reindex("k", None, entries[0])
    contents.reindex("k", *entries)
    assert contents.postings.get(kernels.ledger.posting_key("any", "x", "k")) is entries[1]


def test_wrong_answers_and_wrong_calls(kernels):
    entry = kernels.ledger.Entry("k", (1,), 1, 1, 1)
    for indexes in ({"any": as_given}, {"any": len}, {"any": None}, {1: lambda _: ("x",)}):
        contents = contents_of(kernels, indexes)
        with pytest.raises(TypeError):
            contents.reindex("k", None, entry)
        assert list(contents.postings.items()) == []
    contents = contents_of(kernels, {})
    for attempt in (contents.reindex, lambda: contents.reindex("k", None)):
        with pytest.raises(TypeError):
            attempt()
    for parts in ((), ("a", "b"), ("a", "b", 1), (1, "b", "c"), ("a", None, "c")):
        with pytest.raises(TypeError):
            kernels.ledger.posting_key(*parts)


def test_a_string_that_was_never_posted(kernels):
    contents = contents_of(kernels, {"any": as_given})
    with pytest.raises(KeyError):
        contents.reindex("k", kernels.ledger.Entry("k", ("x",), 1, 1, 1), None)


def test_wrong_parts():
    kernels = ledger_pair("compiled")
    contents = contents_of(kernels, {"any": as_given})
    for old in (1, ("k",)):
        with pytest.raises(TypeError, match="an Entry or None is wanted"):
            contents.reindex("k", old, None)
    del contents.postings
    with pytest.raises(TypeError, match="postings is missing or of a wrong type"):
        contents.reindex("k", None, None)
    contents.indexes = 1
    with pytest.raises(TypeError, match="indexes is missing or of a wrong type"):
        contents.reindex("k", None, None)


def test_a_function_may_take_everything_away():
    """What is used is held: the index that asks is brought up to date, whatever became of it."""
    kernels = ledger_pair("compiled")

    def greedy(value):
        contents.indexes, contents.postings = {}, kernels.btree.BTree()
        indexes.clear()
        return (value * 2,)

    indexes = {"".join(["gre", "edy"]): greedy}
    contents = contents_of(kernels, indexes)
    postings = contents.postings
    contents.reindex("k", None, kernels.ledger.Entry("k", "x", 1, 1, 1))
    assert [key for key, _ in postings.items()] == ["greedy\x002\x00xx\x00k"]


def test_everything_is_given_back():
    kernels = ledger_pair("compiled")
    words = [f"a word that nobody else holds {number}" for number in range(3)]

    def run():
        contents, old = contents_of(kernels, {"any": as_given, "again": list}), None
        for number in range(60):
            chosen = [words[number % 3], words[number % 2]]
            new = kernels.ledger.Entry("k", chosen, 1, 1, 1) if number % 7 else None
            contents.reindex("k", old, new)
            old = new
        contents.indexes = {"broken": lambda _: (words[0], 1)}
        with pytest.raises(TypeError):
            contents.reindex("k", None, old)

    assert_everything_is_given_back(run, words)


@pytest.mark.usefixtures("no_collector")
def test_every_failing_allocation():
    """A string is posted or it is not; trees stay whole and nothing is lost."""
    kernels = ledger_pair("compiled")
    failures = 0
    for start in range(40):
        contents = contents_of(kernels, {"any": as_given})
        entry = kernels.ledger.Entry("k", ("x", "é"), 1, 1, 1)
        other = kernels.ledger.Entry("k", ("y", "x"), 1, 2, 2)
        contents.reindex("k", None, entry)
        _testcapi.set_nomemory(start, start + 1)
        try:
            contents.reindex("k", entry, other)
        except MemoryError:
            failures += 1
        finally:
            _testcapi.remove_mem_hooks()
        contents.postings.check_invariants()
        assert set(contents.postings.values()) <= {entry, other}
    assert failures > 0
