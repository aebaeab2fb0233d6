"""In a loop, leases end when their time has come, in a fork too, and a restart keeps the keys."""

import pytest

from kcore.forking import ForkMemo
from kcore.runtime.choice import SeededSource
from kcore.runtime.clock import SECOND_NS, VirtualClock
from kcore.runtime.loop import Loop
from kcore.runtime.trace import Trace
from kcore.store.etcd.lease_messages import LeaseGrantRequest
from kcore.store.etcd.messages import PutRequest
from kcore.store.etcd.process import EtcdProcess
from kcore.store.etcd.server import EtcdServer
from kcore.store.etcd.watch_messages import WatchCreateRequest


@pytest.fixture
def world():
    clock = VirtualClock()
    server = EtcdServer(clock)
    loop = Loop(clock, SeededSource(1), Trace())
    loop.add(EtcdProcess(server, clock))
    for lease, seconds in ((1, 20), (2, 10)):
        server.lease_grant(LeaseGrantRequest(seconds, lease))
        server.put(PutRequest(b"%d" % lease, b"", lease))
    return loop, clock, server


def run_for(loop, clock, seconds):
    loop.run_until(clock.now_ns() + seconds * SECOND_NS)


def told(stream):
    return [event.kv.key for response in stream.read() for event in response.events]


def test_leases_end_without_requests(world):
    loop, clock, server = world
    stream = server.watch()
    stream.create(WatchCreateRequest(b"\x00", b"\x00"))

    run_for(loop, clock, 9)
    assert told(stream) == []
    run_for(loop, clock, 1)
    assert told(stream) == [b"2"]
    run_for(loop, clock, 10)
    assert told(stream) == [b"1"]


def test_a_fork_of_the_loop_has_its_own_leases(world):
    loop, clock, server = world
    memo = ForkMemo()
    twin_loop, twin_clock, twin = memo(loop), memo(clock), memo(server)

    run_for(twin_loop, twin_clock, 30)

    assert twin.statistics().leases_count == 0
    assert server.statistics().leases_count == 2
    server.check_invariants()
    twin.check_invariants()


def test_a_restart_ends_watches_and_renews_leases(world):
    loop, clock, server = world
    server.watch().create(WatchCreateRequest(b"k"))
    run_for(loop, clock, 9)

    (process,) = loop.processes
    process.restart()

    assert server.statistics().watches_count == 0
    assert server.next_expiry_ns() == clock.now_ns() + 10 * SECOND_NS
    assert server.statistics().keys_count == 2
