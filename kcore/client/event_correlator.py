"""Which events are new, which repeat one that is there, and which are dropped.

The rules and numbers of client-go's `EventCorrelator`: more than ten different messages for one
(source, object, type, reason) within ten minutes become one event "(combined from similar
events)"; the same event again raises a count; one source may say 25 things about one object, and
one more every five minutes after that.
"""

from collections import OrderedDict
from typing import Final, NamedTuple, Self, TypeVar

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

Key = tuple[str, ...]
V = TypeVar("V")


@record
class Occurrence(NamedTuple):
    """What to write: a new Event when `times_count` is 1, else a repeat of the Event `name`."""

    key: Key
    message: str
    times_count: int = 1
    name: str = ""


@record
class _Similar(NamedTuple):
    messages: tuple[str, ...]
    last_ns: int


@record
class _Bucket(NamedTuple):
    tokens: float
    filled_ns: int


class EventCorrelator:
    """Three bounded tables, oldest entry out first. Each question is O(1).

    A fork shares the tables until either side writes, which copies them once.
    """

    __slots__ = ("_buckets", "_shared", "_similar", "_written")

    def __init__(self) -> None:
        self._similar: OrderedDict[Key, _Similar] = OrderedDict()
        self._written: OrderedDict[Key, tuple[str, int]] = OrderedDict()
        self._buckets: OrderedDict[Key, _Bucket] = OrderedDict()
        self._shared = False

    def correlate(self, about: Key, group: Key, message: str, now_ns: int) -> Occurrence | None:
        """Decide on one event; None means that it is dropped as spam.

        `about` names the source and the object, `group` adds the type and the reason.
        """
        if self._shared:
            self._own()
        key, message = self._combine(group, message, now_ns)
        written = self._written.get(key)
        if not self._take_token(about, now_ns):
            return None
        if written is None:
            return Occurrence(key, message)
        name, count = written
        return Occurrence(key, message, count + 1, name)

    def written(self, occurrence: Occurrence, name: str) -> None:
        """Remember that the occurrence now stands in the Event called `name`."""
        if self._shared:
            self._own()
        _store(self._written, occurrence.key, (name, occurrence.times_count))

    def forget(self, occurrence: Occurrence) -> None:
        """Forget the Event of this occurrence: it is no longer there."""
        if self._shared:
            self._own()
        self._written.pop(occurrence.key, None)

    def _own(self) -> None:
        self._similar = OrderedDict(self._similar)
        self._written = OrderedDict(self._written)
        self._buckets = OrderedDict(self._buckets)
        self._shared = False

    def _combine(self, group: Key, message: str, now_ns: int) -> tuple[Key, str]:
        known = self._similar.get(group)
        messages: tuple[str, ...] = (message,)
        if known is not None and now_ns - known.last_ns <= SIMILAR_NS_MAX:
            messages = known.messages
            if message not in messages:
                messages = (*messages, message)
        combined = len(messages) >= SIMILAR_COUNT_MAX
        if combined:
            messages = messages[1:]
        _store(self._similar, group, _Similar(messages, now_ns))
        return (group, COMBINED_PREFIX + message) if combined else ((*group, message), message)

    def _take_token(self, about: Key, now_ns: int) -> bool:
        bucket = self._buckets.get(about)
        if bucket is None:  # as nearly always
            _store(self._buckets, about, _Bucket(float(BURST_COUNT_MAX) - 1.0, now_ns))
            return True
        refilled = bucket.tokens + (now_ns - bucket.filled_ns) / REFILL_NS
        tokens = min(float(BURST_COUNT_MAX), refilled)
        allowed = tokens >= 1.0
        _store(self._buckets, about, _Bucket(tokens - 1.0 if allowed else tokens, now_ns))
        return allowed

    def fork(self, memo: ForkMemo) -> Self:
        """The same memory. O(1); the first write on either side copies it."""
        twin = type(self)()
        twin._similar, twin._written, twin._buckets = self._similar, self._written, self._buckets
        twin._shared = self._shared = True
        return twin


def _store(table: OrderedDict[Key, V], key: Key, value: V) -> None:
    if key in table:
        table.move_to_end(key)
    elif len(table) == REMEMBERED_COUNT_MAX:
        table.popitem(last=False)
    table[key] = value
