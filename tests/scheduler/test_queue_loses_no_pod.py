"""Random events: every pod that was added and not deleted or bound is in exactly one place.

And nobody is left alone for longer than the backoff allows.
"""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.runtime.clock import SECOND_NS
from tests.conformance.scheduler.queue import QueueDriver

NAMES = [f"p{number}" for number in range(5)]
PLUGINS = ["NodeResourcesFit", "NodeAffinity", "PodTopologySpread", "InterPodAffinity"]
OPERATION = st.one_of(
    st.tuples(st.just("add"), st.sampled_from(NAMES), st.booleans()),
    st.tuples(st.just("update"), st.sampled_from(NAMES), st.booleans()),
    st.tuples(st.just("delete"), st.sampled_from(NAMES)),
    st.tuples(st.just("pop")),
    st.tuples(st.just("fail"), st.lists(st.sampled_from(PLUGINS), max_size=2, unique=True)),
    st.tuples(st.just("bind")),
    st.tuples(st.just("node"), st.integers(0, 2), st.sampled_from(["1", "4"])),
    st.tuples(st.just("advance"), st.sampled_from([0.4, 1, 11, 301])),
    st.tuples(st.just("flushBackoff")),
    st.tuples(st.just("flushUnschedulable")),
    st.tuples(st.just("activate"), st.sampled_from(NAMES)),
)


def pod(name, gated):
    return {
        "metadata": {"name": name, "namespace": "ns", "uid": f"uid-{name}"},
        "spec": {
            "containers": [{"name": "c", "resources": {"requests": {"cpu": "2"}}}],
            "schedulingGates": [{"name": "g"}] if gated else [],
        },
    }


class Game:
    """Plays legal operations only, and knows who must be somewhere."""

    def __init__(self):
        self.driver = QueueDriver({})
        self.waiting = {}
        self.nodes = set()

    def play(self, word, *args):
        getattr(self, f"play_{word}")(*args)

    def run(self, op, **fields):
        return self.driver.run({"op": op, **fields})

    def play_add(self, name, gated):
        if name not in self.waiting and f"ns/{name}" not in self.driver.stored:
            self.waiting[name] = gated
            self.run("addPod", pod=pod(name, gated))

    def play_update(self, name, gated):
        if name in self.waiting:
            self.waiting[name] = self.waiting[name] and gated
            self.run("updatePod", pod=pod(name, self.waiting[name]))

    def play_delete(self, name):
        if self.waiting.pop(name, None) is not None:
            self.run("deletePod", pod=f"ns/{name}")

    def play_pop(self):
        self.run("pop")

    def play_fail(self, plugins):
        for key in list(self.driver.popped)[:1]:
            self.run("fail", pod=key, unschedulablePlugins=plugins)

    def play_bind(self):
        for key in list(self.driver.popped)[:1]:
            if key in self.driver.stored:
                self.waiting.pop(key.removeprefix("ns/"), None)
                self.run("bind", pod=key, node="n0")

    def play_node(self, number, cpu):
        name = f"n{number}"
        node = {"metadata": {"name": name}, "status": {"allocatable": {"cpu": cpu, "pods": "9"}}}
        self.run("updateNode" if name in self.nodes else "addNode", node=node)
        self.nodes.add(name)

    def play_advance(self, seconds):
        self.run("advance", seconds=seconds)

    def play_flushBackoff(self):  # noqa: N802 - the vectors' word
        self.run("flushBackoff")

    def play_flushUnschedulable(self):  # noqa: N802 - the vectors' word
        self.run("flushUnschedulable")

    def play_activate(self, name):
        self.run("activate", pods=[f"ns/{name}"])

    def check(self):
        queue = self.driver.queue
        places = [one.key for one in (*queue.active, *queue.backing_off, *queue.unschedulable)]
        flying = [key for key in self.driver.popped if key in self.driver.stored]
        assert sorted([*places, *flying]) == sorted(f"ns/{name}" for name in self.waiting)
        for queued in queue.active:
            assert not self.waiting[queued.info.name], "a gated pod is active"

    def check_delays(self):
        """A failed pod waits one second, doubled per failure, at most ten; cut to a second."""
        queue = self.driver.queue
        for queued in queue.backing_off:
            delay_ns = queue.expiration_ns(queued) - queued.timestamp_ns
            wanted_ns = min(2 ** (queued.failures_count - 1), 10) * SECOND_NS
            assert queued.failures_count > 0
            assert wanted_ns - SECOND_NS < delay_ns <= wanted_ns
            assert queued.attempts_count >= queued.failures_count


@settings(max_examples=150)
@given(st.lists(OPERATION, max_size=30))
def test_every_waiting_pod_is_somewhere(operations):
    game = Game()
    for operation in operations:
        game.play(*operation)
        game.check()
        game.check_delays()


@settings(max_examples=40)
@given(st.lists(OPERATION, max_size=20))
def test_everybody_gets_a_turn_in_the_end(operations):
    """Time alone brings every ungated pod back: nobody starves after a missed event."""
    game = Game()
    for operation in operations:
        game.play(*operation)
    for key in list(game.driver.popped):
        game.run("fail", pod=key, unschedulablePlugins=["NodeAffinity"])
    game.run("advance", seconds=331)
    game.run("flushUnschedulable")
    game.run("advance", seconds=11)
    game.run("flushBackoff")

    active = {queued.info.name for queued in game.driver.queue.active}

    assert active == {name for name, gated in game.waiting.items() if not gated}
