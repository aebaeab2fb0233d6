"""Events of a watch, folded over the state at its start, give the state at every later revision."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.forking import ForkMemo
from kcore.runtime.choice import SeededSource
from kcore.runtime.clock import VirtualClock
from kcore.store.etcd.messages import CompactionRequest, PutRequest
from kcore.store.etcd.server import EtcdServer
from kcore.store.etcd.watch_messages import EventType, WatchCreateRequest
from tests.store.etcd.model import Model, within
from tests.store.etcd.requests import ENDS, KEYS, Requests
from tests.store.etcd.serving import ask, send


class Watched:
    """A watch and everything it has told so far."""

    def __init__(self, server, model, request):
        self.request = request
        self.stream = server.watch()
        self.server = server
        created = self.stream.create(request)
        start = request.start_revision or model.revision + 1
        empty = request.range_end not in (b"", b"\x00") and request.key >= request.range_end
        self.refused = empty
        assert created.canceled == empty
        self.lost = not empty and start <= model.revision and start < model.compacted
        self.start = start
        self.told = []
        # Previous values of the past are gone with the compaction; later ones are told at once.
        self.created_at = model.revision
        self.compacted_then = model.compacted

    def read(self):
        for response in self.stream.read():
            if response.canceled:
                assert self.lost
                assert response.compact_revision > self.start
            self.told += [(response.header.revision, event) for event in response.events]

    def check(self, model):
        """What was told is what happened, in order, each once."""
        expected = [
            change
            for change in model.changes
            if change[0] >= self.start
            and within(change[1], self.request.key, self.request.range_end)
        ]
        if self.refused or self.lost:
            assert self.told == []
            return
        found = [(event.kv.mod_revision, event.kv.key) for _, event in self.told]
        assert found == [(revision, key) for revision, key, _, _ in expected]
        for (_, event), (revision, _, new, old) in zip(self.told, expected, strict=True):
            assert (event.type == EventType.DELETE) == (new is None)
            if new is not None:
                assert event.kv == new
            created = new is not None and new.version == 1
            kept = revision > self.created_at or revision > self.compacted_then
            wanted = self.request.prev_kv and kept and not created
            assert event.prev_kv == (old if wanted else None)


@settings(max_examples=40)
@given(st.integers(0, 2**32))
def test_watches_opened_at_any_time_and_read_now_and_then(seed):
    source = SeededSource(seed)

    def choose(count):
        return source.choose(count, "watch")

    server, model = EtcdServer(VirtualClock()), Model()
    requests = Requests(choose)
    watches = []
    for _ in range(120):
        requests.revision = model.revision
        request = requests.request()
        assert send(server, request) == ask(model, request)
        if choose(10) == 0:
            start = max(0, model.revision + 2 - choose(8))
            # A transaction compacted at its own revision loses what it overwrote itself; the
            # model does not forget, so watches from exactly there are left to the vectors.
            if start != model.compacted:
                request = WatchCreateRequest(
                    requests.one_of(KEYS), requests.one_of(ENDS), start, prev_kv=choose(2) == 0
                )
                watches.append(Watched(server, model, request))
        if watches and choose(4) == 0:
            requests.one_of(watches).read()
    for watch in watches:
        watch.read()
        watch.check(model)
    server.check_invariants()


def test_a_watch_that_is_up_to_date_keeps_what_a_compaction_forgets():
    server = EtcdServer(VirtualClock())
    stream = server.watch()
    stream.create(WatchCreateRequest(b"k", prev_kv=True))
    for value in (b"1", b"2", b"3"):
        server.put(PutRequest(b"k", value))
    server.compact(CompactionRequest(4))

    events = [event for response in stream.read() for event in response.events]

    assert [event.kv.value for event in events] == [b"1", b"2", b"3"]
    assert [event.prev_kv and event.prev_kv.value for event in events] == [None, b"1", b"2"]


def test_a_forked_watch_goes_its_own_way():
    clock = VirtualClock()
    server = EtcdServer(clock)
    stream = server.watch()
    stream.create(WatchCreateRequest(b"k"))
    server.put(PutRequest(b"k", b"both"))
    memo = ForkMemo()
    twin, twin_stream = memo(server), memo(stream)
    server.put(PutRequest(b"k", b"ours"))
    twin.put(PutRequest(b"k", b"theirs"))

    def values(one):
        return [event.kv.value for response in one.read() for event in response.events]

    assert values(stream) == [b"both", b"ours"]
    assert values(twin_stream) == [b"both", b"theirs"]
