"""Dry runs over columns find the victims, the reasons and the least costly nodes of readable ones.

Whatever happened before: what is kept of rows between two preemptions must not be out of date.
"""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.scheduler.attempt import Found
from kcore.scheduler.plugins.default_preemption import DefaultPreemption
from kcore.scheduler.pod_info import PodInfo
from tests.conformance.scheduler.world import RESOURCES
from tests.scheduler.packed import test_volumes_are_answered_by_rows as volumes
from tests.scheduler.packed import worlds

STARTS = (None, None, "2025-12-30T00:00:00Z", "2026-01-01T00:00:01Z", "2026-01-01T00:00:03Z")
"""The clock stands at the beginning of 2026 and is moved by seconds."""


def seldom(usual, unusual):
    """Mostly the usual value: hypothesis likes extremes, and a node that refuses all is boring."""
    return st.integers(0, 5).flatmap(lambda turn: unusual if turn == 5 else usual)


nodes = st.fixed_dictionaries(
    {
        "labels": st.fixed_dictionaries(
            {
                worlds.ZONE: st.sampled_from([None, "z1"]),
                "rack": st.none(),
                "disk": seldom(st.just("ssd"), st.none()),
            }
        ),
        "taints": seldom(st.just([]), st.lists(worlds.taints, max_size=1)),
        "cordoned": seldom(st.just(False), st.just(True)),
        "room": st.fixed_dictionaries(
            {
                "cpu": seldom(st.just("2"), st.just("1")),
                "memory": st.sampled_from(["1Gi", "2Gi"]),
                "pods": seldom(st.just("110"), st.sampled_from(["1", "2"])),
                "example.com/gpu": st.sampled_from([None, "1"]),
            }
        ),
        "images": st.just([]),
    }
)


def pods_of(amounts, priorities):
    fields = {
        "cpu": st.sampled_from(amounts),
        "memory": seldom(st.none(), st.just("1Gi")),
        "gpu": seldom(st.none(), st.just("1")),
        "storage": st.none(),
        "port": seldom(st.just(0), st.just(80)),
        "image": st.just("j"),
        "labels": worlds.labels,
        "namespace": st.just("default"),
        "priority": st.sampled_from(priorities),
        "tolerations": st.just([]),
        "nodeSelector": seldom(st.none(), st.just({"disk": "ssd"})),
    }
    simple = st.fixed_dictionaries(fields)
    related = st.fixed_dictionaries({**fields, "podAntiAffinity": worlds.near})
    return st.tuples(seldom(simple, related), st.lists(st.integers(0, 5), max_size=2))


residents = pods_of(["500m", "1"], [0, 0, 0, 3])
preemptors = pods_of(["1", "1500m"], [10, 10, 10, 3])
bound = st.fixed_dictionaries(
    {
        "csi": st.sampled_from([None, *volumes.DRIVERS]),
        "handle": st.sampled_from(["h0", None]),
        "terms": st.sampled_from(
            [None, None, [{"matchExpressions": [{"key": "disk", "operator": "Exists"}]}]]
        ),
        "labels": st.sampled_from([{}, {}, {worlds.ZONE: "z1"}]),
        "state": seldom(st.just("bound"), st.just("late")),
    }
)
places = st.integers(0, 5)
put = st.tuples(st.just("put"), st.tuples(places, residents, st.sampled_from(STARTS)))
preempt = st.tuples(st.just("preempt"), st.tuples(preemptors, st.booleans()))
steps = st.one_of(
    put,
    preempt,
    preempt,
    preempt,
    preempt,
    st.tuples(st.just("again"), st.tuples(st.integers(0, 20), st.booleans(), st.booleans())),
    st.tuples(st.just("look"), st.integers(0, 20)),
    st.tuples(st.just("begin"), st.tuples(st.integers(0, 20), st.sampled_from(STARTS))),
    st.tuples(st.just("remove"), st.integers(0, 20)),
    st.tuples(st.just("forget"), st.integers(0, 20)),
    st.tuples(st.just("node"), st.tuples(places, nodes)),
    st.tuples(st.just("budget"), st.sampled_from(["a", None])),
    st.tuples(st.just("wait"), st.just(None)),
    st.tuples(st.just("fork"), st.booleans()),
)


