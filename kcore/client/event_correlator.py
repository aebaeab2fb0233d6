"""Which events are new, which repeat one that is there, and which are dropped.

The rules and numbers of client-go's `EventCorrelator`: more than ten different messages for one
(source, object, type, reason) within ten minutes become one event "(combined from similar
events)"; the same event again raises a count; one source may say 25 things about one object, and
one more every five minutes after that.
"""

from collections import OrderedDict
from typing import Final, Self

from kcore.forking import ForkMemo

# client-go tools/record: maxLruCacheEntries, defaultAggregateMaxEvents,
# defaultAggregateIntervalInSeconds, defaultSpamBurst, defaultSpamQPS (1 in 300 s).
REMEMBERED_COUNT_MAX: Final = 4096
SIMILAR_COUNT_MAX: Final = 10
SIMILAR_NS_MAX: Final = 600 * 1_000_000_000
BURST_COUNT_MAX: Final = 25
REFILL_NS: Final = 300 * 1_000_000_000
COMBINED_PREFIX: Final = "(combined from similar events): "

# Plain tuples, because every event makes one of each, and a named one takes four times as long.
About = tuple[str | None, ...]
"""The object, as this source names it."""
Group = tuple[About, str, str]
"""And the type and the reason of what is said about it."""
Key = tuple[Group, str] | Group
"""What is one Event: a message of a group, or all further ones combined."""
Occurrence = tuple[Key, str, int, str]
"""What to write: its key, the message, how often it has now been said, and the name of the Event
that has said it before, empty if there is none."""

_Similar = tuple[tuple[str, ...], int]
"""Different messages of a group, and when the last one came."""
_Bucket = tuple[float, int]
"""Tokens left, and when that was counted."""


class EventCorrelator:
    """What one source has said: three bounded tables, oldest entry out first.

    Each question is O(1). A fork shares the tables until either side writes, which copies them
    once.
    """

    __slots__ = ("_buckets", "_shared", "_similar", "_written")

    def __init__(self) -> None:
        self._similar: OrderedDict[Group, _Similar] = OrderedDict()
        self._written: OrderedDict[Key, tuple[str, int]] = OrderedDict()
        self._buckets: OrderedDict[About, _Bucket] = OrderedDict()
        self._shared = False

    def correlate(
        self, about: About, event_type: str, reason: str, message: str, now_ns: int
    ) -> Occurrence | None:
        """Decide on one event; None means that it is dropped as spam."""
        if self._shared:
            self._own()
        group = (about, event_type, reason)
        key: Key = (group, message)
        buckets, similar = self._buckets, self._similar
        if about in buckets:
            key, message = self._combine(group, message, now_ns)
            if not self._take_token(about, now_ns):
                return None
        else:  # As nearly always; then the group is unknown, too: `check_invariants` says why.
            if len(similar) >= REMEMBERED_COUNT_MAX:
                similar.popitem(last=False)
            similar[group] = (message,), now_ns
            if len(buckets) >= REMEMBERED_COUNT_MAX:
                buckets.popitem(last=False)
            buckets[about] = BURST_COUNT_MAX - 1.0, now_ns
        written = self._written.get(key)
        if written is None:
            return key, message, 1, ""
        name, count = written
        return key, message, count + 1, name

    def written(self, key: Key, times_count: int, name: str) -> None:
        """Remember that this now stands in the Event called `name`."""
        if self._shared:
            self._own()
        written = self._written
        if key in written:
            written.move_to_end(key)
        elif len(written) >= REMEMBERED_COUNT_MAX:
            written.popitem(last=False)
        written[key] = name, times_count

    def forget(self, key: Key) -> None:
        """Forget the Event of this: it is no longer there."""
        if self._shared:
            self._own()
        self._written.pop(key, None)

    def _own(self) -> None:
        self._similar = OrderedDict(self._similar)
        self._written = OrderedDict(self._written)
        self._buckets = OrderedDict(self._buckets)
        self._shared = False

    def _combine(self, group: Group, message: str, now_ns: int) -> tuple[Key, str]:
        known = self._similar.get(group)
        messages: tuple[str, ...] = (message,)
        if known is not None:
            self._similar.move_to_end(group)
            earlier, last_ns = known
            if now_ns - last_ns <= SIMILAR_NS_MAX:
                messages = earlier if message in earlier else (*earlier, message)
        elif len(self._similar) >= REMEMBERED_COUNT_MAX:
            self._similar.popitem(last=False)
        combined = len(messages) >= SIMILAR_COUNT_MAX
        self._similar[group] = messages[1:] if combined else messages, now_ns
        return (group, COMBINED_PREFIX + message) if combined else ((group, message), message)

    def _take_token(self, about: About, now_ns: int) -> bool:
        tokens, filled_ns = self._buckets[about]
        self._buckets.move_to_end(about)
        tokens = min(float(BURST_COUNT_MAX), tokens + (now_ns - filled_ns) / REFILL_NS)
        allowed = tokens >= 1.0
        self._buckets[about] = tokens - 1.0 if allowed else tokens, now_ns
        return allowed

    def check_invariants(self) -> None:
        """Raise AssertionError when the tables do not fit together. O(n).

        Both tables are told of every event, and between two of one group there are no more
        objects than groups: so an object is remembered as long as any group of it.
        """
        for table in (self._similar, self._written, self._buckets):
            assert len(table) <= REMEMBERED_COUNT_MAX
        assert all(about in self._buckets for about, _, _ in self._similar)
        assert all(len(messages) < SIMILAR_COUNT_MAX for messages, _ in self._similar.values())
        assert all(0.0 <= tokens < BURST_COUNT_MAX for tokens, _ in self._buckets.values())

    def fork(self, memo: ForkMemo) -> Self:
        """The same memory. O(1); the first write on either side copies it."""
        twin = type(self)()
        twin._similar, twin._written, twin._buckets = self._similar, self._written, self._buckets
        twin._shared = self._shared = True
        return twin
