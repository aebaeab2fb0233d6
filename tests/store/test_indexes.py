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
