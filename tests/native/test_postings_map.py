"""Postings say which ids have a key, and which have it with a value; copies part ways."""

from collections import UserDict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

KEYS = st.sampled_from(["app", "env", "tier", "é", ""])
VALUES = st.one_of(st.sampled_from(["web", "prod", "", "é"]), st.text(max_size=2), st.none())
PAIRS = st.dictionaries(KEYS, VALUES, max_size=4)
IDS = st.one_of(st.integers(0, 9), st.sampled_from([65_535, 65_536, 2**32 - 1]))
STEPS = st.lists(st.tuples(IDS, st.one_of(st.none(), PAIRS), st.booleans()), max_size=25)


def agree(found, model):
    """Compare with a dict from ids to pairs."""
    found.check_invariants()
    held = {number: {k: v for k, v in pairs.items() if v is not None} for number, pairs in model}
    keys = sorted({key for pairs in held.values() for key in pairs})
    assert found.keys() == keys
    for key in [*keys, "absent"]:
        having = {number: pairs[key] for number, pairs in held.items() if key in pairs}
        assert found.present(key).ids() == sorted(having)
        assert found.values(key) == sorted(set(having.values()))
        for value in {*having.values(), "absent"}:
            wanted = sorted(number for number, own in having.items() if own == value)
            assert found.get(key, value).ids() == wanted
    for number, pairs in held.items():
        near = {n for n, other in held.items() if pairs.keys() & other.keys()}
        assert found.hits(pairs) == sorted(near)
        assert not pairs or number in near


@settings(max_examples=100)
@given(STEPS)
def test_postings_follow_their_objects(postings, steps):
    found, model = postings.Postings(), {}
    pinned = []
    for number, pairs, copies in steps:
        found.replace(number, model.get(number), pairs)
        model[number] = pairs or {}
        if copies:
            # The copy goes on; what it was copied from stays as it is.
            pinned.append((found, dict(model)))
            found = found.copy()
    agree(found, model.items())
    for old, then in pinned:
        agree(old, then.items())


@settings(max_examples=60)
@given(STEPS, STEPS)
def test_both_sides_of_a_copy_may_write(postings, before, after):
    first, model = postings.Postings(), {}
    for number, pairs, _ in before:
        first.replace(number, model.get(number), pairs)
        model[number] = pairs or {}
    second, other = first.copy(), dict(model)
    for number, pairs, is_first in after:
        side, held = (first, model) if is_first else (second, other)
        side.replace(number, held.get(number), pairs)
        held[number] = pairs or {}
    agree(first, model.items())
    agree(second, other.items())


def test_many_values_grow_the_trie_and_leave(postings):
    found = postings.Postings()
    for number in range(3000):
        found.add(number, {"hash": f"h{number}", "app": f"a{number % 7}"})
    found.check_invariants()
    pinned = found.copy()
    assert len(found.values("hash")) == 3000
    for number in range(3000):
        assert found.get("hash", f"h{number}").ids() == [number]
        found.discard(number, {"hash": f"h{number}", "app": f"a{number % 7}"})
    found.check_invariants()
    assert found.keys() == []
    pinned.check_invariants()
    assert len(pinned.present("app")) == 3000


def test_a_value_that_is_no_text_counts_for_the_key_alone(postings):
    found = postings.Postings()
    found.add(1, {"a": 7, "b": None, "c": "x"})
    assert (found.present("a").ids(), found.values("a")) == ([1], [])
    assert found.keys() == ["a", "c"]
    found.replace(1, {"a": 7, "c": "x"}, {"a": "7", "c": "x"})
    assert found.get("a", "7").ids() == [1]
    found.replace(1, {"a": "7", "c": "x"}, {"a": [], "c": "x"})
    assert (found.present("a").ids(), found.values("a")) == ([1], [])


def test_keys_alone_and_pairs_alone_can_be_told_apart(postings):
    found = postings.Postings()
    found.insert("app", "web", 3)
    found.insert("env", None, 4)
    assert found.present("app").ids() == []
    assert found.get("app", "web").ids() == [3]
    assert found.hits({"app": "web", "env": "x"}) == [3, 4]
    assert found.hits({"app": "db"}) == []
    found.remove("app", "other", 3)
    found.remove("app", "web", 9)
    found.remove("nothing", None, 3)
    assert found.hits({"app": "web"}) == [3]
    found.remove("app", "web", 3)
    found.remove("env", None, 4)
    assert found.keys() == []
    found.check_invariants()


