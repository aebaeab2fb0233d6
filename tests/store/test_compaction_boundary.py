"""Law C05: compaction at a revision keeps the state at it and the changes at and after it."""

import pytest

from kcore.machinery.frozen import freeze
from kcore.store.mvcc import Store
from kcore.store.revision import CompactedError, FutureRevisionError


def keys(view):
    return [entry.key for entry in view.range()]


@pytest.fixture
def store():
    """Revision r writes key r; compacted at 6 of 9."""
    store = Store()
    for revision in range(2, 10):
        store.put("pods", f"ns/{revision}", freeze({}))
    store.compact(6)
    store.check_invariants()
    return store


def test_the_state_at_the_compacted_revision_is_the_oldest(store):
    assert keys(store.view("pods", 6)) == [f"ns/{n}" for n in range(2, 7)]
    assert store.get("pods", "ns/7", 6) is None
    with pytest.raises(CompactedError):
        store.view("pods", 5)


@pytest.mark.parametrize("start", [5, 6, 7, 9])
def test_a_watch_may_start_right_before_it(store, start):
    cursor = store.watch("pods", start)

    events = list(iter(cursor.next, None))

    assert [event.revision for event in events] == list(range(start + 1, 10))


def test_but_not_earlier(store):
    with pytest.raises(CompactedError) as refusal:
        store.watch("pods", 4)

    assert (refusal.value.revision, refusal.value.compact_revision) == (4, 6)
    with pytest.raises(CompactedError):
        store.watch("a-bucket-without-changes", 4)
    assert not store.watch("a-bucket-without-changes", 5).pending()


def test_a_cursor_that_missed_nothing_goes_on():
    store = Store()
    cursor = store.watch("pods")
    store.put("pods", "ns/2", freeze({}))
    store.put("pods", "ns/3", freeze({}))
    store.compact(2)
    assert cursor.next().revision == 2
    store.compact(3)
    assert cursor.next().revision == 3
    store.put("pods", "ns/4", freeze({}))
    store.put("pods", "ns/5", freeze({}))
    store.compact(5)

    with pytest.raises(CompactedError):
        cursor.next()


@pytest.mark.parametrize(
    ("revision", "error"), [(5, CompactedError), (6, CompactedError), (10, FutureRevisionError)]
)
def test_what_cannot_be_compacted(store, revision, error):
    with pytest.raises(error):
        store.compact(revision)


def test_errors_speak_as_etcd():
    store = Store()
    with pytest.raises(FutureRevisionError) as future:
        store.view("pods", 2)

    assert str(future.value) == "etcdserver: mvcc: required revision is a future revision"
