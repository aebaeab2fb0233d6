"""Fifteen ways in which stores of this kind have failed, as members that fail on purpose.

Each stands for bugs that were found in etcd or in kube-apiserver's watch cache; the comment of a
mutant says in one line what went wrong there. `CORRECT` fails in none of these ways.
"""

from dataclasses import dataclass, replace

from kcore.forking import ForkMemo
from kcore.runtime.clock import VirtualClock
from kcore.store.etcd.limits import EtcdLimits
from kcore.store.etcd.messages import CompactionRequest, RangeRequest, ResponseHeader
from kcore.store.etcd.server import EtcdServer
from kcore.store.etcd.watch import Watcher, WatchStream
from kcore.store.etcd.watch_messages import NO_WATCH_ID, EventType, WatchResponse
from tests.conformance.etcd.codec import encode


class Member:
    """A store member without faults, and the places where mutants differ."""

    stream_class = WatchStream

    def __init__(self):
        self.server = EtcdServer(VirtualClock())
        self.streams = []

    def call(self, kind, request):
        """The answer to an operation, as a client records it."""
        return encode(getattr(self.server, kind)(request))

    def open(self):
        """A new stream of watches."""
        stream = self.stream_class(self.server.keyspace, EtcdLimits(), 0)
        self.streams.append(stream)
        return stream

    def compact(self):
        """Forget all but the last few revisions."""
        target = self.server.keyspace.revision - 2
        if target > self.server.keyspace.first_revision:
            for stream in self.streams:
                stream.catch_up()
            self.server.compact(CompactionRequest(target))

    def mod_revision(self, key):
        """What an optimistic client has seen of a key."""
        kvs = self.server.range(RangeRequest(key.encode())).kvs
        return kvs[0].mod_revision if kvs else 0

    def hiccup(self):
        """Something that a correct store survives: a crash, a pause, a reconnection."""


# --- watches ---


class DeleteCarriesTheUpdatesRevision(WatchStream):
    """W01: the DELETE event has the revision of the last update."""

    def _event(self, change, changes, watcher):
        event = super()._event(change, changes, watcher)
        if event.type == EventType.DELETE and change.previous is not None:
            stale = replace(event.kv, mod_revision=change.previous.mod_revision)
            return replace(event, kv=stale)
        return event


class StartsOneTooEarly(WatchStream):
    """W02: a watch from revision X includes what happened before X."""

    def _start(self, watch_id, request):
        if request.start_revision > 2:
            request = replace(request, start_revision=request.start_revision - 1)
        super()._start(watch_id, request)


class LosesTheFirstOfAnEmptyWindow(WatchStream):
    """W03: a watch from the next revision is accepted, and that revision is lost."""

    def _start(self, watch_id, request):
        super()._start(watch_id, request)
        if request.start_revision == self._keyspace.revision + 1:
            watcher = self._watchers[watch_id]
            later = watcher.first_revision + 1
            self._watchers[watch_id] = replace(watcher, first_revision=later)


class _Remembering(WatchStream):
    """Keeps what was delivered."""

    def __init__(self, keyspace, limits, now_ns):
        super().__init__(keyspace, limits, now_ns)
        self.delivered = []
        self.reads_count = 0

    def read(self):
        responses = super().read()
        self.reads_count += bool(responses)
        again = self.repeat(responses)
        self.delivered.extend(one for one in responses if one.events)
        return (*responses, *again)

    def repeat(self, responses):
        """What is delivered once more."""
        return ()


class ReplaysInitialEvents(_Remembering):
    """W04: events of the beginning come again, and the watcher goes back in time."""

    def repeat(self, responses):
        return self.delivered[:1] if self.reads_count == 3 else ()


class MissesEventsWhileInitialising(WatchStream):
    """W05: a watcher that registers during an initialisation misses what happens meanwhile."""

    def _batches(self, watcher):
        for batch in super()._batches(watcher):
            last = batch[-1].revision
            kept = [one for one in batch if one.revision != last]
            yield kept or batch


class ProgressOvertakes(WatchStream):
    """W06: a progress notification comes before events of the revision it speaks of."""

    def read(self):
        self.catch_up()
        if self._responses:
            header = ResponseHeader(self._keyspace.revision)
            self._responses.insert(0, WatchResponse(header, NO_WATCH_ID))
        return super().read()


