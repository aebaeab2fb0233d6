"""The queue of keys between informers and a reconciler, with client-go's promises.

* Fair: keys come out in the order in which they were first added.
* Stingy: a key added several times before it is taken comes out once.
* Never two workers on one key: a key added while it is being worked on waits until `done`.
* Delayed: `add_after` adds later; of two delays for one key the earlier counts.
* Rate-limited: `add_rate_limited` adds after the key's backoff; `forget` resets it.

Worked example: add a, add b, add a -> get a; add a (it is being worked on) -> get b, done b;
done a -> a is queued again -> get a, done a, empty.

Keys are strings (`namespace/name`). A fork is O(waiting keys): the queue proper is short, timers
copy themselves when changed.
"""

from collections import deque
from collections.abc import Sized
from typing import Self

from kcore.forking import ForkMemo
from kcore.reconcile.rate_limit import RateLimiter
from kcore.runtime.timers import Timers


class WorkQueue:
    """Keys to work on, now or later. Each operation is O(1), delayed ones O(log n)."""

    __slots__ = ("_dirty", "_limiter", "_order", "_processing", "_timers")

    def __init__(self, limiter: RateLimiter | None = None) -> None:
        self._limiter = RateLimiter() if limiter is None else limiter
        self._order: deque[str] = deque()
        # Only ever asked for membership, so that the order of sets cannot matter.
        self._dirty: set[str] = set()
        self._processing: set[str] = set()
        self._timers = Timers()

    def add(self, key: str) -> None:
        """Ask for `key` to be worked on."""
        if key in self._dirty:
            return
        self._dirty.add(key)
        if key not in self._processing:
            self._order.append(key)

    def add_after(self, key: str, delay_ns: int, now_ns: int) -> None:
        """Add `key` once `delay_ns` has passed; a pending earlier delay stays."""
        if delay_ns <= 0:
            self.add(key)
        else:
            self._timers.set_earlier(key, now_ns + delay_ns)

    def add_rate_limited(self, key: str, now_ns: int) -> int:
        """Add `key` after its backoff and return how long that is."""
        delay_ns = self._limiter.next_delay_ns(key, now_ns)
        self.add_after(key, delay_ns, now_ns)
        return delay_ns

    def forget(self, key: str) -> None:
        """`key` succeeded: its next failure waits only the base delay."""
        self._limiter.forget(key)

    def failures(self, key: str) -> int:
        """How often `key` was rate-limited since it was last forgotten."""
        return self._limiter.failures(key)

    def wake(self, now_ns: int) -> None:
        """Add every key whose delay has passed. O(due keys)."""
        while (key := self._timers.pop_due(now_ns)) is not None:
            self.add(key)

    def get(self) -> str | None:
        """Take the next key, which stays in work until `done`; None when there is none."""
        if not self._order:
            return None
        key = self._order.popleft()
        self._dirty.discard(key)
        self._processing.add(key)
        return key

    def done(self, key: str) -> None:
        """`key` is no longer worked on; if it was added meanwhile, it is queued now."""
        self._processing.discard(key)
        if key in self._dirty:
            self._order.append(key)

    @property
    def inboxes(self) -> tuple[Sized, ...]:
        """Where keys wait, now or for later; the same containers all the time."""
        return self._order, self._timers.heap

    def ready(self, now_ns: int) -> bool:
        """Whether `get` would return a key after `wake(now_ns)`. O(1)."""
        if self._order:
            return True
        deadline_ns = self._timers.next_deadline_ns()
        return deadline_ns is not None and deadline_ns <= now_ns

    def next_deadline_ns(self) -> int | None:
        """When the earliest delay ends. O(1)."""
        return self._timers.next_deadline_ns()

    def __len__(self) -> int:
        """Return how many keys could be taken right now; delayed ones do not count. O(1)."""
        return len(self._order)

    def clear(self) -> None:
        """Forget all keys, delays and failures, as a new process would."""
        self._limiter = RateLimiter()
        self._order.clear()
        self._dirty.clear()
        self._processing.clear()
        self._timers.clear()

    def fork(self, memo: ForkMemo) -> Self:
        """An independent queue in the same state. O(queued keys)."""
        twin = type(self)(memo(self._limiter))
        twin._order = self._order.copy()
        twin._dirty = set(self._dirty)
        twin._processing = set(self._processing)
        twin._timers = memo(self._timers)
        return twin

    def check_invariants(self) -> None:
        """Raise AssertionError when the queue contradicts itself. O(n)."""
        assert len(set(self._order)) == len(self._order), "a key is queued twice"
        assert set(self._order) == self._dirty - self._processing, "queued is not dirty and idle"
        self._timers.check_invariants()
