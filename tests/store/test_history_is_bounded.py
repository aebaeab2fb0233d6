"""A bucket remembers a bounded number of changes; who is behind them is told, never skipped."""

import pytest

from kcore.machinery.frozen import freeze
from kcore.store import bucket as bucket_module
from kcore.store.history import CHUNK_COUNT, History
from kcore.store.mvcc import Store
from kcore.store.revision import CompactedError, Event, KeyValue

VALUE = freeze({})


def event(revision):
    return Event(revision, "k", KeyValue("k", VALUE, revision, revision, 1), None)


@pytest.fixture
def small_store():
    return Store(history_count_max=10)


def test_old_events_go_first():
    history = History(3 * CHUNK_COUNT)
    for revision in range(2, 5 * CHUNK_COUNT):
        history.append(event(revision))

    history.check_invariants()
    assert len(history) == 3 * CHUNK_COUNT
    kept = [e.revision for e in history.since(0)]
    assert kept == list(range(2 * CHUNK_COUNT, 5 * CHUNK_COUNT))
    assert history.dropped_revision == 2 * CHUNK_COUNT - 1


def test_places_survive_compaction():
    history = History(10_000)
    for revision in range(2, 2000):
        history.append(event(revision))
    place = history.sequence_after(1500)

    history.compact(1400)

    history.check_invariants()
    assert history.get(place).revision == 1501
    assert history.sequence_after(1500) == place
    history.compact(10**6)
    assert len(history) == 0
    history.append(event(2000))
    assert [e.revision for e in history.since(0)] == [2000]


def test_a_cursor_left_behind_is_told(small_store):
    cursor = small_store.watch("pods")
    for number in range(11):
        small_store.put("pods", f"ns/{number}", VALUE)

    assert cursor.pending()
    with pytest.raises(CompactedError) as refusal:
        cursor.next()

    assert str(refusal.value) == "etcdserver: mvcc: required revision has been compacted"
    small_store.check_invariants()


def test_reads_and_watches_before_the_bound_are_refused(small_store):
    for number in range(15):
        small_store.put("pods", f"ns/{number}", VALUE)

    oldest = small_store.oldest_revision("pods")
    assert oldest == 6
    assert len(small_store.view("pods", oldest)) == 5
    assert small_store.watch("pods", oldest).next().revision == oldest + 1
    for revision in range(1, oldest):
        with pytest.raises(CompactedError):
            small_store.view("pods", revision)
        with pytest.raises(CompactedError):
            small_store.watch("pods", revision)


def test_another_busy_bucket_costs_no_history(small_store):
    small_store.put("nodes", "/a", VALUE)
    for number in range(15):
        small_store.put("pods", f"ns/{number}", VALUE)

    assert len(small_store.view("nodes", 2)) == 1
    assert len(small_store.view("nodes", 1)) == 0


def test_views_for_cursors_are_bounded_and_slow_cursors_still_exact(monkeypatch):
    monkeypatch.setattr(bucket_module, "KEPT_VIEWS_COUNT_MAX", 4)
    store = Store()
    slow = store.watch("pods")
    for number in range(50):
        store.put("pods", f"ns/{number % 7}", freeze({"n": number}))

    while (event := slow.next()) is not None:
        view = slow.view
        assert view.revision == event.revision
        assert list(view.range()) == list(store.view("pods", view.revision).range())
        assert store.statistics().buckets["pods"].kept_views_count <= 4
    assert slow.view.revision == store.revision
