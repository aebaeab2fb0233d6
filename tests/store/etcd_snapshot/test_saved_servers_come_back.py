"""What a server holds comes back from a snapshot file, at every revision that was kept."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.runtime.choice import SeededSource
from kcore.runtime.clock import VirtualClock
from kcore.store.etcd.lease_messages import LeaseTimeToLiveRequest
from kcore.store.etcd.messages import KeyValue, PutRequest, RangeRequest
from kcore.store.etcd.server import EtcdServer
from kcore.store.etcd.watch_messages import WatchCreateRequest
from kcore.store.etcd_snapshot.errors import SnapshotError
from kcore.store.etcd_snapshot.reading import read_snapshot
from kcore.store.etcd_snapshot.restore import restore_server
from tests.store.etcd.requests import Requests
from tests.store.etcd.serving import send
from tests.store.etcd_snapshot.writing import (
    database,
    message_of,
    revision_key,
    sealed,
    snapshot_of,
)

ALL = (b"\x00", b"\x00")


def random_server(seed, steps):
    source, server = SeededSource(seed), EtcdServer(VirtualClock())
    requests = Requests(lambda count: source.choose(count, "request"))
    for _ in range(steps):
        requests.revision = server.keyspace.revision
        send(server, requests.request())
    return server


def leases_of(server):
    asked = [server.lease_time_to_live(LeaseTimeToLiveRequest(n)) for n in (1, 2, 3)]
    return [(one.id, one.granted_ttl) for one in asked if one.ttl > 0]


def events_since(server, revision):
    stream = server.watch()
    stream.create(WatchCreateRequest(*ALL, start_revision=revision, prev_kv=True))
    return [event for response in stream.read() for event in response.events]


@settings(max_examples=25)
@given(st.integers(0, 2**32), st.sampled_from([1, 3, 50]), st.sampled_from([4096, 16384]))
def test_every_revision(seed, per_leaf, page_bytes):
    server = random_server(seed, 80)
    leases = leases_of(server)
    data = snapshot_of(server, leases, per_leaf=per_leaf, page_bytes=page_bytes)

    restored = restore_server(read_snapshot(data), VirtualClock())

    restored.check_invariants()
    first = max(1, server.keyspace.first_revision)
    for revision in range(first, server.keyspace.revision + 1):
        everything = RangeRequest(*ALL, revision=revision)
        assert send(restored, everything) == send(server, everything)
    assert events_since(restored, first + 1) == events_since(server, first + 1)
    assert leases_of(restored) == leases


def test_values_longer_than_a_page():
    server = EtcdServer(VirtualClock())
    server.put(PutRequest(b"long", bytes(range(256)) * 100))
    server.put(PutRequest(b"short", b"x"))

    snapshot = read_snapshot(snapshot_of(server))

    assert [kv.value for kv in snapshot.live()] == [bytes(range(256)) * 100, b"x"]


def test_an_empty_server():
    restored = restore_server(
        read_snapshot(snapshot_of(EtcdServer(VirtualClock()))), VirtualClock()
    )

    assert restored.range(RangeRequest(*ALL)).count == 0
    assert restored.keyspace.revision == 1


def file_of(*kvs):
    items = [(revision_key(kv.mod_revision, 0), message_of(kv)) for kv in kvs]
    return read_snapshot(sealed(database({b"key": items})))


def test_a_gap_in_revisions_bounds_what_can_be_read():
    """`etcdutl snapshot restore --bump-revision` leaves one."""
    snapshot = file_of(KeyValue(b"a", 2, 2, 1), KeyValue(b"b", 1002, 1002, 1))

    restored = restore_server(snapshot, VirtualClock())

    assert restored.keyspace.revision == 1002
    assert restored.keyspace.first_revision == 1001
    assert [kv.key for kv in restored.range(RangeRequest(*ALL, revision=1001)).kvs] == [b"a"]


def test_entries_that_contradict_each_other_are_refused():
    snapshot = file_of(KeyValue(b"a", 2, 2, 1), KeyValue(b"a", 2, 3, 7))

    with pytest.raises(SnapshotError, match=r"byte \d+: key b'a' does not follow"):
        restore_server(snapshot, VirtualClock())


def test_a_lease_that_does_not_exist_is_refused():
    snapshot = file_of(KeyValue(b"a", 2, 2, 1, b"", 5))

    with pytest.raises(SnapshotError, match="lease 5, which does not exist"):
        restore_server(snapshot, VirtualClock())
