"""The loop runs who is ready, else jumps to the next deadline; a fork goes its own way."""

from typing import Self

import pytest

from kcore.errors import InvariantError, LimitError
from kcore.forking import ForkMemo
from kcore.runtime import loop as loop_module
from kcore.runtime.choice import FairSource, SeededSource
from kcore.runtime.clock import SECOND_NS, VirtualClock
from kcore.runtime.loop import Loop
from kcore.runtime.process import ActorCrashed, Process
from kcore.runtime.trace import Trace


class Ticker:
    """Acts every `period_ns`, at most `budget` times; `beats` makes it a heartbeat."""

    def __init__(
        self, name: str, clock: VirtualClock, budget: int = 3, beats: bool = False
    ) -> None:
        self.name = name
        self.clock = clock
        self.budget = budget
        self.beats = beats
        self.due_ns = clock.now_ns() + SECOND_NS
        self.times: list[int] = []
        self.restarts = 0
        self.crash_at = -1

    def ready(self) -> bool:
        return self.budget > 0 and self.clock.now_ns() >= self.due_ns

    def step(self) -> str:
        self.budget -= 1
        self.times.append(self.clock.now_ns())
        self.due_ns = self.clock.now_ns() + SECOND_NS
        if len(self.times) == self.crash_at:
            raise ActorCrashed("by order")
        return f"tick {len(self.times)}"

    def next_deadline_ns(self) -> int | None:
        return self.due_ns if self.budget and not self.beats else None

    def next_heartbeat_ns(self) -> int | None:
        return self.due_ns if self.budget and self.beats else None

    def restart(self) -> None:
        self.restarts += 1

    def fork(self, memo: ForkMemo) -> Self:
        twin = type(self)(self.name, memo(self.clock), self.budget, self.beats)
        twin.due_ns, twin.times = self.due_ns, list(self.times)
        return twin


def world(*names: str, seed: int = 0, **options: int) -> tuple[Loop, VirtualClock, list[Ticker]]:
    clock = VirtualClock(0)
    loop = Loop(clock, SeededSource(seed), Trace())
    tickers = [Ticker(name, clock, **options) for name in names]
    processes: list[Process] = list(tickers)
    loop.add(*processes)
    return loop, clock, tickers


def test_time_jumps_from_deadline_to_deadline() -> None:
    loop, clock, (ticker,) = world("a")
    assert loop.settle(100 * SECOND_NS)
    assert ticker.times == [SECOND_NS, 2 * SECOND_NS, 3 * SECOND_NS]
    assert clock.now_ns() == 3 * SECOND_NS


def test_run_until_leaves_the_clock_at_the_deadline() -> None:
    loop, clock, (ticker,) = world("a")
    assert not loop.run_until(SECOND_NS * 5 // 2)
    assert len(ticker.times) == 2
    assert clock.now_ns() == SECOND_NS * 5 // 2


def test_run_until_stops_when_the_predicate_holds() -> None:
    loop, clock, (ticker,) = world("a")
    assert loop.run_until(100 * SECOND_NS, lambda: len(ticker.times) == 2)
    assert clock.now_ns() == 2 * SECOND_NS


def test_heartbeats_happen_but_do_not_keep_a_world_unsettled() -> None:
    clock = VirtualClock(0)
    loop = Loop(clock, FairSource(), Trace())
    worker, beat = Ticker("worker", clock, 2), Ticker("beat", clock, 10**6, beats=True)
    loop.add(worker, beat)
    assert loop.settle(100 * SECOND_NS)
    assert len(worker.times) == 2
    assert len(beat.times) in (1, 2)
    assert clock.now_ns() == 2 * SECOND_NS


def test_work_beyond_the_deadline_is_not_settled() -> None:
    loop, clock, _ = world("a", budget=100)
    assert not loop.settle(5 * SECOND_NS)
    assert clock.now_ns() == 5 * SECOND_NS


def test_a_crash_restarts_the_process_and_is_in_the_trace() -> None:
    clock = VirtualClock(0)
    trace = Trace()
    loop = Loop(clock, FairSource(), trace)
    ticker = Ticker("a", clock)
    ticker.crash_at = 2
    loop.add(ticker)
    loop.settle(100 * SECOND_NS)
    assert ticker.restarts == 1
    assert [action.label for action in trace] == ["tick 1", "crash: by order", "tick 3"]


def test_same_seed_same_order_other_seed_other_order() -> None:
    def order(seed: int) -> list[str]:
        clock = VirtualClock(0)
        trace = Trace()
        loop = Loop(clock, SeededSource(seed), trace)
        loop.add(*(Ticker(name, clock) for name in "abcdef"))
        loop.settle(100 * SECOND_NS)
        return [action.process for action in trace]

    assert order(1) == order(1)
    assert order(1) != order(2)
    assert sorted(order(1)) == sorted(order(2))


def test_a_fork_leaves_its_parent_alone() -> None:
    loop, clock, (ticker,) = world("a")
    loop.run_until(SECOND_NS)
    before = (clock.now_ns(), list(ticker.times))
    twin = loop.fork(ForkMemo())
    twin.settle(100 * SECOND_NS)
    assert (clock.now_ns(), ticker.times) == before
    loop.settle(100 * SECOND_NS)
    assert len(ticker.times) == 3


def test_two_processes_of_one_name_are_refused() -> None:
    loop, clock, _ = world("a")
    with pytest.raises(InvariantError, match="two processes are called 'a'"):
        loop.add(Ticker("a", clock))


def test_a_livelock_ends_with_the_names_of_the_busy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop_module, "ACTIONS_PER_INSTANT_COUNT_MAX", 10)
    loop, clock, (ticker,) = world("spinner", budget=10**6)
    ticker.due_ns = 0
    monkeypatch.setattr(Ticker, "ready", lambda self: True)
    with pytest.raises(LimitError, match=r"10 actions without time passing.*busy: spinner"):
        loop.settle(SECOND_NS)
    assert clock.now_ns() == 0


def test_the_clock_refuses_to_go_back() -> None:
    clock = VirtualClock(5)
    with pytest.raises(InvariantError, match="time cannot go back"):
        clock.advance_to(4)
