"""A pod as a value, as dicts, as msgspec structs, as a pydantic view, as the client's model.

Everybody reads, writes, binds and stamps the same pod of 6 KB in the same run. Texts are those of
many pods of one ReplicaSet, one after the other; the suite also says what reading costs where
fifty workloads take turns, and when nothing is remembered of earlier texts.
"""

import copy
import itertools
import json
from collections.abc import Callable
from typing import Any

import msgspec
import orjson
import pytest
from kubernetes.client import ApiClient

from benchmarks.pods import full_pod, struct_of
from kcore import _native
from kcore.api.core_v1 import Pod
from kcore.machinery.frozen import Patch, Path, Template, dumps, freeze, loads

TEXTS = [orjson.dumps(full_pod(number)) for number in range(256)]
STRUCT = struct_of([full_pod(0)], "Pod")
CLIENT: Any = ApiClient()
CONDITION = {"type": "PodScheduled", "status": "True", "lastTransitionTime": "2025-03-01T12:00:01Z"}
READS = 1000

READ = "parse a 6 KB pod: pods of one ReplicaSet"
MIXED = "parse a 6 KB pod: fifty workloads take turns"
WRITE = "write a 6 KB pod"
BIND = "bind a 6 KB pod: nodeName and a condition; the old version stays"
STAMP = "stamp a 6 KB pod: another name, uid and resourceVersion"
FIELD = f"{READS} reads of spec.nodeName"


def struct_pod() -> Any:
    """The pod as msgspec structs."""
    return msgspec.json.decode(TEXTS[0], type=STRUCT)


def view_pod() -> Any:
    """The pod as a pydantic view."""
    return Pod.model_validate_json(TEXTS[0], by_alias=True, by_name=False)


def client_pod() -> Any:
    """The pod as the official client has it."""
    return CLIENT.deserialize(TEXTS[0].decode(), "V1Pod", "application/json")


def each_in_turn(benchmark: Any, read: Callable[[bytes], Any], texts: list[bytes]) -> None:
    """Time `read` on one text after the other."""
    turns = itertools.cycle(texts)
    assert benchmark(lambda: read(next(turns))) is not None


@pytest.mark.benchmark(group=READ)
def test_loads(benchmark: Any) -> None:
    """Text to value."""
    each_in_turn(benchmark, loads, TEXTS)


@pytest.mark.benchmark(group=READ)
def test_orjson_loads(benchmark: Any) -> None:
    """Text to dicts."""
    each_in_turn(benchmark, orjson.loads, TEXTS)


@pytest.mark.benchmark(group=READ)
def test_json_loads(benchmark: Any) -> None:
    """The standard library's dicts."""
    each_in_turn(benchmark, json.loads, TEXTS)


@pytest.mark.benchmark(group=READ)
def test_msgspec_decode(benchmark: Any) -> None:
    """Text to structs; unknown fields are lost."""
    each_in_turn(benchmark, msgspec.json.Decoder(STRUCT).decode, TEXTS)


@pytest.mark.benchmark(group=READ)
def test_pydantic_validate(benchmark: Any) -> None:
    """Text to a typed view."""
    each_in_turn(
        benchmark,
        lambda text: Pod.model_validate_json(text, by_alias=True, by_name=False),
        TEXTS,
    )


@pytest.mark.benchmark(group=READ)
def test_client_deserialize(benchmark: Any) -> None:
    """Text to the official client's V1Pod."""
    each_in_turn(
        benchmark,
        lambda text: CLIENT.deserialize(text.decode(), "V1Pod", "application/json"),
        TEXTS,
    )


def mixed_texts() -> list[bytes]:
    """Pods of fifty workloads, in turn."""
    texts = []
    for number in range(500):
        word = f"workload-{number % 50:02}".encode()
        version = f"v1.{number % 50}.0".encode()
        texts.append(TEXTS[number % 256].replace(b"frontend", word).replace(b"v1.42.0", version))
    return texts


@pytest.mark.benchmark(group=MIXED)
def test_loads_in_turns(benchmark: Any) -> None:
    """No map's text comes twice in a row; keys come in known orders."""
    each_in_turn(benchmark, loads, mixed_texts())


