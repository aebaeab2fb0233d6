"""One etcd member without the wire: requests in, responses or an `EtcdError` out.

    server = EtcdServer(clock)
    server.put(PutRequest(b"greeting", b"hello"))
    server.range(RangeRequest(b"greeting")).kvs[0].value      # b"hello"

Requests pass the same stations as upstream, so that a request with several faults gets upstream's
answer: size of the message, form, size of the raft entry, alarms, the store. Each answers in full
or changes nothing.

Time is the clock's: what is due (leases, periodic progress) happens before the next request, or
when `run_due` is called; `next_due_ns` says when that is worth it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final, Self

from kcore.forking import Forkable, ForkMemo
from kcore.runtime.clock import SECOND_NS, Clock
from kcore.store.etcd import checks, txn, writes
from kcore.store.etcd.alarms import Alarms
from kcore.store.etcd.encoding import encoded_bytes, varint_bytes
from kcore.store.etcd.errors import REQUEST_TOO_LARGE, EtcdError, message_too_large
from kcore.store.etcd.keyspace import DEFAULT_BUCKET, Keyspace
from kcore.store.etcd.lease import Lessor
from kcore.store.etcd.lease_messages import (
    AlarmRequest,
    AlarmResponse,
    LeaseGrantRequest,
    LeaseGrantResponse,
    LeaseKeepAliveRequest,
    LeaseKeepAliveResponse,
    LeaseLeasesResponse,
    LeaseRevokeRequest,
    LeaseRevokeResponse,
    LeaseTimeToLiveRequest,
    LeaseTimeToLiveResponse,
)
from kcore.store.etcd.limits import RAFT_HEADER_BYTES, EtcdLimits
from kcore.store.etcd.messages import (
    CompactionRequest,
    CompactionResponse,
    DeleteRangeRequest,
    DeleteRangeResponse,
    PutRequest,
    PutResponse,
    RangeRequest,
    RangeResponse,
    ResponseHeader,
    TxnRequest,
    TxnResponse,
)
from kcore.store.etcd.ranges import read_range, read_range_stream
from kcore.store.etcd.watch import WatchStream
from kcore.store.mvcc import Store

DEFAULT_LIMITS: Final = EtcdLimits()

# etcd forgets nothing before it is told to compact.
_HISTORY_COUNT_MAX: Final = 2**62


@dataclass(frozen=True, slots=True)
class EtcdStatistics:
    """Sizes of a server."""

    revision: int
    first_revision: int
    keys_count: int
    events_count: int
    leases_count: int
    watches_count: int


class EtcdServer:
    """A server with one keyspace, its leases, watches and alarms.

    `store` may be shared with others; without one the server makes its own, which forgets only by
    compaction.
    """

    __slots__ = ("_alarms", "_clock", "_keyspace", "_lessor", "_limits", "_streams")

    def __init__(
        self,
        clock: Clock,
        limits: EtcdLimits = DEFAULT_LIMITS,
        store: Store | None = None,
        bucket: str = DEFAULT_BUCKET,
    ) -> None:
        self._clock = clock
        self._limits = limits
        self._keyspace = Keyspace(self.new_store() if store is None else store, bucket)
        self._lessor = Lessor(limits)
        self._alarms = Alarms()
        self._streams: list[WatchStream] = []

    @staticmethod
    def new_store() -> Store:
        """An empty store that forgets only by compaction, as etcd does."""
        return Store(_HISTORY_COUNT_MAX)

    @property
    def keyspace(self) -> Keyspace:
        """The keys, for whoever loads or inspects them."""
        return self._keyspace

    def put(self, request: PutRequest) -> PutResponse:
        """Write a key."""
        size = self._receive(request)
        checks.check_put(request)
        self._propose(request, size)
        writes.require_put(self._keyspace, self._lessor, request)
        return writes.put(self._keyspace, request, self._keyspace.revision + 1)

    def range(self, request: RangeRequest) -> RangeResponse:
        """Read keys."""
        self._receive(request)
        checks.check_range(request)
        return read_range(self._keyspace, request)

    def range_stream(self, request: RangeRequest) -> tuple[RangeResponse, ...]:
        """Read keys in chunks."""
        self._receive(request)
        checks.check_range_stream(request)
        return read_range_stream(self._keyspace, request, self._limits)

    def delete_range(self, request: DeleteRangeRequest) -> DeleteRangeResponse:
        """Delete keys."""
        size = self._receive(request)
        checks.check_delete_range(request)
        self._propose(request, size)
        return writes.delete_range(self._keyspace, request, self._keyspace.revision + 1)

    def txn(self, request: TxnRequest) -> TxnResponse:
        """Compare, then read and write at one revision."""
        size = self._receive(request)
        checks.check_txn(request, self._limits.txn_operations_count_max)
        if not txn.is_read_only(request):
            self._propose(request, size)
        branch = txn.choose(self._keyspace, request)
        txn.require(self._keyspace, self._lessor, branch)
        return txn.run(self._keyspace, branch)

    def compact(self, request: CompactionRequest) -> CompactionResponse:
        """Forget what was before a revision."""
        size = self._receive(request)
        self._propose(request, size)
        for stream in self._streams:
            stream.catch_up()
        self._keyspace.compact(request.revision)
        return CompactionResponse(self._header())

    def lease_grant(self, request: LeaseGrantRequest) -> LeaseGrantResponse:
        """Make a lease."""
        size = self._receive(request)
        self._propose(request, size)
        lease = self._lessor.grant(request.id, request.ttl, self._clock)
        return LeaseGrantResponse(self._header(), lease.id, lease.ttl_s)

    def lease_revoke(self, request: LeaseRevokeRequest) -> LeaseRevokeResponse:
        """End a lease and delete its keys at one revision."""
        size = self._receive(request)
        self._propose(request, size)
        self._end_lease(request.id)
        return LeaseRevokeResponse(self._header())

    def lease_keep_alive(self, request: LeaseKeepAliveRequest) -> LeaseKeepAliveResponse:
        """Start a lease's time anew; a TTL of 0 says that there is no such lease."""
        self._receive(request)
        lease = self._lessor.renew(request.id, self._clock)
        ttl_s = 0 if lease is None else lease.ttl_s
        return LeaseKeepAliveResponse(self._header(), request.id, ttl_s)

    def lease_time_to_live(self, request: LeaseTimeToLiveRequest) -> LeaseTimeToLiveResponse:
        """Say how long a lease has, and what it holds; -1 says that there is no such lease."""
        self._receive(request)
        lease = self._lessor.get(request.id)
        if lease is None:
            return LeaseTimeToLiveResponse(self._header(), request.id, -1)
        rest_s = (lease.deadline_ns - self._clock.now_ns()) // SECOND_NS
        keys = self._keyspace.leased_keys(lease.id) if request.keys else ()
        return LeaseTimeToLiveResponse(self._header(), lease.id, rest_s, lease.ttl_s, keys)

    def lease_leases(self) -> LeaseLeasesResponse:
        """List all leases."""
        self.run_due()
        return LeaseLeasesResponse(self._header(), tuple(lease.id for lease in self._lessor))

    def has_lease(self, lease: int) -> bool:
        """Whether there is such a lease now. O(1)."""
        self.run_due()
        return lease in self._lessor

    def restore_leases(self, leases: Iterable[tuple[int, int]]) -> None:
        """Take over saved leases as (id, TTL in seconds); their time starts anew.

        Raises:
            EtcdError: an id is taken.
        """
        self._lessor.restore(leases, self._clock)

    def alarm(self, request: AlarmRequest) -> AlarmResponse:
        """Show, raise or clear alarms."""
        self._receive(request)
        return AlarmResponse(self._header(), self._alarms.answer(request))

    def watch(self) -> WatchStream:
        """Open a stream of watches."""
        self.run_due()
        stream = WatchStream(self._keyspace, self._limits, self._clock.now_ns())
        self._streams.append(stream)
        return stream

    def close(self, stream: WatchStream) -> None:
        """End a stream with all its watches."""
        self._streams.remove(stream)

    def next_expiry_ns(self) -> int | None:
        """When a lease expires; None: no lease does. O(1)."""
        return self._lessor.first_deadline_ns()

    def next_progress_ns(self) -> int | None:
        """When watches are due to hear how far they are; None: never. O(streams)."""
        due = (stream.next_progress_ns for stream in self._streams)
        return min((one for one in due if one is not None), default=None)

    def next_due_ns(self) -> int | None:
        """When a lease expires or progress is due; None: nothing is. O(streams)."""
        due = (self.next_expiry_ns(), self.next_progress_ns())
        return min((one for one in due if one is not None), default=None)

    def run_due(self) -> None:
        """Do what the clock has come to, in order of time."""
        while self.run_next_due():
            pass

    def run_next_due(self) -> str:
        """Do the first thing the clock has come to and say what; empty: nothing is due."""
        due_ns = self.next_due_ns()
        if due_ns is None or due_ns > self._clock.now_ns():
            return ""
        expired = self._lessor.pop_expired(due_ns)
        if expired is not None:
            self._end_lease(expired)
            return f"expire lease {expired}"
        for stream in self._streams:
            if stream.next_progress_ns == due_ns:
                stream.tick(due_ns)
        return "report progress"

    def restart(self) -> None:
        """End all watches and start the time of all leases anew, as a restarted member does."""
        self._streams.clear()
        self._lessor.restart(self._clock)

    def statistics(self) -> EtcdStatistics:
        """Sizes of everything. O(buckets + streams)."""
        bucket = self._keyspace.store.statistics().buckets[self._keyspace.bucket]
        return EtcdStatistics(
            revision=self._keyspace.revision,
            first_revision=self._keyspace.first_revision,
            keys_count=bucket.keys_count,
            events_count=bucket.events_count,
            leases_count=len(self._lessor),
            watches_count=sum(stream.watches_count for stream in self._streams),
        )

    def fork(self, memo: ForkMemo) -> Self:
        """An independent server with the same past, leases and unread responses."""
        twin = object.__new__(type(self))
        # Clocks of forkable worlds fork; wall clocks are shared.
        twin._clock = memo(self._clock) if isinstance(self._clock, Forkable) else self._clock
        twin._limits = self._limits
        twin._keyspace = memo(self._keyspace)
        twin._lessor = memo(self._lessor)
        twin._alarms = memo(self._alarms)
        twin._streams = [memo(stream) for stream in self._streams]
        return twin

    def check_invariants(self) -> None:
        """Raise AssertionError when any part is broken or parts disagree. O(everything)."""
        self._keyspace.check_invariants()
        self._lessor.check_invariants()
        for stream in self._streams:
            stream.check_invariants()
        everything = RangeRequest(b"\x00", b"\x00")
        for kv in read_range(self._keyspace, everything).kvs:
            assert kv.lease == 0 or kv.lease in self._lessor, f"{kv.key!r} has no such lease"

    def _header(self) -> ResponseHeader:
        return ResponseHeader(self._keyspace.revision)

    def _receive(self, request: Any) -> int:
        """Let time do its work, and measure a request. Returns its size in bytes."""
        self.run_due()
        size = encoded_bytes(request)
        if size > self._limits.message_bytes_max:
            raise EtcdError(message_too_large(size, self._limits.message_bytes_max))
        return size

    def _propose(self, request: Any, size: int) -> None:
        """Refuse a write that is too large for the log, or that an alarm forbids."""
        entry = RAFT_HEADER_BYTES + 1 + varint_bytes(size) + size
        if entry > self._limits.request_bytes_max:
            raise EtcdError(REQUEST_TOO_LARGE)
        self._alarms.require_write(request)

    def _end_lease(self, lease: int) -> None:
        # Refused before its keys are touched if there is no such lease.
        self._lessor.end(lease)
        self._keyspace.delete(self._keyspace.leased_keys(lease), self._keyspace.revision + 1)
