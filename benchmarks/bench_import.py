"""What `import kcore` costs a process, beside starting Python and importing pydantic."""

import subprocess
import sys
from typing import Any

import pytest


def start(code: str) -> None:
    """Run `code` in a fresh interpreter."""
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.benchmark(group="import")
def test_import_kcore(benchmark: Any) -> None:
    """The front door alone."""
    benchmark.pedantic(start, args=("import kcore",), rounds=10, warmup_rounds=1)


@pytest.mark.benchmark(group="import")
def test_nothing(benchmark: Any) -> None:
    """Starting the interpreter."""
    benchmark.pedantic(start, args=("pass",), rounds=10, warmup_rounds=1)


@pytest.mark.benchmark(group="import")
def test_first_cluster(benchmark: Any) -> None:
    """Import, and build a cluster of five nodes."""
    code = "import kcore; kcore.Cluster(nodes=5)"
    benchmark.pedantic(start, args=(code,), rounds=10, warmup_rounds=1)


@pytest.mark.benchmark(group="import")
def test_import_pydantic(benchmark: Any) -> None:
    """What one dependency costs, if it were imported."""
    benchmark.pedantic(start, args=("import pydantic.main",), rounds=10, warmup_rounds=1)
