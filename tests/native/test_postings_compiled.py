"""What only the compiled kernel can get wrong: hash collisions, processors, leaks, no memory."""

import gc
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore._native.reference import postings as twin

LOOPS = ["portable", "avx2", "avx512"]
WORDS = st.lists(st.integers(0, 20), max_size=30).map(
    lambda seeds: {
        number
        for at, seed in enumerate(seeds)
        for number in range(at * 7000, at * 7000 + 7000, seed + 1)
    }
)


@pytest.fixture
def collisions(compiled_postings):
    compiled_postings._limit_hashes(2)
    yield compiled_postings
    compiled_postings._limit_hashes(64)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.sampled_from("abcdefgh"), st.booleans(), st.booleans()),
        max_size=40,
    )
)
def test_equal_hashes_are_kept_apart(compiled_postings, steps):
    compiled_postings._limit_hashes(2)
    try:
        ours, theirs = compiled_postings.Postings(), twin.Postings()
        pinned = []
        for value, key, adds, copies in steps:
            for side in (ours, theirs):
                edit = side.insert if adds else side.remove
                edit(key, str(value), value)
            if copies:
                pinned.append((ours, theirs))
                ours, theirs = ours.copy(), theirs.copy()
        for left, right in [*pinned, (ours, theirs)]:
            left.check_invariants()
            assert left.keys() == right.keys()
            for key in left.keys():  # noqa: SIM118 - no dict
                assert left.values(key) == right.values(key)
                for value in right.values(key):
                    assert left.get(key, value).ids() == right.get(key, value).ids()
        # They remember hashes: all must go before the limit does.
        del ours, theirs, left, right
        pinned.clear()
    finally:
        compiled_postings._limit_hashes(64)


def test_a_list_of_equal_hashes_empties(collisions):
    found = collisions.Postings()
    for number in range(40):
        found.add(number, {f"k{number}": "v"})
    found.check_invariants()
    twin_of_found = found.copy()
    for number in range(40):
        found.discard(number, {f"k{number}": "v"})
        found.check_invariants()
    assert found.keys() == []
    assert len(twin_of_found.keys()) == 40


@pytest.mark.parametrize("loops", LOOPS)
def test_every_processor_counts_the_same(compiled_postings, loops):
    chosen = compiled_postings._loops()
    try:
        compiled_postings._loops(loops)
    except ValueError:
        pytest.skip(f"this processor has no {loops}")

    @settings(max_examples=20)
    @given(WORDS, WORDS)
    def compare(a, b):
        x, y = compiled_postings.Bitmap(a), compiled_postings.Bitmap(b)
        for found, wanted in ((x & y, a & b), (x | y, a | b), (x - y, a - b), (x ^ y, a ^ b)):
            found.check_invariants()
            assert len(found) == len(wanted)
            assert found.ids() == sorted(wanted)
        assert x.count_both(y) == len(a & b)

    try:
        compare()
    finally:
        compiled_postings._loops(chosen)


def test_unknown_loops_are_refused(compiled_postings):
    with pytest.raises(ValueError, match="no loops called abacus"):
        compiled_postings._loops("abacus")


def blocks_after(cycle, count):
    for _ in range(50):
        cycle()
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(count):
        cycle()
    gc.collect()
    return sys.getallocatedblocks() - before


def work(kernel, texts):
    """Everything at once: shared, copied, grown, shrunk, refused."""
    found = kernel.Postings()
    for number, text in enumerate(texts):
        found.add(number, {"a": text, "b": text[:2]})
    pinned = found.copy()
    found.replace(3, {"a": texts[3]}, {"a": "other", "c": "new"})
    found.discard(4, {"a": texts[4], "b": texts[4][:2]})
    few, many = found.present("a"), kernel.Bitmap(range(0, 9000, 2))
    for bitmap in (few & many, few | many, many - few, many ^ few, many.with_id(1), -1 in [few]):
        list(bitmap or ())
    kernel.Bitmap.union([few, many, few])
    found.hits({"a": "other", "b": texts[0][:2]}), found.values("a"), found.keys()
    with pytest.raises(TypeError):
        found.add(1, {"q": "r", 5: "x"})
    iter(many), many.ids(5, 3), pinned.get("a", "none")


def test_a_thousand_rounds_leave_nothing(compiled_postings):
    texts = [f"text {number}" for number in range(60)]
    assert abs(blocks_after(lambda: work(compiled_postings, texts), 300)) < 60


def test_texts_go_with_their_last_posting(compiled_postings):
    text = "a text that nobody else holds " * 2
    before = sys.getrefcount(text)
    found = compiled_postings.Postings()
    found.add(1, {"k": text, text: "v"})
    pinned = found.copy()
    found.discard(1, {"k": text, text: "v"})
    assert sys.getrefcount(text) == before + 2
    del pinned
    assert sys.getrefcount(text) == before


OPERATIONS = {
    "add": lambda k, p, n: p.copy().add(n, {"a": f"v{n}", f"k{n}": "x", "b": "w"}),
    "insert": lambda k, p, n: p.insert("a", f"n{n}", 7) or p.remove("a", f"n{n}", 7),
    "discard": lambda k, p, n: p.copy().discard(3, {"a": "v3", "b": "w"}),
    "replace": lambda k, p, n: p.copy().replace(3, {"a": "v3"}, {"a": f"r{n}"}),
    "hits": lambda k, p, n: p.hits({"a": "v1", "b": "w"}),
    "values": lambda k, p, n: p.values("a"),
    "bitmap": lambda k, p, n: k.Bitmap(range(0, 90_000, 17)),
    "algebra": lambda k, p, n: (p.present("b") & k.Bitmap([3]), p.present("b") - k.Bitmap([n])),
    "union": lambda k, p, n: k.Bitmap.union([p.present("b"), k.Bitmap([n]), p.present("a")]),
    "with_id": lambda k, p, n: p.present("b").with_id(70_000 + n).without_id(3),
    "ids": lambda k, p, n: (p.present("b").ids(), list(p.present("b"))),
}


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("name", OPERATIONS)
def test_every_failing_allocation(compiled_postings, name):
    memory = pytest.importorskip("_testcapi", reason="allocations cannot be made to fail")
    found = compiled_postings.Postings()
    for number in range(400):
        found.add(number, {"a": f"v{number}", "b": "w"})
    failures = 0
    for start in range(1, 60):
        memory.set_nomemory(start, start + 1)
        try:
            OPERATIONS[name](compiled_postings, found, start)
        except MemoryError:
            failures += 1
        finally:
            memory.remove_mem_hooks()
        found.check_invariants()
    assert failures > 0
    assert found.present("a").ids() == found.present("b").ids() == [*range(400)]
    assert all(found.get("a", f"v{number}").ids() == [number] for number in range(400))
