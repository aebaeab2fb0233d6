"""Every watch against the timeline: the guarantees that etcd gives to watchers.

Ordered, unique, atomic, reliable (nothing is left out between what is delivered), resumable (from
the start revision on), bookmarkable (a progress notification leaves nothing behind), exact in
filters and in previous values, and never going back. How far a watch got is left to it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from kcore.testing.history.records import History, Message, Violation, Watch
from kcore.testing.history.semantics import in_range
from kcore.testing.history.timeline import Timeline


def watch_violations(history: History, timeline: Timeline) -> Iterator[Violation]:
    """The first violation of each watch. O(events + revisions * watches)."""
    for watch in history.watches:
        violation = _WatchCheck(watch, timeline, history.compacted).run()
        if violation is not None:
            yield violation


@dataclass(frozen=True, slots=True)
class _Expected:
    revision: int
    event: dict[str, Any]


class _WatchCheck:
    def __init__(self, watch: Watch, timeline: Timeline, compacted: int) -> None:
        self._compacted = compacted
        self._watch = watch
        self._timeline = timeline
        self._with_previous = bool(watch.request.get("prev_kv"))
        self._filters = frozenset(watch.request.get("filters", ()))
        self._expected = list(self._lawful())
        self._next = 0
        self._header = 0

    def run(self) -> Violation | None:
        for index, response in enumerate(self._watch.responses):
            violation = self._check(index, response)
            if violation is not None:
                return violation
        return None

    def _lawful(self) -> Iterator[_Expected]:
        """Every event that this watch is due, in order."""
        for revision in range(self._start(), self._timeline.last_revision + 1):
            for key, kv in self._timeline.writes(revision).items():
                if self._is_due(key, deleted=kv is None):
                    yield _Expected(revision, self._event(revision, key, kv))

    def _start(self) -> int:
        start = int(self._watch.request.get("start_revision", 0))
        if start:
            return start
        for response in self._watch.responses:
            if response.get("created"):
                return int(response["header"]["revision"]) + 1
        return self._timeline.last_revision + 1

    def _is_due(self, key: str, *, deleted: bool) -> bool:
        request = self._watch.request
        wanted = in_range(key, request.get("key", ""), request.get("range_end", ""))
        return wanted and ("NODELETE" if deleted else "NOPUT") not in self._filters

    def _event(self, revision: int, key: str, kv: Message | None) -> dict[str, Any]:
        event: dict[str, Any] = {"kv": kv}
        if kv is None:
            event = {"kv": {"key": key, "mod_revision": revision}, "type": "DELETE"}
        before = self._timeline.state(revision - 1) or {}
        if self._with_previous and key in before:
            event["prev_kv"] = before[key]
        return event

    # --- one response ----------------------------------------------------------------------

    def _check(self, index: int, response: Message) -> Violation | None:
        if response.get("created") or response.get("canceled"):
            return None
        revision = int(response["header"]["revision"])
        events = response.get("events", ())
        if not events:
            return self._check_progress(index, revision)
        for event in events:
            violation = self._check_event(index, event, response)
            if violation is not None:
                return violation
        if revision < self._header:
            return self._at(index, "watch_goes_back", f"goes back to revision {revision}")
        self._header = revision
        return self._check_whole(index, events, response)

    def _check_progress(self, index: int, revision: int) -> Violation | None:
        if self._next < len(self._expected) and self._expected[self._next].revision <= revision:
            left = self._expected[self._next].revision
            why = f"says that revision {revision} is reached, and revision {left} is yet to come"
            return self._at(index, "progress_overtakes_event", why)
        self._header = max(self._header, revision)
        return None

    def _check_event(self, index: int, event: Message, response: Message) -> Violation | None:
        due = self._expected[self._next] if self._next < len(self._expected) else None
        if due is not None and self._is(event, due):
            self._next += 1
            return self._check_time(index, due.revision, response)
        revision = int(event["kv"]["mod_revision"])
        key = event["kv"].get("key", "")
        if not self._is_due(key, deleted=event.get("type") == "DELETE"):
            return self._at(index, "filter_ignored", f"delivers {key!r}, which it does not want")
        place = self._place(event)
        if place is None:
            return self._unlawful(index, event, key, revision)
        if place < self._next:
            return self._at(index, "duplicate_watch_event", f"delivers revision {revision} again")
        assert due is not None  # Something later is due, so something is.
        if self._comes_later(index, due):
            why = f"delivers revision {revision} before revision {due.revision}"
            return self._at(index, "reordered_watch", why)
        why = f"never delivers revision {due.revision}, though it goes on to revision {revision}"
        return self._at(index, "missing_watch_event", why)

    def _check_time(self, index: int, revision: int, response: Message) -> Violation | None:
        writer, time = self._timeline.writers.get(revision), response.get("time")
        if writer is None or time is None or writer.called <= time:
            return None
        why = f"delivers revision {revision} before it was asked for"
        return self._at(index, "event_from_the_future", why)

    def _check_whole(self, index: int, events: Any, response: Message) -> Violation | None:
        """Events of one revision come together."""
        if response.get("fragment") or self._next >= len(self._expected):
            return None
        last = int(events[-1]["kv"]["mod_revision"])
        if self._expected[self._next].revision != last:
            return None
        return self._at(index, "revision_torn_apart", f"delivers a part of revision {last}")

    def _unlawful(self, index: int, event: Message, key: str, revision: int) -> Violation:
        for due in self._expected:
            same_kv = due.event["kv"] == event["kv"]
            if due.revision == revision and same_kv and due.event.get("type") == event.get("type"):
                why = f"delivers revision {revision} with a wrong previous value of {key!r}"
                return self._at(index, "wrong_previous_value", why)
        if revision < self._start():
            why = f"delivers revision {revision}, from before its start"
            return self._at(index, "watch_goes_back", why)
        why = f"delivers {key!r} at revision {revision} as nobody wrote it"
        return self._at(index, "event_never_written", why)

    def _place(self, event: Message) -> int | None:
        for place, due in enumerate(self._expected):
            if self._is(event, due):
                return place
        return None

    def _comes_later(self, index: int, due: _Expected) -> bool:
        later = self._watch.responses[index + 1 :]
        return any(self._is(event, due) for one in later for event in one.get("events", ()))

    def _is(self, event: Message, due: _Expected) -> bool:
        """Whether this is the event that is due; its previous value may have been compacted."""
        lawful = due.event
        if event["kv"] != lawful["kv"]:
            return False
        if event.get("type", "PUT") != lawful.get("type", "PUT"):
            return False
        previous = event.get("prev_kv")
        if previous is None and due.revision <= self._compacted:
            return True
        return bool(previous == lawful.get("prev_kv"))

    def _at(self, index: int, kind: str, why: str) -> Violation:
        watch = self._watch.index
        return Violation(kind, f"watch {watch} {why}", watch=watch, response=index)
