"""Virtual time: an integer number of nanoseconds since the Unix epoch that one loop moves.

`WallClock` and `CpuClock` are for people who wait in front of a terminal; nothing inside a world
reads them.
"""

import time
from typing import Final, Protocol, Self

from kcore import _native
from kcore.errors import InvariantError
from kcore.forking import ForkMemo

SECOND_NS: Final = 1_000_000_000
MINUTE_NS: Final = 60 * SECOND_NS
HOUR_NS: Final = 60 * MINUTE_NS

# 2026-01-01T00:00:00Z: where every world begins, so that traces do not depend on the calendar.
EPOCH_NS: Final = 1_767_225_600 * SECOND_NS

Instants = _native.instants.Instants


class Clock(Protocol):
    """Somebody who knows what time it is."""

    def now_ns(self) -> int:
        """Nanoseconds since the Unix epoch."""


class VirtualClock(_native.turns.Moment):
    """Time that stands still until the loop moves it; `now_ns` is the kernel's."""

    __slots__ = ()

    def __init__(self, now_ns: int = EPOCH_NS) -> None:
        super().__init__(now_ns)

    def advance_to(self, deadline_ns: int) -> None:
        """Jump forward; only the loop does.

        Raises:
            InvariantError: `deadline_ns` lies in the past.
        """
        if deadline_ns < self._now_ns:
            raise InvariantError(f"time cannot go back: {self._now_ns} -> {deadline_ns}")
        self._now_ns = deadline_ns

    def fork(self, memo: ForkMemo) -> Self:
        """A clock that shows the same time and moves on its own."""
        return type(self)(self._now_ns)


class WallClock:
    """How much real time has passed since it was made; for progress lines and reports only."""

    __slots__ = ("_start_ns",)

    def __init__(self) -> None:
        self._start_ns = time.monotonic_ns()

    def now_ns(self) -> int:
        """Nanoseconds of real time since this clock was made. O(1)."""
        return time.monotonic_ns() - self._start_ns


class CpuClock:
    """How much this process has computed since it was made: the measure on a busy machine."""

    __slots__ = ("_start_ns",)

    def __init__(self) -> None:
        self._start_ns = time.process_time_ns()

    def now_ns(self) -> int:
        """Nanoseconds of CPU time, user and system, since this clock was made. O(1)."""
        return time.process_time_ns() - self._start_ns