@pytest.mark.benchmark(group=MIXED)
def test_orjson_loads_in_turns(benchmark: Any) -> None:
    """Dicts do not care."""
    each_in_turn(benchmark, orjson.loads, mixed_texts())


@pytest.mark.benchmark(group=MIXED)
def test_loads_after_forgetting(benchmark: Any) -> None:
    """The first text of a process: strings, keys, key orders and shapes are all new."""
    if "frozen" not in _native.COMPILED:
        pytest.skip("the twin remembers nothing")

    def forget() -> None:
        _native.frozen._release_caches()  # type: ignore[attr-defined]

    benchmark.pedantic(lambda: loads(TEXTS[0]), setup=forget, rounds=300)


@pytest.mark.benchmark(group=WRITE)
def test_dumps(benchmark: Any) -> None:
    """Canonical text: sorted."""
    benchmark(dumps, loads(TEXTS[0]))


@pytest.mark.benchmark(group=WRITE)
def test_dumps_html(benchmark: Any) -> None:
    """With the escapes of Go's encoder."""
    value = loads(TEXTS[0])
    benchmark(lambda: dumps(value, html_escapes=True))


@pytest.mark.benchmark(group=WRITE)
def test_orjson_dumps(benchmark: Any) -> None:
    """Dicts as they are."""
    benchmark(orjson.dumps, orjson.loads(TEXTS[0]))


@pytest.mark.benchmark(group=WRITE)
def test_orjson_dumps_sorted(benchmark: Any) -> None:
    """The same bytes as ours."""
    source = orjson.loads(TEXTS[0])
    benchmark(lambda: orjson.dumps(source, option=orjson.OPT_SORT_KEYS))


@pytest.mark.benchmark(group=WRITE)
def test_msgspec_encode(benchmark: Any) -> None:
    """Structs in field order."""
    benchmark(msgspec.json.Encoder().encode, struct_pod())


@pytest.mark.benchmark(group=WRITE)
def test_pydantic_dump(benchmark: Any) -> None:
    """What was set in the view."""
    view = view_pod()
    benchmark(lambda: view.model_dump_json(exclude_unset=True))


@pytest.mark.benchmark(group=WRITE)
def test_client_serialize(benchmark: Any) -> None:
    """What the official client puts into a request."""
    pod = client_pod()
    benchmark(lambda: json.dumps(CLIENT.sanitize_for_serialization(pod)))


@pytest.mark.benchmark(group=BIND)
def test_patch(benchmark: Any) -> None:
    """A prepared patch."""
    bind = Patch(("spec", "nodeName"), ("status", "conditions", "-"))
    value, condition = loads(TEXTS[0]), freeze(CONDITION)
    assert benchmark(lambda: bind(value, "node-17", condition)).spec.nodeName == "node-17"


@pytest.mark.benchmark(group=BIND)
def test_two_sets(benchmark: Any) -> None:
    """One `set` after the other."""
    value, condition = loads(TEXTS[0]), freeze(CONDITION)

    def bind() -> Any:
        bound = value.set(("spec", "nodeName"), "node-17")
        return bound.set(("status", "conditions", "-"), condition)

    benchmark(bind)


@pytest.mark.benchmark(group=BIND)
def test_dict_spread(benchmark: Any) -> None:
    """Dicts copied by hand along the way, the rest shared on trust."""
    value = orjson.loads(TEXTS[0])

    def bind() -> Any:
        status = value["status"]
        return {
            **value,
            "spec": {**value["spec"], "nodeName": "node-17"},
            "status": {**status, "conditions": [*status["conditions"], CONDITION]},
        }

    benchmark(bind)


@pytest.mark.benchmark(group=BIND)
def test_msgspec_replace(benchmark: Any) -> None:
    """Structs copied by hand along the way."""
    pod, replace = struct_pod(), msgspec.structs.replace
    condition = pod.status.conditions[0]

    def bind() -> Any:
        status = pod.status
        return replace(
            pod,
            spec=replace(pod.spec, nodeName="node-17"),
            status=replace(status, conditions=[*status.conditions, condition]),
        )

    benchmark(bind)


