"""Batches of 1, 2, 4, ... that end after the first batch with an error."""

import pytest

from kcore.errors import forbidden
from kcore.reconcile.slow_start import slow_start


@pytest.mark.parametrize(
    ("count", "allowed", "tried", "worked"),
    [
        (0, 9, 0, 0),
        (5, 9, 5, 5),
        (10, 0, 1, 0),
        (10, 1, 3, 1),
        (9, 5, 7, 5),
        (500, 100, 127, 100),
    ],
)
def test_all_of_a_batch_are_tried_and_no_further_batch(count, allowed, tried, worked):
    calls = []

    def attempt(index):
        calls.append(index)
        if len(calls) > allowed:
            raise forbidden("pods", "p", "exceeded quota")

    outcome = slow_start(count, attempt)

    assert calls == list(range(tried))
    assert outcome.successes == worked
    assert (outcome.error is None) == (worked == count)
