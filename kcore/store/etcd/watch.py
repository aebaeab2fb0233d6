"""Watches: who watches is a filter and a place in the shared history, nothing more.

All watches of a stream stand at one place of the history; a commit costs nothing until somebody
reads. A watch that begins in the past gets its past when it is created, in batches; from then on
it is in step with its stream. Before the past is forgotten, `catch_up` hands out what is pending,
since etcd sends events as they happen and compaction does not take them back.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Self

from kcore.forking import ForkMemo
from kcore.runtime.clock import SECOND_NS
from kcore.store.etcd import errors
from kcore.store.etcd.fragments import fragments
from kcore.store.etcd.keyspace import Keyspace, in_range, key_value, text_of
from kcore.store.etcd.limits import EtcdLimits
from kcore.store.etcd.messages import KeyValue, ResponseHeader
from kcore.store.etcd.watch_messages import (
    NO_WATCH_ID,
    Event,
    EventType,
    WatchCreateRequest,
    WatchFilter,
    WatchResponse,
)
from kcore.store.revision import Event as Change

_FIRST_KEY = b"\x00"


@dataclass(frozen=True, slots=True)
class Watcher:
    """One watch of a stream."""

    request: WatchCreateRequest
    first_revision: int
    """The oldest revision it accepts."""
    ended: bool = False
    """Its past was compacted away; it keeps its id until somebody cancels it."""
    report_progress: bool = False
    """Whether nothing was sent since the last time for periodic progress."""

    def wants(self, change: Change) -> bool:
        """Whether the change is in its range and not older than it accepts."""
        return change.revision >= self.first_revision and in_range(
            change.key, self.request.key, self.request.range_end
        )

    def lets_pass(self, event: Event) -> bool:
        """Whether its filters let an event pass."""
        hidden = WatchFilter.NOPUT if event.type == EventType.PUT else WatchFilter.NODELETE
        return hidden not in self.request.filters


class WatchStream:
    """Watches that share a connection, and the responses that wait to be read."""

    __slots__ = (
        "_keyspace",
        "_limits",
        "_next_id",
        "_next_progress_ns",
        "_place",
        "_responses",
        "_watchers",
    )

    def __init__(self, keyspace: Keyspace, limits: EtcdLimits, now_ns: int) -> None:
        self._keyspace = keyspace
        self._limits = limits
        self._watchers: dict[int, Watcher] = {}
        self._responses: list[WatchResponse] = []
        self._next_id = 0
        self._place = keyspace.history_end
        self._next_progress_ns = now_ns + limits.progress_notify_interval_s * SECOND_NS

    @property
    def watches_count(self) -> int:
        """How many watches were created and not cancelled."""
        return len(self._watchers)

    @property
    def next_progress_ns(self) -> int | None:
        """When periodic progress is due; None when no watch asked for it."""
        wanted = any(one.request.progress_notify for one in self._watchers.values())
        return self._next_progress_ns if wanted else None

    def create(self, request: WatchCreateRequest) -> WatchResponse:
        """Add a watch; the answer says `created`, and `canceled` with a reason when refused.

        O(pending), plus O(changes since) for a watch that begins in the past.
        """
        # Without a key the smallest one is meant, which no range end makes different.
        request = replace(request, key=request.key or _FIRST_KEY)
        refusal = self._refusal(request)
        header = ResponseHeader(self._keyspace.revision)
        if refusal:
            return WatchResponse(
                header, NO_WATCH_ID, created=True, canceled=True, cancel_reason=refusal
            )
        self.catch_up()
        watch_id = request.watch_id or self._choose_id()
        self._start(watch_id, request)
        return WatchResponse(header, watch_id, created=True)

    def cancel(self, watch_id: int) -> WatchResponse | None:
        """End a watch; None if there is no such watch. What it was due stays readable."""
        if watch_id not in self._watchers:
            return None
        self.catch_up()
        del self._watchers[watch_id]
        return WatchResponse(ResponseHeader(self._keyspace.revision), watch_id, canceled=True)

    def progress(self) -> WatchResponse | None:
        """How far all watches are; None when there are none, or one has not begun or has ended."""
        self.catch_up()
        watchers = self._watchers.values()
        if not watchers or not all(self._is_in_step(one) for one in watchers):
            return None
        return WatchResponse(ResponseHeader(self._keyspace.revision), NO_WATCH_ID)

    def read(self) -> tuple[WatchResponse, ...]:
        """Everything that was due since the last read, oldest first. O(changes * watches)."""
        self.catch_up()
        responses = tuple(self._responses)
        self._responses.clear()
        return responses

    def catch_up(self) -> None:
        """Turn pending changes into responses."""
        end = self._keyspace.history_end
        if self._place == end:
            return
        pending = list(self._changes(self._place))
        if self._place + len(pending) < end:
            self._end_all()
            pending = []
        self._place = end
        for revision, group in groupby(pending, key=lambda change: change.revision):
            changes = list(group)
            for watch_id, watcher in self._watchers.items():
                wanted = [change for change in changes if watcher.wants(change)]
                if wanted:
                    self._send(watch_id, wanted, revision)

    def tick(self, now_ns: int) -> None:
        """Periodic progress: tell quiet watches that asked for it how far they are."""
        self.catch_up()
        for watch_id, watcher in list(self._watchers.items()):
            if not watcher.request.progress_notify:
                continue
            if watcher.report_progress and self._is_in_step(watcher):
                header = ResponseHeader(self._keyspace.revision)
                self._responses.append(WatchResponse(header, watch_id))
            self._watchers[watch_id] = replace(watcher, report_progress=True)
        self._next_progress_ns = now_ns + self._limits.progress_notify_interval_s * SECOND_NS

    def _refusal(self, request: WatchCreateRequest) -> str:
        if request.start_revision < 0:
            return errors.COMPACTED.message
        if request.range_end not in (b"", _FIRST_KEY) and request.key >= request.range_end:
            return errors.WATCH_RANGE_EMPTY
        if request.watch_id and request.watch_id in self._watchers:
            return errors.WATCH_ID_TAKEN
        return ""

    def _choose_id(self) -> int:
        while self._next_id in self._watchers:
            self._next_id += 1
        self._next_id += 1
        return self._next_id - 1

    def _start(self, watch_id: int, request: WatchCreateRequest) -> None:
        now = self._keyspace.revision
        start = request.start_revision
        watcher = Watcher(
            request,
            first_revision=start or now + 1,
            report_progress=request.progress_notify,
        )
        self._watchers[watch_id] = watcher
        if start == 0 or start > now:
            return
        if start < self._keyspace.first_event_revision:
            self._end(watch_id)
            return
        for batch in self._batches(watcher):
            self._send(watch_id, batch, now)

    def _batches(self, watcher: Watcher) -> Iterator[list[Change]]:
        """A watch's past, cut after so many revisions as one response may bring."""
        first = self._keyspace.history_place(watcher.first_revision - 1)
        batch: list[Change] = []
        revisions = 0
        for change in self._as_compacted(list(self._changes(first))):
            if not watcher.wants(change):
                continue
            if not batch or change.revision != batch[-1].revision:
                revisions += 1
            if revisions > self._limits.watch_batch_revisions_count_max:
                yield batch
                batch, revisions = [], 1
            batch.append(change)
        if batch:
            yield batch

    def _as_compacted(self, changes: list[Change]) -> list[Change]:
        """Without what a compaction at its own revision takes away: all but a key's last change."""
        oldest = self._keyspace.first_revision
        last = {change.key: change for change in changes if change.revision == oldest}
        return [
            change for change in changes if change.revision != oldest or last[change.key] is change
        ]

    def _changes(self, place: int) -> Iterator[Change]:
        for position in range(place, self._keyspace.history_end):
            change = self._keyspace.event(position)
            if change is not None:
                yield change

    def _send(self, watch_id: int, changes: list[Change], revision: int) -> None:
        watcher = self._watchers[watch_id]
        if watcher.ended:
            return
        events = [self._event(change, changes, watcher) for change in changes]
        shown = tuple(event for event in events if watcher.lets_pass(event))
        if not shown:
            return
        response = WatchResponse(ResponseHeader(revision), watch_id, events=shown)
        if watcher.request.fragment:
            self._responses.extend(fragments(response, self._limits.message_bytes_max))
        else:
            self._responses.append(response)
        self._watchers[watch_id] = replace(watcher, report_progress=False)

    def _event(self, change: Change, changes: list[Change], watcher: Watcher) -> Event:
        previous = self._previous(change, changes) if watcher.request.prev_kv else None
        if change.current is None:
            key = change.key.encode("latin-1")
            gone = KeyValue(key, mod_revision=change.revision)
            return Event(EventType.DELETE, gone, previous)
        return Event(EventType.PUT, key_value(change.current), previous)

    def _previous(self, change: Change, changes: list[Change]) -> KeyValue | None:
        """What the key held one revision earlier, unless that is compacted or it was created."""
        created = change.current is not None and change.current.version == 1
        if created or change.revision - 1 < self._keyspace.first_revision:
            return None
        entry = change.previous
        if entry is not None and entry.mod_revision == change.revision:
            # Written and deleted by one transaction.
            entry = next(
                one.previous
                for one in changes
                if one.key == change.key and one.revision == change.revision
            )
        return None if entry is None else key_value(entry)

    def _is_in_step(self, watcher: Watcher) -> bool:
        begun = self._keyspace.revision >= watcher.request.start_revision
        return begun and not watcher.ended

    def _end(self, watch_id: int) -> None:
        self._watchers[watch_id] = replace(self._watchers[watch_id], ended=True)
        compacted = self._keyspace.first_event_revision
        self._responses.append(
            WatchResponse(ResponseHeader(), watch_id, canceled=True, compact_revision=compacted)
        )

    def _end_all(self) -> None:
        """The store was compacted past what this stream has read, behind the server's back."""
        for watch_id, watcher in list(self._watchers.items()):
            if not watcher.ended and watcher.first_revision < self._keyspace.first_event_revision:
                self._end(watch_id)

    def fork(self, memo: ForkMemo) -> Self:
        """The same watches on the forked keys, with the same responses still unread."""
        twin = object.__new__(type(self))
        twin._keyspace = memo(self._keyspace)
        twin._limits = self._limits
        twin._watchers = dict(self._watchers)
        twin._responses = list(self._responses)
        twin._next_id = self._next_id
        twin._place = self._place
        twin._next_progress_ns = self._next_progress_ns
        return twin

    def check_invariants(self) -> None:
        """Raise AssertionError when places or keys are wrong. O(watches)."""
        assert 0 <= self._place <= self._keyspace.history_end
        for watcher in self._watchers.values():
            assert text_of(watcher.request.key)
            assert watcher.first_revision >= max(1, watcher.request.start_revision)
