"""The one turn-taker: run who is ready; when nobody is, jump the clock to the next deadline.

The door to the `turns` kernel, which takes the single turns.
"""

from collections.abc import Callable, Iterable
from typing import Self

from kcore import _native
from kcore.errors import InvariantError, LimitError
from kcore.forking import ForkMemo
from kcore.limits import ACTIONS_PER_INSTANT_COUNT_MAX
from kcore.runtime.choice import ChoiceSource
from kcore.runtime.clock import VirtualClock
from kcore.runtime.process import ActorCrashed, Process, Recipient, Sleeper, Worker
from kcore.runtime.trace import Trace

TurnTaker = _native.turns.TurnTaker


class Loop(TurnTaker):
    """Takes turns among processes on one virtual clock.

    Which of the ready processes acts is asked of the choice source; everything else follows. A
    turn (`act`) costs O(awake processes) plus the step, and raises LimitError when time stood still
    for `ACTIONS_PER_INSTANT_COUNT_MAX` of them (a livelock).
    """

    def __init__(self, clock: VirtualClock, choices: ChoiceSource, trace: Trace) -> None:
        super().__init__(clock, choices, trace, ActorCrashed, ACTIONS_PER_INSTANT_COUNT_MAX)

    @property
    def processes(self) -> tuple[Process, ...]:
        """In the order they joined."""
        return tuple(self._processes)

    def add(self, *processes: Process) -> None:
        """Let processes take part from the next turn on.

        Raises:
            InvariantError: the name is taken.
        """
        for process in processes:
            if process.name in self._names:
                raise InvariantError(f"two processes are called {process.name!r}")
            inboxes = process.inboxes if isinstance(process, Recipient) else ()
            backlog = process.backlog if isinstance(process, Worker) else None
            self.join(process, process.name, isinstance(process, Sleeper), inboxes, backlog)

    def livelock(self, busy: list[str]) -> LimitError:
        """The error of turns without end, with the names of some who take them."""
        return LimitError(
            f"{ACTIONS_PER_INSTANT_COUNT_MAX} actions without time passing "
            f"(limits.ACTIONS_PER_INSTANT_COUNT_MAX); busy: {', '.join(busy[:5])}"
        )

    def next_deadline_ns(self) -> int | None:
        """The earliest time at which a waiting process has real work; heartbeats do not count."""
        return _earliest(process.next_deadline_ns() for process in self._processes)

    def run_until(self, deadline_ns: int, stop: Callable[[], bool] | None = None) -> bool:
        """Run everything due up to `deadline_ns` and leave the clock there.

        Returns:
            True as soon as `stop()` holds between two steps (the clock stays where it is then).
        """
        while True:
            if stop is not None and stop():
                return True
            if self.act():
                continue
            upcoming = self._next_wakeup_ns()
            if upcoming is None or upcoming > deadline_ns:
                self._jump(max(deadline_ns, self._clock.now_ns()))
                return False
            self._jump(upcoming)

    def settle(self, deadline_ns: int) -> bool:
        """Run until nothing but heartbeats is left to wait for.

        Returns:
            False when that is not so by `deadline_ns`.
        """
        while True:
            if self.act():
                continue
            work_ns = self.next_deadline_ns()
            if work_ns is None:
                return True
            if work_ns > deadline_ns:
                return False
            upcoming = self._next_wakeup_ns()
            self._jump(work_ns if upcoming is None else min(work_ns, upcoming))

    def _next_wakeup_ns(self) -> int | None:
        heartbeat_ns = _earliest(process.next_heartbeat_ns() for process in self._processes)
        return _earliest((self.next_deadline_ns(), heartbeat_ns))

    def _jump(self, deadline_ns: int) -> None:
        if deadline_ns > self._clock.now_ns():
            self.time_passes()
        self._clock.advance_to(max(deadline_ns, self._clock.now_ns()))

    def fork(self, memo: ForkMemo) -> Self:
        """The same loop over forked processes, clock, choices and trace."""
        twin = type(self)(memo(self._clock), memo(self._choices), memo(self._trace))
        twin.follow(self, [memo(process) for process in self._processes])
        return twin


def _earliest(deadlines: Iterable[int | None]) -> int | None:
    return min((deadline for deadline in deadlines if deadline is not None), default=None)
