"""The selectors that select an object, found without asking each of them."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.forking import ForkMemo
from kcore.machinery.frozen import freeze
from kcore.machinery.labels import (
    EVERYTHING,
    NOTHING,
    Requirement,
    Selector,
    SelectorIndex,
    parse_selector,
)

TERMS = st.sampled_from(
    [
        "a=x",
        "a==y",
        "b=x",
        "b=",
        "a in (x,y)",
        "a in (z)",
        "a in (x,y,z)",
        "c in (1,5,9)",
        "b notin (x)",
        "a!=x",
        "a",
        "b",
        "!a",
        "!c",
        "c>3",
        "c<7",
    ]
)
SELECTORS = st.one_of(
    st.lists(TERMS, max_size=3).map(lambda terms: parse_selector(",".join(terms))),
    st.sampled_from([EVERYTHING, NOTHING, Selector([Requirement("a", "in", ())])]),
)
LABELS = st.dictionaries(
    st.sampled_from("abc"), st.sampled_from(["x", "y", "z", "", "1", "5", "9"])
)
NAMES = st.sampled_from([f"s{number}" for number in range(8)])
SCOPES = st.sampled_from(["", "ns"])
STEPS = st.lists(st.tuples(NAMES, st.one_of(st.none(), SELECTORS), SCOPES), max_size=25)


def asked_each(model, labels, scope):
    return sorted(
        name for name, (one, where) in model.items() if where == scope and one.matches(labels)
    )


def follow(index, model, steps):
    for name, selector, scope in steps:
        if selector is None:
            index.discard(name)
            model.pop(name, None)
        else:
            index.set(name, selector, scope)
            model[name] = (selector, scope)
        index.check_invariants()


def agree(index, model, objects):
    assert len(index) == len(model)
    for name, (selector, _) in model.items():
        assert name in index
        assert index.get(name) == selector
    for labels in objects:
        for scope in ("", "ns", "empty"):
            wanted = asked_each(model, labels, scope)
            assert index.matching(labels, scope) == wanted
            assert index.matching(freeze(labels), scope) == wanted


@settings(max_examples=100)
@given(STEPS, STEPS, st.lists(LABELS, min_size=1, max_size=6))
def test_it_finds_whom_a_loop_finds_in_forks_too(before, after, objects):
    index, model = SelectorIndex(), {}
    follow(index, model, before)
    fork, other = index.fork(ForkMemo()), dict(model)
    follow(index, model, after[::2])
    follow(fork, other, after[1::2])
    agree(index, model, objects)
    agree(fork, other, objects)
    fork.check_invariants()


def test_no_labels_are_an_empty_set():
    index = SelectorIndex()
    index.set("all", EVERYTHING)
    index.set("none", NOTHING)
    index.set("without", parse_selector("!a"))
    index.set("with", parse_selector("a"))
    assert index.matching(None) == ["all", "without"]


def test_the_rarest_requirement_is_taken(monkeypatch):
    index = SelectorIndex()
    for number in range(200):
        index.set(f"s{number:03}", parse_selector(f"app=web,instance=i{number}"))
    asked = []
    monkeypatch.setattr(
        Selector, "matches", lambda self, labels: asked.append(self) or True, raising=False
    )
    assert "s007" in index.matching({"app": "web", "instance": "i7"})
    assert len(asked) <= 2


def test_a_selector_can_move_between_scopes():
    index = SelectorIndex()
    index.set("s", parse_selector("a=x"), "one")
    index.set("s", parse_selector("a=x"), "two")
    assert index.matching({"a": "x"}, "one") == []
    assert index.matching({"a": "x"}, "two") == ["s"]
    index.discard("s")
    index.discard("s")
    assert index.matching({"a": "x"}, "two") == []
    index.check_invariants()


@pytest.mark.parametrize("name", ["absent"])
def test_what_is_not_there_is_none(name):
    assert SelectorIndex().get(name) is None
    assert name not in SelectorIndex()
