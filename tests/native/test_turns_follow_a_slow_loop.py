"""Whose turn it is does not depend on who is left unasked, on either kernel."""

import gc
import weakref

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kcore.runtime.choice import FairSource, SeededSource
from kcore.runtime.clock import VirtualClock
from kcore.runtime.trace import Trace

COUNT_MAX = 1_000
TOPICS = ("pods", "nodes")

# What a worker does with a piece of work: hand some to others, hold them up, write, crash.
DEEDS = st.one_of(
    st.tuples(st.just("hand"), st.integers(0, 5), st.integers(1, 2)),
    st.tuples(st.sampled_from(["hold", "release"]), st.integers(0, 5), st.just(0)),
    st.tuples(st.just("write"), st.sampled_from(TOPICS), st.just(0)),
    st.tuples(st.just("crash"), st.just(0), st.just(0)),
)
KINDS = st.lists(
    st.sampled_from(["plain", "recipient", "backlog", *TOPICS]), min_size=1, max_size=6
)
PLANS = st.lists(st.lists(DEEDS, max_size=3), max_size=12)


class CrashError(Exception):
    """What ends a step early."""


class World:
    """Workers of several kinds and what they are to do; the plan is common to all."""

    def __init__(self, kinds, plan, seed):
        self.clock, self.choices, self.trace = VirtualClock(0), SeededSource(seed), Trace()
        self.plan = [list(deeds) for deeds in plan]
        self.workers = [Worker(self, place, kind) for place, kind in enumerate(kinds)]
        self.steps = []
        self.workers[0].work.append(None)

    def deed(self, worker):
        self.steps.append(worker.name)
        for name, one, more in self.plan.pop(0) if self.plan else ():
            if name == "hand":
                self.hand(self.workers[one % len(self.workers)], more)
            elif name in ("hold", "release"):
                self.workers[one % len(self.workers)].hold(name == "hold")
            elif name == "write":
                self.trace.write("create", one, "x", 1, b"")
                for reader in self.workers:
                    reader.work += [None] * (reader.kind == one)
            else:
                raise CrashError("by order")

    def hand(self, worker, more):
        """Only a write gives work to those who wait for writes."""
        if worker.kind not in TOPICS:
            worker.work += [None] * more


class Worker:
    """Ready while it has work."""

    def __init__(self, world, place, kind):
        self.world, self.name, self.kind = world, f"{kind}-{place}", kind
        self.topic = kind
        self.work, self.holdups = [], []
        self.inboxes = (self.holdups, self.work, [])
        self.backlog = (self.holdups, self.work)
        self.asked = 0

    def hold(self, is_held):
        """Only those with a backlog can be held up."""
        if self.kind == "backlog":
            self.holdups[:] = [None] * is_held

    def ready(self):
        self.asked += 1
        return bool(self.work) and not self.holdups

    def asleep(self):
        return not self.work

    def step(self):
        self.work.pop()
        self.world.deed(self)
        return f"{len(self.work)} left"

    def restart(self):
        self.work += [None]


def joined(turns, world):
    taker = turns.TurnTaker(world.clock, world.choices, world.trace, CrashError, COUNT_MAX)
    for worker in world.workers:
        inboxes = worker.inboxes if worker.kind in ("recipient", "backlog") else ()
        backlog = worker.backlog if worker.kind == "backlog" else None
        taker.join(worker, worker.name, worker.kind in TOPICS, inboxes, backlog)
    return taker


def slow_turn(world):
    """Ask everybody, each time."""
    ready = [worker for worker in world.workers if worker.ready()]
    if not ready:
        return False
    chosen = ready[0 if len(ready) == 1 else world.choices.choose(len(ready), "turn")]
    try:
        label = chosen.step()
    except CrashError as crash:
        chosen.restart()
        label = f"crash: {crash}"
    world.trace.action(world.clock.now_ns(), chosen.name, label)
    return True


@given(KINDS, PLANS, st.integers(0, 9))
def test_turns_are_those_of_a_loop_that_asks_everybody(turns, kinds, plan, seed):
    world, model = World(kinds, plan, seed), World(kinds, plan, seed)
    taker, more = joined(turns, world), True
    while more:
        more = taker.act()
        assert more == slow_turn(model)
        taker.check_invariants()
    assert world.steps == model.steps
    assert world.trace.digest == model.trace.digest


@given(KINDS, PLANS, st.integers(0, 9), st.integers(0, 9))
def test_many_turns_are_single_turns(turns, kinds, plan, seed, count_max):
    world, model = World(kinds, plan, seed), World(kinds, plan, seed)
    taker, single = joined(turns, world), joined(turns, model)
    count = count_max
    while count and count == count_max:
        count = taker.act_often(count_max)
        assert count == sum(single.act() for _ in range(count_max))
        assert world.trace.digest == model.trace.digest


def test_nobody_with_empty_inboxes_is_asked(turns):
    world = World(["plain", "recipient", "recipient"], [[], [("hand", 2, 1)], []], 1)
    world.workers[0].work += [None] * 5
    taker = joined(turns, world)
    while taker.act():
        pass
    assert [worker.asked for worker in world.workers[1:]] == [0, 1]