class Preempting(volumes.Placing):
    """Nodes full of pods of low priority, and pods that want their places."""

    def __init__(self, listed, objects, limits):
        super().__init__(listed, objects, limits, insists=False)
        self.plugin = DefaultPreemption(
            freeze({"minCandidateNodesPercentage": 0, "minCandidateNodesAbsolute": 2})
        )
        self.there = {}
        self.waiting = []
        self.number = 0
        self.best = ()

    def put(self, what):
        row, (fields, claims), start = what
        self.number += 1
        pod = volumes.pod_with(self.number, fields, claims)
        pod = pod.set(("spec", "nodeName"), f"n{row}")
        if start is not None:
            pod = pod.set(("status", "startTime"), start)
        self.there[f"u{self.number}"] = pod
        self.world.cache.set_pod(self.infos.of(pod))

    def begin(self, what):
        number, start = what
        uid = f"u{number}"
        if uid in self.there:
            status = {} if start is None else {"startTime": start}
            self.there[uid] = self.there[uid].set(("status",), status)
            self.world.cache.set_pod(self.infos.of(self.there[uid]))

    def remove(self, number):
        if self.there.pop(f"u{number}", None) is not None:
            self.world.cache.remove_pod(f"u{number}")

    def forget(self, number):
        self.world.nominated.forget(f"u{number}")

    def node(self, what):
        number, fields = what
        self.world.cache.set_node(freeze(worlds.node(number, fields)))

    def budget(self, app):
        budgets = self.world.listers[RESOURCES["podDisruptionBudgets"]]
        budgets.objects = {}
        if app is not None:
            one = {
                "metadata": {"name": "b", "namespace": "default"},
                "spec": {"selector": {"matchLabels": {"app": app}}},
                "status": {"disruptionsAllowed": 1},
            }
            budgets.objects = {("default", "b"): freeze(one)}

    def wait(self, _):
        self.world.clock.advance_to(self.world.clock.now_ns() + 10**9)

    def fork(self, follow_twin):
        twin = self.engine.fork()
        cache, nominated = self.world.cache.fork(None), self.world.nominated.fork(None)
        if follow_twin:
            self.engine, self.world.cache, self.world.nominated = twin, cache, nominated

    def preempt(self, what):
        (fields, claims), evicts = what
        self.number += 1
        pod = volumes.pod_with(self.number, fields, claims)
        self.waiting.append(pod)
        self._try(pod, evicts, False)

    def again(self, what):
        number, evicts, knows = what
        if self.waiting:
            self._try(self.waiting[number % len(self.waiting)], evicts, knows)

    def look(self, number):
        """Think without promising anything."""
        if self.waiting:
            self._try(self.waiting[number % len(self.waiting)], False, True, promises=False)

    def _try(self, pod, evicts, knows, *, promises=True):
        """Preempt, which compares both ways; then let victims go or not, and know it or not."""
        info = PodInfo(pod)
        node = self.world.nominated.node_of(info.uid)
        if node and knows:
            info = PodInfo(pod.set(("status", "nominatedNodeName"), node))
        arguments = self.arguments(info)
        state = arguments[1]
        found = self.engine.find(*arguments)
        self.start = found.next_start_index
        self.start_index = found.next_start_index
        if isinstance(found, Found) or found.failure is not None:
            return
        outlook = self.plugin.outlook(state, info, found.diagnosis)
        self.best = outlook.best(self.world.clock.now_ns())
        if self.best and promises:
            self.world.nominated.nominate(info, self.best[0].node_name)
            for victim in self.best[0].victims if evicts else ():
                self.there.pop(victim.uid, None)
                self.world.cache.remove_pod(victim.uid)


@settings(max_examples=60, deadline=None)
@given(
    listed=st.lists(nodes, min_size=4, max_size=6),
    objects=st.lists(bound, min_size=6, max_size=6),
    limits=st.lists(
        st.dictionaries(st.sampled_from(volumes.DRIVERS), st.integers(1, 3)), max_size=6
    ),
    crowd=st.lists(put, min_size=8, max_size=16),
    steps=st.lists(steps, min_size=8, max_size=25),
)
def test_any_history(listed, objects, limits, crowd, steps):
    preempting = Preempting(listed, objects, limits)
    for _, what in crowd:
        preempting.put(what)
    for kind, what in steps:
        getattr(preempting, kind)(what)


ROOMY = {
    "labels": {worlds.ZONE: None, "rack": None, "disk": None},
    "taints": [],
    "cordoned": False,
    "room": {"cpu": "2", "memory": "4Gi", "pods": "110"},
    "images": [],
}


def pod(cpu, priority=0):
    fields = {
        "cpu": cpu, "memory": None, "gpu": None, "storage": None, "port": 0, "image": "j",
        "labels": {}, "namespace": "default", "priority": priority, "tolerations": [],
        "nodeSelector": None,
    }  # fmt: skip
    return fields, []


def full(count, *starts):
    """Nodes that are each full of two pods."""
    world = Preempting([ROOMY] * count, [], [])
    for row in range(count):
        for start in starts or (None, None):
            world.put((row, pod("1"), start))
    return world


def promised(world):
    return {name: len(pods) for name, pods in world.world.nominated.by_node.items()}


def test_promises_count_for_the_next_pod_and_not_for_their_own():
    world = full(2)

    for _ in range(2):
        world.preempt((pod("2", 10), False))
    assert promised(world) == {"n0": 1, "n1": 1}

    world.preempt((pod("2", 10), False))
    assert promised(world) == {"n0": 1, "n1": 1}
    for turn in (0, 1, 0):
        world.again((turn, False, False))
        world.look(0)
        world.look(2)
        assert not world.best
    assert promised(world) == {"n0": 1, "n1": 1}


def test_an_ended_promise_makes_room_again():
    world = full(1)
    world.preempt((pod("2", 10), False))
    world.preempt((pod("2", 10), False))
    first, second = (one["metadata"]["uid"] for one in world.waiting)
    assert world.world.nominated.node_of(second) == ""

    world.world.nominated.forget(first)
    world.again((1, False, False))
    assert world.world.nominated.node_of(second) == "n0"


def test_who_has_not_started_counts_as_starting_now():
    """It is spared while the other one is to start later, and goes once that has started."""
    world = full(1, None, "2026-01-01T00:00:02Z")
    victims = []
    for _ in range(2):
        world.preempt((pod("1", 10), False))
        victims.append([one.uid for one in world.best[0].victims])
        world.forget(world.number)
        for _ in range(3):
            world.wait(None)

    assert victims == [["u2"], ["u1"]]
