"""Alibaba's openb trace (cluster-trace-gpu-v2023): nodes and pods from its two CSV files.

Columns that do not bear on placement (times, phase, quality of service) are not read. Nodes
without GPUs are left out, as in the experiments the trace was published for.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kcore.errors import ManifestError
from kcore.scheduler.gpu_share.placement import WHOLE_GPU_MILLI

NODE_COLUMNS: Final = ("sn", "cpu_milli", "memory_mib", "gpu", "model")
POD_COLUMNS: Final = ("name", "cpu_milli", "memory_mib", "num_gpu", "gpu_milli", "gpu_spec")


@dataclass(frozen=True, slots=True)
class TraceNode:
    """One machine: cpu in milli, memory in MiB, GPUs and their model."""

    name: str
    cpu_milli: int
    memory_mib: int
    gpus: int
    model: str


@dataclass(frozen=True, slots=True)
class PodKind:
    """What a pod asks for; pods that ask for the same are of one kind.

    `gpu_milli` is per GPU: 1000, or less for a part of a single one; `models` are the GPU models
    it accepts, none meaning any.
    """

    cpu_milli: int
    memory_mib: int
    gpus: int
    gpu_milli: int
    models: tuple[str, ...]

    @property
    def total_gpu_milli(self) -> int:
        """Over all its GPUs."""
        return self.gpus * self.gpu_milli


@dataclass(frozen=True, slots=True)
class Trace:
    """Nodes, and pods in the order of their names."""

    nodes: tuple[TraceNode, ...]
    pods: tuple[PodKind, ...]

    @property
    def capacity_gpu_milli(self) -> int:
        """All GPUs of all nodes."""
        return sum(node.gpus for node in self.nodes) * WHOLE_GPU_MILLI


def read_trace(nodes: Path, pods: Path) -> Trace:
    """Read both files. O(lines).

    Raises:
        ManifestError: a file that cannot be read, a missing column, a number that is none; the
            message names file, line and column.
    """
    machines = tuple(node for node in _nodes(nodes) if node.gpus)
    kinds = sorted(_pods(pods), key=lambda pair: pair[0])
    if not machines:
        raise ManifestError(f"{nodes}: no node with a GPU")
    if not any(kind.gpus for _, kind in kinds):
        raise ManifestError(f"{pods}: no pod asks for a GPU")
    return Trace(machines, tuple(kind for _, kind in kinds))


def _nodes(path: Path) -> Iterator[TraceNode]:
    for row in _rows(path, NODE_COLUMNS):
        yield TraceNode(
            row.text("sn"),
            row.number("cpu_milli"),
            row.number("memory_mib"),
            row.number("gpu"),
            row.text("model"),
        )


def _pods(path: Path) -> Iterator[tuple[str, PodKind]]:
    for row in _rows(path, POD_COLUMNS):
        gpus = row.number("num_gpu")
        milli = row.number("gpu_milli") if gpus else 0
        if gpus and not (milli == WHOLE_GPU_MILLI or (gpus == 1 and 0 < milli < WHOLE_GPU_MILLI)):
            raise row.error("gpu_milli", "must be 1000, or 1 to 999 of a single GPU")
        models = tuple(sorted(filter(None, row.text("gpu_spec").split("|"))))
        yield (
            row.text("name"),
            PodKind(row.number("cpu_milli"), row.number("memory_mib"), gpus, milli, models),
        )


@dataclass(frozen=True, slots=True)
class _Row:
    path: Path
    line: int
    values: Mapping[str, str | None]

    def text(self, column: str) -> str:
        return self.values[column] or ""

    def number(self, column: str) -> int:
        text = self.text(column)
        try:
            # Tables written by pandas hold `1000.0`, and nothing for none.
            value = float(text or 0)
        except ValueError:
            raise self.error(column, "must be a number") from None
        if value < 0 or value != int(value):
            raise self.error(column, "must be a whole number, 0 or more")
        return int(value)

    def error(self, column: str, rule: str) -> ManifestError:
        value = self.text(column)
        return ManifestError(f"{self.path}:{self.line}: {column}: invalid value {value!r}: {rule}")


def _rows(path: Path, columns: Iterable[str]) -> Iterator[_Row]:
    try:
        with path.open(newline="", encoding="utf-8") as stream:
            reader = csv.DictReader(stream)
            missing = [name for name in columns if name not in (reader.fieldnames or ())]
            if missing:
                raise ManifestError(f"{path}:1: no column {', '.join(missing)}")
            for values in reader:
                yield _Row(path, reader.line_num, values)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ManifestError(f"{path}: cannot be read: {error}") from error
