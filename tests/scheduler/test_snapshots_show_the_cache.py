"""After a refresh the snapshot shows what the cache holds, whatever came and went before."""

from hypothesis import given, settings
from hypothesis import strategies as st

from kcore.forking import ForkMemo
from kcore.machinery.frozen import freeze
from kcore.scheduler.cache import SchedulerCache
from kcore.scheduler.pod_info import PodInfos

NAMES = st.sampled_from(["n1", "n2", "n3", "n4"])
UIDS = st.integers(0, 5)
IMAGES = st.lists(st.sampled_from(["a", "b"]), unique=True)
STEPS = st.one_of(
    st.tuples(st.just("node"), NAMES, IMAGES),
    st.tuples(st.just("plain node"), NAMES, st.just([])),
    st.tuples(st.just("no node"), NAMES, st.none()),
    st.tuples(st.just("pod"), NAMES, UIDS),
    st.tuples(st.just("no pod"), st.none(), UIDS),
    st.tuples(st.just("refresh"), st.none(), st.none()),
    st.tuples(st.just("fork"), st.none(), st.none()),
)


def node(name, images):
    listed = [{"names": [image], "sizeBytes": 5} for image in images]
    status = {"allocatable": {"cpu": "4", "pods": "9"}, "images": listed}
    return freeze({"metadata": {"name": name}, "status": status})


def pod(name, uid):
    spec = {"nodeName": name, "containers": [{"resources": {"requests": {"cpu": "1"}}}]}
    return PodInfos().of(freeze({"metadata": {"name": f"p{uid}", "uid": f"{uid}"}, "spec": spec}))


class Model:
    """Nodes with their images and pods with their nodes: no sums, no order, nothing shared."""

    def __init__(self):
        self.nodes, self.pods = {}, {}

    def refresh(self, cache):
        snapshot = cache.refresh()
        assert {info.name for info in snapshot.nodes} == set(self.nodes)
        for info in snapshot.nodes:
            assert info.name in self.nodes
            here = {uid for uid, name in self.pods.items() if name == info.name}
            assert {one.uid for one in info.pods} == here
            assert info.requested.milli_cpu == 1000 * len(here)
            assert set(info.images) == set(self.nodes[info.name])
            assert snapshot.get(info.name) is info
        cache.check_invariants()


@settings(max_examples=150)
@given(st.lists(STEPS, max_size=30))
def test_any_history(steps):
    cache, model = SchedulerCache(), Model()
    for what, name, more in steps:
        if what in ("node", "plain node"):
            cache.set_node(node(name, more))
            model.nodes[name] = more
        elif what == "no node":
            cache.remove_node(name)
            model.nodes.pop(name, None)
        elif what == "pod":
            cache.set_pod(pod(name, more))
            model.pods[f"{more}"] = name
        elif what == "no pod":
            cache.remove_pod(f"{more}")
            model.pods.pop(f"{more}", None)
        elif what == "refresh":
            model.refresh(cache)
        else:
            cache = cache.fork(ForkMemo())
    model.refresh(cache)


@given(st.lists(NAMES, min_size=1, max_size=12), st.data())
def test_changes_are_told_once_each(names, data):
    cache = SchedulerCache()
    for name in ("n1", "n2", "n3", "n4"):
        cache.set_node(node(name, []))
    snapshot = cache.refresh()
    assert snapshot.shelf.take_changes() is None
    assert snapshot.shelf.take_changes() == {}
    for number, name in enumerate(names):
        cache.set_pod(pod(name, number))
        if data.draw(st.booleans()):
            cache.refresh()
    cache.refresh()
    changed = [snapshot.position(name) for name in names]
    assert list(snapshot.shelf.take_changes()) == list(dict.fromkeys(changed))
