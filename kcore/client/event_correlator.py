"""Which events are new, which repeat one that is there, and which are dropped.

The rules and numbers of client-go's `EventCorrelator`: more than ten different messages for one
(source, object, type, reason) within ten minutes become one event "(combined from similar
events)"; the same event again raises a count; one source may say 25 things about one object, and
one more every five minutes after that.
"""

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final, Self, TypeVar

from kcore.forking import ForkMemo
from kcore.records import record

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
Remark = tuple[Group, str]
"""And the message."""
Key = Remark | Group
"""What is one Event: a remark, or all further ones of a group, combined."""
Occurrence = tuple[Key, str, int, str]
"""What to write: its key, the message, how often it has now been said, and the name of the Event
that has said it before, empty if there is none."""

_Similar = tuple[tuple[str, ...], int]
"""Different messages of a group, and when the last one came."""
_Bucket = tuple[float, int]
"""Tokens left, and when that was counted."""
K = TypeVar("K")
V = TypeVar("V")


@record
@dataclass(slots=True)
class First:
    """What there is to know of an object about which one thing was said."""

    remark: Remark
    now_ns: int
    name: str = ""
    """The Event, if it was not refused."""


class EventCorrelator:
    """What one source has said: three bounded tables, oldest entry out first.

    Most objects are spoken about once, and every table would have an entry of that. So the first
    remark about an object waits in a list of its like until somebody has to look at the tables.
    Each question is O(1), amortized. A fork shares the tables until either side writes, which copies them once.
    """

    __slots__ = ("_buckets", "_firsts", "_shared", "_similar", "_written")

    def __init__(self) -> None:
        self._similar: OrderedDict[Group, _Similar] = OrderedDict()
        self._written: OrderedDict[Key, tuple[str, int]] = OrderedDict()
        self._buckets: OrderedDict[About, _Bucket] = OrderedDict()
        # Younger than all that is in the tables, whose oldest it would push out.
        self._firsts: dict[About, First] = {}
        self._shared = False

    def first(self, about: About, remark: Remark, now_ns: int) -> First | None:
        """Note the first remark about an object; None if `correlate` must decide what it is.

        The name of its Event, if it is written, is for the caller to add.
        """
        firsts = self._firsts
        if about in firsts or about in self._buckets or remark in self._written:
            return None
        if len(firsts) >= REMEMBERED_COUNT_MAX:
            self._settle()
        first = firsts[about] = First(remark, now_ns)
        return first

    def correlate(
        self, about: About, event_type: str, reason: str, message: str, now_ns: int
    ) -> Occurrence | None:
        """Decide on one event; None means that it is dropped as spam."""
        self._settle()
        group = (about, event_type, reason)
        key: Key = (group, message)
        if about in self._buckets:
            key, message = self._combine(group, message, now_ns)
            if not self._take_token(about, now_ns):
                return None
        else:
            self._begin(about, group, message, now_ns)
        written = self._written.get(key)
        if written is None:
            return key, message, 1, ""
        name, count = written
        return key, message, count + 1, name

    def written(self, key: Key, times_count: int, name: str) -> None:
        """Remember that this now stands in the Event called `name`."""
        self._settle()
        written = self._written
        if key in written:
            written.move_to_end(key)
        elif len(written) >= REMEMBERED_COUNT_MAX:
            written.popitem(last=False)
        written[key] = name, times_count

    def forget(self, key: Key) -> None:
        """Forget the Event of this: it is no longer there."""
        self._settle()
        self._written.pop(key, None)

    def _settle(self) -> None:
        """Make the tables say all, and only here."""
        if self._shared:
            self._similar = OrderedDict(self._similar)
            self._written = OrderedDict(self._written)
            self._buckets = OrderedDict(self._buckets)
            self._shared = False
        for about, first in self._firsts.items():
            self._begin(about, *first.remark, first.now_ns)
            if first.name:
                _put(self._written, first.remark, (first.name, 1))
        self._firsts.clear()

    def _begin(self, about: About, group: Group, message: str, now_ns: int) -> None:
        """Note an object that is unknown; then the group is, too: `check_invariants` says why."""
        _put(self._similar, group, ((message,), now_ns))
        _put(self._buckets, about, (BURST_COUNT_MAX - 1.0, now_ns))

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
        for table in (self._similar, self._written, self._buckets, self._firsts):
            assert len(table) <= REMEMBERED_COUNT_MAX
        assert all(about == first.remark[0][0] for about, first in self._firsts.items())
        assert all(about in self._buckets for about, _, _ in self._similar)
        assert all(len(messages) < SIMILAR_COUNT_MAX for messages, _ in self._similar.values())
        assert all(0.0 <= tokens < BURST_COUNT_MAX for tokens, _ in self._buckets.values())

    def fork(self, memo: ForkMemo) -> Self:
        """The same memory. O(1), amortized; the first write on either side copies it."""
        if self._firsts:
            self._settle()
        twin = type(self)()
        twin._similar, twin._written, twin._buckets = self._similar, self._written, self._buckets
        twin._shared = self._shared = True
        return twin


def _put(table: OrderedDict[K, V], key: K, value: V) -> None:
    """Add a key that the table has not; the oldest makes room."""
    if len(table) >= REMEMBERED_COUNT_MAX:
        table.popitem(last=False)
    table[key] = value
