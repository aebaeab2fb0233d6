"""More resources than columns: each node may have some of its own, and answers stay the same."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.machinery.frozen import freeze
from kcore.scheduler.packed.node_rows import SCALAR_COLUMNS_COUNT_MAX
from tests.scheduler.packed import worlds

NAMES = [f"example.com/r{number}" for number in range(SCALAR_COLUMNS_COUNT_MAX + 6)]
amounts = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 3), max_size=5)
wanted = st.dictionaries(st.sampled_from(NAMES), st.integers(1, 2), min_size=1, max_size=3)
steps = st.one_of(
    st.tuples(st.just("pod"), st.tuples(st.fixed_dictionaries(worlds.plain), wanted)),
    st.tuples(st.just("pod"), st.tuples(st.fixed_dictionaries(worlds.plain), wanted)),
    st.tuples(st.just("again"), st.integers(0, 20)),
    st.tuples(st.just("node"), st.tuples(st.integers(0, 6), worlds.nodes, amounts)),
    st.tuples(st.just("remove pod"), st.integers(0, 20)),
    st.tuples(st.just("remove node"), st.integers(0, 6)),
    st.tuples(st.just("fork"), st.booleans()),
)


def node(number, fields, amounts):
    made = worlds.node(number, fields)
    made["status"]["allocatable"].update({name: str(one) for name, one in amounts.items()})
    return freeze(made)


class Placing(worlds.Placing):
    """Starts with every column taken."""

    def __init__(self, nodes):
        super().__init__([fields for fields, _ in nodes])
        for number, (fields, amounts) in enumerate(nodes):
            self.world.cache.set_node(node(number, fields, amounts))
        self.asked = []
        self.number = 0
        for name in NAMES[:SCALAR_COLUMNS_COUNT_MAX]:
            self.apply("pod", (PLAIN, {name: 1}))

    def apply(self, kind, what):
        getattr(self, kind.replace(" ", "_"))(what)

    def pod(self, what):
        fields, wanted = what
        self.number += 1
        self.asked.append(what)
        pod = worlds.make_pod(self.number, fields)
        path = ("spec", "containers", 0, "resources", "requests")
        requests = {**pod.at(*path), **{name: str(one) for name, one in wanted.items()}}
        return self.place(pod.set(path, requests))

    def again(self, position):
        self.pod(self.asked[position % len(self.asked)])

    def node(self, what):
        self.world.cache.set_node(node(*what))

    def remove_pod(self, number):
        self.world.cache.remove_pod(f"u{number}")

    def remove_node(self, number):
        self.world.cache.remove_node(f"n{number}")

    def fork(self, follow_twin):
        twin = self.engine.fork()
        if follow_twin:
            self.engine = twin


PLAIN = {
    "cpu": "0", "memory": None, "gpu": None, "storage": None, "port": 0, "image": "i",
    "labels": {}, "namespace": "default", "priority": 0, "tolerations": [], "nodeSelector": None,
}  # fmt: skip
ROOMY = {
    "labels": {}, "taints": [], "cordoned": False, "images": [],
    "room": {"cpu": "4", "memory": "4Gi", "pods": "110"},
}  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(
    nodes=st.lists(st.tuples(worlds.nodes, amounts), min_size=1, max_size=5),
    steps=st.lists(steps, min_size=3, max_size=15),
)
def test_any_history(nodes, steps):
    placing = Placing(nodes)
    for kind, what in steps:
        placing.apply(kind, what)
    assert placing.engine.fallbacks == {}


def test_each_node_has_a_resource_of_its_own():
    count = 40
    placing = Placing([(ROOMY, {f"own.com/r{number}": 1}) for number in range(count)])

    found = [placing.pod((PLAIN, {f"own.com/r{number}": 1})) for number in range(count)]
    again = [placing.pod((PLAIN, {f"own.com/r{number}": 1})) for number in range(count)]

    assert found == [f"n{number}" for number in range(count)]
    assert again == [None] * count
    assert placing.engine.fallbacks == {}
