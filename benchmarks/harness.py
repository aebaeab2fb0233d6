"""Runs pytest-benchmark suites and reads what they measured: medians, ratios, growth.

Two conventions make the numbers comparable. In each group the function that stands first in its
file is ours and the others are its peers; a peer is compared with ours at the same size. A
parameter called `count` is a size, and how a median grows with it is reported.
"""

import json
import os
import platform
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import pytest

from kcore.machinery import frozen

FOLDER = Path(__file__).parent
SIZE = "count"


@dataclass(frozen=True, slots=True)
class Measurement:
    """One benchmark: times in seconds; `ratio` is its median over that of ours (1 for ours)."""

    suite: str
    group: str
    function: str
    parameters: dict[str, Any]
    median_s: float
    spread_s: float
    rounds: int
    ratio: float | None = None

    @property
    def size(self) -> int | None:
        """The value of the parameter `count`, if it has one."""
        size = self.parameters.get(SIZE)
        return size if isinstance(size, int) else None

    @property
    def name(self) -> str:
        """The function and its parameters: `fork_store[count=1000]`."""
        words = ", ".join(f"{key}={value}" for key, value in self.parameters.items())
        return f"{self.function}[{words}]" if words else self.function

    @property
    def key(self) -> tuple[str, str, str]:
        """What it has in common with the same benchmark of another run."""
        return self.suite, self.group, self.name


@dataclass(frozen=True, slots=True)
class Growth:
    """How the median of one function grows over its sizes."""

    group: str
    function: str
    smallest: int
    largest: int
    factor: float


@dataclass(frozen=True, slots=True)
class Results:
    """One run on one machine."""

    machine: dict[str, Any]
    measurements: tuple[Measurement, ...]
    failed: bool = False

    @classmethod
    def measure(cls, files: Sequence[Path], *, quick: bool = False) -> Self:
        """Run the suites in this process. Takes as long as they take."""
        with tempfile.TemporaryDirectory() as folder:
            raw = Path(folder) / "raw.json"
            status = pytest.main([*map(str, files), *_arguments(raw, quick=quick)])
            document = json.loads(raw.read_text()) if raw.exists() else {"benchmarks": []}
        measurements = tuple(with_ratios(_measurements(document["benchmarks"])))
        return cls(machine_facts(), measurements, status != pytest.ExitCode.OK)

    def growth(self) -> list[Growth]:
        """One row per function that was measured at several sizes."""
        by_function: dict[tuple[str, str], list[Measurement]] = {}
        for one in self.measurements:
            if one.size is not None:
                by_function.setdefault((one.group, one.function), []).append(one)
        rows = []
        for (group, function), family in by_function.items():
            family.sort(key=lambda one: one.size or 0)
            first, last = family[0], family[-1]
            if first.size is not None and last.size is not None and first.size < last.size:
                factor = last.median_s / first.median_s
                rows.append(Growth(group, function, first.size, last.size, factor))
        return rows

    def write(self, path: Path) -> None:
        """Save as JSON."""
        document = {
            "machine": self.machine,
            "measurements": [asdict(one) for one in self.measurements],
            "growth": [asdict(one) for one in self.growth()],
        }
        path.write_text(json.dumps(document, indent=1, sort_keys=True) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Self:
        """Load what `write` saved."""
        document = json.loads(path.read_text(encoding="utf-8"))
        rows = tuple(Measurement(**row) for row in document["measurements"])
        return cls(document["machine"], rows)


def suites(name: str) -> list[Path]:
    """The suites whose file name contains `name`, sorted."""
    return [path for path in sorted(FOLDER.glob("bench_*.py")) if name in path.stem]


def machine_facts() -> dict[str, Any]:
    """What a reader must know to read the numbers."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "kernels": list(frozen.COMPILED),
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"


def _arguments(raw: Path, *, quick: bool) -> list[str]:
    rounds = ["--benchmark-min-rounds=1", "--benchmark-max-time=0.01"] if quick else []
    return [
        "--override-ini=addopts=--import-mode=importlib",
        "--benchmark-disable-gc",
        "--benchmark-quiet",
        f"--benchmark-json={raw}",
        "-q",
        "--no-header",
        "-p",
        "no:cacheprovider",
        *rounds,
    ]


def _measurements(rows: Iterable[dict[str, Any]]) -> Iterator[Measurement]:
    for row in rows:
        function = row["name"].partition("[")[0].removeprefix("test_")
        suite = Path(row["fullname"].partition("::")[0]).stem.removeprefix("bench_")
        stats = row["stats"]
        yield Measurement(
            suite=suite,
            group=row["group"] or function,
            function=function,
            parameters={key: _plain(value) for key, value in (row["params"] or {}).items()},
            median_s=stats["median"],
            spread_s=stats["iqr"],
            rounds=stats["rounds"],
        )


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | str | float | bool) else str(value)


def with_ratios(rows: Iterable[Measurement]) -> Iterator[Measurement]:
    """Each measurement with its ratio to ours of the same group and size. O(n)."""
    ours: dict[tuple[str, str], str] = {}
    base_s: dict[tuple[str, str, int | None], float] = {}
    everything = list(rows)
    for one in everything:
        ours.setdefault((one.suite, one.group), one.function)
        if ours[one.suite, one.group] == one.function:
            base_s.setdefault((one.suite, one.group, one.size), one.median_s)
    for one in everything:
        base = base_s.get((one.suite, one.group, one.size))
        ratio = None if base is None else one.median_s / base
        yield Measurement(
            one.suite,
            one.group,
            one.function,
            one.parameters,
            one.median_s,
            one.spread_s,
            one.rounds,
            ratio,
        )
