"""Nodes and pods come, change and go; columns are repaired and stay what the objects say."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.scheduler.pod_info import PodInfo
from tests.scheduler.packed import worlds

steps = st.one_of(
    st.tuples(st.just("place"), worlds.pods),
    st.tuples(st.just("place"), worlds.pods),
    st.tuples(st.just("again"), st.integers(0, 5)),
    st.tuples(st.just("remove pod"), st.integers(0, 20)),
    st.tuples(st.just("confirm pod"), st.integers(0, 20)),
    st.tuples(st.just("end pod"), st.integers(0, 20)),
    st.tuples(st.just("set node"), st.tuples(st.integers(0, 7), worlds.nodes)),
    st.tuples(st.just("remove node"), st.integers(0, 7)),
    st.tuples(st.just("nominate"), st.tuples(worlds.pods, st.integers(0, 5))),
    st.tuples(st.just("set service"), worlds.labels),
    st.tuples(st.just("place promised"), st.tuples(worlds.pods, st.integers(0, 5))),
    st.tuples(st.just("forget"), st.integers(0, 20)),
    st.tuples(st.just("fork"), st.booleans()),
)


class Churning(worlds.Placing):
    """Applies steps; pods that are placed are remembered in order."""

    def __init__(self, nodes):
        super().__init__(nodes)
        self.placed = {}
        self.seen = []
        self.number = 0

    def apply(self, kind, what):
        getattr(self, kind.replace(" ", "_"))(what)
        self.world.cache.check_invariants()

    def place(self, fields, promised=""):
        self.number += 1
        self.seen.append(fields)
        pod = worlds.make_pod(self.number, fields)
        if promised:
            pod = pod.set(("status", "nominatedNodeName"), promised)
            self.world.nominated.nominate(PodInfo(pod))
        node = super().place(pod)
        if node is not None:
            self.placed[f"u{self.number}"] = pod.set(("spec", "nodeName"), node)
            self.world.nominated.forget(f"u{self.number}")

    def place_promised(self, what):
        fields, number = what
        self.place(fields, f"n{number}")

    def forget(self, number):
        self.world.nominated.forget(f"u{number}")

    def again(self, position):
        if self.seen:
            self.place(self.seen[position % len(self.seen)])

    def _chosen(self, position):
        return list(self.placed)[position % len(self.placed)] if self.placed else None

    def remove_pod(self, position):
        uid = self._chosen(position)
        if uid is not None:
            del self.placed[uid]
            self.world.cache.remove_pod(uid)

    def confirm_pod(self, position):
        uid = self._chosen(position)
        if uid is not None:
            if position % 2:
                labels = freeze({"app": "a"})
                self.placed[uid] = self.placed[uid].set(("metadata", "labels"), labels)
            self.world.cache.set_pod(self.infos.of(self.placed[uid]))

    def end_pod(self, position):
        uid = self._chosen(position)
        if uid is not None:
            path = ("metadata", "deletionTimestamp")
            self.placed[uid] = self.placed[uid].set(path, "2026-01-01T00:00:00Z")
            self.world.cache.set_pod(PodInfo(self.placed[uid]))

    def set_node(self, what):
        number, fields = what
        self.world.cache.set_node(freeze(worlds.node(number, fields)))

    def remove_node(self, number):
        self.world.cache.remove_node(f"n{number}")

    def nominate(self, what):
        fields, number = what
        self.number += 1
        pod = PodInfo(worlds.make_pod(self.number, fields))
        self.world.nominated.nominate(pod, f"n{number}")

    def set_service(self, selector):
        metadata = {"name": "s", "namespace": "default"}
        services = self.world.listers["services"]
        obj = freeze({"metadata": metadata, "spec": {"selector": selector}})
        services.objects = services.view = {("default", "s"): obj}

    def fork(self, follow_twin):
        twin = self.engine.fork()
        cache, nominated = self.world.cache.fork(None), self.world.nominated.fork(None)
        if follow_twin:
            self.engine, self.world.cache, self.world.nominated = twin, cache, nominated


@settings(max_examples=30, deadline=None)
@given(
    nodes=st.lists(worlds.nodes, min_size=1, max_size=5),
    steps=st.lists(steps, min_size=3, max_size=25),
)
def test_any_history(nodes, steps):
    churning = Churning(nodes)
    for kind, what in steps:
        churning.apply(kind, what)
