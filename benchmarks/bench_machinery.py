"""The rules that every kind shares: quantities, selectors, tolerations, requests, hashes.

Ours stands first in each group; the peers hold the same content in the same run. `count` is how
large the input is: requirements, tolerations or containers.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest

from kcore.api.core_v1.pod_resources import effective_requests
from kcore.api.core_v1.taint import find_untolerated
from kcore.machinery.frozen import FrozenMap, freeze
from kcore.machinery.hashes import pod_template_hash
from kcore.machinery.labels import parse_selector
from kcore.machinery.quantity import Quantity

TIMES = 1000
TEXTS = ["100m", "64Mi", "2", "1Gi", "250m"]
# `Decimal` reads no suffix: the same amounts, written out.
PLAIN_TEXTS = ["0.100", "67108864", "2", "1073741824", "0.250"]
LABELS = {"app": "web", "env": "prod", "tier": "front", "pod-template-hash": "6f7d9c5b8"}
SIZES = [1, 10]

READ = f"read {TIMES} quantities"
ADD = f"add, subtract and compare {TIMES} quantities"
HASH = f"hash {TIMES} quantities"
SELECT = f"ask a selector {TIMES} times: app=web,tier in (front,back),!spare"


def read_all(read: Callable[[str], Any], texts: list[str]) -> Callable[[], None]:
    """Reads `TIMES` texts, in turn."""
    many = texts * (TIMES // len(texts))

    def run() -> None:
        for text in many:
            read(text)

    return run


def compute(one: Any, other: Any) -> Callable[[], None]:
    """`TIMES` sums, differences and comparisons."""

    def run() -> None:
        for _ in range(TIMES):
            _ = one + other
            _ = one - other
            _ = one < other

    return run


@pytest.mark.benchmark(group=READ)
def test_quantity_parse(benchmark: Any) -> None:
    """Suffixes included."""
    benchmark(read_all(Quantity.parse, TEXTS))


@pytest.mark.benchmark(group=READ)
def test_decimal(benchmark: Any) -> None:
    """The plain numbers."""
    benchmark(read_all(Decimal, PLAIN_TEXTS))


@pytest.mark.benchmark(group=READ)
def test_kubernetes_client(benchmark: Any) -> None:
    """The Python client's own reader, suffixes included."""
    reader = pytest.importorskip("kubernetes.utils.quantity", reason="the client is not installed")
    benchmark(read_all(reader.parse_quantity, TEXTS))


@pytest.mark.benchmark(group=ADD)
def test_quantity_arithmetic(benchmark: Any) -> None:
    """In 64 bits."""
    benchmark(compute(Quantity.parse("100m"), Quantity.parse("2")))


@pytest.mark.benchmark(group=ADD)
def test_decimal_arithmetic(benchmark: Any) -> None:
    """With a context's rounding."""
    benchmark(compute(Decimal("0.100"), Decimal(2)))


def hash_all(one: Any) -> Callable[[], None]:
    """`TIMES` hashes."""

    def run() -> None:
        for _ in range(TIMES):
            hash(one)

    return run


@pytest.mark.benchmark(group=HASH)
def test_quantity_hash(benchmark: Any) -> None:
    """Of the number without its scale."""
    benchmark(hash_all(Quantity.parse("100m")))


@pytest.mark.benchmark(group=HASH)
def test_decimal_hash(benchmark: Any) -> None:
    """Equal to that of an equal int or float."""
    benchmark(hash_all(Decimal("0.100")))


def ask(matches: Callable[[Any], bool], labels: Mapping[str, str]) -> Callable[[], None]:
    """Asks `TIMES` times."""

    def run() -> None:
        for _ in range(TIMES):
            matches(labels)

    return run


def written_by_hand(labels: Mapping[str, str]) -> bool:
    """What a generator of Python code makes of the selector."""
    return (
        labels.get("app") == "web"
        and labels.get("tier") in ("front", "back")
        and labels.get("spare") is None
    )


def interpreted(labels: Mapping[str, str]) -> bool:
    """A loop over its requirements."""
    wanted = (("app", frozenset({"web"})), ("tier", frozenset({"front", "back"})))
    return all(labels.get(key) in values for key, values in wanted) and "spare" not in labels


@pytest.mark.benchmark(group=SELECT)
def test_selector(benchmark: Any) -> None:
    """Compiled once; the labels of a value."""
    matches = parse_selector("app=web,tier in (front,back),!spare").matches
    benchmark(ask(matches, freeze(LABELS)))


@pytest.mark.benchmark(group=SELECT)
def test_generated_function(benchmark: Any) -> None:
    """Over a dict."""
    benchmark(ask(written_by_hand, LABELS))


@pytest.mark.benchmark(group=SELECT)
def test_loop(benchmark: Any) -> None:
    """Over a dict."""
    benchmark(ask(interpreted, LABELS))


@pytest.mark.benchmark(group=f"ask a selector of this many requirements {TIMES} times")
@pytest.mark.parametrize("count", SIZES)
def test_selector_by_size(benchmark: Any, count: int) -> None:
    """All of them hold."""
    labels = {f"label-{number}": "x" for number in range(count)}
    selector = parse_selector(",".join(f"{key}=x" for key in labels))
    benchmark(ask(selector.matches, freeze(labels)))


@pytest.mark.benchmark(group="a taint among this many tolerations, tolerated by the last")
@pytest.mark.parametrize("count", SIZES)
def test_tolerations(benchmark: Any, count: int) -> None:
    """As the scheduler asks for each node."""
    taints = freeze([{"key": f"key-{count - 1}", "value": "x", "effect": "NoSchedule"}])
    tolerations = freeze(
        [{"key": f"key-{number}", "operator": "Exists"} for number in range(count)]
    )
    assert benchmark(find_untolerated, taints, tolerations, ["NoSchedule"]) is None


def pod(count: int) -> FrozenMap:
    """A pod with `count` containers."""
    resources = {"requests": {"cpu": "100m", "memory": "64Mi"}, "limits": {"cpu": "1"}}
    containers = [
        {"name": f"c{number}", "image": "registry.example/web:v1", "resources": resources}
        for number in range(count)
    ]
    metadata = {"name": "web", "labels": LABELS}
    value: FrozenMap = freeze({"metadata": metadata, "spec": {"containers": containers}})
    return value


@pytest.mark.benchmark(group="what a pod of this many containers requests")
@pytest.mark.parametrize("count", SIZES)
def test_requests(benchmark: Any, count: int) -> None:
    """Init, sidecar, overhead and pod level considered."""
    assert benchmark(effective_requests, pod(count))["cpu"] == 100 * count


@pytest.mark.benchmark(group="the hash of a template of this many containers")
@pytest.mark.parametrize("count", SIZES)
def test_template_hash(benchmark: Any, count: int) -> None:
    """FNV-1a over the text upstream hashes; each template is new, since hashes are remembered."""
    numbers = iter(range(TIMES))

    def fresh() -> tuple[tuple[FrozenMap], dict[str, Any]]:
        return (pod(count).set(("metadata", "name"), f"web-{next(numbers)}"),), {}

    benchmark.pedantic(pod_template_hash, setup=fresh, rounds=100)
