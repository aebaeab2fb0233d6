"""Which events are new, which repeat one that is there, and which are dropped.

The rules and numbers of client-go's `EventCorrelator`: more than ten different messages for one
(source, object, type, reason) within ten minutes become one event "(combined from similar
events)"; the same event again raises a count; one source may say 25 things about one object, and
one more every five minutes after that.
"""

from collections import OrderedDict
from itertools import chain
from typing import Final, Self, TypeVar

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
Remark = tuple[About, str, str, str, int]
"""One thing that was said: about what, the type, the reason, the message, and when in ns."""
Occurrence = tuple[Key, str, int, str]
"""What to write: its key, the message, how often it has now been said, and the name of the Event
that has said it before, empty if there is none."""

_First = tuple[About, str, str, str, int, str]
"""A remark, and the Event that says it; empty where none does."""
_Similar = tuple[tuple[str, ...], int]
"""Different messages of a group, and when the last one came."""
_Bucket = tuple[float, int]
"""Tokens left, and when that was counted."""
K = TypeVar("K")
V = TypeVar("V")


class EventCorrelator:
    """What one source has said: three bounded tables, oldest entry out first.

    Most objects are spoken about once, and every table would have an entry of that. So the first
    remark about an object waits in a list of its like until somebody has to look at the tables. As
    many such as a table holds push out all that is older, so then that list begins anew.

    Each question is O(1), amortized. A fork shares all this until either side writes, which copies
    it once.
    """

    __slots__ = (
        "_are_all_written",
        "_buckets",
        "_elder",
        "_firsts",
        "_firsts_count_max",
        "_shared",
        "_similar",
        "_written",
    )

    def __init__(self) -> None:
        self._similar: OrderedDict[Group, _Similar] = OrderedDict()
        self._written: OrderedDict[Key, tuple[str, int]] = OrderedDict()
        self._buckets: OrderedDict[About, _Bucket] = OrderedDict()
        self._shared = False
        # By uid, and younger than all in the tables. A list that a fork shares takes no more.
        self._firsts: dict[str | None, _First] = {}
        self._firsts_count_max = REMEMBERED_COUNT_MAX
        self._are_all_written = True
        # The full list before that, all written; the tables have nothing beside it.
        self._elder: dict[str | None, _First] = {}

    def is_first(
        self, uid: str | None, about: About, event_type: str, reason: str, message: str
    ) -> bool:
        """Whether this is the first remark about an object; else `correlate` decides what it is.

        Of a first one the caller says, by `first_said`, what became of it.
        """
        firsts = self._firsts
        if uid in firsts or uid in self._elder:
            return False
        if self._buckets:  # Mostly there is nothing in the tables.
            group = (about, event_type, reason)
            if about in self._buckets or (group, message) in self._written:
                return False
        if len(firsts) >= self._firsts_count_max:
            self._make_room()
            return self.is_first(uid, about, event_type, reason, message)
        return True

    def first_said(self, uid: str | None, first: _First) -> None:
        """Remember what `is_first` has just said of, and the Event that says it, if any does."""
        self._firsts[uid] = first
        if not first[5]:
            self._are_all_written = False

    def _make_room(self) -> None:
        firsts = self._firsts
        self._firsts_count_max = REMEMBERED_COUNT_MAX
        if len(firsts) < REMEMBERED_COUNT_MAX:
            self._firsts = dict(firsts)
        elif not self._are_all_written:  # Older Events may outlive the buckets.
            self._settle()
        else:
            self._similar, self._written = OrderedDict(), OrderedDict()
            self._buckets, self._shared = OrderedDict(), False
            self._elder, self._firsts = firsts, {}

    def correlate(self, remark: Remark) -> Occurrence | None:
        """Decide on one event; None means that it is dropped as spam."""
        if self._firsts or self._elder or self._shared:
            self._settle()
        about, event_type, reason, message, now_ns = remark
        group = (about, event_type, reason)
        key: Key = (group, message)
        if about in self._buckets:
            key, message = self._combine(group, message, now_ns)
            if not self._take_token(about, now_ns):
                return None
        else:
            self._begin(group, message, now_ns)
        written = self._written.get(key)
        if written is None:
            return key, message, 1, ""
        name, count = written
        return key, message, count + 1, name

    def written(self, key: Key, times_count: int, name: str) -> None:
        """Remember that what `correlate` has just decided on stands in the Event called `name`."""
        written = self._written
        if key in written:
            written.move_to_end(key)
        elif len(written) >= REMEMBERED_COUNT_MAX:
            written.popitem(last=False)
        written[key] = name, times_count

    def forget(self, key: Key) -> None:
        """Forget the Event that `correlate` has just named: it is no longer there."""
        self._written.pop(key, None)

    def _settle(self) -> None:
        """Make the tables say all, and only here. O(what only the lists have said)."""
        if self._shared:
            self._similar = OrderedDict(self._similar)
            self._written = OrderedDict(self._written)
            self._buckets = OrderedDict(self._buckets)
        for first in chain(self._elder.values(), self._firsts.values()):
            about, event_type, reason, message, now_ns, event_name = first
            group = (about, event_type, reason)
            self._begin(group, message, now_ns)
            if event_name:
                _put(self._written, (group, message), (event_name, 1))
        self._firsts, self._firsts_count_max = {}, REMEMBERED_COUNT_MAX
        self._are_all_written = True
        self._elder, self._shared = {}, False

    def _begin(self, group: Group, message: str, now_ns: int) -> None:
        """Note an object that is unknown; then the group is, too: `check_invariants` says why."""
        _put(self._similar, group, ((message,), now_ns))
        _put(self._buckets, group[0], (BURST_COUNT_MAX - 1.0, now_ns))

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
        tables = self._similar, self._written, self._buckets
        for table in (*tables, self._firsts, self._elder):
            assert len(table) <= REMEMBERED_COUNT_MAX
        assert self._are_all_written == all(name for *_, name in self._firsts.values())
        assert all(name for *_, name in self._elder.values())
        assert not self._elder or not any(tables)
        assert self._buckets or not any(tables)
        assert all(about in self._buckets for about, _, _ in self._similar)
        assert all(len(messages) < SIMILAR_COUNT_MAX for messages, _ in self._similar.values())
        assert all(0.0 <= tokens < BURST_COUNT_MAX for tokens, _ in self._buckets.values())

    def fork(self, memo: ForkMemo) -> Self:
        """The same memory. O(1); the first write on either side copies it."""
        twin = type(self)()
        twin._similar, twin._written, twin._buckets = self._similar, self._written, self._buckets
        twin._firsts, twin._elder = self._firsts, self._elder
        twin._are_all_written = self._are_all_written
        twin._shared = self._shared = True
        twin._firsts_count_max = self._firsts_count_max = 0
        return twin


def _put(table: OrderedDict[K, V], key: K, value: V) -> None:
    """Add a key that the table has not; the oldest makes room."""
    if len(table) >= REMEMBERED_COUNT_MAX:
        table.popitem(last=False)
    table[key] = value