@pytest.mark.benchmark(group=BIND)
def test_pydantic_copy(benchmark: Any) -> None:
    """Views copied by hand along the way."""
    pod = view_pod()
    condition = pod.status.conditions[0]

    def bind() -> Any:
        conditions = [*pod.status.conditions, condition]
        return pod.model_copy(
            update={
                "spec": pod.spec.model_copy(update={"node_name": "node-17"}),
                "status": pod.status.model_copy(update={"conditions": conditions}),
            }
        )

    benchmark(bind)


@pytest.mark.benchmark(group=BIND)
def test_client_deepcopy(benchmark: Any) -> None:
    """The official client's models, whose parts nobody may share."""
    pod = client_pod()
    condition = pod.status.conditions[0]

    def bind() -> Any:
        bound = copy.deepcopy(pod)
        bound.spec.node_name = "node-17"
        bound.status.conditions.append(condition)
        return bound

    benchmark(bind)


NAMES = [(f"web-{number:05x}", f"uid-{number:036x}", str(number)) for number in range(256)]


@pytest.mark.benchmark(group=STAMP)
def test_template(benchmark: Any) -> None:
    """A prepared template."""
    stamp = Template(
        loads(TEXTS[0]), ("metadata", "name"), ("metadata", "uid"), ("metadata", "resourceVersion")
    )
    turns = itertools.cycle(NAMES)
    benchmark(lambda: stamp(*next(turns)))


@pytest.mark.benchmark(group=STAMP)
def test_stamp_dicts(benchmark: Any) -> None:
    """Two dicts copied by hand, the rest shared on trust."""
    value = orjson.loads(TEXTS[0])
    turns = itertools.cycle(NAMES)

    def stamp() -> Any:
        name, uid, version = next(turns)
        metadata = {**value["metadata"], "name": name, "uid": uid, "resourceVersion": version}
        return {**value, "metadata": metadata}

    benchmark(stamp)


@pytest.mark.benchmark(group=STAMP)
def test_stamp_structs(benchmark: Any) -> None:
    """Two structs copied by hand, the rest shared on trust."""
    pod, replace = struct_pod(), msgspec.structs.replace
    turns = itertools.cycle(NAMES)

    def stamp() -> Any:
        name, uid, version = next(turns)
        metadata = replace(pod.metadata, name=name, uid=uid, resourceVersion=version)
        return replace(pod, metadata=metadata)

    benchmark(stamp)


@pytest.mark.benchmark(group=FIELD)
def test_attributes(benchmark: Any) -> None:
    """`pod.spec.nodeName`."""
    pod = loads(TEXTS[0])

    def read() -> None:
        for _ in range(READS):
            _ = pod.spec.nodeName

    benchmark(read)


@pytest.mark.benchmark(group=FIELD)
def test_path(benchmark: Any) -> None:
    """A prepared path."""
    pod, node_name = loads(TEXTS[0]), Path("spec", "nodeName")

    def read() -> None:
        for _ in range(READS):
            _ = node_name(pod)

    benchmark(read)


@pytest.mark.benchmark(group=FIELD)
def test_dict_items(benchmark: Any) -> None:
    """`pod["spec"]["nodeName"]`."""
    pod = orjson.loads(TEXTS[0])

    def read() -> None:
        for _ in range(READS):
            _ = pod["spec"]["nodeName"]

    benchmark(read)


@pytest.mark.benchmark(group=FIELD)
def test_struct_attributes(benchmark: Any) -> None:
    """`pod.spec.nodeName` of structs."""
    pod = struct_pod()

    def read() -> None:
        for _ in range(READS):
            _ = pod.spec.nodeName

    benchmark(read)


@pytest.mark.benchmark(group=FIELD)
def test_view_attributes(benchmark: Any) -> None:
    """`pod.spec.node_name` of a view."""
    pod = view_pod()

    def read() -> None:
        for _ in range(READS):
            _ = pod.spec.node_name

    benchmark(read)


@pytest.mark.benchmark(group=FIELD)
def test_client_attributes(benchmark: Any) -> None:
    """`pod.spec.node_name` of the official client's model."""
    pod = client_pod()

    def read() -> None:
        for _ in range(READS):
            _ = pod.spec.node_name

    benchmark(read)
