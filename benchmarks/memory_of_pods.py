"""`python -m benchmarks.memory_of_pods [COUNT]`: what a crowd of live pods costs in each form.

Each form gets a process of its own, in which pods of one ReplicaSet are made that differ in name,
uid, version, node and address. Told are the resident bytes of each, the time to make one (with
the collector off), and how long a full garbage collection takes with all of them alive, beside one
before they were made.

COUNT (one million unless given) is how many values; the other forms are held `PEER_FRACTION` times
as often, because a million of them would not fit into the memory of most machines.
"""

import gc
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import orjson

from benchmarks.pods import full_pod, small_pod, struct_of
from kcore.printing.table import aligned

DEFAULT_COUNT = 1_000_000
PEER_FRACTION = 0.002
COLLECTIONS = 5
PODS = {"1 KB": small_pod, "6 KB": full_pod}

Field = tuple[str, ...]
FIELDS: tuple[Field, ...] = (
    ("metadata", "name"),
    ("metadata", "uid"),
    ("metadata", "resourceVersion"),
    ("spec", "nodeName"),
    ("status", "podIP"),
)
Maker = Callable[..., Any]


def main() -> int:
    """Run each form in its own process and print a table; 0."""
    if len(sys.argv) > 3:
        print(json.dumps(measure(*sys.argv[1:3], count=int(sys.argv[3]))))
        return 0
    count = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT_COUNT
    rows = [["POD", "FORM", "PODS", "BYTES EACH", "MADE IN", "COLLECTION", "WITHOUT"]]
    for size in PODS:
        for form in FORMS:
            alive = count if form == "kcore" else max(int(count * PEER_FRACTION), 1)
            rows.append([size, form, str(alive), *_row(run(size, form, alive))])
    print(aligned(rows))
    return 0


def run(size: str, form: str, count: int) -> dict[str, float]:
    """`measure` in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.memory_of_pods", size, form, str(count)]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return dict(json.loads(output))


def _row(figures: dict[str, float]) -> list[str]:
    return [
        f"{figures['bytes']:.0f}",
        f"{figures['make_s'] * 1e6:.2f} us",
        f"{figures['collect_s'] * 1e3:.2f} ms",
        f"{figures['collect_empty_s'] * 1e3:.2f} ms",
    ]


def measure(size: str, form: str, *, count: int) -> dict[str, float]:
    """Bytes and seconds for `count` live pods of a form."""
    make = FORMS[form](PODS[size](0))
    nodes = [f"node-{number:05}" for number in range(5000)]
    for number in range(100):
        make(*differences(number, nodes))
    empty_s = collection_s()
    gc.disable()
    alive: list[Any] = [None] * count
    before, spent_s = resident_bytes(), 0.0
    for number in range(count):
        given = differences(number, nodes)
        started = time.perf_counter()
        alive[number] = make(*given)
        spent_s += time.perf_counter() - started
    after = resident_bytes()
    held = tuple(alive)  # A tuple of what the collector does not track is not tracked either.
    del alive
    gc.collect()
    figures = {
        "bytes": (after - before) / count,
        "make_s": spent_s / count - clock_s(),
        "collect_s": collection_s(),
        "collect_empty_s": empty_s,
    }
    if len(held) != count:
        raise AssertionError("the pods must stay alive to be measured")
    return figures


def differences(number: int, nodes: list[str]) -> tuple[str, ...]:
    """What one pod has for itself, in the order of `FIELDS`."""
    return (
        f"shop-frontend-6d4cf56db6-{number:05x}",
        f"6f1c9f0e-3c52-4a6f-9b1a-{number:012x}",
        str(1_000_000 + number),
        nodes[number % len(nodes)],
        f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
    )


def resident_bytes() -> int:
    """What this process holds of the machine's memory."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def collection_s() -> float:
    """The fastest of some full collections."""
    times = []
    for _ in range(COLLECTIONS):
        started = time.perf_counter()
        gc.collect()
        times.append(time.perf_counter() - started)
    return min(times)


def clock_s() -> float:
    """What asking the clock adds to a measured time."""
    times = []
    for _ in range(1000):
        started = time.perf_counter()
        times.append(time.perf_counter() - started)
    return sorted(times)[len(times) // 2]


def values(source: dict[str, Any]) -> Maker:
    """A template."""
    from kcore.machinery.frozen import Template, freeze  # noqa: PLC0415 (only this form's process)

    return Template(freeze(source), *FIELDS)


def dicts(source: dict[str, Any]) -> Maker:
    """Dicts of one's own: parts that anybody may change cannot be shared."""
    text = orjson.dumps(source)

    def make(*new: str) -> Any:
        pod = orjson.loads(text)
        for (part, field), value in zip(FIELDS, new, strict=True):
            pod[part][field] = value
        return pod

    return make


def structs(source: dict[str, Any]) -> Maker:
    """Structs of one's own."""
    decode, text = msgspec.json.Decoder(struct_of([source], "Pod")).decode, orjson.dumps(source)

    def make(*new: str) -> Any:
        pod = decode(text)
        for (part, field), value in zip(FIELDS, new, strict=True):
            setattr(getattr(pod, part), field, value)
        return pod

    return make


def views(source: dict[str, Any]) -> Maker:
    """Pydantic views."""
    from kcore.api.core_v1 import Pod  # noqa: PLC0415 (only this form's process)

    def make(*new: str) -> Any:
        pod = {
            part: dict(value) if isinstance(value, dict) else value
            for part, value in source.items()
        }
        for (part, field), value in zip(FIELDS, new, strict=True):
            pod[part][field] = value
        return Pod.model_validate(pod, by_alias=True, by_name=False)

    return make


def client_models(source: dict[str, Any]) -> Maker:
    """The official client's models."""
    from kubernetes.client import ApiClient  # noqa: PLC0415 (only this form's process)

    client = ApiClient()

    def make(*new: str) -> Any:
        pod = json.loads(json.dumps(source))
        for (part, field), value in zip(FIELDS, new, strict=True):
            pod[part][field] = value
        return client.deserialize(json.dumps(pod), "V1Pod", "application/json")

    return make


FORMS: dict[str, Callable[[dict[str, Any]], Maker]] = {
    "kcore": values,
    "dicts (orjson)": dicts,
    "msgspec structs": structs,
    "pydantic views": views,
    "client models": client_models,
}


if __name__ == "__main__":
    sys.exit(main())
