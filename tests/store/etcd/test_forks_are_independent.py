"""Nothing done to a fork shows in its parent, and both answer as one server that did it all."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.forking import ForkMemo
from kcore.runtime.choice import SeededSource
from kcore.runtime.clock import VirtualClock
from kcore.store.etcd.messages import RangeRequest
from kcore.store.etcd.server import EtcdServer
from tests.store.etcd.requests import Requests
from tests.store.etcd.serving import send


def requests_of(seed, server, count):
    """Send some requests and return them."""
    source = SeededSource(seed)
    requests = Requests(lambda options: source.choose(options, "request"))
    sent = []
    for _ in range(count):
        requests.revision = server.keyspace.revision
        sent.append(requests.request())
        send(server, sent[-1])
    return sent


def everything(server):
    keyspace = server.keyspace
    return [
        send(server, RangeRequest(b"\x00", b"\x00", revision=revision))
        for revision in range(max(1, keyspace.first_revision), keyspace.revision + 1)
    ] + [server.lease_leases(), server.statistics()]


@settings(max_examples=25)
@given(st.integers(0, 2**32), st.integers(0, 2**32))
def test_a_fork_and_its_parent(past_seed, future_seed):
    parent = EtcdServer(VirtualClock())
    past = requests_of(past_seed, parent, 60)
    before = everything(parent)

    fork = ForkMemo()(parent)
    future = requests_of(future_seed, fork, 40)

    assert everything(parent) == before
    replayed = EtcdServer(VirtualClock())
    for request in (*past, *future):
        send(replayed, request)
    assert everything(replayed) == everything(fork)
    fork.check_invariants()
    parent.check_invariants()
