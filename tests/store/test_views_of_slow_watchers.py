"""A watcher that lags shows the state it has reached, however long nobody has asked for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.store import watch
from kcore.store.mvcc import Store


@given(
    moves=st.lists(
        st.tuples(st.sampled_from(("write", "next", "look", "forget")), st.integers(1, 9)),
        max_size=40,
    )
)
def test_view_is_what_was_handed_out(moves):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watch, "PASSED_COUNT_MIN", 3)
        patch.setattr(watch, "PASSED_COUNT_MAX", 7)
        store = Store()
        cursor = store.watch("pods")
        handed_out = shown(cursor)
        for move, times in moves:
            for number in range(times):
                if move == "write":
                    store.put("pods", f"ns/{number}", freeze({"revision": store.next_revision}))
                elif move == "next" and (event := cursor.next()) is not None:
                    handed_out[event.current.key] = event.current.value["revision"]
            if move == "look":
                assert shown(cursor) == handed_out
            elif move == "forget" and cursor.revision > store.compact_revision:
                store.compact(cursor.revision)
        assert shown(cursor) == handed_out


def shown(cursor):
    return {entry.key: entry.value["revision"] for entry in cursor.view.range()}