def test_nobody_with_a_backlog_is_asked_unless_something_holds_it_up(turns):
    world = World(["plain", "backlog"], [], 1)
    world.workers[0].work += [None] * 4
    world.workers[1].work += [None] * 5
    taker = joined(turns, world)
    for _ in range(3):
        assert taker.act()
    assert world.workers[1].asked == 0
    world.workers[1].hold(True)
    while taker.act():
        pass
    assert world.workers[0].work == []
    assert world.workers[1].work
    assert world.workers[1].asked > 0
    world.workers[1].hold(False)
    while taker.act():
        pass
    assert world.workers[1].work == []


def test_who_follows_goes_on_where_the_other_is(turns):
    world, twins = World(["plain", "pods", "backlog"], [], 1), World(["plain"] * 3, [], 1)
    taker = joined(turns, world)
    while taker.act():
        pass
    for one, other in zip(world.workers, twins.workers, strict=True):
        other.kind, other.name = one.kind, one.name
    follower = turns.TurnTaker(twins.clock, twins.choices, twins.trace, CrashError, COUNT_MAX)
    follower.follow(taker, twins.workers)
    follower.check_invariants()
    assert follower.act()  # The plain one has work in this world.
    assert not follower.act()
    twins.trace.write("create", "pods", "x", 1, b"")
    twins.workers[1].work.append(None)
    twins.workers[2].work.append(None)
    assert [follower.act() for _ in range(3)] == [True, True, False]
    assert not taker.act()


def test_a_replaced_inbox_is_found_out(turns):
    world = World(["recipient"], [], 1)
    taker = joined(turns, world)
    taker.check_invariants()
    world.workers[0].inboxes = ([], [], [])
    with pytest.raises(AssertionError, match="an inbox was replaced"):
        taker.check_invariants()


def test_a_backlog_that_is_none_is_found_out(turns):
    world = World(["backlog"], [], 1)
    taker = joined(turns, world)
    worker = world.workers[0]
    worker.backlog = ([], worker.work)
    with pytest.raises(AssertionError, match="a backlog was replaced"):
        taker.check_invariants()
    worker.backlog = (worker.holdups, worker.work)
    worker.ready = lambda: False
    worker.work += [None]
    with pytest.raises(AssertionError, match="a backlog is left lying"):
        taker.check_invariants()


def test_time_that_stands_still_ends(turns):
    world = World(["plain"], [], 1)
    world.workers[0].work += [None] * 2 * COUNT_MAX
    taker = joined(turns, world)
    for _ in range(COUNT_MAX):
        assert taker.act()
    with pytest.raises(RuntimeError, match="1000 actions without time passing: plain-0"):
        taker.act()
    taker.time_passes()
    assert taker.act()


def test_other_errors_of_a_step_come_out_and_are_no_action(turns):
    world = World(["plain"], [], 1)
    world.workers[0].step = lambda: 1 // 0
    taker = joined(turns, world)
    with pytest.raises(ZeroDivisionError):
        taker.act()
    assert len(world.trace) == 0


def test_those_who_have_methods_of_their_own_are_asked(turns):
    """Kernels answer for each other only where nobody put another answer over theirs."""

    class LateClock(VirtualClock):
        __slots__ = ()

        def now_ns(self):
            return super().now_ns() + 5

    class LastSource(SeededSource):
        __slots__ = ()

        def choose(self, count, label):
            assert label == "turn"
            return count - 1

    class LoudTrace(Trace):
        __slots__ = ()

        def action(self, time_ns, process, label):
            super().action(time_ns, process, f"{label}!")

    class DeafTrace(Trace):
        __slots__ = ()

        def take_touched(self):
            return ()

    world = World(["plain", "plain", "pods"], [[], [("write", "pods", 0)]], 1)
    world.clock, world.choices, world.trace = LateClock(7), LastSource(1), LoudTrace()
    world.workers[1].work.append(None)
    taker = joined(turns, world)
    assert taker.act_often(9) == 3
    assert [tuple(action)[:3] for action in world.trace] == [
        (12, "plain-1", "0 left!"),
        (12, "plain-0", "0 left!"),
        (12, "pods-2", "0 left!"),
    ]
    world.trace = DeafTrace()
    taker = joined(turns, world)
    assert not taker.act()
    world.trace.write("create", "pods", "x", 1, b"")
    world.workers[2].work.append(None)
    assert not taker.act()


def test_choices_of_any_other_kind_are_asked(turns):
    world = World(["plain"] * 3, [], 1)
    world.choices = FairSource()
    for worker in world.workers[1:]:
        worker.work.append(None)
    taker = joined(turns, world)
    assert taker.act_often(9) == 3
    assert world.steps == ["plain-0", "plain-2", "plain-1"]


def test_a_moment_shows_what_it_was_set_to(turns):
    class Clock(turns.Moment):
        __slots__ = ()

    clock = Clock(5)
    assert clock.now_ns() == 5
    clock._now_ns = 2**70
    assert clock.now_ns() == 2**70
    assert not hasattr(clock, "__dict__")


def test_a_dropped_loop_leaves_nothing(turns):
    world = World(["plain", "recipient", "backlog", "pods"], [[("write", "pods", 0)]], 1)
    taker = joined(turns, world)
    while taker.act():
        pass
    world.taker = taker  # A cycle, as in a world that knows its loop.
    gone = weakref.ref(world.workers[0])
    del world, taker
    gc.collect()
    assert gone() is None


@given(st.lists(st.integers(), min_size=1))
def test_a_moment_shows_what_was_set(turns, times):
    moment = turns.Moment(times[0])
    for now_ns in times:
        moment._now_ns = now_ns
        assert moment.now_ns() == moment._now_ns == now_ns