class ReplaysAfterAPartition(_Remembering):
    """W07: after a reconnection old revisions come again."""

    def repeat(self, responses):
        return self.delivered[-2:] if self.reads_count % 4 == 0 else ()


class DropsWhenStarving(WatchStream):
    """W08: a stream that is read too seldom loses events."""

    def read(self):
        responses = super().read()
        return responses if len(responses) < 3 else (responses[0], *responses[2:])


class CompactionTakesTheDelete(WatchStream):
    """W09: a compaction at a delete takes its event along."""

    def _as_compacted(self, changes):
        oldest = self._keyspace.first_event_revision
        return [
            one
            for one in super()._as_compacted(changes)
            if one.revision != oldest or one.current is not None
        ]


class FutureWatchTellsThePast(WatchStream):
    """W10: a watch from a future revision delivers what happens before it."""

    def _start(self, watch_id, request):
        super()._start(watch_id, request)
        now = self._keyspace.revision
        if request.start_revision > now + 1:
            early = Watcher(request, first_revision=now + 1)
            self._watchers[watch_id] = early


class TransactionsComeTwice(WatchStream):
    """W14: events of a transaction are delivered again from a cache."""

    def _send(self, watch_id, changes, revision):
        super()._send(watch_id, changes, revision)
        if len(changes) > 1 and changes[0].revision == changes[-1].revision:
            super()._send(watch_id, changes, revision)


def watching(stream):
    """A member whose streams are of this class."""
    return type(f"Member{stream.__name__}", (Member,), {"stream_class": stream})


# --- operations ---


class RevisionFallsAfterACrash(Member):
    """W11: after a crash during compaction the revision is lower than was reported."""

    def __init__(self):
        super().__init__()
        self.fall = 0

    def compact(self):
        before = self.server.keyspace.first_revision
        super().compact()
        if self.server.keyspace.first_revision != before:
            self.fall = 2

    def call(self, kind, request):
        answer = super().call(kind, request)
        if kind == "range" and self.fall:
            answer["header"]["revision"] = max(1, answer["header"]["revision"] - self.fall)
            self.fall -= 1
        return answer


class LosesAcknowledgedWrites(Member):
    """W12: a write that was acknowledged is gone after a crash."""

    def __init__(self):
        super().__init__()
        self.saved = self.server

    def call(self, kind, request):
        if kind != "range":
            self.saved = self.server.fork(ForkMemo())
        return super().call(kind, request)

    def hiccup(self):
        self.server = self.saved.fork(ForkMemo())


class PausedMemberReadsStale(Member):
    """W13: a member that was paused answers linearizable reads from its past."""

    def __init__(self):
        super().__init__()
        self.past = None

    def hiccup(self):
        self.past = self.server.fork(ForkMemo())

    def call(self, kind, request):
        if kind == "range" and self.past is not None:
            past, self.past = self.past, None
            return encode(past.range(request))
        return super().call(kind, request)


@dataclass(frozen=True)
class Mutant:
    """A member that fails, and violations that betray it."""

    member: type
    kinds: frozenset


def mutant(member, *kinds):
    """Short for a Mutant."""
    return Mutant(member, frozenset(kinds))


MUTANTS = {
    "W01": mutant(
        watching(DeleteCarriesTheUpdatesRevision), "event_never_written", "watch_goes_back"
    ),
    "W02": mutant(watching(StartsOneTooEarly), "watch_goes_back"),
    "W03": mutant(watching(LosesTheFirstOfAnEmptyWindow), "missing_watch_event"),
    "W04": mutant(watching(ReplaysInitialEvents), "duplicate_watch_event"),
    "W05": mutant(watching(MissesEventsWhileInitialising), "missing_watch_event"),
    "W06": mutant(watching(ProgressOvertakes), "progress_overtakes_event"),
    "W07": mutant(watching(ReplaysAfterAPartition), "duplicate_watch_event"),
    "W08": mutant(watching(DropsWhenStarving), "missing_watch_event"),
    "W09": mutant(watching(CompactionTakesTheDelete), "missing_watch_event"),
    "W10": mutant(watching(FutureWatchTellsThePast), "watch_goes_back"),
    "W11": mutant(RevisionFallsAfterACrash, "revision_backwards", "stale_read"),
    "W12": mutant(LosesAcknowledgedWrites, "revision_used_twice", "both_updates_succeed"),
    "W13": mutant(PausedMemberReadsStale, "stale_read"),
    "W14": mutant(watching(TransactionsComeTwice), "duplicate_watch_event"),
}