def test_hits_come_in_order_and_once(postings):
    found = postings.Postings()
    for number in (900, 5, 70_000, 5, 31):
        found.insert("app", "web", number)
        found.insert("env", None, number // 2)
    found.insert("env", None, 5)
    assert found.hits({"app": "web", "env": "prod"}) == [2, 5, 15, 31, 450, 900, 35_000, 70_000]
    for number in range(1000):
        found.insert("many", "x", number)
    assert found.hits({"app": "web", "many": "x"}) == [*range(1000), 70_000]
    assert found.hits({f"k{n}": "x" for n in range(200)} | {"many": "x"}) == [*range(1000)]
    assert found.hits(None) == []


def test_hits_of_very_many_pairs(postings):
    found = postings.Postings()
    pairs = {f"k{number}": "x" for number in range(300)}
    for number in range(300):
        found.insert(f"k{number}", "x", number)
    assert found.hits(pairs) == [*range(300)]


def test_any_mapping_will_do(postings, kernel):
    found = postings.Postings()
    labels = {"app": "web", "env": "prod"}
    found.add(1, labels)
    found.add(2, UserDict(labels))
    found.add(3, kernel.freeze(labels))
    found.replace(2, UserDict(labels), kernel.freeze({"app": "web"}))
    found.replace(3, kernel.freeze(labels), UserDict({"env": "prod"}))
    assert found.get("app", "web").ids() == [1, 2]
    assert found.get("env", "prod").ids() == [1, 3]
    many = kernel.freeze({f"k{number}": "v" for number in range(40)})
    found.add(4, many)
    found.replace(4, many, many.set("k7", "w"))
    assert found.get("k7", "w").ids() == found.get("k8", "v").ids() == [4]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda p: p.add("1", {}), "an id must be int, not str"),
        (lambda p: p.add(1, {1: "x"}), "keys must be str, not int"),
        (lambda p: p.get("a", 1), "a value must be str, not int"),
        (lambda p: p.get(1, "a"), "a key must be str, not int"),
        (lambda p: p.present(None), "a key must be str, not NoneType"),
        (lambda p: p.values(1), "a key must be str, not int"),
        (lambda p: p.insert("a", 1, 1), "a value must be str, not int"),
        (lambda p: p.insert(None, "a", 1), "a key must be str, not NoneType"),
        (lambda p: p.hits({1: "x"}), "keys must be str, not int"),
        (lambda p: p.hits(7), "items|mapping|iterable"),
        (lambda p: p.add(1), "argument"),
    ],
)
def test_other_types_are_refused(postings, call, message):
    found = postings.Postings()
    found.add(1, {"a": "x"})
    with pytest.raises((TypeError, AttributeError), match=message):
        call(found)
    found.check_invariants()
    assert found.keys() == ["a"]


class Text(str):
    """A str with a hash of its own, which nobody asks."""

    __slots__ = ()

    def __hash__(self):
        return 0

    def __eq__(self, other):
        return False


def test_kinds_of_str_are_read_as_str(postings):
    found = postings.Postings()
    found.add(1, UserDict([("a", Text("x"))]))
    found.insert(Text("b"), Text("y"), 2)
    assert found.get("a", "x").ids() == [1]
    assert found.get("b", Text("y")).ids() == [2]


def test_dense_postings_change_form_while_copies_keep_theirs(postings):
    found, model, pinned = postings.Postings(), set(), []
    # Ascending, then every third out, then back from above: arrays to words, to arrays, to words.
    steps = [(number, True) for number in range(0, 9000, 2)]
    steps += [(number, False) for number in range(0, 9000, 6)]
    steps += [(number, True) for number in range(8999, 3000, -3)]
    steps += [(number, False) for number in range(9000) if number % 5]
    for place, (number, adds) in enumerate(steps):
        if place % 1500 == 700:
            pinned.append((found, set(model)))
            found = found.copy()
        (found.insert if adds else found.remove)("app", "web", number)
        (model.add if adds else model.discard)(number)
        if place % 500 == 0:
            found.check_invariants()
    for held, then in [*pinned, (found, model)]:
        held.check_invariants()
        assert held.get("app", "web").ids() == sorted(then)
        assert len(held.get("app", "web")) == len(then)
