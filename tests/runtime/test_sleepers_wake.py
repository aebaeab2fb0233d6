"""A sleeper is not asked until its topic is written to, and never misses a write."""

from typing import Self

from kcore.forking import ForkMemo
from kcore.runtime.choice import FairSource
from kcore.runtime.clock import SECOND_NS, VirtualClock
from kcore.runtime.loop import Loop
from kcore.runtime.trace import Trace


class Reader:
    """Waits for writes to one topic, and counts how often it was asked."""

    def __init__(self, topic: str) -> None:
        self.name = f"reader of {topic}"
        self.topic = topic
        self.unread = 0
        self.read = 0
        self.asked = 0

    def ready(self) -> bool:
        self.asked += 1
        return self.unread > 0

    def asleep(self) -> bool:
        return self.unread == 0

    def step(self) -> str:
        self.unread -= 1
        self.read += 1
        return "read"

    def next_deadline_ns(self) -> int | None:
        return None

    def next_heartbeat_ns(self) -> int | None:
        return None

    def restart(self) -> None:
        self.unread = 0

    def fork(self, memo: ForkMemo) -> Self:
        twin = type(self)(self.topic)
        twin.unread, twin.read, twin.asked = self.unread, self.read, self.asked
        return twin


class Writer:
    """Writes to each topic in turn, once a second."""

    def __init__(self, clock: VirtualClock, trace: Trace, readers: list[Reader]) -> None:
        self.name = "writer"
        self.clock, self.trace, self.readers = clock, trace, readers
        self.plan = [reader.topic for reader in readers] * 3
        self.due_ns = clock.now_ns()

    def ready(self) -> bool:
        return bool(self.plan) and self.clock.now_ns() >= self.due_ns

    def step(self) -> str:
        topic = self.plan.pop(0)
        self.trace.write("create", topic, "x", 1, b"")
        for reader in self.readers:
            reader.unread += reader.topic == topic
        self.due_ns += SECOND_NS
        return f"write {topic}"

    def next_deadline_ns(self) -> int | None:
        return self.due_ns if self.plan else None

    def next_heartbeat_ns(self) -> int | None:
        return None

    def restart(self) -> None:
        self.plan = []

    def fork(self, memo: ForkMemo) -> Self:
        readers = [memo(reader) for reader in self.readers]
        twin = type(self)(memo(self.clock), memo(self.trace), readers)
        twin.plan, twin.due_ns = list(self.plan), self.due_ns
        return twin


def world(count: int) -> tuple[Loop, list[Reader]]:
    clock, trace = VirtualClock(0), Trace()
    loop = Loop(clock, FairSource(), trace)
    readers = [Reader(f"topic-{number}") for number in range(count)]
    loop.add(Writer(clock, trace, readers), *readers)
    return loop, readers


def test_every_write_is_read_in_its_own_second() -> None:
    loop, readers = world(10)
    assert loop.settle(100 * SECOND_NS)
    assert [reader.read for reader in readers] == [3] * 10


def test_sleepers_are_asked_per_write_not_per_turn() -> None:
    loop, readers = world(50)
    loop.settle(1000 * SECOND_NS)
    assert max(reader.asked for reader in readers) < 15


def test_a_fork_keeps_its_sleepers_apart() -> None:
    loop, readers = world(5)
    loop.run_until(3 * SECOND_NS)
    memo = ForkMemo()
    twins = [memo(reader) for reader in readers]
    twin_loop = memo(loop)
    before = [reader.read for reader in readers]
    twin_loop.settle(100 * SECOND_NS)
    assert [reader.read for reader in twins] == [3] * 5
    assert [reader.read for reader in readers] == before
    loop.settle(100 * SECOND_NS)
    assert [reader.read for reader in readers] == [3] * 5
