"""Nothing the compiled kernel makes or refuses stays behind."""

import gc
import sys

import pytest

POD = {
    "metadata": {"name": "web-1", "labels": {"app": "web"}, "generation": 3},
    "spec": {"containers": [{"name": "c", "resources": {"requests": {"cpu": "1"}}}], "weight": 1.5},
}


def blocks_after(cycle, count):
    """Allocated blocks that `count` cycles leave behind."""
    for _ in range(200):
        cycle()
    gc.collect()
    before = sys.getallocatedblocks()
    for _ in range(count):
        cycle()
    gc.collect()
    return sys.getallocatedblocks() - before


@pytest.fixture
def cycles(compiled):
    text = compiled.dumps(compiled.freeze(POD))
    pod = compiled.loads(text)

    def change():
        new = pod.set(("spec", "nodeName"), "n1").set(("spec", "containers", "-"), {"x": [1]})
        new = new.remove(("metadata", "labels")).set(("metadata", "n", "m"), 2.5)
        compiled.diff(pod, new)
        return hash(new) == hash(pod) or new == pod

    def read():
        pod.spec.at("containers", 0, default=1)
        dict(pod)
        list(pod.items()), list(pod.values()), pod.keys() & {"spec"}
        [*pod.spec.containers], pod.spec.containers[0:1], repr(pod)
        return pod == POD and pod.absent

    return {
        "loads": lambda: compiled.loads(text),
        "freeze": lambda: compiled.freeze(POD),
        "dumps": lambda: (compiled.dumps(pod), compiled.thaw(pod), compiled.content_hash(pod)),
        "change": change,
        "read": read,
    }


@pytest.mark.parametrize("name", ["loads", "freeze", "dumps", "change", "read"])
def test_a_hundred_thousand_values_leave_nothing(cycles, name):
    assert abs(blocks_after(cycles[name], 20_000)) < 60


def test_refusals_leave_nothing(compiled):
    pod = compiled.freeze(POD)
    attempts = [
        (compiled.loads, '{"a":[1,{"b":"c\\x"}]}'),
        (compiled.loads, '[1,"a"'),
        (compiled.loads, '{"a":{"b":1e999}}'),
        (compiled.freeze, {"a": [1.5, {"b": object()}]}),
        (compiled.freeze, [{"k": {1: 2}}]),
        (compiled.freeze, {"a": "\ud800"}),
        (pod.set, ("metadata", "name", "x"), [1.5]),
        (pod.set, ("spec", "containers", 7, "x"), "y"),
        (pod.set, ("new", "\ud800"), 1),
        (pod.remove, ("spec", "containers", "x")),
        (compiled.diff, pod, {}),
        (compiled.dumps, {}),
    ]  # fmt: skip

    def cycle():
        for function, *arguments in attempts:
            with pytest.raises((TypeError, ValueError, IndexError)):
                function(*arguments)

    assert abs(blocks_after(cycle, 1_000)) < 60


def test_key_sets_go_with_their_last_map(compiled):
    compiled.freeze({"warm": 1})
    before = compiled._shapes_live()
    values = [compiled.freeze({f"label-{i}": 1, f"other-{i}": 2}) for i in range(5_000)]
    assert compiled._shapes_live() == before + 5_000
    grown = [value.set("x", 1).remove(f"other-{i}") for i, value in enumerate(values)]
    assert compiled._shapes_live() == before + 10_000
    assert len({id(value) for value in grown}) == 5_000
    del values, grown
    assert compiled._shapes_live() == before


def test_maps_with_the_same_keys_share_them(compiled):
    values = [compiled.loads(f'{{"b":{i},"unusual-key":1}}') for i in range(3)]
    before = compiled._shapes_live()
    values.append(compiled.freeze({"unusual-key": 0}).set("b", 7))
    values.append(values[0].set("c", 1).remove("c"))
    assert compiled._shapes_live() <= before + 1
    assert sys.getsizeof(values[0]) == 48


def test_values_free_their_children(compiled):
    marker = "a text that nobody else holds " * 2
    before = sys.getrefcount(marker)
    value = compiled.freeze({"a": [marker, {"b": marker}]})
    changed = value.set(("a", 0), 1)
    assert sys.getrefcount(marker) == before + 2
    del value
    assert sys.getrefcount(marker) == before + 1
    del changed
    assert sys.getrefcount(marker) == before
