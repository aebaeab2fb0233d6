"""Backoff per key and one bucket over all keys, with upstream's numbers."""

from hypothesis import given
from hypothesis import strategies as st

from kcore.forking import ForkMemo
from kcore.reconcile.rate_limit import ExponentialBackoff, RateLimiter, TokenBucket
from kcore.runtime.clock import SECOND_NS

MS = 1_000_000


def test_a_key_that_keeps_failing_waits_twice_as_long_each_time_up_to_1000_seconds():
    backoff = ExponentialBackoff()
    delays = [backoff.next_delay_ns("a") for _ in range(100)]

    assert delays[:5] == [5 * MS, 10 * MS, 20 * MS, 40 * MS, 80 * MS]
    assert delays[17:20] == [655_360 * MS, 1000 * SECOND_NS, 1000 * SECOND_NS]
    assert delays[-1] == 1000 * SECOND_NS


def test_keys_fail_independently_and_are_forgotten():
    backoff = ExponentialBackoff()
    backoff.next_delay_ns("a")
    backoff.next_delay_ns("a")

    assert backoff.next_delay_ns("b") == 5 * MS
    assert backoff.failures("a") == 2
    backoff.forget("a")
    assert backoff.next_delay_ns("a") == 5 * MS


@given(st.lists(st.integers(0, 400 * MS), max_size=250))
def test_a_token_bucket_answers_as_one_that_counts_tokens(gaps):
    bucket = TokenBucket()
    now, tokens, filled = 0, 100 * 100 * MS, 0  # tokens in nanoseconds of refill time
    for gap in gaps:
        now += gap
        tokens = min(100 * 100 * MS, tokens + now - filled)
        filled = now
        tokens -= 100 * MS
        assert bucket.reserve(now) == max(0, -tokens)


def test_the_limiter_takes_the_larger_delay_and_forks():
    limiter = RateLimiter()
    for number in range(100):
        assert limiter.next_delay_ns(f"k{number}", 0) == 5 * MS
    twin = ForkMemo()(limiter)

    assert limiter.next_delay_ns("late", 0) == 100 * MS
    assert twin.next_delay_ns("late", 0) == 100 * MS
