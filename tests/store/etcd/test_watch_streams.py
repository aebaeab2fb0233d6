"""What a stream of watches says beside events: creation, refusal, end, progress, fragments."""

from kcore.runtime.clock import SECOND_NS, VirtualClock
from kcore.store.etcd.encoding import encoded_bytes
from kcore.store.etcd.fragments import MEMBER_HEADER_BYTES
from kcore.store.etcd.limits import EtcdLimits
from kcore.store.etcd.messages import CompactionRequest, PutRequest
from kcore.store.etcd.server import DEFAULT_LIMITS, EtcdServer
from kcore.store.etcd.watch_messages import NO_WATCH_ID, WatchCreateRequest


def filled(count, limits=DEFAULT_LIMITS, value=b"v"):
    server = EtcdServer(VirtualClock(), limits)
    for number in range(count):
        server.put(PutRequest(b"k%04d" % number, value))
    return server


def all_from(revision, **options):
    return WatchCreateRequest(b"\x00", b"\x00", revision, **options)


def test_ids_are_chosen_around_those_that_were_asked_for():
    stream = filled(0).watch()
    ids = [
        stream.create(WatchCreateRequest(b"k", watch_id=wanted)).watch_id
        for wanted in (0, 2, 0, 0, 2)
    ]

    assert ids == [0, 2, 1, 3, NO_WATCH_ID]


def test_the_past_comes_in_batches_of_revisions():
    stream = filled(25, EtcdLimits(watch_batch_revisions_count_max=10)).watch()
    stream.create(all_from(1))

    assert [len(response.events) for response in stream.read()] == [10, 10, 5]


def test_a_compacted_start_ends_the_watch_once_and_keeps_its_id():
    server = filled(9)
    server.compact(CompactionRequest(6))
    stream = server.watch()
    stream.create(all_from(5))
    (ended,) = stream.read()

    assert (ended.canceled, ended.compact_revision, ended.watch_id) == (True, 6, 0)
    assert stream.progress() is None
    assert stream.create(WatchCreateRequest(b"k", watch_id=0)).watch_id == 1
    assert stream.cancel(0).canceled
    assert stream.progress().header.revision == 10


def test_a_store_compacted_behind_the_servers_back_ends_what_is_behind():
    server = filled(3)
    stream = server.watch()
    stream.create(all_from(0))
    for _ in range(3):
        server.put(PutRequest(b"k", b"v"))
    server.keyspace.store.compact(7)

    (ended,) = stream.read()

    assert (ended.canceled, ended.compact_revision) == (True, 7)


def test_progress_waits_for_every_watch():
    server = filled(1)
    stream = server.watch()
    assert stream.progress() is None
    stream.create(all_from(0))
    assert stream.progress().watch_id == NO_WATCH_ID
    stream.create(all_from(4))
    assert stream.progress() is None
    for _ in range(2):
        server.put(PutRequest(b"k", b"v"))
    assert stream.progress().header.revision == 4


def test_periodic_progress_of_quiet_watches():
    clock = VirtualClock()
    server = EtcdServer(clock)
    stream = server.watch()
    stream.create(WatchCreateRequest(b"quiet", progress_notify=True))
    stream.create(WatchCreateRequest(b"busy", progress_notify=True))
    stream.create(WatchCreateRequest(b"quiet"))
    clock.advance_to(server.next_due_ns())
    server.put(PutRequest(b"busy", b"v"))
    first = stream.read()
    clock.advance_to(server.next_due_ns())
    server.run_due()
    second = stream.read()

    assert [(one.watch_id, len(one.events)) for one in first] == [(0, 0), (1, 0), (1, 1)]
    # The busy one has said how far it is by its event.
    assert [(one.watch_id, one.header.revision) for one in second] == [(0, 2)]
    assert server.next_due_ns() == clock.now_ns() + 600 * SECOND_NS


def test_fragments_are_as_long_as_messages_may_be():
    limits = EtcdLimits(request_bytes_max=10_000)
    stream = filled(130, limits, b"x" * 9000).watch()
    stream.create(all_from(1, fragment=True))
    parts = stream.read()

    assert [len(part.events) for part in parts] == [59, 59, 12]
    assert [part.fragment for part in parts] == [True, True, False]
    sizes = [encoded_bytes(part) + MEMBER_HEADER_BYTES for part in parts]
    one_more = sizes[0] + encoded_bytes(parts[1].events[0])
    assert max(sizes) < limits.message_bytes_max <= one_more + 4


def test_an_event_too_long_for_a_message_travels_alone():
    limits = EtcdLimits(request_bytes_max=700_000)
    stream = filled(3, limits, b"x" * 690_000).watch()
    stream.create(all_from(1, fragment=True))

    assert [len(part.events) for part in stream.read()] == [1, 1, 1]
