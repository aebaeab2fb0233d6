"""Typed views: a small pod from a value and back, beside pydantic on the same dict; imports."""

import subprocess
import sys
from typing import Any

import pytest

from kcore.api.core_v1 import Pod
from kcore.machinery.frozen import FrozenMap, dumps, freeze, loads, thaw

POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "web-6f7d9c5b8-x2x2x",
        "namespace": "default",
        "uid": "0b5e7f6a-1c8e-4f0e-9a43-3f6f9a0c7f11",
        "resourceVersion": "12345",
        "creationTimestamp": "2026-01-01T00:00:00Z",
        "labels": {"app": "web", "pod-template-hash": "6f7d9c5b8"},
    },
    "spec": {
        "nodeName": "node-1",
        "restartPolicy": "Always",
        "containers": [
            {
                "name": "main",
                "image": "registry.example/web:v1",
                "ports": [{"containerPort": 80, "protocol": "TCP"}],
                "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
            }
        ],
    },
    "status": {
        "phase": "Running",
        "podIP": "10.1.0.1",
        "conditions": [{"type": "Ready", "status": "True"}],
    },
}

READ = "a typed view of a small pod"
WRITE = "a small pod's typed view as a value"
IMPORT = "import the views of core/v1"


@pytest.fixture
def value() -> FrozenMap:
    """The pod as everything inside kcore has it; schemas are built."""
    Pod.model_rebuild()
    pod: FrozenMap = freeze(POD)
    return pod


@pytest.mark.benchmark(group=READ)
def test_from_frozen(benchmark: Any, value: FrozenMap) -> None:
    """Thaw and validate."""
    assert benchmark(Pod.from_frozen, value).spec.node_name == "node-1"


@pytest.mark.benchmark(group=READ)
def test_pydantic_dict(benchmark: Any, value: FrozenMap) -> None:
    """Pydantic alone: the dict is there already."""
    plain = thaw(value)

    def read() -> Pod:
        return Pod.model_validate(plain, by_alias=True, by_name=False)

    assert benchmark(read).spec.node_name == "node-1"


@pytest.mark.benchmark(group=READ)
def test_pydantic_json(benchmark: Any, value: FrozenMap) -> None:
    """The same validation from the value's text."""

    def read() -> Pod:
        return Pod.model_validate_json(dumps(value), by_alias=True, by_name=False)

    assert benchmark(read).spec.node_name == "node-1"


@pytest.mark.benchmark(group=WRITE)
def test_to_frozen(benchmark: Any, value: FrozenMap) -> None:
    """JSON text, then our parser."""
    assert benchmark(Pod.from_frozen(value).to_frozen) == value


@pytest.mark.benchmark(group=WRITE)
def test_pydantic_dump_json(benchmark: Any, value: FrozenMap) -> None:
    """Pydantic alone: the text."""
    view = Pod.from_frozen(value)

    def write() -> str:
        return view.model_dump_json(exclude_unset=True)

    assert loads(benchmark(write)) == value


@pytest.mark.benchmark(group=WRITE)
def test_pydantic_dump_and_freeze(benchmark: Any, value: FrozenMap) -> None:
    """A dict on the way instead of a text."""
    view = Pod.from_frozen(value)

    def write() -> Any:
        return freeze(view.model_dump(exclude_unset=True))

    assert benchmark(write) == value


@pytest.mark.benchmark(group=WRITE)
def test_parser_alone(benchmark: Any, value: FrozenMap) -> None:
    """Our part of the way back."""
    assert benchmark(loads, dumps(value)) == value


def start(code: str) -> None:
    """Run `code` in a fresh interpreter."""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.benchmark(group=IMPORT)
def test_import_package(benchmark: Any) -> None:
    """Nobody has asked for a view yet."""
    benchmark.pedantic(start, args=("import kcore.api.core_v1",), rounds=10, warmup_rounds=1)


@pytest.mark.benchmark(group=IMPORT)
def test_import_names(benchmark: Any) -> None:
    """The names of all views, no class and no pydantic."""
    code = "import kcore.api.core_v1.models"
    benchmark.pedantic(start, args=(code,), rounds=10, warmup_rounds=1)


@pytest.mark.benchmark(group=IMPORT)
def test_import_pod(benchmark: Any) -> None:
    """The classes of pods, no schema."""
    code = "from kcore.api.core_v1 import Pod"
    benchmark.pedantic(start, args=(code,), rounds=10, warmup_rounds=1)


@pytest.mark.benchmark(group=IMPORT)
def test_import_all(benchmark: Any) -> None:
    """All classes, no schema."""
    code = "from kcore.api.core_v1.models import *"
    benchmark.pedantic(start, args=(code,), rounds=10, warmup_rounds=1)


@pytest.mark.benchmark(group=IMPORT)
def test_first_pod(benchmark: Any) -> None:
    """And the schema of a pod."""
    code = "from kcore.api.core_v1 import Pod; Pod.model_validate({})"
    benchmark.pedantic(start, args=(code,), rounds=10, warmup_rounds=1)


@pytest.mark.benchmark(group=IMPORT)
def test_import_pydantic(benchmark: Any) -> None:
    """What the classes stand on."""
    benchmark.pedantic(start, args=("import pydantic.main",), rounds=10, warmup_rounds=1)
