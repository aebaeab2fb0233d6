"""One turn at a time among step machines: the readable twin of the `turns` kernel.

A turn: wake who sleeps on a topic that was written to, ask everybody awake who is ready, let the
choice source pick one of them, let it take its step, and note the step. Two ways save asking:

* a *sleeper* that answered no and says that only a write to its topic can change that is not asked
  again before there is one;
* a process with *inboxes* is not ready while all of them are empty, so it is not asked then; one
  that says which of them is its *backlog* is ready as long as something lies there and nothing in
  the one for what holds it up, so it is not asked then either.

Neither can change who is ready, and so neither changes whose turn it is.
"""

from bisect import insort
from collections.abc import Sequence, Sized
from typing import Any

from kcore._native.reference.courier import Courier

__all__ = ["Courier", "Moment", "TurnTaker"]
Backlog = tuple[Sized, Sized]
"""What holds a process up, and what it is to do."""


class Moment:
    """The time it is until somebody sets another; read many times a turn."""

    __slots__ = ("_now_ns",)

    def __init__(self, now_ns: int) -> None:
        self._now_ns = now_ns

    def now_ns(self) -> int:
        """Nanoseconds since the Unix epoch. O(1)."""
        return self._now_ns


class TurnTaker:
    """Processes in joining order, who of them is awake, and whose turn it is.

    A turn costs O(awake processes) plus the step; `_awake` holds their places in joining order.
    """

    def __init__(
        self, clock: Any, choices: Any, trace: Any, crash: type[BaseException], count_max: int
    ) -> None:
        self._clock = clock
        self._choices = choices
        self._trace = trace
        self._crash = crash
        self._count_max = count_max
        self._instant_count = 0
        self._processes: list[Any] = []
        self._names: list[str] = []
        self._sleeps: list[bool] = []
        self._inboxes: list[tuple[Sized, ...]] = []
        self._backlogs: list[Backlog | None] = []
        self._awake: list[int] = []
        self._asleep: dict[str, list[int]] = {}

    def join(
        self,
        process: Any,
        name: str,
        sleeps: bool,
        inboxes: tuple[Sized, ...],
        backlog: Backlog | None = None,
    ) -> None:
        """Let a process take part; without inboxes it is asked at every turn."""
        self._awake.append(len(self._processes))
        self._processes.append(process)
        self._names.append(name)
        self._sleeps.append(sleeps)
        self._inboxes.append(inboxes)
        self._backlogs.append(backlog)

    def follow(self, other: "TurnTaker", twins: Sequence[Any]) -> None:
        """Go on where `other` is, with twins of its processes. O(processes)."""
        self._processes = list(twins)
        self._names = list(other._names)
        self._sleeps = list(other._sleeps)
        self._inboxes = [
            twin.inboxes if known else () for twin, known in zip(twins, other._inboxes, strict=True)
        ]
        self._backlogs = [
            twin.backlog if known is not None else None
            for twin, known in zip(twins, other._backlogs, strict=True)
        ]
        self._awake = list(other._awake)
        self._asleep = {topic: list(places) for topic, places in other._asleep.items()}
        self._instant_count = other._instant_count

    def act(self) -> bool:
        """Let one ready process take one step; False when nobody is ready.

        Raises:
            RuntimeError: time stood still for too many steps; or what `livelock` makes of that.
        """
        ready = self._ready()
        if not ready:
            return False
        if self._instant_count >= self._count_max:
            raise self.livelock([self._names[place] for place in ready])
        self._instant_count += 1
        place = ready[0 if len(ready) == 1 else self._choices.choose(len(ready), "turn")]
        process = self._processes[place]
        try:
            label = process.step()
        except self._crash as crash:
            process.restart()
            # What the process restarts (its informers) may have slept.
            self._wake_all()
            label = f"crash: {crash}"
        self._trace.action(self._clock.now_ns(), self._names[place], label)
        return True

    def act_often(self, count_max: int) -> int:
        """Take turns until nobody is ready or `count_max` are taken; how many were taken.

        Raises:
            RuntimeError: as `act`.
        """
        count = 0
        while count < count_max and self.act():
            count += 1
        return count

    def livelock(self, busy: list[str]) -> Exception:
        """The error that time stood still for too many steps; who makes a loop may say more."""
        return RuntimeError(f"{self._count_max} actions without time passing: {', '.join(busy)}")

    def time_passes(self) -> None:
        """Count the steps of an instant anew."""
        self._instant_count = 0

    def check_invariants(self) -> None:
        """Raise AssertionError unless everybody is awake or asleep once, in order. O(n log n)."""
        places = list(self._awake)
        assert sorted(places) == places, "who is awake is not in joining order"
        for asleep in self._asleep.values():
            places += asleep
        assert sorted(places) == list(range(len(self._processes))), "somebody is lost or twice"
        for process, inboxes in zip(self._processes, self._inboxes, strict=True):
            own = process.inboxes if inboxes else ()
            assert len(own) == len(inboxes), "inboxes were replaced"
            for one, other in zip(own, inboxes, strict=True):
                assert one is other, "an inbox was replaced"
            if inboxes and not any(map(len, inboxes)):
                assert not process.ready(), "a process is ready for what lies in no inbox"
        for process, backlog in zip(self._processes, self._backlogs, strict=True):
            if backlog is not None:
                for one, other in zip(process.backlog, backlog, strict=True):
                    assert one is other, "a backlog was replaced"
                assert not _has_work(backlog) or process.ready(), "a backlog is left lying"

    def _wake_all(self) -> None:
        self._asleep = {}
        self._awake = list(range(len(self._processes)))

    def _ready(self) -> list[int]:
        """The places of everybody who can take a step, in joining order."""
        for topic in self._trace.take_touched():
            for place in self._asleep.pop(topic, ()):
                insort(self._awake, place)
        ready: list[int] = []
        sleeping: list[int] = []
        for place in self._awake:
            inboxes = self._inboxes[place]
            if inboxes and not any(map(len, inboxes)):
                continue
            process, backlog = self._processes[place], self._backlogs[place]
            if (backlog is not None and _has_work(backlog)) or process.ready():
                ready.append(place)
            elif self._sleeps[place] and process.asleep():
                self._asleep.setdefault(process.topic, []).append(place)
                sleeping.append(place)
        if sleeping:
            self._awake = [place for place in self._awake if place not in sleeping]
        return ready


def _has_work(backlog: Backlog) -> bool:
    hindrances, work = backlog
    return len(work) > 0 and not len(hindrances)
