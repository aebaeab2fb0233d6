"""Values beside what people use instead: dicts, read and written by orjson, copied by copy.

`count` is the number of containers in the pod. Ours stands first in each group; the peers hold the
same content in the same run.
"""

import copy
import gc
from typing import Any

import orjson
import pytest

from kcore.machinery.frozen import content_hash, diff, dumps, freeze, loads, thaw

SIZES = [1, 10]
READS = 1000


def pod(count: int) -> dict[str, Any]:
    """A pod as an API server returns it, with `count` containers."""
    name = "web-6f7d9c5b8-x2x7z"
    owner = {"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": name[:-6], "uid": "a1b2-c3"}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {
            "name": name,
            "namespace": "default",
            "uid": "5f3a1c1e-0000-4000-8000-00000000002a",
            "creationTimestamp": "2024-05-01T12:00:00Z",
            "labels": {"app": "web", "pod-template-hash": "6f7d9c5b8"},
            "ownerReferences": [owner | {"controller": True, "blockOwnerDeletion": True}],
        },
        "spec": {
            "containers": [container(number) for number in range(count)],
            "restartPolicy": "Always",
            "schedulerName": "default-scheduler",
            "terminationGracePeriodSeconds": 30,
            "tolerations": [
                {"key": f"node.kubernetes.io/{word}", "operator": "Exists", "effect": "NoExecute"}
                for word in ("not-ready", "unreachable")
            ],
        },
        "status": {"phase": "Pending", "qosClass": "Burstable", "conditions": []},
    }


def container(number: int) -> dict[str, Any]:
    """One of its containers."""
    return {
        "name": f"c{number}",
        "image": "registry.example/web:v1.2.3",
        "ports": [{"containerPort": 8080 + number, "protocol": "TCP"}],
        "env": [{"name": "HOME", "value": "/root"}, {"name": "NUMBER", "value": str(number)}],
        "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"cpu": "1"}},
    }


CONDITION = {"type": "PodScheduled", "status": "True", "lastTransitionTime": "2024-05-01T12:00:01Z"}


@pytest.mark.benchmark(group="parse a pod")
@pytest.mark.parametrize("count", SIZES)
def test_loads(benchmark: Any, count: int) -> None:
    """Text to value: keys sorted, strings checked."""
    benchmark(loads, orjson.dumps(pod(count)))


@pytest.mark.benchmark(group="parse a pod")
@pytest.mark.parametrize("count", SIZES)
def test_orjson_loads(benchmark: Any, count: int) -> None:
    """Text to dicts that anybody may change."""
    benchmark(orjson.loads, orjson.dumps(pod(count)))


@pytest.mark.benchmark(group="write a pod")
@pytest.mark.parametrize("count", SIZES)
def test_dumps(benchmark: Any, count: int) -> None:
    """Canonical text."""
    benchmark(dumps, freeze(pod(count)))


@pytest.mark.benchmark(group="write a pod")
@pytest.mark.parametrize("count", SIZES)
def test_orjson_dumps_sorted(benchmark: Any, count: int) -> None:
    """The same bytes from dicts."""
    source = pod(count)
    benchmark(lambda: orjson.dumps(source, option=orjson.OPT_SORT_KEYS))


@pytest.mark.benchmark(group="write a pod")
@pytest.mark.parametrize("count", SIZES)
def test_orjson_dumps(benchmark: Any, count: int) -> None:
    """Without sorting."""
    benchmark(orjson.dumps, pod(count))


@pytest.mark.benchmark(group="bind a pod: nodeName and a condition, keep the old version")
@pytest.mark.parametrize("count", SIZES)
def test_two_sets(benchmark: Any, count: int) -> None:
    """A new root that shares the rest."""
    value, condition = freeze(pod(count)), freeze(CONDITION)

    def bind() -> Any:
        bound = value.set(("spec", "nodeName"), "node-17")
        return bound.set(("status", "conditions", "-"), condition)

    benchmark(bind)


@pytest.mark.benchmark(group="bind a pod: nodeName and a condition, keep the old version")
@pytest.mark.parametrize("count", SIZES)
def test_dict_spread(benchmark: Any, count: int) -> None:
    """By hand: the three dicts on the way are copied, the rest shared on trust."""
    value = pod(count)

    def bind() -> Any:
        spec, status = value["spec"], value["status"]
        conditions = [*status["conditions"], CONDITION]
        changed_status = {**status, "conditions": conditions}
        return {**value, "spec": {**spec, "nodeName": "node-17"}, "status": changed_status}

    benchmark(bind)


