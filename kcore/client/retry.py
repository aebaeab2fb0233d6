"""Try again when a write met another state, as client-go's `retry.RetryOnConflict`."""

from collections.abc import Callable
from typing import Final, TypeVar

from kcore.errors import ApiError

T = TypeVar("T")

# client-go's DefaultRetry: five steps. It waits 10 ms between them; in process nobody else gets a
# turn during a step, so waiting would change nothing.
ATTEMPTS_COUNT_MAX: Final = 5


def retry_on_conflict(attempt: Callable[[], T]) -> T:
    """Call `attempt` until it does not meet a conflict, at most `ATTEMPTS_COUNT_MAX` times.

    Raises:
        ApiError: the last conflict, or any other refusal at once.
    """
    for _ in range(ATTEMPTS_COUNT_MAX - 1):
        try:
            return attempt()
        except ApiError as error:
            if error.code != 409:
                raise
    return attempt()
