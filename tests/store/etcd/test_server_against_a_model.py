"""Whatever is asked, the server answers as a model that copies everything for every revision."""

from hypothesis import given
from hypothesis import strategies as st

from kcore.runtime.choice import SeededSource
from kcore.runtime.clock import VirtualClock
from kcore.store.etcd.messages import RangeRequest
from kcore.store.etcd.server import EtcdServer
from tests.store.etcd.model import Model
from tests.store.etcd.requests import Requests
from tests.store.etcd.serving import ask, send

ALL = (b"\x00", b"\x00")


def compare(choose, steps):
    server, model, requests = EtcdServer(VirtualClock()), Model(), Requests(choose)
    for _ in range(steps):
        requests.revision = model.revision
        request = requests.request()
        assert send(server, request) == ask(model, request), request
    server.check_invariants()
    for revision in range(max(1, model.compacted), model.revision + 1):
        everything = RangeRequest(*ALL, revision=revision)
        assert send(server, everything) == ask(model, everything)
    statistics = server.statistics()
    assert statistics.keys_count == len(model.states[-1])
    assert statistics.leases_count == len(model.leases)
    assert statistics.revision == model.revision


@given(st.data())
def test_short_runs_that_shrink(data):
    compare(lambda count: data.draw(st.integers(0, count - 1)), 12)


@given(st.integers(0, 2**32))
def test_long_runs(seed):
    source = SeededSource(seed)
    compare(lambda count: source.choose(count, "request"), 150)
