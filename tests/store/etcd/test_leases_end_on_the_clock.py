"""A lease ends at its deadline on the virtual clock, with its keys, at one revision."""

import pytest

from kcore.runtime.clock import SECOND_NS, VirtualClock
from kcore.store.etcd.errors import EtcdError
from kcore.store.etcd.lease_messages import (
    LeaseGrantRequest,
    LeaseKeepAliveRequest,
    LeaseRevokeRequest,
    LeaseTimeToLiveRequest,
)
from kcore.store.etcd.messages import PutRequest, RangeRequest
from kcore.store.etcd.server import EtcdServer
from kcore.store.etcd.watch_messages import WatchCreateRequest

ALL = RangeRequest(b"\x00", b"\x00")


@pytest.fixture
def clock():
    return VirtualClock()


@pytest.fixture
def server(clock):
    return EtcdServer(clock)


def wait(clock, seconds):
    clock.advance_to(clock.now_ns() + int(seconds * SECOND_NS))


def left(server, lease):
    return server.lease_time_to_live(LeaseTimeToLiveRequest(lease)).ttl


def test_keys_go_at_the_deadline_and_not_before(server, clock):
    server.lease_grant(LeaseGrantRequest(10, 1))
    for key in (b"b", b"a"):
        server.put(PutRequest(key, b"v", 1))
    server.put(PutRequest(b"stays", b"v"))

    wait(clock, 9.999)
    assert server.range(ALL).count == 3
    wait(clock, 0.001)

    assert [kv.key for kv in server.range(ALL).kvs] == [b"stays"]
    assert server.keyspace.revision == 5, "both keys at one revision"
    assert left(server, 1) == -1
    server.check_invariants()


def test_renewal_starts_the_time_anew(server, clock):
    server.lease_grant(LeaseGrantRequest(10, 1))
    wait(clock, 9)
    assert server.lease_keep_alive(LeaseKeepAliveRequest(1)).ttl == 10
    wait(clock, 9)

    assert left(server, 1) == 1
    wait(clock, 1)
    assert server.lease_keep_alive(LeaseKeepAliveRequest(1)).ttl == 0


def test_leases_end_in_the_order_of_their_deadlines(server, clock):
    for lease, seconds in ((1, 30), (2, 10), (3, 20)):
        server.lease_grant(LeaseGrantRequest(seconds, lease))
        server.put(PutRequest(b"%d" % lease, b"", lease))
    stream = server.watch()
    stream.create(WatchCreateRequest(b"\x00", b"\x00"))
    wait(clock, 100)
    server.run_due()

    responses = stream.read()

    assert [event.kv.key for one in responses for event in one.events] == [b"2", b"3", b"1"]
    assert [one.header.revision for one in responses] == [5, 6, 7]


def test_the_next_thing_due_is_known(server, clock):
    assert server.next_due_ns() is None
    server.lease_grant(LeaseGrantRequest(10, 1))
    server.lease_grant(LeaseGrantRequest(5, 2))

    assert server.next_due_ns() == clock.now_ns() + 5 * SECOND_NS


def test_a_key_belongs_to_the_lease_it_was_last_put_with(server):
    server.lease_grant(LeaseGrantRequest(10, 1))
    server.lease_grant(LeaseGrantRequest(10, 2))
    for lease in (1, 2, 0, 2):
        server.put(PutRequest(b"k", b"v", lease))

    assert server.lease_time_to_live(LeaseTimeToLiveRequest(1, True)).keys == ()
    assert server.lease_time_to_live(LeaseTimeToLiveRequest(2, True)).keys == (b"k",)
    server.lease_revoke(LeaseRevokeRequest(1))
    assert server.range(ALL).count == 1
    server.lease_revoke(LeaseRevokeRequest(2))
    assert server.range(ALL).count == 0


def test_an_id_is_chosen_where_none_is_given(server):
    first, second = (server.lease_grant(LeaseGrantRequest(10)).id for _ in range(2))

    assert first != second
    assert first > 0


@pytest.mark.parametrize(("asked", "granted"), [(-5, 2), (0, 2), (1, 2), (2, 2), (3, 3)])
def test_a_lease_outlives_an_election(server, asked, granted):
    assert server.lease_grant(LeaseGrantRequest(asked, 1)).ttl == granted


def test_a_lease_longer_than_time_itself(server, clock):
    server.lease_grant(LeaseGrantRequest(9_000_000_000, 1))
    wait(clock, 1_000_000_000)

    assert left(server, 1) == 8_000_000_000
    with pytest.raises(EtcdError, match="too large lease TTL"):
        server.lease_grant(LeaseGrantRequest(9_000_000_001, 2))
