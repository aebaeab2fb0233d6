"""Declared indexes answer as a scan would, for any string, at any time."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.store.mvcc import Store

WORDS = st.text(alphabet="ab\x00\x01", max_size=3)


def owners(value):
    return value["owners"]


@given(st.lists(st.tuples(st.integers(0, 6), st.lists(WORDS, max_size=3)), max_size=30))
@settings(max_examples=150, deadline=None)
def test_an_index_agrees_with_a_scan(writes):
    store = Store()
    store.declare("pods", {"owner": owners, "twice": owners})
    for number, words in writes:
        store.put("pods", f"ns/{number}", freeze({"owners": words}))
    store.check_invariants()

    for word in sorted({word for _, words in writes for word in words} | {"", "a", "zz"}):
        wanted = [e.key for e in store.view("pods").range() if word in e.value["owners"]]
        assert [e.key for e in store.view("pods").by_index("owner", word)] == wanted


def test_an_undeclared_index_is_an_error():
    with pytest.raises(KeyError, match="node"):
        list(Store().view("pods").by_index("node", "n1"))


def test_a_late_declaration_indexes_what_is_there():
    store = Store()
    store.put("pods", "ns/a", freeze({"owners": ["x"]}))
    store.declare("pods", {"owner": owners})
    store.put("pods", "ns/b", freeze({"owners": ["x"]}))

    assert [e.key for e in store.view("pods").by_index("owner", "x")] == ["ns/a", "ns/b"]
    store.check_invariants()


def test_a_view_keeps_its_postings():
    store = Store()
    store.declare("pods", {"owner": owners})
    store.put("pods", "ns/a", freeze({"owners": ["x"]}))
    view = store.view("pods")
    store.put("pods", "ns/a", freeze({"owners": ["y"]}))

    assert [e.mod_revision for e in view.by_index("owner", "x")] == [2]
    assert list(store.view("pods").by_index("owner", "x")) == []


def names_of(values):
    return tuple(value["name"] for value in values)


@given(
    st.lists(
        st.tuples(st.integers(0, 150), st.sampled_from(["x", "y", "z"]), st.booleans()),
        min_size=1,
        max_size=400,
    )
)
@settings(max_examples=60, deadline=None)
def test_summaries_of_runs_add_up_to_the_index_in_every_view(writes):
    store = Store()
    store.declare("pods", {"owner": owners})
    fork, views = None, []
    for number, (key, owner, gone) in enumerate(writes):
        if gone and store.get("pods", f"ns/{key:03}") is not None:
            store.delete("pods", f"ns/{key:03}")
        else:
            store.put("pods", f"ns/{key:03}", freeze({"owners": [owner], "name": number}))
        if number % 20 == 0:
            views.append(store.view("pods"))
        if number == len(writes) // 2:
            fork = store.fork()
            fork.put("pods", "ns/000", freeze({"owners": ["x"], "name": "forked"}))
            views.append(fork.view("pods"))
    # Old views are asked after new ones, and twice: a remembered result must not leak.
    for view in [*views, *reversed(views)]:
        for owner in "xyz":
            wanted = names_of(entry.value for entry in view.by_index("owner", owner))
            assert sum(view.summaries("owner", owner, names_of), ()) == wanted


def test_only_runs_with_changes_are_summarized_again():
    store = Store()
    store.declare("pods", {"owner": owners})
    for number in range(1000):
        store.put("pods", f"ns/{number:04}", freeze({"owners": ["x"], "name": number}))
    seen = []

    def count(values):
        seen.append(len(values))
        return len(values)

    assert sum(store.view("pods").summaries("owner", "x", count)) == 1000
    seen.clear()
    store.put("pods", "ns/0500", freeze({"owners": ["x"], "name": "new"}))
    assert sum(store.view("pods").summaries("owner", "x", count)) == 1000
    assert len(seen) == 1
    assert seen[0] <= 64


def test_a_summary_under_an_undeclared_index_is_an_error():
    with pytest.raises(KeyError, match="node"):
        Store().view("pods").summaries("node", "n1", names_of)
