"""How long a failing key waits: growing per key, and never more than so many per second in all.

client-go's default controller rate limiter: the larger of an exponential delay per key (5 ms,
10 ms, ... 1000 s) and a token bucket over all keys (10 per second, 100 at once).
"""

from typing import Final, Self

from kcore.forking import ForkMemo
from kcore.runtime.clock import SECOND_NS

BASE_DELAY_NS: Final = 5_000_000
DELAY_NS_MAX: Final = 1_000 * SECOND_NS
BUCKET_INTERVAL_NS: Final = SECOND_NS // 10
BUCKET_BURST_COUNT: Final = 100


class ExponentialBackoff:
    """Delay per key: `base * 2**failures`, up to a maximum. O(1) a question."""

    __slots__ = ("_base_ns", "_failures", "_max_ns")

    def __init__(self, base_ns: int = BASE_DELAY_NS, max_ns: int = DELAY_NS_MAX) -> None:
        self._base_ns = base_ns
        self._max_ns = max_ns
        self._failures: dict[str, int] = {}

    def next_delay_ns(self, key: str) -> int:
        """Count one more failure of `key` and return how long it waits."""
        failures = self._failures.get(key, 0)
        self._failures[key] = failures + 1
        # Beyond 62 doublings every base is above every sensible maximum.
        return min(self._base_ns << min(failures, 62), self._max_ns)

    def failures(self, key: str) -> int:
        """How often `key` has failed since it was last forgotten."""
        return self._failures.get(key, 0)

    def forget(self, key: str) -> None:
        """`key` succeeded: its next failure waits the base delay again."""
        self._failures.pop(key, None)

    def fork(self, memo: ForkMemo) -> Self:
        """An independent copy. O(failing keys)."""
        twin = type(self)(self._base_ns, self._max_ns)
        twin._failures = dict(self._failures)
        return twin


class TokenBucket:
    """One token every `interval_ns`, at most `burst_count` saved up. O(1).

    The state is one number: the time at which the bucket would be full again (the "theoretical
    arrival time" of the generic cell rate algorithm), which is exact where counting fractional
    tokens is not.
    """

    __slots__ = ("_burst_ns", "_full_ns", "_interval_ns")

    def __init__(
        self, interval_ns: int = BUCKET_INTERVAL_NS, burst_count: int = BUCKET_BURST_COUNT
    ) -> None:
        self._interval_ns = interval_ns
        self._burst_ns = interval_ns * burst_count
        self._full_ns = 0

    def reserve(self, now_ns: int) -> int:
        """Take the next token and return how long from now it becomes valid."""
        self._full_ns = max(self._full_ns, now_ns) + self._interval_ns
        return max(0, self._full_ns - self._burst_ns - now_ns)

    def fork(self, memo: ForkMemo) -> Self:
        """An independent bucket with as many tokens."""
        twin = object.__new__(type(self))
        twin._interval_ns = self._interval_ns
        twin._burst_ns = self._burst_ns
        twin._full_ns = self._full_ns
        return twin


class RateLimiter:
    """The larger of both delays."""

    __slots__ = ("_backoff", "_bucket")

    def __init__(
        self, backoff: ExponentialBackoff | None = None, bucket: TokenBucket | None = None
    ) -> None:
        self._backoff = ExponentialBackoff() if backoff is None else backoff
        self._bucket = TokenBucket() if bucket is None else bucket

    def next_delay_ns(self, key: str, now_ns: int) -> int:
        """Count a failure of `key` and return how long it waits."""
        return max(self._backoff.next_delay_ns(key), self._bucket.reserve(now_ns))

    def failures(self, key: str) -> int:
        """How often `key` has failed in a row."""
        return self._backoff.failures(key)

    def forget(self, key: str) -> None:
        """`key` succeeded."""
        self._backoff.forget(key)

    def fork(self, memo: ForkMemo) -> Self:
        """An independent copy."""
        return type(self)(memo(self._backoff), memo(self._bucket))
