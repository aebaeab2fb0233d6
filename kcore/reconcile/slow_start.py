"""Many equal writes in batches of 1, 2, 4, ...: a refusal ends it after few wasted requests.

A quota that refuses the first of 500 pods would refuse the other 499 too. Upstream sends the
requests of a batch side by side; here they go one after the other, which is one of the orders
upstream may take. All of a batch are tried, then the first error ends the series.
"""

from collections.abc import Callable
from dataclasses import dataclass

from kcore.reconcile.reconciler import REQUEST_ERRORS


@dataclass(frozen=True, slots=True)
class SlowStart:
    """How far it came: requests that worked, and the first error."""

    successes: int
    error: Exception | None = None


def slow_start(count: int, attempt: Callable[[int], None], first_batch: int = 1) -> SlowStart:
    """Call `attempt(i)` for i below `count`, in batches that double; stop after a failed batch."""
    done, successes, batch = 0, 0, min(count, first_batch)
    while batch > 0:
        errors = [error for index in range(done, done + batch) if (error := _try(attempt, index))]
        successes += batch - len(errors)
        if errors:
            return SlowStart(successes, errors[0])
        done += batch
        batch = min(2 * batch, count - done)
    return SlowStart(successes)


def _try(attempt: Callable[[int], None], index: int) -> Exception | None:
    try:
        attempt(index)
    except REQUEST_ERRORS as error:
        return error
    return None