@pytest.mark.benchmark(group="bind a pod: nodeName and a condition, keep the old version")
@pytest.mark.parametrize("count", SIZES)
def test_dict_deepcopy(benchmark: Any, count: int) -> None:
    """What code does that cannot trust its callers."""
    value = pod(count)

    def bind() -> Any:
        bound = copy.deepcopy(value)
        bound["spec"]["nodeName"] = "node-17"
        bound["status"]["conditions"].append(CONDITION)
        return bound

    benchmark(bind)


@pytest.mark.benchmark(group=f"{READS} reads of spec.restartPolicy")
def test_read_attributes(benchmark: Any) -> None:
    """`pod.spec.restartPolicy`."""
    value = freeze(pod(1))

    def read() -> None:
        for _ in range(READS):
            _ = value.spec.restartPolicy

    benchmark(read)


@pytest.mark.benchmark(group=f"{READS} reads of spec.restartPolicy")
def test_read_dict_tolerantly(benchmark: Any) -> None:
    """`pod.get("spec", {}).get("restartPolicy")`, as absent fields demand."""
    value = pod(1)

    def read() -> None:
        for _ in range(READS):
            _ = value.get("spec", {}).get("restartPolicy")

    benchmark(read)


@pytest.mark.benchmark(group=f"{READS} reads of spec.restartPolicy")
def test_read_dict_items(benchmark: Any) -> None:
    """`pod["spec"]["restartPolicy"]`."""
    value = pod(1)

    def read() -> None:
        for _ in range(READS):
            _ = value["spec"]["restartPolicy"]

    benchmark(read)


@pytest.mark.benchmark(group="are two pods equal that were parsed separately?")
@pytest.mark.parametrize("count", SIZES)
def test_equal(benchmark: Any, count: int) -> None:
    """Slot by slot."""
    text = dumps(freeze(pod(count)))
    left, right = loads(text), loads(text)
    assert benchmark(lambda: left == right)


@pytest.mark.benchmark(group="are two pods equal that were parsed separately?")
@pytest.mark.parametrize("count", SIZES)
def test_dict_equal(benchmark: Any, count: int) -> None:
    """Lookup by lookup."""
    text = orjson.dumps(pod(count))
    left, right = orjson.loads(text), orjson.loads(text)
    assert benchmark(lambda: left == right)


@pytest.mark.benchmark(group="what did a binding change?")
@pytest.mark.parametrize("count", SIZES)
def test_diff(benchmark: Any, count: int) -> None:
    """Skips what both versions share."""
    old = freeze(pod(count))
    new = old.set(("spec", "nodeName"), "node-17")
    assert len(benchmark(diff, old, new)) == 1


@pytest.mark.benchmark(group="what did a binding change?")
@pytest.mark.parametrize("count", SIZES)
def test_compare_texts(benchmark: Any, count: int) -> None:
    """Only whether it changed, through sorted JSON."""
    old, new = pod(count), pod(count)
    new["spec"]["nodeName"] = "node-17"
    sort = orjson.OPT_SORT_KEYS
    assert benchmark(lambda: orjson.dumps(old, option=sort) != orjson.dumps(new, option=sort))


@pytest.mark.benchmark(group="from and to plain dicts")
@pytest.mark.parametrize("count", SIZES)
def test_freeze_and_thaw(benchmark: Any, count: int) -> None:
    """In and out."""
    source = pod(count)
    benchmark(lambda: thaw(freeze(source)))


@pytest.mark.benchmark(group="from and to plain dicts")
@pytest.mark.parametrize("count", SIZES)
def test_deepcopy(benchmark: Any, count: int) -> None:
    """The other way to be safe."""
    benchmark(copy.deepcopy, pod(count))


@pytest.mark.benchmark(group="a hash that is the same in every process")
@pytest.mark.parametrize("count", SIZES)
def test_content_hash(benchmark: Any, count: int) -> None:
    """BLAKE2b of the canonical text."""
    benchmark(content_hash, freeze(pod(count)))


@pytest.mark.benchmark(group="one collection with this many live pods")
@pytest.mark.parametrize("count", [1000, 10_000])
def test_collect_values(benchmark: Any, count: int) -> None:
    """The collector does not see values."""
    text = orjson.dumps(pod(1))
    alive = [loads(text) for _ in range(count)]
    benchmark.pedantic(gc.collect, rounds=5, warmup_rounds=1)
    assert len(alive) == count


@pytest.mark.benchmark(group="one collection with this many live pods")
@pytest.mark.parametrize("count", [1000, 10_000])
def test_collect_dicts(benchmark: Any, count: int) -> None:
    """It walks every dict."""
    text = orjson.dumps(pod(1))
    alive = [orjson.loads(text) for _ in range(count)]
    benchmark.pedantic(gc.collect, rounds=5, warmup_rounds=1)
    assert len(alive) == count
