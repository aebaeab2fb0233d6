"""Millions of values come and go, and memory is where it was; the collector never sees one."""

import gc
import sys
from pathlib import Path

import pytest

STATM = Path("/proc/self/statm")
KEEPS_KEYS = pytest.mark.skipif(
    sys.version_info[:2] == (3, 12), reason="CPython 3.12 keeps every interned text for ever"
)
POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "web", "uid": "u", "labels": {"app": "web"}},
    "spec": {"containers": [{"name": "main", "image": "registry.example/web:v1"}]},
    "status": {"phase": "Pending", "conditions": []},
}


def resident_bytes():
    """What the process holds of the machine's memory."""
    return int(STATM.read_text().split()[1]) * 4096


class Churn:
    """A population of pods in which each newcomer takes the place of an old one.

    They are stamped, parsed, bound and labelled with keys that never come again.
    """

    def __init__(self, kernel, size):
        self.kernel = kernel
        self.stamp = kernel.Template(kernel.freeze(POD), ("metadata", "name"), ("metadata", "uid"))
        self.bind = kernel.Patch(("spec", "nodeName"), ("status", "conditions", "-"))
        self.places = [None] * size

    def run(self, start, end):
        loads, dumps, bind, stamp = self.kernel.loads, self.kernel.dumps, self.bind, self.stamp
        places, size = self.places, len(self.places)
        for i in range(start, end):
            pod = stamp(f"web-{i:x}", f"uid-{i:x}")
            if i % 4 == 0:
                pod = bind(pod, f"node-{i % 500}", {"type": "PodScheduled", "status": "True"})
            elif i % 16 == 1:
                pod = loads(dumps(pod))
            elif i % 16 == 2:
                pod = pod.set(("metadata", "labels", f"only-{i:x}"), "x")
            elif i % 16 == 3:
                pod = loads(b'{"labels":{"hash-%d":"%d"},"n":[%d,%d.5]}' % (i, i, i, i))
            places[i % size] = pod

    def forget(self):
        self.places = [None] * len(self.places)
        self.kernel._release_caches()
        gc.collect()


@KEEPS_KEYS
def test_a_hundred_thousand_leave_nothing(compiled):
    churn = Churn(compiled, 1_000)
    churn.run(0, 20_000)
    churn.forget()
    blocks, shapes = sys.getallocatedblocks(), compiled._shapes_live()
    churn.run(20_000, 120_000)
    churn.forget()
    assert compiled._shapes_live() == shapes
    assert abs(sys.getallocatedblocks() - blocks) < 200


@KEEPS_KEYS
def test_what_is_remembered_of_texts_is_bounded(compiled):
    """Without forgetting: the second half of the churn adds nothing to the first."""
    churn = Churn(compiled, 1_000)
    churn.run(0, 60_000)
    blocks, shapes = sys.getallocatedblocks(), compiled._shapes_live()
    churn.run(60_000, 120_000)
    compiled._check_caches()
    assert compiled._shapes_live() < shapes + 1_000
    assert sys.getallocatedblocks() - blocks < 20_000


@pytest.mark.deep
@KEEPS_KEYS
@pytest.mark.skipif(not STATM.exists(), reason="asks Linux for the resident memory")
def test_ten_million_return_to_the_starting_memory(compiled):
    churn = Churn(compiled, 10_000)
    churn.run(0, 200_000)
    churn.forget()
    blocks, shapes, resident = (
        sys.getallocatedblocks(), compiled._shapes_live(), resident_bytes(),
    )  # fmt: skip
    churn.run(200_000, 10_200_000)
    churn.forget()
    assert compiled._shapes_live() == shapes
    assert abs(sys.getallocatedblocks() - blocks) < 200
    assert resident_bytes() < resident + (4 << 20)


def test_the_collector_sees_no_value(compiled):
    pod = compiled.freeze(POD)
    for value in (pod, pod.spec.containers, compiled.EMPTY_MAP, compiled.EMPTY_LIST):
        assert not gc.is_tracked(value)
        assert gc.get_referents(value) == []
    stamp = compiled.Template(pod, ("metadata", "name"))
    gc.collect()
    before = len(gc.get_objects())
    alive = compiled.freeze([stamp(f"web-{i}") for i in range(50_000)])
    gc.collect()
    assert len(gc.get_objects()) <= before + 10
    assert len(alive) == 50_000


def test_a_hundred_thousand_stamped_pods_share_what_they_can(compiled):
    """Root and metadata are new in each, the other parts are one."""
    if sys.getallocatedblocks() == 0:
        pytest.skip("this allocator does not count blocks")
    pod = compiled.freeze(POD)
    stamp = compiled.Template(pod, ("metadata", "name"), ("metadata", "uid"))
    names = [f"web-{i:05x}" for i in range(100_000)]
    pods = [None] * len(names)
    gc.collect()
    blocks = sys.getallocatedblocks()
    for i, name in enumerate(names):
        pods[i] = stamp(name, name)
    assert abs(sys.getallocatedblocks() - blocks - 2 * len(names)) < 100
    assert sys.getsizeof(pods[0]) + sys.getsizeof(pods[0].metadata) == 72 + 56
    assert all(one.spec is pod.spec for one in pods)
