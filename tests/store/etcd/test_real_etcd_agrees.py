"""A real etcd server, where one is installed, gives the same answers to the same requests."""

import shutil

import pytest

from kcore.runtime.choice import SeededSource
from kcore.runtime.clock import VirtualClock
from kcore.store.etcd.messages import RangeRequest
from kcore.store.etcd.server import EtcdServer
from kcore.store.etcd.watch_messages import WatchCreateRequest
from kcore.store.etcd_snapshot.reading import read_snapshot
from kcore.store.etcd_snapshot.restore import restore_server
from tests.store.etcd.gateway import (
    HarmlessRequests,
    RealEtcd,
    as_told_by_all,
    stripped,
    to_json,
    without_compacted_deletions,
)
from tests.store.etcd.serving import send

pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(shutil.which("etcd") is None, reason="no etcd here (etcd-server)"),
]

OPERATIONS_COUNT = 100_000
# Watches and snapshots are compared after so many.
CHECK_EVERY_COUNT = 10_000


@pytest.fixture
def real(tmp_path):
    server = RealEtcd(tmp_path)
    yield server
    server.stop()


def test_the_same_answers(real):
    source = SeededSource(1)
    ours = EtcdServer(VirtualClock())
    requests = HarmlessRequests(lambda count: source.choose(count, "request"))
    for count in range(1, OPERATIONS_COUNT + 1):
        requests.revision = ours.keyspace.revision
        request = requests.request()
        answer = send(ours, request)
        expected = real.send(request)
        if not isinstance(answer, str):
            answer = to_json(answer)
        answer, expected = (as_told_by_all(request, one) for one in (answer, expected))
        assert answer == expected, f"{count}: {request}"
        if count % CHECK_EVERY_COUNT == 0:
            watches_agree(ours, real)
            snapshot_agrees(ours, real.snapshot())


def watches_agree(ours, real):
    now, first = ours.keyspace.revision, max(1, ours.keyspace.first_revision)
    for start in (first - 1, first, (first + now) // 2, now):
        for extra in ({}, {"prev_kv": True}):
            request = WatchCreateRequest(b"\x00", b"\x00", start_revision=start, **extra)
            stream = ours.watch()
            stream.create(request)
            responses = stream.read()
            ours.close(stream)
            seen = [event for response in responses for event in response.events]
            answer = stripped([to_json(event) for event in seen])
            if responses and responses[0].canceled:
                answer = str(responses[0].compact_revision)
            expected = real.events(request, now)
            if isinstance(answer, list) and isinstance(expected, list):
                answer = without_compacted_deletions(answer, first)
                expected = without_compacted_deletions(expected, first)
            assert answer == expected, request


def snapshot_agrees(ours, data):
    restored = restore_server(read_snapshot(data), VirtualClock())
    restored.check_invariants()
    assert restored.statistics().leases_count == ours.statistics().leases_count
    for revision in range(max(1, ours.keyspace.first_revision), ours.keyspace.revision + 1):
        everything = RangeRequest(b"\x00", b"\x00", revision=revision)
        assert send(restored, everything) == send(ours, everything)
