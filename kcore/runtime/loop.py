"""The one turn-taker: run who is ready; when nobody is, jump the clock to the next deadline."""

from bisect import insort
from collections.abc import Callable, Iterable
from typing import Self, cast

from kcore.errors import InvariantError, LimitError
from kcore.forking import ForkMemo
from kcore.limits import ACTIONS_PER_INSTANT_COUNT_MAX
from kcore.runtime.choice import ChoiceSource
from kcore.runtime.clock import VirtualClock
from kcore.runtime.process import ActorCrashed, Process, Sleeper
from kcore.runtime.trace import Trace


class Loop:
    """Takes turns among processes on one virtual clock.

    Which of the ready processes acts is asked of the choice source; everything else follows. A
    turn costs O(awake processes) plus the step; `_awake` holds their places in joining order.
    """

    def __init__(self, clock: VirtualClock, choices: ChoiceSource, trace: Trace) -> None:
        self._clock = clock
        self._choices = choices
        self._trace = trace
        self._processes: list[Process] = []
        self._names: list[str] = []
        self._sleepers: list[Sleeper | None] = []
        self._awake: list[int] = []
        self._asleep: dict[str, list[int]] = {}
        self._instant_count = 0

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
            self._awake.append(len(self._processes))
            self._sleepers.append(process if isinstance(process, Sleeper) else None)
            self._processes.append(process)
            self._names.append(process.name)

    def act(self) -> bool:
        """Let one ready process take one step; False when nobody is ready.

        Raises:
            LimitError: time stood still for `ACTIONS_PER_INSTANT_COUNT_MAX` steps (a livelock).
        """
        ready = self._ready()
        if not ready:
            return False
        if self._instant_count >= ACTIONS_PER_INSTANT_COUNT_MAX:
            raise LimitError(
                f"{ACTIONS_PER_INSTANT_COUNT_MAX} actions without time passing "
                f"(limits.ACTIONS_PER_INSTANT_COUNT_MAX); busy: {self._first_names(ready)}"
            )
        self._instant_count += 1
        place = ready[0 if len(ready) == 1 else self._choices.choose(len(ready), "turn")]
        process = self._processes[place]
        try:
            label = process.step()
        except ActorCrashed as crash:
            process.restart()
            # What the process restarts (its informers) may have slept.
            self._wake_all()
            label = f"crash: {crash}"
        self._trace.action(self._clock.now_ns(), self._names[place], label)
        return True

    def _first_names(self, places: list[int]) -> str:
        return ", ".join(self._names[place] for place in places[:5])

    def _wake_all(self) -> None:
        self._asleep = {}
        self._awake = list(range(len(self._processes)))

    def _ready(self) -> list[int]:
        """The places of everybody who can take a step, in joining order."""
        for topic in self._trace.take_touched():
            for place in self._asleep.pop(topic, ()):
                insort(self._awake, place)
        processes, sleepers = self._processes, self._sleepers
        ready: list[int] = []
        sleeping: list[int] = []
        for place in self._awake:
            if processes[place].ready():
                ready.append(place)
            elif (sleeper := sleepers[place]) is not None and sleeper.asleep():
                self._asleep.setdefault(sleeper.topic, []).append(place)
                sleeping.append(place)
        if sleeping:
            self._awake = [place for place in self._awake if place not in sleeping]
        return ready

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
            self._instant_count = 0
        self._clock.advance_to(max(deadline_ns, self._clock.now_ns()))

    def fork(self, memo: ForkMemo) -> Self:
        """The same loop over forked processes, clock, choices and trace."""
        twin = type(self)(memo(self._clock), memo(self._choices), memo(self._trace))
        twin._processes = [memo(process) for process in self._processes]
        twin._names = list(self._names)
        # A twin is of its original's kind; asking each again would cost more than all else here.
        twin._sleepers = [
            None if known is None else cast("Sleeper", process)
            for known, process in zip(self._sleepers, twin._processes, strict=True)
        ]
        twin._awake = list(self._awake)
        twin._asleep = {topic: list(places) for topic, places in self._asleep.items()}
        twin._instant_count = self._instant_count
        return twin


def _earliest(deadlines: Iterable[int | None]) -> int | None:
    return min((deadline for deadline in deadlines if deadline is not None), default=None)
